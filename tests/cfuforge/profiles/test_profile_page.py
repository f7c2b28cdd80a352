"""The profile page in a real browser: what it shows equals the documents that it was made from."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps, ImageStat
from playwright.sync_api import Browser, Page, expect
from plotly.offline import get_plotlyjs

from cfuforge import Profile
from cfuforge.base.document import SCHEMA_VERSION, checked
from cfuforge.base.errors import InputError
from cfuforge.profiles.page import profile_page
from cfuforge.profiles.shape import ProfileDocument
from cfuforge.sim.account.counting import Cause

Document = dict[str, Any]
Open = Callable[..., Page]
Cut = Callable[[Page], list[str]]
expect.set_options(timeout=120_000)  # ms, where other tests take the processors
WIDTHS = (390, 700, 901, 1024, 1240, 1440, 1920)
MODES = {"narrow": (390, 844), "tablet": (700, 900), "laptop": (1280, 800), "wide": (1440, 900)}


@pytest.fixture(scope="session")
def documents(kws_profile: Callable[[str], Profile]) -> list[Document]:
    """Keyword spotting, plain and with `simd_mac`."""
    return [kws_profile(spec).to_json() for spec in ("none", "simd_mac")]


def page_of(documents: list[Document]) -> str:
    return profile_page([checked(document, ProfileDocument) for document in documents])


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of some documents; whatever it says, asks for or requests is a failure."""
    heard: list[str] = []
    pages: list[Page] = []

    def opened(
        documents: list[Document], size: str = "laptop", fragment: str = "", **options: Any
    ) -> Page:
        path = tmp_path / "page.html"
        path.write_text(page_of(documents))
        width, height = MODES[size]
        page = browser.new_page(viewport={"width": width, "height": height}, **options)
        pages.append(page)
        page.set_default_timeout(120_000)
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(path.as_uri() + fragment)
        asked = [url.partition("#")[0] for url in heard if not url.startswith(("data:", "blob:"))]
        assert asked == [path.as_uri()]
        heard.clear()
        return page

    yield opened
    for page in pages:
        page.close()
    assert [each for each in heard if not each.startswith(("data:", "blob:"))] == []


def rows(page: Page, selector: str) -> list[list[str]]:
    """Return the texts of a table's body, also of one that is folded away."""
    script = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    return page.eval_on_selector_all(f"{selector} tbody tr", script)


def number(text: str) -> int:
    return int(text.replace(",", "") or "0")


def chart(page: Page, identifier: str) -> list[dict[str, Any]]:
    """Return the traces of a chart as Plotly has them, when all charts are drawn."""
    expect(page.locator("[aria-busy]")).to_have_count(0)
    return page.evaluate(f"document.getElementById('{identifier}').data")


def named(layer: Document) -> str:
    return layer["text"] if layer["index"] < 0 else f"{layer['index']} {layer['text']}"


def total(document: Document) -> list[int]:
    return [sum(row) for row in zip(*(each["causes"] for each in document["layers"]), strict=True)]


def test_the_cost_of_each_run(documents: list[Document], open_page: Open) -> None:
    cards = open_page(documents).locator("#cards dl").all()
    plain, cfu = (
        dict(zip(*(card.locator(each).all_inner_texts() for each in ("dt", "dd")), strict=True))
        for card in cards
    )
    before, after = documents
    for card, document in ((plain, before), (cfu, after)):
        cycles = document["run"]["cycles"]
        assert number(card["cycles"]) == cycles == sum(total(document))
        assert card["ms at 100 MHz"] == f"{1e3 * cycles / 100e6:.2f}"
        assert float(card["MACs per cycle"]) == pytest.approx(
            document["model"]["macs"] / cycles, rel=5e-3
        )
    assert cfu["as fast as none"] == f"{before['run']['cycles'] / after['run']['cycles']:.2f}x"
    assert "as fast as none" not in plain


