"""The common style of all HTML pages: colours, type, tables; light, dark and print."""

from __future__ import annotations

from pathlib import Path

__all__ = ["page_colours", "page_style"]


def page_style() -> str:
    """Return the CSS, which begins with variables for colour-blind-safe colours."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def page_colours() -> str:
    """Return the CSS that declares the colours, for stand-alone pictures too."""
    return page_style().partition("* {")[0]
