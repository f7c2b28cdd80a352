"""What no firmware can prevent: traps and a CFU that does not answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlperf_runner import READY, Runner, running

from cfuforge.base.errors import InputError
from cfuforge.cfu.design import Design
from cfuforge.sim.pty_board import PtyBoard
from cfuforge.soc.board import board
from cfuforge.soc.generate import Soc
from cfuforge.sw import models
from cfuforge.sw.image import HEADER_BYTES, model_image
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model


@pytest.fixture(autouse=True)
def _faulty_is_a_design(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent)


def inferred(runner: Runner) -> str:
    runner.load(np.load(models.kws_inputs()[9]).tobytes())
    return runner.command("infer 1 0", 60)[-1]


@pytest.mark.parametrize(("fault", "cause"), [(2, "6 at pc 4000"), (3, "2 at pc 4000")])
def test_a_trap_is_reported_and_the_next_command_works(fault: int, cause: str) -> None:
    with running(f"faulty:fault={fault}", Model.read(models.KWS_MODEL)) as runner:
        runner.reply(60)
        for _ in range(2):
            line = inferred(runner)
            assert line.startswith(f"e-[trap: mcause {cause}")
            assert runner.command("name") == ["m-name-dut-[cfuforge]"]
            assert runner.command("results") == ["e-[there are no results: infer first]"]
            assert runner.command("profile")[1] == "m-model-[kws01]"


def test_a_cfu_that_does_not_answer_resets_the_board() -> None:
    model = Model.read(models.KWS_MODEL)
    with running("faulty:fault=0", model, patience=5_000) as runner:
        runner.reply(60)
        runner.load(np.load(models.kws_inputs()[9]).tobytes())
        lines = runner.command("infer 1 0", 60)
        (error,) = [line for line in lines if line.startswith("e-[")]
        assert error.startswith("e-[CFU faulty did not answer cfu work[2] ")
        assert "in nn_conv_s8() within 5,000 cycles" in error
        assert lines[-1] == "m-init-done"
        assert runner.command("db print") == []
        assert runner.command("profile")[1] == "m-model-[kws01]"


def test_a_terminal_that_nobody_reads_does_not_end_the_board() -> None:
    with running("none") as runner:
        runner.reply(60)
        runner.serial.write(b"help%" * 150)  # replies of more than the terminal's buffer and ours
        ready = 0
        while ready < 150:
            ready += runner.line(60) == READY
        assert runner.command("name") == ["m-name-dut-[cfuforge]"]


def test_a_bad_dram_is_what_every_command_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    served = PtyBoard(Design.load("simd_mac"), board("arty"), Model.read(models.KWS_MODEL))
    simulator = served._simulator
    run = simulator.run
    place = sum(simulator.soc.memories["main_ram"]) - (32 << 10)  # amid what the firmware tests

    def damaged(cycles: int, **options: Any) -> int:
        simulator.write(place, b"\x00\xff\x00\xff")
        return run(min(cycles, 1000), **options)

    monkeypatch.setattr(simulator, "run", damaged)
    runner = Runner(served.port)
    with served:
        (line,) = runner.reply(60)
        assert re.fullmatch(
            rf"e-\[the DRAM has ff00ff00 at {place:x}, and [0-9a-f]+ was written\]", line
        )
        for command in ("name", "info", "infer 1 0"):
            assert runner.command(command, 60) == [line]
    runner.serial.close()


def test_memories_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model stored in flash, a small room for others, an arena of its own, a short buffer."""
    places = {
        **{"STORED_MODEL_ADDR": 0x4040_0000, "STORED_MODEL_BYTES": 1 << 20},
        **{"MODEL_ADDR": 0x4080_0000, "MODEL_BYTES": 1 << 16},
        **{"ARENA_ADDR": 0x40A0_0000, "ARENA_BYTES": 1 << 15, "DB_BYTES": 512},
    }
    macros = "".join(f"#define SOC_{name} {value}u\n" for name, value in places.items())
    header = Soc.header.fget
    assert header
    monkeypatch.setattr(Soc, "header", property(lambda soc: macros + header(soc)))
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    served = PtyBoard(Design.load("none"), board("sim"))
    served._simulator.write(places["STORED_MODEL_ADDR"], model_image(model.data))
    runner = Runner(served.port)
    with served:
        runner.reply(60)
        info = runner.command("info", 60)
        assert "m-model-[kws01]" in info
        assert "m-db-bytes-512" in info
        assert f"m-model-room-{(1 << 16) - HEADER_BYTES}" in info
        assert f"m-arena-room-{1 << 15}" in info
        assert runner.command("db load 513") == ["e-[db load must be followed by 1 to 512]"]
        runner.load(array.tobytes())
        (expected,) = Oracle(model)(array)
        assert int(np.argmax([float(each) for each in runner.infer(1, 0)[1]])) == expected.argmax()
        assert runner.command("outputs") == [f"m-output-0-{expected.tobytes().hex()}"]
        room = (1 << 16) - HEADER_BYTES
        assert runner.command(f"model {room + 1} 0") == [
            f"e-[a model must have 1 to {room} bytes, not {room + 1}]"
        ]


def test_a_model_that_has_no_room() -> None:
    model = Model.read(models.KWS_MODEL)
    model.data += bytes(16 << 20)
    with pytest.raises(InputError, match=r"kws has 16,8\d+,\d+ bytes: the board has room for 16,5"):
        PtyBoard(Design.load("none"), board("sim"), model)