def test_what_the_cfu_did_by_itself(documents: list[Document], open_page: Open) -> None:
    _, after = deepcopy(documents)
    layer = after["layers"][2]
    half, waited = layer["cycles"] // 2, layer["causes"][Cause.CFU_BUSY]
    layer["activities"] = {
        "idle": {"cycles": layer["cycles"] - half, "waited": 0},
        "waiting": {"cycles": 0, "waited": 0},
        "computing": {"cycles": half, "waited": waited},
    }
    page = open_page([after], fragment="#layer=2")
    shown = page.locator("#layer div", has=page.get_by_text("The CFU by itself", exact=True))
    names, counts = (shown.last.locator(each).all_inner_texts() for each in ("dt", "dd"))
    assert names == ["idle", "computing"]
    assert [number(each.partition(", ")[0]) for each in counts] == [layer["cycles"] - half, half]
    assert counts[1].endswith(f", 50.0\xa0%; the CPU waited {waited:,}")
    page = open_page(documents, fragment="#layer=2")
    expect(page.locator("#layer h3", has_text="CFU instructions")).to_have_count(1)
    expect(page.get_by_text("The CFU by itself")).to_have_count(0)


def test_layers_and_causes_equal_the_documents(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents)
    before, after = documents
    for plain, layer in zip(before["layers"], after["layers"], strict=True):
        row = page.locator(f"#layers-table tr[data-row='{layer['index']}']")
        name, macs, plain_cycles, cycles, faster, _, win, of_layer, of_all = (
            cell.text_content() or "" for cell in row.locator("> *").all()
        )
        assert name == named(layer)
        assert (number(macs), number(plain_cycles)) == (layer["macs"], plain["cycles"])
        assert number(cycles.removesuffix(" cycles")) == layer["cycles"]
        assert faster == f"{plain['cycles'] / layer['cycles']:.1f}x"
        removable, _ = most_to_win(after, layer)
        said = "saves at most" if layer["advice"] else "loses"
        assert win == f"{said} {removable:,} cycles,"
        assert of_layer == f"{100 * removable / layer['cycles']:.0f}\xa0% of the layer,"
        assert of_all == f"{100 * removable / after['run']['cycles']:.1f}\xa0% of all"
    found = rows(page, "#layers-table")
    assert [number(found[-1][at].removesuffix(" cycles")) for at in (1, 2, 3)] == [
        after["model"]["macs"],
        before["run"]["cycles"],
        after["run"]["cycles"],
    ]
    check_causes(page, after)


def most_to_win(document: Document, layer: Document) -> tuple[int, str]:
    """Return the cycles that the first advice removes, with its cost; else the largest loss."""
    if layer["advice"]:
        return layer["advice"][0]["removable"], layer["advice"][0]["cost"]
    causes = zip(layer["causes"], document["causes"], strict=True)
    return max(count for count, cause in causes if not cause["retired"]), ""


@pytest.mark.parametrize("run", [0, 1])
def test_layers_stand_with_what_binds_them(
    documents: list[Document], open_page: Open, run: int
) -> None:
    document = documents[run]
    page = open_page([document])
    groups: dict[str, list[int]] = {}
    for layer in document["layers"]:
        groups.setdefault(most_to_win(document, layer)[1], []).append(layer["index"])
    parts = [part for part in page.locator("#layers-table tbody").all()[:-1]]
    shown = {}
    for part in parts:
        head = part.locator(".group b").inner_text()
        members = part.locator("tr[data-row]").all()
        shown[head.lower()] = [int(each.get_attribute("data-row") or "") for each in members]
    nothing = groups.pop("")
    assert shown == {
        **{cost.lower(): members for cost, members in groups.items()},
        "nothing to advise": nothing,
    }
    text = page.inner_text("body").lower()
    for remedy in {each["remedy"] for layer in document["layers"] for each in layer["advice"][:1]}:
        assert text.count(remedy.lower()) == 1, remedy


