"""Waveforms of a layer or a call: the right cycles, and nothing else changed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board
from cfuforge.base.errors import InputError, RunError
from cfuforge.sim import verilate
from cfuforge.sim.simulator import SIGNALS, Stop
from cfuforge.sim.trace import view as wave_view
from cfuforge.sim.trace.tracing import Trace, TracingSimulator
from cfuforge.sim.trace.view import rows
from cfuforge.sim.trace.window import CallWindow, LayerWindow, function_named, parse_window
from cfuforge.soc.cpu import CPUS
from cfuforge.soc.cpu_verilog import cpu_module
from cfuforge.soc.generate import Soc
from cfuforge.sw.elf import Firmware
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.run import Run

FUNCTION = ".type {0}, @function\n.globl {0}\n{0}:\n{1}\n.size {0}, . - {0}\n"
CALLS = "".join(
    FUNCTION.format(name, body)
    for name, body in {
        "_start": "li sp, 0x40010000\njal nn_leaf\njal mcycle\njal Invoke\njal mcycle\n1: j 1b",
        "mcycle": "csrr a0, mcycle\nret",
        "BeginEvent": "csrr a0, mcycle\nret",
        "EndEvent": "nop\ncsrr a0, mcycle\nret",
        # Calls, a call through a pointer, a tail call, a call of itself; a layer around each.
        "Invoke": """addi sp, sp, -16
            sw ra, 0(sp)
            jal BeginEvent
            jal nn_leaf
            jal EndEvent
            jal BeginEvent
            la t0, nn_outer
            jalr t0
            jal EndEvent
            jal BeginEvent
            li a0, 3
            jal itself
            jal EndEvent
            lw ra, 0(sp)
            addi sp, sp, 16
            j tail""",
        "nn_leaf": "ret",
        # The loop is back to the first instruction: one call.
        "nn_outer": """addi a1, a1, 1
            sltiu a2, a1, 5
            bnez a2, nn_outer
            addi sp, sp, -16
            sw ra, 0(sp)
            jal nn_leaf
            lw ra, 0(sp)
            addi sp, sp, 16
            outer_end: j nn_leaf""",
        "itself": """beqz a0, 1f
            addi a0, a0, -1
            addi sp, sp, -16
            sw ra, 0(sp)
            jal itself
            lw ra, 0(sp)
            addi sp, sp, 16
            1: ret""",
        "tail": "nop\nret",
        "nn_alone": "ret",
    }.items()
).removeprefix(".type _start, @function\n.globl _start\n_start:\n")
# From which instruction's retirement on, and whose is the last; and which of each, in the program
# after its first mcycle. A label's +n is the n-th instruction behind it.
EXPECTED = {
    LayerWindow(0): (("BeginEvent", 0), ("EndEvent+1", 0)),
    LayerWindow(2): (("BeginEvent", 2), ("EndEvent+1", 2)),
    CallWindow("leaf", 1): (("Invoke+3", 0), ("nn_leaf", 0)),
    CallWindow("nn_leaf", 3): (("outer_end", 0), ("nn_leaf", 2)),
    CallWindow("outer", 1): (("Invoke+8", 0), ("nn_leaf", 2)),
    CallWindow("itself", 1): (("Invoke+12", 0), ("itself+7", 3)),
    CallWindow("itself", 3): (("itself+4", 1), ("itself+7", 1)),
    CallWindow("Invoke", 1): (("_start+3", 0), ("tail+1", 0)),
}


def need(kind: str) -> None:
    if kind == "fst" and verilate.missing_fst_libraries():
        pytest.skip("the FST writer's libraries are missing: apt-get install liblz4-dev zlib1g-dev")


@pytest.mark.parametrize(
    "cpu",
    [
        pytest.param(cpu, marks=() if cpu in ("full+cfu", "small+mul+cfu") else pytest.mark.long)
        for cpu in CPUS
    ],
)
def test_windows_are_where_the_program_is(
    cpu: str, soc_with: Callable[[str], Soc], program: Callable[[str], Firmware]
) -> None:
    soc, firmware = soc_with(cpu), program(CALLS)

    def started() -> TracingSimulator:
        simulator = TracingSimulator(soc, Design.load("none").verilog_file(), "vcd")
        simulator.load(firmware)
        simulator.reset()
        return simulator

    stepped, retired = started(), []
    for _ in range(8_000):
        assert stepped.run(1) == Stop.BUDGET_SPENT
        if not stepped.state().idle:
            retired.append((stepped.state().cycles, stepped.state().pc))
    begin = next(at for at, (_, pc) in enumerate(retired) if pc == firmware.symbols["mcycle"])

    def cycle(label: str, number: int) -> int:
        name, _, instructions = label.partition("+")
        address = firmware.symbols[name] + 4 * int(instructions or 0)
        return [cycles for cycles, pc in retired[begin:] if pc == address][number]

    for window, (first, last) in EXPECTED.items():
        found = started().find(window, firmware, 8_000)
        assert found.cycles == range(cycle(*first), cycle(*last)), window


def test_windows_that_do_not_occur(soc: Soc, program: Callable[[str], Firmware]) -> None:
    firmware = program(CALLS)
    for window, count in {
        CallWindow("nn_leaf", 4): 3,  # the fourth is before the inference
        CallWindow("nn_alone", 1): 0,
        LayerWindow(3): 3,
    }.items():
        simulator = TracingSimulator(soc, Design.load("none").verilog_file(), "vcd")
        simulator.load(firmware)
        simulator.reset()
        found = simulator.find(window, firmware, 20_000)
        assert (found.cycles, found.count) == (None, count), window


def test_what_a_user_says() -> None:
    assert parse_window("layer=7") == LayerWindow(7)
    assert parse_window("pc=conv_s8") == CallWindow("conv_s8", 1)
    assert parse_window("pc=a::b#3") == CallWindow("a::b", 3)
    assert parse_window("10:20") == range(10, 20)
    for bad in ("layer=-1", "layer=", "pc=", "pc=a#0", "pc=a#b", "20:10", "conv_s8", ""):
        with pytest.raises(InputError, match=f"not {re.escape(repr(bad))}"):
            parse_window(bad)
    with pytest.raises(InputError, match=r"must end in \.fst or \.vcd, not 'x.wave'"):
        Trace("layer=7", Path("x.wave"))


@pytest.fixture(scope="module")
def kws() -> Model:
    return Model.read(KWS_MODEL)


@pytest.fixture(scope="module")
def target() -> SimTarget:
    return SimTarget(Design.load("simd_mac"), board("sim"))


@pytest.fixture(scope="module")
def inputs(kws: Model) -> list[np.ndarray]:
    return [np.random.default_rng(3).integers(-128, 128, kws.inputs[0].shape, np.int8)]


@pytest.fixture(scope="module")
def untraced(target: SimTarget, kws: Model, inputs: list[np.ndarray]) -> Run:
    return target.run(kws, inputs)


def test_functions_by_name(target: SimTarget) -> None:
    firmware = target.firmware
    conv = function_named(firmware, "nn_conv_s8")
    assert conv.start == firmware.symbols["nn_conv_s8"]
    assert function_named(firmware, "conv_s8") == conv
    assert firmware.function(function_named(firmware, "Invoke").start).endswith("::Invoke")
    assert function_named(firmware, f"{conv[8]:#x}") == range(conv[8], conv[12])
    for name, said in {
        "conv_s9": r"no function 'conv_s9', or .*near it: nn_conv_s8",
        "Eval": r"functions are called Eval; name one by its address, pc=ADDRESS: 0x",
        "0x40000001": "no instruction of a function at 0x40000001",
        "0x10": "no instruction of a function at 0x10",
    }.items():
        with pytest.raises(InputError, match=said):
            function_named(firmware, name)


def test_a_layer_or_function_that_is_not_there(
    target: SimTarget, kws: Model, inputs: list[np.ndarray]
) -> None:
    for text, said in {
        "layer=13": "kws has layers 0 to 12, but no layer=13",
        "pc=conv_s9": "no function 'conv_s9'",
        "pc=conv_s8#9": r"no pc=conv_s8#9 to trace: the inference gets there 5 times",
        "pc=firmware_main": "no pc=firmware_main to trace: the inference gets there 0 times",
    }.items():
        with pytest.raises(InputError, match=said):
            target.run(kws, inputs, trace=Trace(text, Path("never.vcd")))
    assert not Path("never.vcd").exists()


@pytest.mark.parametrize("kind", [pytest.param("fst", marks=pytest.mark.long), "vcd"])
def test_a_layer_and_nothing_else(
    kind: str,
    target: SimTarget,
    kws: Model,
    inputs: list[np.ndarray],
    untraced: Run,
    tmp_path: Path,
) -> None:
    need(kind)
    path = tmp_path / f"x.{kind}"
    run = target.run(kws, inputs, trace=Trace("layer=11", path))
    assert (run.cycles, run.layers) == (untraced.cycles, untraced.layers)
    assert (run.outputs, run.simulated_cycles) == (untraced.outputs, untraced.simulated_cycles)
    wave = run.waveform
    assert wave
    assert (wave.file, wave.bytes) == (str(path), path.stat().st_size)
    assert wave.cycles == run.layers[11].cycles
    assert Run.from_json(run.to_json()) == run

    text = as_vcd(path)
    ids = signals(text)
    times = [int(line[1:]) for line in text.splitlines() if line.startswith("#")]
    assert (times[0], times[-1]) == (
        10_000 * wave.first,
        10_000 * (wave.first + wave.cycles) - 5_000,
    )
    assert text.count(f"\n1{ids['TOP.soc.clk']}\n") == wave.cycles

    names = {row.signal for row in rows(target.soc.cpu)}
    assert names <= set(ids)
    save, commands = (Path(view).read_text() for view in wave.views)
    assert set(re.findall(r"^\+\{.*\} ([\w.]+)", save, re.MULTILINE)) == names
    assert set(re.findall(r"^variable_add (.*)", commands, re.MULTILINE)) == names


def test_views_name_instructions_and_functions(
    target: SimTarget, kws: Model, inputs: list[np.ndarray], tmp_path: Path
) -> None:
    path = tmp_path / "x.vcd"
    run = target.run(kws, inputs, trace=Trace("pc=fully_connected_s8", path))
    assert run.waveform
    assert run.waveform.cycles < run.layers[11].cycles
    save, commands = (Path(view).read_text() for view in run.waveform.views)
    assert str(tmp_path) not in save + commands  # the folder may be moved, or sent to others
    tables = [tmp_path / table for table in re.findall(r"^\^1 (.*)", save, re.MULTILINE)]
    assert {table.name for table in tables} <= set(re.findall(r"item_set_format (.*)", commands))
    for table in tables:
        assert table.parent == tmp_path / ".surfer" / "mappings"  # where Surfer looks
    functions, disassembly, instructions = (
        dict(line.split(" ", 1) for line in table.read_text().splitlines()[2:]) for table in tables
    )
    start = target.firmware.symbols["nn_fully_connected_s8"]
    assert functions[str(start)] == "nn_fully_connected_s8"
    assert str(start + 4) not in functions
    assert {text.split()[0] for text in disassembly.values()} >= {"lw", "sw", "cfu", "jal"}
    assert any(text.startswith("cfu dot[0] ") for text in disassembly.values())
    for instruction in target.design.instructions:
        for number in instruction.function_ids:
            assert instructions[str(number)] == target.design.function_name(number)
    assert "dot[0]" in instructions.values()

    # Every row of the command file is renamed where it was put.
    lines = commands.splitlines()
    placed = [line for line in lines if line.startswith(("divider_add", "variable_add"))]
    focused = [line.split()[1].split("_", 1) for line in lines if line.startswith("item_focus")]
    assert [placed[int(place, 16)] for place, _ in map(hexadecimal, focused)] == [
        f"variable_add {signal}" for _, signal in focused
    ]


def test_the_function_in_a_waveform(
    target: SimTarget, kws: Model, inputs: list[np.ndarray], tmp_path: Path
) -> None:
    path = tmp_path / "x.vcd"
    run = target.run(kws, inputs, trace=Trace("layer=11", path))
    text, firmware = path.read_text(), target.firmware
    module = SIGNALS[cpu_module(target.soc.cpu)]
    ids = signals(text)
    core = f"TOP.soc.{cpu_module(target.soc.cpu)}"
    names = {
        ids[f"{core}.{module['PC']}"]: "pc",
        ids[f"{core}.{module['RETIRES']}"]: "retires",
        ids[wave_view.FUNCTION]: "function",
    }
    now, seen, changes = dict.fromkeys(names.values(), 0), set(), 0
    for step in text[text.index("$enddefinitions") :].split("\n#")[1:]:
        for value, name in re.findall(r"^b?([01]+) ?(\S+)$", step, re.MULTILINE):
            if name in names:
                changes += names[name] == "function"
                now[names[name]] = int(value, 2)
        if now["retires"]:
            number = firmware.function_number(now["pc"])
            assert now["function"] == firmware.function_extent(number).start
            seen.add(firmware.function_name(number))
    assert "nn_fully_connected_s8" in seen
    assert run.waveform
    assert len(seen) <= changes < run.waveform.cycles / 20


def test_gtkwave_opens_what_is_moved(
    target: SimTarget, kws: Model, inputs: list[np.ndarray], tmp_path: Path
) -> None:
    if shutil.which("gtkwave") is None or shutil.which("xvfb-run") is None:
        pytest.skip("gtkwave is opened on a screen of xvfb: apt-get install gtkwave xvfb")
    (tmp_path / "a").mkdir()
    target.run(kws, inputs, trace=Trace("layer=11", tmp_path / "a" / "x.vcd"))
    moved = (tmp_path / "a").rename(tmp_path / "moved here")
    (moved / "say.tcl").write_text(
        "gtkwave::setMarker [expr [gtkwave::getWindowStartTime] + 300000]\n"
        "for {set i 0} {$i < 12} {incr i} {\n"
        'catch {puts "VALUE [gtkwave::getTraceValueAtMarkerFromIndex $i]"}\n'
        "}\n"
        "flush stdout\n"
        "gtkwave::/File/Quit\n"
    )
    done = subprocess.run(
        ["xvfb-run", "-a", "gtkwave", "-S", "say.tcl", "x.gtkw"],
        cwd=moved,
        capture_output=True,
        text=True,
        timeout=300,
    )
    values = set(re.findall("^VALUE (.*)", done.stdout, re.MULTILINE))
    for kind in ("function", "disassembly"):
        table = moved / ".surfer" / "mappings" / f"x-{kind}"
        names = {line.partition(" ")[2] for line in table.read_text().splitlines()[2:]}
        assert values & names, done.stdout + done.stderr


def test_a_cfu_that_hangs_in_the_window_is_traced(
    kws: Model, inputs: list[np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[1])
    target = SimTarget(Design.load("faulty:fault=0"), board("sim"))
    path = tmp_path / "x.vcd"
    with pytest.raises(RunError) as caught:
        target.run(kws, inputs, patience=2_000, trace=Trace("layer=0", path))
    assert re.search(r"did not answer cfu work.*; its waveform is in .*x\.vcd$", str(caught.value))
    text = path.read_text()
    ids = signals(text)
    last = text[text.rindex(f"1{ids['TOP.soc.Cfu.cmd_valid']}\n") :]
    assert last.count("#") > 2 * 2_000  # to the end of the patience, and
    assert f"1{ids['TOP.soc.Cfu.rsp_valid']}\n" not in text


def hexadecimal(item: list[str]) -> tuple[str, str]:
    place, signal = item
    return "".join(f"{ord(letter) - ord('a'):x}" for letter in place), signal


def as_vcd(path: Path) -> str:
    if path.suffix == ".vcd":
        return path.read_text()
    if shutil.which("fst2vcd") is None:
        pytest.skip("fst2vcd reads the file back: apt-get install gtkwave")
    vcd = path.with_suffix(".back")
    subprocess.run(["fst2vcd", "-f", str(path), "-o", str(vcd)], check=True, capture_output=True)
    return vcd.read_text()


def signals(vcd: str) -> dict[str, str]:
    """Return the id of each signal, by its path."""
    scopes, ids = [], {}
    for line in vcd[: vcd.index("$enddefinitions")].splitlines():
        words = line.split()
        if words[:1] == ["$scope"]:
            scopes.append(words[2])
        elif words[:1] == ["$upscope"]:
            scopes.pop()
        elif words[:1] == ["$var"]:
            ids[".".join([*scopes, words[4]])] = words[3]
    return ids
