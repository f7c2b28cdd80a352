"""Make text from outside (files, devices, programs) safe to show: one line, and short."""

from __future__ import annotations

import re

__all__ = ["counted", "every", "sentence", "shown", "visible"]

NAME = 80  # characters of a name
WORD = 250  # characters of a path
LINE = 2000  # characters of a sentence with names in it
_LONG_WORDS = re.compile(rf"\S{{{WORD + 1},}}")


def shown(text: object, most: int = NAME) -> str:
    r"""Return `text` on one line, with invisible characters escaped and a long middle elided.

    Control characters, bidirectional overrides, lone surrogates and all else that Unicode does not
    call printable become escapes such as ``\x1b`` or ``\u202e``: the result is also valid in XML
    and HTML, once markup is escaped.

    Parameters
    ----------
    text
        Any untrusted text.
    most
        The most characters in the result.
    """
    whole = _cut(str(text), most)
    return whole if whole.isprintable() else _cut(visible(whole, keep=""), most)


def sentence(text: object) -> str:
    """Return a sentence as `shown` does, but allow more characters and shorten long words."""
    return shown(_LONG_WORDS.sub(lambda word: _cut(word[0], WORD), str(text)), LINE)


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: ``1 input``, ``1,200 inputs``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def every(number: int, noun: str) -> str:
    """Return the beginning of a sentence on all of something: ``All 12 values``."""
    return f"{'The' if number == 1 else 'All'} {counted(number, noun)}"


def visible(text: str, keep: str = "\n") -> str:
    """Return `text` with unprintable characters escaped, except those in `keep`."""
    if text.isprintable():
        return text
    return "".join(
        each
        if each.isprintable() or each in keep
        else each.encode("unicode_escape", "surrogatepass").decode()
        for each in text
    )


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    end = (most - 1) // 3
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"