def check_causes(page: Page, document: Document) -> None:
    sums = total(document)
    shown = [index for index, count in enumerate(sums) if count]
    heads = page.locator("#causes-table thead th").all_text_contents()
    assert heads[2:] == [document["causes"][index]["text"] for index in shown]
    layers = [(named(each), each["cycles"], each["causes"]) for each in document["layers"]]
    layers.append(("all", document["run"]["cycles"], sums))
    assert [(row[0], *map(number, row[1:])) for row in rows(page, "#causes-table")] == [
        (name, cycles, *(causes[index] for index in shown)) for name, cycles, causes in layers
    ]


def test_bars_add_up(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents)

    def sums() -> list[float]:
        bars = [trace["x"] for trace in chart(page, "causes-chart-0") if trace["type"] == "bar"]
        return [sum(parts) for parts in zip(*bars, strict=True)]

    cycles = [each["cycles"] for document in documents for each in document["layers"]]
    assert sums() == cycles
    page.locator("#causes-unit input").first.focus()
    page.keyboard.press("ArrowRight")
    assert sums() == pytest.approx([100] * len(cycles))


def test_keys_choose_the_run_in_detail(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents)
    assert "simd_mac is bound by" in page.inner_text("#verdict")
    page.locator("#runs input:checked").focus()
    page.keyboard.press("ArrowLeft")
    assert "none is bound by" in page.inner_text("#verdict")
    check_causes(page, documents[0])
    check_roofline(page, documents[0])
    check_functions(page, documents[0])


def test_roofline(documents: list[Document], open_page: Open) -> None:
    check_roofline(open_page(documents), documents[1])


def check_roofline(page: Page, document: Document) -> None:
    layers = [layer for layer in document["layers"] if layer["macs"]]
    reached = [layer["macs"] / layer["cycles"] for layer in layers]
    traces = {trace["name"]: trace for trace in chart(page, "roofline-chart") if "name" in trace}
    roads = {"loads and stores": "memory_bytes", "CFU bus": "cfu_bytes"}
    assert set(traces) == {road for road, key in roads.items() if any(each[key] for each in layers)}
    for road, trace in traces.items():
        assert trace["y"] == pytest.approx(reached)
        assert trace["x"] == pytest.approx([layer["macs"] / layer[roads[road]] for layer in layers])
    assert [
        [row[0], *map(number, (row[1], row[3], row[6]))] for row in rows(page, "#roofline")
    ] == [[named(each), each["macs"], each["memory_bytes"], each["cfu_bytes"]] for each in layers]


def test_flame_graph_adds_up(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents[1:])
    (trace,) = chart(page, "calls-chart")
    calls = documents[1]["calls"]
    values = dict(zip(map(int, trace["ids"]), trace["values"], strict=True))
    assert values[0] == documents[1]["run"]["cycles"]
    inside: dict[int, int] = {}
    for index, parent in zip(trace["ids"], trace["parents"], strict=True):
        if parent:
            inside[int(parent)] = inside.get(int(parent), 0) + values[int(index)]
    for index, value in values.items():
        assert value == calls[index]["cycles"] + inside.get(index, 0)
    zoom = page.locator("#calls-zoom")
    zoom.focus()
    page.keyboard.press("ArrowDown")
    assert chart(page, "calls-chart")[0]["level"] == zoom.input_value() != "0"


def check_functions(page: Page, document: Document) -> None:
    found = rows(page, "#functions-table")
    functions = document["functions"][: len(found) - 1]
    assert [(row[0], number(row[1])) for row in found[:-1]] == [
        (each["name"], each["cycles"]) for each in functions
    ]
    assert sum(number(row[1]) for row in found) == document["run"]["cycles"]


