"""Text from outside - of files, devices, programs - as it may be shown: on one line, and short."""

from __future__ import annotations

import re

__all__ = ["sentence", "shown", "visible"]

NAME = 80  # characters of a name
WORD = 250  # of a path
LINE = 2000  # of a sentence with names in it
_LONG_WORDS = re.compile(rf"\S{{{WORD + 1},}}")


def shown(text: object, most: int = NAME) -> str:
    r"""Return `text` on one line: what cannot be seen is escaped, a long one's middle left out.

    Control characters, those that change the direction of writing, lone surrogates and all else
    that Unicode does not call printable become ``\x1b`` or ``\u202e``: the result is also valid in
    XML and in a page, once its markup is escaped.

    Parameters
    ----------
    text
        Whatever somebody else has written.
    most
        Characters of the result.
    """
    whole = _cut(str(text), most)
    return whole if whole.isprintable() else _cut(visible(whole, keep=""), most)


def sentence(text: object) -> str:
    """Return a sentence with others' names in it as `shown` does, longer, with short words."""
    return shown(_LONG_WORDS.sub(lambda word: _cut(word[0], WORD), str(text)), LINE)


def visible(text: str, keep: str = "\n") -> str:
    """Return `text` with escapes in the place of what is not printable, but for what to `keep`."""
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
