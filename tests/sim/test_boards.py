"""Boards with DRAM: what the firmware tells it first, and what a model costs there."""

from __future__ import annotations

import ctypes
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from litedram.init import get_sdram_phy_c_header

from cfuforge import Design, Model, SimTarget
from cfuforge.base.errors import InputError
from cfuforge.sim.mailbox import Mailbox, Status
from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.sim.texts import Texts
from cfuforge.soc.board import board
from cfuforge.soc.generate import TOP, Soc
from cfuforge.soc.litex.dram import SimulatedPhy, dram_chip, dram_phy
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.oracle import Oracle

SHARED = Path(__file__).parents[2] / ".." / "shared" / "models"
DRAM_BOARDS = ["arty", "ulx3s"]
first_now = pytest.mark.parametrize(
    "name",
    [
        name if name == "arty" else pytest.param(name, marks=pytest.mark.long)
        for name in DRAM_BOARDS
    ],
)
MODELS = {  # real models, and how many times the cycles of board `sim` they may take
    "mlperf_kws_dscnn_int8": 1.3,
    "mlperf_vww_mnv1_025_96_int8": 1.3,
    "mlperf_ic_resnet8_int8": 1.3,
    "cfupg_mnv2_160_035_int8": 2.0,  # its arena is in the DRAM
}


ENGINES = {  # the same with engine, whose port reaches block RAM and DRAM
    ("arty", "mlperf_kws_dscnn_int8"): 1.3,
    ("arty", "mlperf_vww_mnv1_025_96_int8"): 1.3,
    ("arty", "mlperf_ic_resnet8_int8"): 1.3,
    ("arty", "cfupg_mnv2_160_035_int8"): 2.0,
    ("ulx3s", "mlperf_kws_dscnn_int8"): 1.3,
}


PINS = ["cs_n", "ras_n", "cas_n", "we_n", "address", "bank", "cke", "reset_n"]


class Command(ctypes.Structure):
    """What dram_commands.cpp logs: the cycle, and the pins, 1 for active."""

    _fields_ = [
        ("cycle", ctypes.c_uint64),
        *((name.removesuffix("_n"), ctypes.c_uint32) for name in PINS[1:-1]),
        ("reset_n", ctypes.c_uint32),
    ]


def target(name: str, model: Model, design: str = "simd_mac") -> SimTarget:
    chosen = board(name)
    slim = model if chosen.little_memory else None
    return SimTarget(Design.load(design), chosen, slim=slim)


class CommandLog(Simulator):
    """A simulator that logs the commands that the DRAM gets."""

    harness = Path(__file__).with_name("dram_commands.cpp")

    def __init__(self, soc: Soc, cfu: Path) -> None:
        names = set(re.findall(r"\b(\w*dfi_p0_)cs_n\b", soc.verilog[0].read_text()))
        prefix = min((name for name in names if "sdram" not in name), key=len)  # the PHY's side
        self.defines = [f"DFI=soc__DOT__{prefix}"]
        self.signals = {TOP: [f"{prefix}{name}" for name in PINS]}
        super().__init__(soc, cfu)
        self._library.commands_run.restype = ctypes.c_uint64

    def commands(self, cycles: int) -> list[Command]:
        log = (Command * 1000)()
        count = self._library.commands_run(
            self._handle, ctypes.c_uint64(cycles), log, ctypes.c_uint64(len(log))
        )
        return list(log)[:count]


def commands(target: SimTarget, cycles: int) -> list[Command]:
    """Return the commands that the DRAM gets in the first cycles after reset."""
    simulator = CommandLog(target.soc, target.cfu)
    simulator.load(target.firmware)
    simulator.reset()
    return simulator.commands(cycles)


def generated(name: str) -> list[tuple[dict[str, int], int]]:
    """Return the steps of LiteDRAM's own C header: the pins, and the cycles to wait behind them."""
    phy, chip = dram_phy(board(name)), dram_chip(board(name))
    settings = SimulatedPhy(board(name), phy).settings
    text = get_sdram_phy_c_header(settings, chip.timing_settings, chip.geom_settings)
    steps = []
    control: list[str] = []
    for step in text[text.index("init_sequence(void)") :].split("/*")[1:-1]:
        names = re.findall(r"DFII_(\w+)", step)
        if names[0].startswith("CONTROL_"):
            control = names
            continue
        address, bank = (int(number, 0) for number in re.findall(r"address_write\((\w+)\)", step))
        wait = re.search(r"cdelay\((\d+)\)", step)
        pins = {pin: int(f"COMMAND_{pin.upper()}" in names) for pin in ("ras", "cas", "we")}
        pins |= {pin: int(f"CONTROL_{pin.upper()}" in control) for pin in ("cke", "reset_n")}
        steps.append((pins | {"address": address, "bank": bank}, int(wait[1]) if wait else 0))
    return steps