def check_code(page: Page, document: Document, index: int) -> None:
    function = document["functions"][index]
    cycles = function["cycles"]
    assert f"{function['name']}: {cycles:,} cycles" in page.inner_text("#code-title")
    instructions = [each for each in document["instructions"] if each["function_index"] == index]
    assert sum(each["cycles"] for each in instructions) == cycles
    assert [(row[0], number(row[1]), row[2]) for row in rows(page, "#code-instructions")] == [
        (hex(each["address"]), each["cycles"], each["text"]) for each in instructions
    ]
    lines = [row for row in rows(page, "#code-source") if len(row) > 1]
    assert sum(number(row[1]) for row in lines) == cycles
    marked = page.locator("#code-instructions mark").all_text_contents()
    texts = [each["text"].split() for each in instructions]
    assert marked == [words[1] for words in texts if words[0] == "cfu"]


def test_keys_choose_the_function(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents[1:])
    check_functions(page, documents[1])
    check_code(page, documents[1], 0)
    assert page.locator("#code-instructions mark").count() > 0
    page.locator("#code-function").focus()
    page.keyboard.press("ArrowDown")
    check_code(page, documents[1], 1)


def test_keys_step_through_the_lines(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents[1:])
    hottest = max((each for each in documents[1]["instructions"]), key=lambda each: each["cycles"])
    current = page.locator("#code-instructions .current th")
    assert current.inner_text() == hex(hottest["address"])
    page.locator("#code-instructions").focus()
    page.keyboard.press("ArrowDown")
    assert current.inner_text() == hex(hottest["address"] + 4)
    line = page.locator("#code-instructions .current").get_attribute("data-line")
    chosen = page.locator("#code-source .chosen")
    assert {each.get_attribute("data-line") for each in chosen.all()} == {line}


def test_memory(documents: list[Document], open_page: Open) -> None:
    page, memory = open_page(documents), documents[1]["memory"]
    parts = [(region["name"], part) for region in memory["regions"] for part in region["parts"]]
    assert [(row[0], row[1], row[2], number(row[3])) for row in rows(page, "#memory-table")] == [
        (name, part["name"], hex(part["begin"]), part["bytes"]) for name, part in parts
    ]
    drawn = [
        (base, size, round(middle - width / 2 + 0.48), round(middle + width / 2 - 0.48))
        for trace in chart(page, "arena-chart")
        for base, size, middle, width in zip(
            trace["base"], trace["y"], trace["x"], trace["width"], strict=True
        )
    ]
    arena = [
        (each["offset"], each["size"], each["first"], each["last"]) for each in memory["arena"]
    ]
    assert sorted(drawn) == sorted(arena)
    assert [row[0] for row in rows(page, "#arena-table")] == [
        each["name"] for each in memory["arena"]
    ]


def brightness(page: Page) -> float:
    """Return the middle brightness of what is on the screen, 0 to 255."""
    return ImageStat.Stat(Image.open(io.BytesIO(page.screenshot())).convert("L")).median[0]


def test_light_dark_and_paper(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents, color_scheme="light")
    chart(page, "causes-chart-0")
    light, dark = "rgb(27, 31, 36)", "rgb(231, 234, 237)"

    def ink_is(colour: str) -> None:
        expect(page.locator("#causes-chart-0 .ytick text").first).to_have_css("fill", colour)

    ink_is(light)
    assert brightness(page) > 230
    page.emulate_media(color_scheme="dark")
    ink_is(dark)
    assert brightness(page) < 60
    page.emulate_media(media="print", color_scheme="dark")
    ink_is(light)
    assert brightness(page) > 230
    for hidden in ("nav", "select", "fieldset", "summary", ".screen"):
        assert not any(each.is_visible() for each in page.locator(hidden).all()), hidden
    page.emulate_media(media="screen", color_scheme="dark")
    ink_is(dark)


def all_of_it(page: Page) -> None:
    """Wait until all charts are drawn, and unfold what is folded away."""
    expect(page.locator("[aria-busy]")).to_have_count(0)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.parametrize("runs", [1, 2, 3, 4])
def test_paper_cuts_nothing(
    documents: list[Document], open_page: Open, what_is_cut: Cut, runs: int
) -> None:
    page = open_page((2 * documents)[-runs:])
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_class("on-paper")
    assert what_is_cut(page) == []


