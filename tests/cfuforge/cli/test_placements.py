"""The same inference with the firmware at other places in memory: median and range."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median_low

import pytest

from cfuforge import Comparison, LayerRun, Run
from cfuforge.base.errors import InputError
from cfuforge.cli.terminal import PlainConsole
from cfuforge.comparisons.spread import Spread, range_text
from cfuforge.comparisons.table import print_comparison
from cfuforge.sim.mailbox import Mailbox
from cfuforge.sim.placement import place
from cfuforge.soc.board import board
from cfuforge.soc.generate import generate
from cfuforge.sw.link_order import gap_text, in_order
from cfuforge.sw.tflite_model import Model
from cfuforge.sw.toolchain import Source
from support.documents import INPUT, MODEL, valid
from support.operators import softmax


def run(name: str, *cycles: int) -> Run:
    layers = tuple(
        LayerRun(index, "RELU", (1, 2), (), (1, 2), 0, each, f"{name}/relu", 0, 0)
        for index, each in enumerate(cycles)
    )
    facts = {"name": name, "spec": name, "parameters": {}}
    total = sum(cycles)
    return Run(facts, {"name": "sim"}, {}, total, layers, ((1, 2),), 9, "", 1.0, 1.0, 1)


def comparison() -> Comparison:
    spreads = tuple(
        Spread.of([run(name, first, 100), run(name, first + 60, 110), run(name, first - 9, 100)])
        for name, first in (("none", 9_000), ("fast", 1_000), ("near", 1_020))
    )
    return Comparison(
        MODEL,
        INPUT,
        {"name": "o", "version": "1", "outputs": [[1, 2]]},
        run("none", 9_000, 100),
        run("fast", 1_000, 100),
        further=(run("near", 1_020, 100),),
        spreads=spreads,
    )


def test_the_spread_of_some_runs() -> None:
    spread = Spread.of([run("a", 5, 7), run("a", 6, 9), run("a", 4, 7)])
    assert (spread.median, spread.least, spread.greatest) == (12, 11, 15)
    assert spread.cycles == (12, 15, 11)
    assert spread.layers == ((5, 6, 4), (7, 9, 7))
    assert spread.medians == (5, 7)
    assert range_text((1000, 1012, 999)) == "-0.1 +1.2 %"
    assert range_text((1000, 1000)) == "+0.0 +0.0 %"


def test_the_table_has_medians_and_ranges() -> None:
    file = io.StringIO()
    print_comparison(comparison(), PlainConsole(file=file, width=200))
    text = file.getvalue()
    assert "range" in text
    assert "The cycles are medians over 3 placements (link orders" in text
    assert "  fast: 1,100, from 1,091 to 1,170 (-0.8 +6.4 %)" in text
    assert "  fast and near overlap: their difference may come from placement alone." in text
    assert "plain C and fast overlap" not in text


def test_it_is_saved_and_loaded(tmp_path: Path) -> None:
    found = comparison()
    found.save(tmp_path / "x.json")
    assert Comparison.load(tmp_path / "x.json") == found
    value = valid(tmp_path / "x.json")
    assert value["spreads"][1]["cycles"] == [1100, 1170, 1091]
    assert value["spreads"][1]["median"] == 1100
    first, *rest = value["spreads"]
    for wrong in ([first], [{**first, "median": 1}, *rest], [{**first, "layers": []}, *rest]):
        (tmp_path / "x.json").write_text(json.dumps({**value, "spreads": wrong}))
        with pytest.raises(InputError, match="spreads"):
            Comparison.load(tmp_path / "x.json")


def test_an_order_is_always_the_same_and_0_the_usual_one() -> None:
    sources = [Source(Path(f"{index}.c")) for index in range(20)]
    assert in_order(sources, 0) == sources
    assert in_order(sources, 1) == in_order(sources, 1) != in_order(sources, 2)
    assert sorted(map(str, in_order(sources, 1))) == sorted(map(str, sources))
    assert [source.path.stem for source in in_order(sources, 1)][:4] == ["11", "5", "17", "19"]
    assert gap_text(1, 4096) == gap_text(1, 4096) != gap_text(2, 4096)


def test_an_order_moves_model_and_arena_by_whole_lines() -> None:
    soc = generate(board("sim"))
    model = Model(softmax((1, 2), 1.0, 0, 1.0).data, "soft")
    places = []
    for order in (0, 1, 2, 1):
        box = Mailbox()
        place(box, soc, "none", soc.memories["main_ram"][0] + 1000, model, 0, order)
        places.append((box.model, box.arena))
        assert box.model % 32 == box.arena % 32 == 0
        assert box.arena + box.arena_size == sum(soc.memories["main_ram"])
        assert box.model + box.model_size <= box.input
        assert box.input + box.input_size <= box.output <= box.layers < box.arena
    assert places[1] == places[3]
    assert len(set(places)) == 3
    assert all(address % 4096 == 0 for address in places[0])


def test_every_order_is_simulated_and_compared(
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    model, path = tmp_path / "x.tflite", tmp_path / "x.json"
    model.write_bytes(softmax((1, 2), 1.0, 0, 1.0).data)
    arguments = ("sim", "--model", model, "--cfu", "none", "--json", path, "--placements")
    assert command(*arguments, 3) == 0
    assert "medians over 3 placements" in capsys.readouterr().out
    value = valid(path)
    (spread,) = value["spreads"]
    assert spread["cycles"][0] == value["plain"]["cycles"]
    assert len(set(spread["cycles"])) > 1
    assert spread["median"] == median_low(spread["cycles"])
    assert command(*arguments, 4) == 0
    (more,) = valid(path)["spreads"]
    assert more["cycles"][:3] == spread["cycles"]
    assert command(*arguments, 0) == 2


def test_a_mistake_in_one_order_is_told(tmp_path: Path) -> None:
    from cfuforge.comparisons import compare
    from cfuforge.defaults import model_or_sample, source_or_sample

    model = tmp_path / "x.tflite"
    model.write_bytes(softmax((1, 2), 1.0, 0, 1.0).data)
    found = compare.simulate(model, cfu="none")
    values = {index: each + 1 for index, each in found.plain.values.items()}
    loaded = model_or_sample(model)
    (sample,) = source_or_sample(None, model).samples(loaded)
    elsewhere = [[found.plain], [replace(found.plain, values=values)]]
    wrong = compare._with_spreads(found, loaded, sample, elsewhere)
    assert found.exact
    assert not wrong.exact
    assert wrong.wrong_layer.startswith("In link order 2 the first wrong layer with none is ")
