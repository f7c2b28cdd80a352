"""Text from outside is on one line, printable and short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfuforge.base.errors import InputError
from cfuforge.base.shown import sentence, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes_9.npy", "yes_9.npy"),
        ("größe, 中文 😀", "größe, 中文 😀"),
        ("\x1b[31mred\a", r"\x1b[31mred\x07"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x9b2J", r"\x9b2J"),
        ("x\u202egnp.exe", r"x\u202egnp.exe"),
        ("a\u2028b\ufeff\u200b", r"a\u2028b\ufeff\u200b"),
        ("\udcff\ufffe", r"\udcff\ufffe"),
        (f"{'a' * 40_000}{'b' * 30_000}", f"{'a' * 53}…{'b' * 26}"),
    ],
)
def test_names(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(st.text(st.characters(), max_size=300), st.integers(2, 100))  # lone surrogates too
def test_any_text(text: str, most: int) -> None:
    assert shown(text, most).isprintable()
    assert len(shown(text, most)) <= most
    assert shown(shown(text, most), most) == shown(text, most)


def test_a_sentence_keeps_its_remedy() -> None:
    text = sentence(f"{'n' * 70_000} is too long; cut it")
    assert len(text) == 250 + len(" is too long; cut it")
    assert text.endswith("nnn is too long; cut it")


@pytest.mark.parametrize("name", ["a\nb", "\x1b]0;title\a", "word " * 20_000, "\udc80" * 70_000])
def test_an_error_is_one_line_whatever_it_names(name: str) -> None:
    text = str(InputError(f"{name} cannot be read; name another file"))
    assert text.isprintable()
    assert len(text) <= 2000
    assert text.endswith("cannot be read; name another file")