@pytest.mark.parametrize(
    "which",
    [
        "none",
        pytest.param("both", marks=pytest.mark.long),
        pytest.param("long names", marks=pytest.mark.more),
    ],
)
def test_nothing_is_cut(
    documents: list[Document], open_page: Open, what_is_cut: Cut, which: str
) -> None:
    shown = documents[:1] if which == "none" else documents
    if which == "long names":
        shown = json.loads(json.dumps(documents))
        for each in (shown[0]["layers"][0], shown[1]["layers"][0]):
            each["text"] = 120 * "W"
        shown[1]["functions"][0]["name"] = 120 * "W"
        shown[1]["model"]["name"] = shown[0]["model"]["name"] = 120 * "W"
    page = open_page(shown)
    for width in WIDTHS[::2] if which == "none" else WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        for colours, layer in (("light", ""), ("dark", "0")):
            page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
            page.locator("#layer-choice").select_option(layer)
            all_of_it(page)
            assert what_is_cut(page) == [], (width, colours, layer)


def test_a_chart_is_on_the_first_screen(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents)
    for width in WIDTHS:
        height = 844 if width < 900 else 800
        page.set_viewport_size({"width": width, "height": height})
        all_of_it(page)
        bars = page.locator("#causes-chart-0 .barlayer").bounding_box()
        assert bars
        assert bars["y"] < 0.85 * height


def test_paper_has_no_page_that_is_almost_empty(
    documents: list[Document], open_page: Open, tmp_path: Path
) -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm shows pages; install it with: sudo apt-get install -y poppler-utils")
    for shown in (documents, documents[:1]):
        page = open_page(shown)
        expect(page.locator("[aria-busy]")).to_have_count(0)
        page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        for old in tmp_path.glob("*.png"):
            old.unlink()
        command = ["pdftoppm", "-r", "30", "-gray", "-png", "page.pdf", "p"]
        subprocess.run(command, cwd=tmp_path, check=True)
        for sheet in sorted(tmp_path.glob("p-*.png"))[:-1]:
            with Image.open(sheet) as drawn:
                ink = ImageOps.invert(drawn.convert("L")).point(lambda value: 255 * (value > 30))
                assert (ink.getbbox() or (0, 0, 0, 0))[3] > 0.5 * drawn.height, sheet.name


def chosen_layer(page: Page) -> str | None:
    """Return the layer that all panels show, by the index in the table's chosen row."""
    expect(page.locator("[aria-busy]")).to_have_count(0)
    rows = page.locator("#layers-table tr.chosen[data-row]").all()
    index = rows[0].get_attribute("data-row") if rows else None
    assert page.locator("#layer").is_visible() == (index is not None)
    assert page.locator("#layer-choice").input_value() == (index or "")
    name = page.locator("#layer-choice option:checked").inner_text()
    zoom = page.locator("#calls-zoom option:checked").text_content() or ""
    title, functions = page.inner_text("#code-title"), page.inner_text("#functions-title")
    if index is None:
        assert " layer " not in title + functions
        return None
    assert f"Layer {name}" in page.inner_text("#layer h2")
    assert f"in layer {name}" in title
    assert f"layer {name}" in functions
    assert name in zoom or chart(page, "calls-chart")[0]["level"] != "0"
    assert name in (page.locator("#causes-table tr.chosen th").text_content() or "")
    fill = page.locator("#causes-chart-0 .ytick text b, #causes-chart-0 .ytick text tspan")
    assert name in " ".join(fill.all_text_contents())
    return index