@first_now
@pytest.mark.more
def test_the_dram_is_told_what_litedram_generates(name: str) -> None:
    expected = generated(name)
    assert len(expected) >= 5
    log = commands(target(name, Model.read(KWS_MODEL)), 300_000)
    gaps = [after.cycle - before.cycle for before, after in pairwise(log)]
    assert max(gaps) >= 20_000  # before: LiteDRAM's controller, which works from reset on
    begin = gaps.index(max(gaps)) + 1
    got = log[begin : begin + len(expected)]
    for (pins, _), command in zip(expected, got, strict=True):
        assert {pin: getattr(command, pin) for pin in pins} == pins
    for (_, cycles), (command, following) in zip(expected[:-1], pairwise(got), strict=True):
        assert following.cycle - command.cycle >= cycles


@pytest.mark.more
def test_a_bad_dram_is_one_line() -> None:
    model = Model.read(KWS_MODEL)
    arty = target("arty", model)
    simulator = Simulator(arty.soc, arty.cfu)
    simulator.load(arty.firmware)
    simulator.reset()
    base, size = arty.soc.memories["main_ram"]
    place = base + size - (32 << 10)  # amid what the firmware tests
    for _ in range(4000):
        simulator.write(place, b"\x00\xff\x00\xff")
        if simulator.run(1000) == Stop.FINISHED:
            break
    box = Mailbox.from_buffer_copy(
        simulator.read(arty.firmware.symbols["mailbox"], ctypes.sizeof(Mailbox))
    )
    assert box.status == Status.ERROR
    line = Texts(arty.firmware, simulator.read).message(box.message)
    assert re.fullmatch(rf"the DRAM has ff00ff00 at {place:x}, and [0-9a-f]+ was written", line)


@first_now
@pytest.mark.more
def test_kws(name: str) -> None:
    model = Model.read(KWS_MODEL)
    assert_near_ideal(name, model, 1.05)


@pytest.mark.long
@pytest.mark.parametrize("name", DRAM_BOARDS)
@pytest.mark.parametrize("model", MODELS)
def test_real_models(name: str, model: str) -> None:
    path = SHARED / f"{model}.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not there: the real models are not part of the repository")
    assert_near_ideal(name, Model.read(path), MODELS[model])


@pytest.mark.more
def test_kws_on_engine() -> None:
    assert_near_ideal("arty", Model.read(KWS_MODEL), 1.3, "engine")


@pytest.mark.long
@pytest.mark.parametrize(("name", "model"), ENGINES)
def test_real_models_on_engine(name: str, model: str) -> None:
    path = SHARED / f"{model}.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not there: the real models are not part of the repository")
    assert_near_ideal(name, Model.read(path), ENGINES[name, model], "engine")


def assert_near_ideal(name: str, model: Model, limit: float, design: str = "simd_mac") -> None:
    """Compare a run on a board with one on ``sim``, and both with the oracle."""
    tensor = model.inputs[0]
    array = np.random.default_rng(7).integers(-128, 128, tensor.shape, np.int8)
    expected = tuple(tuple(output.ravel().tolist()) for output in Oracle(model)(array))
    runs = [target(each, model, design).run(model, [array]) for each in ("sim", name)]
    assert [run.outputs for run in runs] == [expected, expected]
    print(f"{model.name}: {runs[1].cycles:,} on {name}, {runs[0].cycles:,} on sim")
    assert runs[1].cycles <= limit * runs[0].cycles


def test_no_room_in_block_ram() -> None:
    model = Model.read(KWS_MODEL)
    arty = target("arty", model)
    base, _ = arty.soc.memories["sram"]
    size = arty.firmware.symbols["_end"] - base
    arty.soc.memories["sram"] = (base, size)
    with pytest.raises(InputError, match=rf"needs [\d,]+ bytes of block RAM .* arty has {size:,}$"):
        arty.run(model, [np.full(model.inputs[0].shape, 77, np.int8)])
