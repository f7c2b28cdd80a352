"""A profile's document adds up, names its sources, and survives being handed on."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cfuforge import Profile, profile
from cfuforge.base.errors import InputError
from cfuforge.cli.app import app
from cfuforge.cli.terminal import PlainConsole
from cfuforge.profiles.exports import chrome_trace, speedscope
from cfuforge.profiles.table import print_profile
from cfuforge.sw.objects import FIRMWARE
from support.documents import valid
from support.operators import copying_model

SIMD_MAC_BYTES = {  # of operands and result
    **dict.fromkeys(("set_offsets", "set_activation", "set_quant", "dot", "mul"), 8),
    **dict.fromkeys(("set_bias", "read", "read_acc"), 4),
    **dict.fromkeys(("requantise", "its result"), 0),
}


@pytest.fixture(scope="module")
def found(kws_profile: Callable[[str], Profile]) -> Profile:
    return kws_profile("simd_mac")


@pytest.fixture(scope="module")
def document(found: Profile) -> dict[str, Any]:
    return valid(found.to_json())


def test_everything_adds_up(found: Profile, document: dict[str, Any]) -> None:
    for part in ("layers", "functions", "calls"):
        assert sum(each["cycles"] for each in document[part]) == found.cycles
    for part in ("layers", "functions", "instructions"):
        assert all(sum(each["causes"]) == each["cycles"] for each in document[part])
    functions: dict[str, int] = {}
    for each in document["instructions"]:
        functions[each["function"]] = functions.get(each["function"], 0) + each["cycles"]
    assert functions == {
        name: sum(each["cycles"] for each in document["functions"] if each["name"] == name)
        for name in functions
    }


def test_cfu_instructions_have_names(document: dict[str, Any]) -> None:
    names = [cause["name"] for cause in document["causes"]]
    for layer in document["layers"]:
        cfu = layer["cfu"]
        for kind, cause in (("retired", "cfu"), ("busy", "cfu_busy"), ("hazard", "cfu_hazard")):
            count = layer["causes"][names.index(cause)]
            assert sum(each[kind] for each in cfu.values()) == count
        bytes_moved = sum(SIMD_MAC_BYTES[name] * each["retired"] for name, each in cfu.items())
        assert layer["cfu_bytes"] == bytes_moved
    # 64 channels of 64, four at a time, of 125 pixels in tiles of four.
    assert document["layers"][2]["cfu"]["dot"]["retired"] == 64 * 64 * 128 // 4


def test_moved_bytes(document: dict[str, Any]) -> None:
    loads = {"lb": 1, "lbu": 1, "lh": 2, "lhu": 2, "lw": 4, "sb": 1, "sh": 2, "sw": 4}
    retired = [cause["name"] in ("load", "store") for cause in document["causes"]]
    moved = 0
    for each in document["instructions"]:
        times = sum(count for count, is_one in zip(each["causes"], retired, strict=True) if is_one)
        name = each["text"].split()[0]
        assert not times or name in loads
        moved += times * loads.get(name, 0)
    assert moved == sum(layer["memory_bytes"] for layer in document["layers"])


def test_calls_are_a_tree(document: dict[str, Any]) -> None:
    calls = document["calls"]
    inference = {"parent": -1, "name": "inference", "file": "", "cycles": 0, "calls": 1}
    assert calls[0] == inference
    assert all(call["parent"] < index for index, call in enumerate(calls))
    total = [call["cycles"] for call in calls]
    for index in range(len(calls) - 1, 0, -1):
        total[calls[index]["parent"]] += total[index]
    layers = [index for index, call in enumerate(calls) if call["parent"] == 0]
    cycles = [layer["cycles"] for layer in document["layers"]]
    assert [total[index] for index in layers] == cycles
    tiles = [call for call in calls if call["name"] == "multiply_tiles"]
    assert [call["calls"] for call in tiles] == [48, 64, 64, 64, 64]
    for call in tiles:
        path = []
        while call["parent"] >= 0:
            call = calls[call["parent"]]
            path.append(call["name"])
        assert path[0] == "simd_mac_conv"
        assert path[1] == "nn_conv_s8"
        assert path[2].endswith("::Eval")
        assert path[-2].endswith(("CONV_2D 10x4", "CONV_2D 1x1"))


def test_sources(document: dict[str, Any]) -> None:
    folder = FIRMWARE.parents[1]
    for file, source in document["sources"].items():
        path = folder / file.replace("simd_mac/", "cfu/designs/simd_mac/kernels/")
        first = source["first"]
        lines = path.read_text().splitlines()[first - 1 : first - 1 + len(source["lines"])]
        assert source["lines"] == lines
    hot = [each for each in document["functions"] if each["cycles"] >= 0.01 * 2_000_000]
    assert {"multiply_tiles", "multiply_3x3"} <= {each["name"] for each in hot}
    for function in hot:
        source = document["sources"][function["file"]]
        line = function["line"] - source["first"]  # of the brace behind the name
        assert f"{function['name']}(" in "".join(source["lines"][line - 5 : line + 1])
    calls = [
        each
        for each in document["instructions"]
        if each["text"].startswith("cfu requantise") and each["file"] in document["sources"]
    ]
    assert {each["function"] for each in calls} >= {"multiply_tiles", "multiply_3x3"}
    for each in calls:
        line = document["sources"][each["file"]]  # where it is called: cfu.h is not at hand
        assert "cfu_requantise(" in line["lines"][each["line"] - line["first"]]
        assert each["inlined"][-1] == "cfu_requantise"
        assert re.fullmatch(r"cfu requantise\[\d\] zero, zero, zero", each["text"])


def test_memory(document: dict[str, Any]) -> None:
    memory = document["memory"]
    (ram,) = (region for region in memory["regions"] if region["name"] == "main_ram")
    ends = 0
    for part in ram["parts"]:
        assert ends <= part["begin"]
        ends = part["begin"] + part["bytes"]
        assert ends <= ram["origin"] + ram["size"]
    assert memory["arena_bytes"] == document["run"]["arena_bytes"]
    assert all(each["offset"] + each["size"] <= memory["arena_bytes"] for each in memory["arena"])


def test_ceilings(document: dict[str, Any]) -> None:
    assert document["ceilings"] == {"multipliers": 4, "cfu_bytes": 12, "memory_bytes": 4}
    for layer in document["layers"]:
        assert layer["macs"] <= 4 * layer["cycles"]


def test_kept(tmp_path: Path) -> None:
    found = profile(copying_model(tmp_path, 3, 4), cfu="simd_mac")
    found.save(tmp_path / "profile.json")
    assert Profile.load(tmp_path / "profile.json").document == found.document


def damaged(document: dict[str, Any], **changes: Any) -> str:
    return json.dumps({**document, **changes})


def test_what_is_damaged(document: dict[str, Any], tmp_path: Path) -> None:
    layers, calls, instructions = (document[name] for name in ("layers", "calls", "instructions"))
    run, causes = document["run"], document["causes"]
    first = layers[0]
    for changes, reason in (
        (
            {"layers": layers[:3]},
            r"damaged profile: layers must have the indices 0, 1, \.\.\. and -1",
        ),
        ({"layers": [*layers[1:], first]}, "damaged profile: layers must have the indices"),
        (
            {"layers": [{**first, "cycles": "many"}]},
            r"layers\[0\].cycles must be an integer, not \"many",
        ),
        ({"layers": [{**first, "cycles": -1}]}, r"layers\[0\].cycles must be 0 to \d+, not -1"),
        (
            {"layers": [{**first, "causes": [1]}, *layers[1:]]},
            r"layers\[0\].causes must be 16 that add",
        ),
        ({"layers": [{**first, "evil": 1}]}, r"layers\[0\] has 'evil', which is unknown here"),
        ({"run": {}}, "run has no 'arena_bytes'"),
        ({"run": {**run, "soc": {"name": "sim"}}}, "damaged profile: run.soc has no 'clock_hz'"),
        ({"run": {**run, "tools": {}}}, "damaged profile: run.tools has no 'cfuforge'"),
        ({"run": {**run, "cycles": run["cycles"] + 1}}, "its layers have [0-9,]+ cycles, its run"),
        ({"calls": []}, "damaged profile: its calls have 0 cycles"),
        (
            {"calls": [calls[0], {**calls[1], "parent": 1}]},
            "its calls have|must be a call before it",
        ),
        (
            {"calls": [{**calls[0], "parent": 3}, *calls[1:]]},
            r"calls\[0\].parent must be a call before",
        ),
        ({"causes": causes[::-1]}, "damaged profile: causes are others than this version's"),
        ({"instructions": [{**instructions[0], "function_index": 9999}]}, "must be less than"),
        (
            {"instructions": [{**instructions[0], "by_layer": [[0, 0, 1]]}]},
            r"instructions\[0\].by_layer must add up to its causes",
        ),
        (
            {"sources": {"a.c": {"first": 1, "lines": "text"}}},
            r"sources.a.c.lines must be a list, not",
        ),
        ({"schema_version": 7, "other": 1}, "has schema version 7, but this cfuforge reads 6"),
    ):
        (tmp_path / "x.json").write_text(damaged(document, **changes))
        with pytest.raises(InputError, match=rf"{tmp_path}/x.json[: ].*{reason}.*; write one with"):
            Profile.load(tmp_path / "x.json")


def test_calls_that_are_nested_too_deep(document: dict[str, Any], tmp_path: Path) -> None:
    call = {"name": "f", "file": "", "cycles": 0, "calls": 1}
    deep = [{**call, "parent": index - 1} for index in range(20_000)]
    deep[-1]["cycles"] = document["run"]["cycles"]
    (tmp_path / "x.json").write_text(damaged(document, calls=deep))
    with pytest.raises(InputError, match="calls are nested too deeply"):
        Profile.load(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[]", "must be an object, not a list"), ("{", "is not JSON"), ("{}", "has no 'calls'")],
)
def test_what_is_no_profile(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=f"x.json: {reason}.*; write one with: cfuforge profile"):
        Profile.load(tmp_path / "x.json")


@pytest.mark.parametrize("width", [70, 80, 100, 120, 200])
def test_its_table_fits_the_terminal(found: Profile, width: int) -> None:
    file = io.StringIO()
    print_profile(found, PlainConsole(file=file, width=width))
    table = file.getvalue().partition("\nAll ")[0]
    assert "…" not in table
    assert max(map(len, table.splitlines())) <= width
    for each in (*found.document["layers"], *found.document["functions"][:10]):
        assert f"{each['cycles']:,}" in table
    assert ("hazard" in table) is (width > 105)
    assert "CONV_2D 10x4" in table


def test_frames(found: Profile) -> None:
    for by in ("layers", "functions", "instructions"):
        frame = found.to_frame(by)
        assert frame["cycles"].sum() == sum(each["cycles"] for each in found.to_json()[by])
        assert (frame["load"] <= frame["cycles"]).all()
    with pytest.raises(InputError, match="not 'lines'"):
        found.to_frame("lines")


def test_speedscope(found: Profile) -> None:
    file = speedscope(found.document)
    (profile,) = file["profiles"]
    assert sum(profile["weights"]) == profile["endValue"] == found.cycles
    frames = [frame["name"] for frame in file["shared"]["frames"]]
    names = {frames[stack[-1]] for stack in profile["samples"]}
    assert "multiply_tiles" in names
    assert all(frames[stack[0]] == "inference" for stack in profile["samples"])
    evals = {
        frame["name"].rpartition("/")[2]: frame["file"].rpartition("/")[2]
        for frame in file["shared"]["frames"]
        if "::Eval" in frame["name"]
    }
    assert {"conv.cc", "depthwise_conv.cc", "softmax.cc"} <= set(evals)
    assert all(shown == file for shown, file in evals.items())


def test_chrome_trace(found: Profile) -> None:
    events = [each for each in chrome_trace(found.document)["traceEvents"] if each["ph"] == "X"]
    assert any(each["name"].endswith("::Eval, sw/tflm/kernels/conv.cc") for each in events)
    open_ends: list[float] = []
    hertz = found.document["run"].soc["clock_hz"]
    assert events[0]["dur"] == pytest.approx(found.cycles / hertz * 1e6)
    for event in sorted(events, key=lambda each: (each["ts"], -each["dur"])):
        while open_ends and open_ends[-1] <= event["ts"] + 1e-9:
            open_ends.pop()
        if open_ends:
            assert event["ts"] + event["dur"] <= open_ends[-1] + 1e-6
        open_ends.append(event["ts"] + event["dur"])


def test_command_line(found: Profile, tmp_path: Path) -> None:
    files = {name: tmp_path / f"{name}.json" for name in ("json", "speedscope", "chrome-trace")}
    page = tmp_path / "page.html"
    options = [part for name, file in files.items() for part in (f"--{name}", str(file))]
    found.save(tmp_path / "before.json")
    against = ["--page", str(page), "--against", str(tmp_path / "before.json")]
    done = CliRunner().invoke(app, ["profile", "--cfu", "simd_mac", *against, *options])
    assert done.exit_code == 0, done.output
    saved = valid(files["json"])
    assert saved["layers"] == found.document["layers"]
    again = Profile.load(files["json"]).document
    assert json.loads(files["speedscope"].read_text()) == speedscope(again)
    assert json.loads(files["chrome-trace"].read_text()) == chrome_trace(again)
    assert done.output.count(f"{found.cycles:,}") == 2
    assert found.totals[0]["cost"] in done.output
    assert found.advice[0]["text"] in done.output
    assert f"{found.document['model']['sha256']}" in page.read_text()


def test_files_are_looked_at_before_anything_runs(found: Profile, tmp_path: Path) -> None:
    other = found.to_json()
    other["model"] |= {"name": "another", "sha256": "0"}
    (tmp_path / "other.json").write_text(json.dumps(other))
    both = str(tmp_path / "x")
    for options, text in (
        (["--against", str(tmp_path / "other.json")], "compare runs of one model"),
        (["--page", both, "--json", both], "two outputs would go to"),
    ):
        done = CliRunner().invoke(app, ["profile", *options])
        assert isinstance(done.exception, InputError)
        assert text in str(done.exception)