def test_a_layer_is_chosen_anywhere(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents)
    page.set_viewport_size({"width": 1280, "height": 800})
    assert chosen_layer(page) is None

    page.locator("#layers-table a", has_text="4 CONV_2D 1x1").click()
    assert (chosen_layer(page), address(page)) == ("4", "#layer=4")

    bar = page.locator("#causes-chart-0 .barlayer .trace").nth(2).locator(".point path").nth(6)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#layer-choice")).to_have_value("6")
    assert (chosen_layer(page), address(page)) == ("6", "#layer=6")

    page.locator("#roofline-chart").scroll_into_view_if_needed()
    box = page.locator("#roofline-chart .points path").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#layer-choice")).to_have_value("0")
    assert (chosen_layer(page), address(page)) == ("0", "#layer=0")

    page.locator("#layer-choice").focus()
    page.keyboard.press("ArrowDown")
    assert (chosen_layer(page), address(page)) == ("1", "#layer=1")
    page.locator("#layer button", has_text="Next").press("Enter")
    assert chosen_layer(page) == "2"
    page.locator("#causes-table a", has_text="between the layers").press("Enter")
    assert address(page) == "#layer=between"
    page.locator("#layer button", has_text="All layers").click()
    assert (chosen_layer(page), address(page)) == (None, "#")
    page.go_back()
    page.go_back()
    assert (chosen_layer(page), address(page)) == ("2", "#layer=2")


def address(page: Page) -> str:
    return str(page.evaluate("location.hash || '#'"))


def test_the_flame_graphs_selector_follows_a_click(
    documents: list[Document], open_page: Open
) -> None:
    page = open_page(documents[1:])
    calls = documents[1]["calls"]
    texts = " ".join(chart(page, "calls-chart")[0]["text"])
    assert "MicroInterpreter::Invoke" in texts
    assert "Eval, conv.cc" in texts
    assert "Eval, depthwise_conv.cc" in texts
    for name in ("6 CONV_2D 1x1", "Eval, conv.cc", "nn_conv_s8"):
        box = page.locator("#calls-chart g.slice", has_text=name)
        box.nth(box.count() // 2 if name[0] == "6" else 0).click()
        chosen = page.locator("#calls-zoom option:checked")
        expect(chosen).to_contain_text(name)
        call = int(page.locator("#calls-zoom").input_value())
        assert calls[call]["name"].split("::")[-1] in name
        assert chart(page, "calls-chart")[0]["level"] == str(call)
        assert chosen_layer(page) == "6"
    assert page.inner_text("#code-title").startswith("nn_conv_s8: ")
    page.locator("#calls-chart g.slice, #calls-chart g.pathbar").filter(
        has_text="inference"
    ).last.click()
    expect(page.locator("#calls-zoom")).to_have_value("0")
    assert chosen_layer(page) is None


def test_a_layers_numbers_add_up(documents: list[Document], open_page: Open) -> None:
    document = documents[1]
    page = open_page([document])
    for layer in (document["layers"][0], document["layers"][9], document["layers"][12]):
        page.locator("#layer-choice").select_option(str(layer["index"]))
        found = rows(page, "#functions-table")
        assert sum(number(row[1]) for row in found) == layer["cycles"]
        own: dict[int, int] = {}
        for each in document["instructions"]:
            for index, _, cycles in each["by_layer"]:
                if index == layer["index"]:
                    own[each["function_index"]] = own.get(each["function_index"], 0) + cycles
        hottest = max(own, key=lambda each: own[each])
        assert (found[0][0], number(found[0][1])) == (
            document["functions"][hottest]["name"],
            own[hottest],
        )
        listed = rows(page, "#code-instructions")
        assert sum(number(row[1]) for row in listed) == own[hottest]
        causes = page.locator("#layer .parts").first.locator("dd").all_inner_texts()
        assert sum(number(text.split(", ")[0]) for text in causes) == layer["cycles"]


def test_the_address_chooses(documents: list[Document], open_page: Open) -> None:
    page = open_page(documents, fragment="#layer=6&run=none")
    assert chosen_layer(page) == "6"
    assert "none is bound by" in page.inner_text("#verdict")
    assert "none" in page.inner_text("#layer h2")
    box = page.locator("#layer").bounding_box()
    assert box
    assert 0 <= box["y"] < 400
    page.evaluate("location.hash = '#layer=3'")
    expect(page.locator("#layer-choice")).to_have_value("3")
    assert "simd_mac is bound by" in page.inner_text("#verdict")
    page.locator("nav a", has_text="Calls").click()
    assert (chosen_layer(page), address(page)) == ("3", "#calls&layer=3")
    for nonsense in ("#layer=99", "#layer=-1", "#layer=x", "#%", "#layer=<b>", "#run=nobody&="):
        page.evaluate("hash => { location.hash = hash; }", nonsense)
        expect(page.locator("#layer-choice")).to_have_value("")
        assert chosen_layer(page) is None


@pytest.mark.parametrize("size", MODES)
def test_charts_are_as_wide_as_their_place(
    documents: list[Document], open_page: Open, size: str
) -> None:
    page = open_page(documents, size)
    chart(page, "causes-chart-0")
    page.set_viewport_size({"width": 700, "height": 800})
    width = page.locator("#causes-chart-0").evaluate("chart => chart.clientWidth")
    expect(page.locator("#causes-chart-0 svg").first).to_have_attribute("width", str(width))


def test_names_stay_text(documents: list[Document], open_page: Open) -> None:
    document = json.loads(json.dumps(documents[1]))
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)><b>&lt;%{x}$title"
    document["model"]["name"] = document["layers"][0]["text"] = evil
    document["memory"]["arena"][0]["name"] = evil
    document["calls"][1]["name"] = document["calls"][1]["file"] = evil
    document["functions"][0]["name"] = evil
    page = open_page([document])
    assert page.inner_text("h1") == f"{evil}: where the cycles go"
    assert page.locator("#layers-table tr[data-row='0'] th").inner_text() == f"0 {evil}"
    page.locator("#layer-choice").select_option("0")
    assert evil in page.inner_text("#layer h2")
    page.locator("#layer-choice").select_option("")
    assert rows(page, "#arena-table")[0][0] == evil
    check_code(page, document, 0)
    assert page.locator("img, main b b, main script").count() == 0
    chart(page, "causes-chart-0")
    tick = page.locator("#causes-chart-0 .ytick text").first.text_content()
    assert tick
    assert tick.endswith("…")
    assert f"0 {evil}".startswith(tick[:-1])
    assert len(tick) > 20


