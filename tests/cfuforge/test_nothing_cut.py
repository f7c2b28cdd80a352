"""What `what_is_cut` finds, so that the tests of pages that are whole can fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

LONG = "unbreakable" * 20


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<p>some text</p><svg width=90 height=20><text x=1 y=15>ab</text></svg>", []),
        (f"<details><summary>folded</summary><p>{LONG}</p></details>", []),
        (f"<p style='overflow: hidden; width: 80px'>a {LONG} b</p>", ["box: P", "text: P"]),
        (f"<p>a {LONG} b</p>", ["page: HTML", "text: P"]),
        (f"<details open><summary>open</summary><p>{LONG}</p></details>", ["text: P"]),
        ("<p style='margin-left: -30px'>some text</p>", ["text: P"]),
        ("<svg width=90 height=20><text x=80 y=15>abcdef</text></svg>", ["drawn: text"]),
        (f"<p style='overflow-x: auto' tabindex=0>{LONG}</p>", ["box: P"]),
    ],
)
def test_what_is_cut(
    body: str, found: list[str], browser: Browser, what_is_cut: Callable[[Page], list[str]]
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 400})
    page.set_content(f"<!DOCTYPE html><body style='margin: 8px'>{body}")
    said = what_is_cut(page)
    page.close()
    assert bool(said) == bool(found)
    for each in found:
        assert any(line.startswith(each) for line in said), said
