"""`cfuforge model inspect`."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from cfuforge import Model, simulate
from cfuforge.cli.terminal import PlainConsole
from cfuforge.inspection.inspect import EVAL_TENSOR_BYTES, NODE_BYTES, inspect
from cfuforge.inspection.lifetimes import lifetimes_text
from cfuforge.inspection.measured import Measured
from cfuforge.inspection.table import print_inspection
from cfuforge.sw import models, objects
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.memory_plan import Buffer, memory_plan, peak, planned_bytes
from cfuforge.sw.toolchain import Source, rv32_compiler
from support.documents import valid
from support.graph import Graph, Quantisation, Tensor, changed, project
from support.operators import transpose_conv


def altered(tmp_path: Path) -> Path:
    """Return the sample model with an operator that nobody has, and one without stride."""

    def alter(file: Any) -> None:
        project(file)
        file.subgraphs[0].operators[3].builtinOptions.strideW = 0

    path = tmp_path / "altered.tflite"
    path.write_bytes(changed(models.KWS_MODEL.read_bytes(), alter))
    return path


def test_long_names() -> None:
    date, tools = "2026-01-01 00:00", {"cfuforge": "0.1.0"}
    run = Measured(
        *("a.module:A.<locals>.Class" * 6, "board" * 6, 83_333_333),
        *(99_999_999_999, 9_999_999, date, tools),
    )
    console = PlainConsole(record=True, width=100, file=io.StringIO())
    print_inspection(replace(inspect(), runs=(run,)), console)
    text = console.export_text()
    assert max(len(line) for line in text.splitlines()) <= 100
    assert text.replace("\n", "").count("<") == run.design.count("<")  # nothing is left out


def test_the_sample(command, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    runs = simulate(cfu="simd_mac")
    files = tmp_path / "x.json", tmp_path / "x.svg"
    designs = ("--cfu", "simd_mac", "--cfu", "none")
    assert command("model", "inspect", *designs, "--json", files[0], "--svg", files[1]) == 0
    text = capsys.readouterr().out
    value = valid(files[0])

    assert "All 13 operators run." in text
    assert max(len(line) for line in text.splitlines()) <= 100
    assert re.search(r" 2  CONV_2D 1x1 relu +25x5x64 +25x5x64 +512,000 +4,352 +yes", text)
    assert value["macs"] == 2_656_768
    assert value["supported"] is True
    with_cfu, plain = value["arenas"]
    assert runs.cfu is not None
    assert (with_cfu["total"], plain["total"]) == (runs.cfu.arena_bytes, runs.plain.arena_bytes)
    for arena in (with_cfu, plain):
        names = ("activations", "scratch", "persistent", "tables", "prepared")
        parts = [arena[name] for name in names]
        assert sum(parts) == arena["total"]
        assert min(parts) >= 0
        assert arena["activations"] == 16_000
    assert plain["scratch"] == 0
    assert with_cfu["scratch"] > 0
    latest = {(run["design"], run["board"]): run["cycles"] for run in value["runs"]}
    assert latest.keys() >= {("none", "sim"), (runs.cfu.design["spec"], "sim")}
    assert f"{latest['none', 'sim']:,}" in text
    picture = ElementTree.fromstring(files[1].read_text())
    assert len(picture.findall("{*}rect")) == len(value["plan"])


def test_a_model_that_does_not_run(command, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.json"
    assert command("model", "inspect", altered(tmp_path), "--json", path) == 0
    text = capsys.readouterr().out
    assert "This model does not run: LSH_PROJECTION (operator 12) is not supported" in text
    assert "11 of 13 operators would run" in text
    assert "operator 3: DEPTHWISE_CONV_2D: width: stride 0" in text
    assert "operator 12: LSH_PROJECTION is not supported" in text
    assert re.search(r"12  LSH_PROJECTION .* no", text)
    value = valid(path)
    assert value["supported"] is False
    lacks = [each["index"] for each in value["operators"] if not each["supported"]]
    assert lacks == [3, 12]


def test_a_model_too_large_for_the_soc(command, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    graph = Graph()
    places = [Tensor((1, 1 << 12, 1 << 12, 1), Quantisation((0.5,)), name=name) for name in "xy"]
    given, made = map(graph.tensor, places)
    graph.operator("ADD", [given, given], [made])
    (tmp_path / "vast.tflite").write_bytes(graph.model("vast", [given], [made]).data)
    assert command("model", "inspect", tmp_path / "vast.tflite") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Tensor arena with none: not known, vast is too large for main RAM" in text
    assert "its inputs 16,777,216, its outputs 16,777,216" in text
    assert "The 1 operator runs." in text


def test_the_input_of_a_transposed_convolution(command, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    model = transpose_conv(
        (1, 5, 4, 2),
        Quantisation((0.5,)),
        np.ones((3, 2, 2, 2), np.int8),
        Quantisation((0.5,)),
        None,
        Quantisation((0.5,)),
        (10, 8),
        padding=0,
        strideW=2,
        strideH=2,
    )
    (tmp_path / "up.tflite").write_bytes(model.data)
    assert command("model", "inspect", tmp_path / "up.tflite") == 0
    assert re.search(r"TRANSPOSE_CONV 2x2 /2 +5x4x2 +10x8x3 ", capsys.readouterr().out)


def test_a_file_that_is_no_model(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.tflite"
    path.write_bytes(b"this is no model at all")
    assert str(path) in refused("model", "inspect", path)
    assert "nowhere.tflite" in refused("model", "inspect", "nowhere.tflite")
    folder = tmp_path / "a" / "b.svg"
    assert "there is no folder" in refused("model", "inspect", "--svg", folder)


def test_the_plan_is_where_tensors_are() -> None:
    model = Model.read(models.KWS_MODEL)
    runtime = HostRuntime(model)
    plan = memory_plan(model, runtime)
    assert planned_bytes(plan) == 16_000
    assert peak(plan) == (16_000, 1)
    assert len(plan) == 14
    for one in plan:
        for other in plan:
            together = one.first <= other.last and other.first <= one.last
            apart = one.offset + one.size <= other.offset or other.offset + other.size <= one.offset
            assert one is other or not together or apart


@pytest.mark.parametrize("operators", [1, 3, 30, 68, 200])
def test_the_picture_fits_and_shows_every_buffer(operators: int) -> None:
    rng = np.random.default_rng(operators)
    buffers = []
    for index in range(operators):
        size = int(rng.integers(1000, 5000))
        buffers.append(Buffer(f"t{index}", False, 5000 * (index % 2), size, index, index))
    lines = lifetimes_text(buffers, operators)
    assert len(lines) == 17
    assert max(map(len, lines)) <= 80
    columns = [line[10:].ljust(70) for line in lines[:-1]]
    wide = len(lines[0]) - 10
    assert all(any(line[column] != " " for line in columns) for column in range(min(wide, 60)))
    assert lines[-1].split()[0] == "0"


def test_the_sizes_are_the_compilers(tmp_path: Path) -> None:
    source = tmp_path / "sizes.cc"
    source.write_text(
        '#include "tensorflow/lite/micro/micro_context.h"\n'
        f"static_assert(sizeof(TfLiteEvalTensor) == {EVAL_TENSOR_BYTES});\n"
        f"static_assert(sizeof(tflite::MicroNode) == {NODE_BYTES});\n"
    )
    folders = objects.runtime_folders()
    rv32_compiler().compile(Source(source), folders, (), tmp_path / "sizes.o")


def test_a_float_model_and_how_to_quantise_it(tmp_path: Path) -> None:
    graph = Graph()
    given, made = (graph.tensor(Tensor((1, 4), dtype="float32", name=name)) for name in "xy")
    graph.operator("LOGISTIC", [given], [made])
    (tmp_path / "real.tflite").write_bytes(graph.model("real", [given], [made]).data)
    console = PlainConsole(record=True, width=200, file=io.StringIO())
    print_inspection(inspect(tmp_path / "real.tflite"), console)
    text = console.export_text()
    assert "This model does not run: this is a float model: its operators compute with" in text
    assert text.count("\n    converter.") == 4