def test_the_page_is_little_more_than_its_charts_library(documents: list[Document]) -> None:
    assert len(page_of(documents[1:])) < 1.15 * len(get_plotlyjs())


def test_refusals() -> None:
    one, other = (
        {"schema_version": SCHEMA_VERSION, "model": {"name": name, "sha256": name}}
        for name in ("a", "b")
    )
    with pytest.raises(InputError, match="at least one"):
        profile_page([])
    with pytest.raises(InputError, match=f"schema version 7, the page shows {SCHEMA_VERSION}"):
        profile_page([{**one, "schema_version": 7}])
    with pytest.raises(InputError, match="profiles of a and b cannot be compared"):
        profile_page([one, other])


def test_names_on_the_page_are_printable_and_short(documents: list[Document]) -> None:
    document = json.loads(json.dumps(documents[1]))
    evil = "\x1b[31m\u202e\x00\udc80\u2028"
    document["model"]["name"] = document["run"]["design"]["spec"] = evil + 70_000 * "n"
    document["functions"][0]["name"] = document["memory"]["arena"][0]["name"] = evil
    document["sources"] = {evil: {"first": 1, "lines": [f"\t{evil}"]}}
    text = page_of([document]).replace(get_plotlyjs(), "")
    assert not any(each in text for each in evil.replace("[31m", ""))
    assert r"\\x1b[31m\\u202e" in text
    assert 230 * "n" in text
    assert 400 * "n" not in text
    assert len(text) < len(page_of(documents[1:]).replace(get_plotlyjs(), "")) + 5000
