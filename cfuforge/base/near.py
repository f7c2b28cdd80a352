"""Suggest the name that a user may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["meant"]


def meant(word: str, names: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` for the nearest of `names`, or an empty text."""
    near = get_close_matches(word, list(names), 1)
    return f" (did you mean {near[0]}?)" if near else ""
