"""The style of every page that is written: colours, type, tables; light, dark and on paper."""

from __future__ import annotations

from pathlib import Path

__all__ = ["page_colours", "page_style"]


def page_style() -> str:
    """Return it as CSS: colours that colour-blind people tell apart, as variables, come first."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def page_colours() -> str:
    """Return the part of it that declares the colours, also for pictures of their own."""
    return page_style().partition("* {")[0]
