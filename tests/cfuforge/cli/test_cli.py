"""The command line: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import io
import json
import platform
import re
import time
from pathlib import Path

import numpy as np
import pytest

from cfuforge import Comparison
from cfuforge.cli import app as cli
from cfuforge.cli.terminal import PlainConsole
from cfuforge.soc.board import BOARDS
from cfuforge.sw import models
from support.documents import valid
from support.graph import Graph, Quantisation, Tensor, changed, project
from support.operators import copying_model


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr("sys.argv", ["cfuforge", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit_:
        cli.run()
    return int(exit_.value.code or 0)


def test_sim_prints_the_table_and_writes_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    assert run(monkeypatch, "sim", "--json", path) == 0
    text = capsys.readouterr().out
    value = valid(path)
    comparison = Comparison.load(path)

    assert comparison.exact
    assert value["oracle"]["outputs_match"] is True
    assert value["model"] == {
        "name": "kws",
        "sha256": json.loads(models.KWS_FACTS.read_text())["sha256"],
        "bytes": models.KWS_MODEL.stat().st_size,
        "macs": 2_656_768,
    }
    assert value["input"]["name"] == "right_6.npy"
    assert value["design"] == value["cfu"]["design"]
    assert value["soc"]["name"] == "sim"
    assert value["soc"]["memories"] == {"main_ram": [0x4000_0000, 16 << 20]}
    compilers = {"simulator compiler", "firmware compiler"}
    assert {"verilator", "litex", "cfuforge", *compilers} <= set(value["tools"])
    assert value["outputs"] == value["oracle"]["outputs"]
    assert f"{comparison.plain.cycles:,}" in text
    assert "Largest score: right." in text
    for name in ("plain", "cfu"):
        part = value[name]
        assert {"design", "soc", "tools", "wall_seconds", "simulated_hertz"} <= set(part)
        assert len(part["layers"]) == 13
        assert sum(layer["macs"] for layer in part["layers"]) == 2_656_768
        runtime = part["cycles"] - sum(layer["cycles"] for layer in part["layers"])
        assert 0 < runtime < 13 * 500
    assert value["speed_up"] == pytest.approx(value["plain"]["cycles"] / value["cfu"]["cycles"])
    assert value["cfu"]["design"]["name"] == "simd_mac"
    assert json.loads(json.dumps(comparison.to_json())) == value


def test_the_python_api_takes_arrays(capsys: pytest.CaptureFixture[str]) -> None:
    from cfuforge import simulate

    comparison = simulate(inputs=np.load(models.kws_inputs()[1]), cfu="none")
    assert comparison.cfu is None
    assert comparison.exact
    assert np.argmax(comparison.plain.outputs[0]) == 1
    assert capsys.readouterr().out == ""


def test_a_wav_is_an_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "sim", "--cfu", "none", "--input", models.KWS_WAV) == 0
    assert "Largest score: yes." in capsys.readouterr().out


def test_sim_takes_several_inputs_and_labels(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, labels = tmp_path / "run.json", tmp_path / "labels.txt"
    labels.write_text("".join(f"class {index}\n" for index in range(8)))
    for index in (5, 3):
        np.save(tmp_path / f"{index}.npy", np.eye(8, dtype=np.int8)[index].reshape(1, 1, 1, 8))
    arguments = ("--cfu", "none", "--model", copying_model(tmp_path, 1, 1), "--labels", labels)
    inputs = ("--input", tmp_path / "5.npy", "--input", tmp_path, "--count", 1)
    assert run(monkeypatch, "sim", *arguments, *inputs, "--json", path) == 0
    text = capsys.readouterr().out
    assert "5.npy (and 3 more)" in text
    assert "All 8 values of the 1 layer of each of the 4 inputs equal tflite-micro" in text
    assert "Largest scores: 5.npy class 5, 3.npy class 3, 5.npy class 5, random (seed 0)" in text
    comparison, value = Comparison.load(path), valid(path)
    assert [other.name for other in comparison.others] == ["3.npy", "5.npy", "random (seed 0)"]
    assert comparison.exact
    assert len(value["others"][0]["cycles"]) == 1
    assert value["wrong_layer"] == ""


def test_a_mismatch_names_the_first_wrong_layer(
    faulty: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    np.save(tmp_path / "x.npy", np.full((1, 3, 4, 8), 6, np.int8))
    path = tmp_path / "run.json"
    model = copying_model(tmp_path, 3, 4)
    arguments = ("--model", model, "--input", tmp_path / "x.npy", "--json", path)
    assert run(monkeypatch, "sim", *arguments, "--cfu", "faulty:fault=6") == 1
    text = capsys.readouterr().out
    assert "differ from tflite-micro" in text
    assert "1 value with faulty:fault=6 on x.npy" in text
    where = (
        "operator 0 CONV_2D by faulty/conv_s8, output 'output': 1 of 96 values differ, first at "
    )
    found = f"is {where}[0, 2, 0, 6]: 6 expected, 7 got. It is so on this machine too; "
    assert f"The first wrong layer of x.npy with faulty:fault=6 {found}" in text
    assert where in valid(path)["wrong_layer"]


def hiding_model(folder: Path) -> Path:
    """Return the file of a 1x1 convolution that copies, before the maximum of each channel."""
    graph, one = Graph(), Quantisation((1.0,))
    shape, weights = (1, 3, 4, 8), np.eye(8, dtype=np.int8).reshape(8, 1, 1, 8)
    given, middle = (graph.tensor(Tensor(shape, one, name=name)) for name in ("input", "middle"))
    filter_ = graph.tensor(Tensor(weights.shape, one, weights, name="weights"))
    found = graph.tensor(Tensor((1, 1, 1, 8), one, name="maxima"))
    step = {"padding": 1, "strideW": 1, "strideH": 1, "fusedActivationFunction": 0}
    graph.operator("CONV_2D", [given, filter_], [middle], **step)
    graph.operator("MAX_POOL_2D", [middle], [found], filterHeight=3, filterWidth=4, **step)
    path = folder / "hide.tflite"
    path.write_bytes(graph.model("hide", [given], [found]).data)
    return path


@pytest.mark.parametrize(
    ("command", "fault", "got"),
    [
        pytest.param("sim", 13, 14, id="sim-hardware"),
        pytest.param("sim", 6, 7, id="sim-kernel", marks=pytest.mark.long),
        pytest.param("profile", 13, 14, id="profile-hardware", marks=pytest.mark.long),
        pytest.param("profile", 6, 7, id="profile-kernel"),
        pytest.param("run", 13, 14, id="run-hardware", marks=pytest.mark.long),
        pytest.param("run", 6, 7, id="run-kernel"),
    ],
)
def test_a_wrong_layer_behind_right_outputs(
    faulty: None,
    command: str,
    fault: int,
    got: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    array = np.full((1, 3, 4, 8), 6, np.int8)
    array[0, 0, 0] = 20
    np.save(tmp_path / "x.npy", array)
    path = tmp_path / "x.json"
    arguments = ("--model", hiding_model(tmp_path), "--input", tmp_path / "x.npy", "--json", path)
    target = ("--target", "sim") if command == "run" else ()
    assert run(monkeypatch, command, *arguments, *target, "--cfu", f"faulty:fault={fault}") == 1
    text = capsys.readouterr().out
    assert re.search("[Ll]ayers differ from tflite-micro", text)
    assert "is operator 0 CONV_2D by " in text
    assert f"first at [0, 2, 0, 6]: 6 expected, {got} got" in text
    assert "bit for bit" not in text
    oracle = valid(path)
    assert (
        "operator 0 CONV_2D"
        in (oracle["oracle"] if command == "profile" else oracle)["wrong_layer"]
    )


def test_a_missing_model(refused) -> None:  # type: ignore[no-untyped-def]
    assert "nowhere.tflite" in refused("sim", "--model", "nowhere.tflite")


def test_no_tflite(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.tflite"
    path.write_bytes(b"this is no model at all")
    assert str(path) in refused("sim", "--model", path)


def test_a_truncated_model(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.tflite"
    path.write_bytes(models.KWS_MODEL.read_bytes()[:20_000])
    assert str(path) in refused("sim", "--model", path)


def test_an_unsupported_operator(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "projection.tflite"
    path.write_bytes(changed(models.KWS_MODEL.read_bytes(), project))
    line = refused("sim", "--model", path, "--cfu", "none")
    assert "LSH_PROJECTION" in line
    assert "12" in line


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((1, 49, 11, 1), np.int8), r"must have the shape 1x49x10x1, not 1x49x11x1"),
        (np.zeros((1, 10, 49, 1), np.int8), r"must have the shape 1x49x10x1, not 1x10x49x1"),
        (np.zeros((1, 49, 10, 1), np.int16), r"must be int8, not int16"),
    ],
)
def test_an_input_that_does_not_fit(refused, tmp_path, array, words) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.npy"
    np.save(path, array)
    assert re.search(words, refused("sim", "--input", path))


def test_an_input_that_is_no_array(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.npy"
    path.write_text("hello")
    assert "is not a .npy file" in refused("sim", "--input", path)
    assert "does not exist" in refused("sim", "--input", tmp_path / "y.npy")
    line = refused("sim", "--input", models.KWS_MODEL)
    assert "must be a .npy, .npz, .bin, .raw, .wav, .png, .jpg, .jpeg or .bmp file" in line
    assert "not '.tflite'" in line


def test_a_class_that_is_no_cfu(refused) -> None:  # type: ignore[no-untyped-def]
    assert "pathlib" in refused("sim", "--cfu", "pathlib:Path")
    assert "simd_mac" in refused("sim", "--cfu", "unheard_of")
    assert "nonsense" in refused("sim", "--cfu", "simd_mac:nonsense=3")
    assert "rows" in refused("sim", "--cfu", "simd_mac:rows=three")


def test_an_unknown_board(refused) -> None:  # type: ignore[no-untyped-def]
    said = refused("sim", "--board", "moon")
    assert f"must be one of {', '.join(sorted(BOARDS))}, not 'moon'" in said


def test_an_unknown_family(refused) -> None:  # type: ignore[no-untyped-def]
    line = refused("sim", "--after-synthesis", "ecp5")
    assert line == "error: a netlist must be for ice40 or xc7, not 'ecp5'"


def test_an_unwritable_cache(refused, monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder is wanted")
    monkeypatch.setenv("CFUFORGE_CACHE", str(blocked / "cache"))
    line = refused("sim")
    assert str(blocked) in line
    assert "CFUFORGE_CACHE" in line


def test_another_platform(refused, monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path))
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert "needs Linux on x86-64, not Linux on aarch64" in refused("sim")


def test_missing_host_tools(command, capsys, monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("cfuforge.setup.INCLUDES", [tmp_path])
    monkeypatch.setattr("cfuforge.setup._may_install", lambda: False)
    assert command("setup") == 0
    note = capsys.readouterr().err
    assert note.startswith("note: waveforms can be written as .vcd, not as .fst: ")
    assert "apt-get install -y liblz4-dev zlib1g-dev" in note


def test_only_the_sanitizer_needs_debians_compiler(refused, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "apt-get install g++" in refused("check", "--sanitize", "--cfu", "none")


def test_an_unwritable_report(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "cannot be written" in refused("sim", "--cfu", "none", "--json", tmp_path / "a" / "b")
    assert f"{tmp_path} cannot be written: it is a folder" in refused("check", "--json", tmp_path)


@pytest.mark.parametrize("name", ["sim", "profile"])
@pytest.mark.parametrize("window", ["5", "7:7", "x:9", "layer=x", "pc="])
def test_a_trace_window(refused, window: str, name: str) -> None:  # type: ignore[no-untyped-def]
    line = refused(name, "--trace", window)
    assert "pc=FUNCTION#CALL or FIRST:END in cycles, such as layer=7" in line
    assert repr(window) in line


def test_a_trace_of_nothing(refused) -> None:  # type: ignore[no-untyped-def]
    for name in ("sim", "profile"):
        assert "needs --trace layer=N" in refused(name, "--trace-file", "y.fst")
    assert "kws has layers 0 to 12, but no layer=13" in refused("sim", "--trace", "layer=13")
    assert "near it: " in refused("sim", "--trace", "pc=nn_conv_s9")


@pytest.mark.parametrize("name", ["sim", "profile"])
def test_a_trace_of_a_layer(command, capsys, monkeypatch, tmp_path: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    arguments = ("--model", copying_model(tmp_path, 3, 4), "--cfu", "none", "--json", "run.json")
    assert command(name, *arguments, "--trace", "layer=0", "--trace-file", "x.vcd") == 0
    run = json.loads(Path("run.json").read_text())["plain" if name == "sim" else "run"]
    wave = run["waveform"]
    assert wave["cycles"] == run["layers"][0]["cycles"]
    megabytes = Path("x.vcd").stat().st_size / 1e6
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"{wave['cycles']:,} cycles from cycle {wave['first']:,} are in x.vcd, {megabytes:.2f} MB. "
        "To view them: gtkwave x.gtkw, or surfer -c x.sucl"
    )
    monkeypatch.setattr("cfuforge.sim.verilate.missing_fst_libraries", lambda: ["liblz4-dev"])
    assert command(name, *arguments, "--trace", "layer=0") == 1
    assert "an FST waveform needs liblz4-dev, a .vcd does not" in capsys.readouterr().err


def test_a_board_on_a_line_has_no_waveform(refused) -> None:  # type: ignore[no-untyped-def]
    line = refused("run", "--target", "/dev/ttyACM0", "--trace", "layer=7")
    assert "--trace needs a simulated SoC, not /dev/ttyACM0" in line
    assert "cfuforge sim --trace layer=7" in line


def test_a_trace_that_cannot_be(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    nowhere = tmp_path / "nowhere" / "x.vcd"
    assert "there is no folder" in refused("sim", "--trace", "1:2", "--trace-file", nowhere)
    (tmp_path / "folder.vcd").mkdir()
    line = refused("sim", "--trace", "1:2", "--trace-file", tmp_path / "folder.vcd")
    assert "cannot be written" in line
    small = ("--model", copying_model(tmp_path, 3, 4), "--cfu", "none")
    trace = ("--trace", "99000000:99000001", "--trace-file", tmp_path / "x.vcd")
    assert "a trace must begin before that, not at 99,000,000" in refused("sim", *small, *trace)
    assert "must end in .fst or .vcd" in refused("sim", "--trace", "1:2", "--trace-file", "x.txt")


@pytest.mark.parametrize("name", ["my-cfu", "class", "json", "simd_mac"])
def test_new_refuses_a_name(refused, monkeypatch, tmp_path: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert repr(name) in refused("new", name)
    assert not list(tmp_path.iterdir())


def test_new_refuses_an_existing_folder(refused, monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    assert "already exists" in refused("new", "taken")


def test_the_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--version") == 0
    assert re.fullmatch(r"cfuforge \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_result_from_the_cache_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["--model", copying_model(tmp_path, 3, 4), "--json", tmp_path / "x"]
    limit = ["--max-cycles", 500_000_000 + time.time_ns() % 1_000_000_000]  # part of the key
    for fresh in (True, False):
        assert run(monkeypatch, "sim", *arguments, *limit) == 0
        value = valid(tmp_path / "x")
        assert [value[name]["cached"] for name in ("plain", "cfu")] == [not fresh] * 2
        assert ("Nothing has changed" in capsys.readouterr().out) is not fresh


def test_layers_as_a_frame() -> None:
    from cfuforge import simulate

    frame = simulate(cfu="none").plain.to_frame()
    assert list(frame["operator"])[:2] == ["CONV_2D", "DEPTHWISE_CONV_2D"]
    assert frame["macs"].sum() == 2_656_768


def test_both_runs_layers_as_a_frame() -> None:
    from cfuforge import simulate

    comparison = simulate(cfu="simd_mac")
    assert comparison.cfu
    frame = comparison.to_frame()
    assert list(frame["plain"]) == [layer.cycles for layer in comparison.plain.layers]
    assert list(frame["cfu"]) == [layer.cycles for layer in comparison.cfu.layers]
    first = frame.iloc[0]
    assert (first["operator"], first["filter"], first["output"]) == ("CONV_2D", "10x4", "25x5x64")
    assert first["by"] == "simd_mac/conv_s8"
    alone = simulate(cfu="none").to_frame()
    assert list(alone["plain"]) == list(frame["plain"])
    assert alone["cfu"].isna().all()


def test_describe_in_a_terminal_has_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(cli, "out", PlainConsole(file=screen, force_terminal=True, width=100))
    assert run(monkeypatch, "describe", "simd_mac") == 0
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in screen.getvalue().splitlines()]
    assert max(map(len, lines)) <= 100
    assert not any(line.startswith("|") for line in lines)
    assert any(re.match(r" requantise\[r\] +3 +r: 0\.\.3, row", line) for line in lines)


def test_describe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "describe", "simd_mac") == 0
    assert "| `dot[" in capsys.readouterr().out
    assert run(monkeypatch, "describe", "simd_mac", "--header") == 0
    assert '#define CFU_NAME "simd_mac"' in capsys.readouterr().out


def test_the_cache_tells_its_place_and_size(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path))
    entry = tmp_path / f"model-{0:032x}"
    entry.mkdir()
    (entry / "x").write_bytes(bytes(2_500_000))
    assert run(monkeypatch, "cache", "info") == 0
    text = capsys.readouterr().out
    assert f"{tmp_path}: 2.5 MB" in text
    assert "model" in text
    assert run(monkeypatch, "cache", "clear") == 0
    assert "2.5 MB freed" in capsys.readouterr().out
    assert run(monkeypatch, "cache", "info") == 0
    assert ": 0.0 MB" in capsys.readouterr().out
