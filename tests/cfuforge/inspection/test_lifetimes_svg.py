"""The picture of the tensor arena, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from cfuforge.inspection.lifetimes_svg import lifetimes_svg
from cfuforge.sw.memory_plan import Buffer

TEXT = "{http://www.w3.org/2000/svg}text"


def buffers(operators: int) -> list[Buffer]:
    rng = np.random.default_rng(operators)
    return [
        Buffer(f"a/path{index}/Relu;b", index % 3 == 2, 5000 * (index % 2), size, index, index)
        for index, size in enumerate(rng.integers(1, 5000, operators).tolist())
    ]


@pytest.mark.parametrize("operators", [1, 5, 13, 31, 200])
@pytest.mark.parametrize("name", ["ADD", "DEPTHWISE_CONV_2D", 80 * "W"])
def test_no_label_is_cut(
    operators: int,
    name: str,
    browser: Browser,
    what_is_cut: Callable[[Page], list[str]],
    tmp_path: Path,
) -> None:
    path = tmp_path / "arena.svg"
    path.write_text(lifetimes_svg(buffers(operators), operators * [name], f"{name}: its arena"))
    with browser.new_page(viewport={"width": 6000, "height": 900}) as page:
        page.goto(path.as_uri())
        assert page.locator("text.operator").count() == operators
        assert what_is_cut(page) == []


def test_title_axes_and_dark_mode(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "arena.svg"
    path.write_text(lifetimes_svg(buffers(9), 9 * ["ADD"], "kws: what lies in the arena when"))
    root = ElementTree.fromstring(path.read_text())
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "kws: what lies in the arena when"
    texts = [each.text for each in root.iter(TEXT)]
    assert {title.text, "operators in order", "bytes from the start of the arena"} <= set(texts)
    ticks = [each.text for each in root.iter(TEXT) if each.get("class") == "tick"]
    assert ticks[:2] == ["0", "2,000"]
    colours = []
    with browser.new_page() as page:
        page.goto(path.as_uri())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            script = "each => getComputedStyle(each).fill"
            colours.append([page.eval_on_selector(at, script) for at in (".page", ".title")])
    assert colours == [
        ["rgb(255, 255, 255)", "rgb(27, 31, 36)"],
        ["rgb(21, 24, 28)", "rgb(231, 234, 237)"],
    ]
