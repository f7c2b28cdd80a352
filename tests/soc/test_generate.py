"""The same board is the same Verilog, whenever and in whatever process it is generated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cfuforge.soc.board import BOARDS, board
from cfuforge.soc.generate import generate

HERTZ = {  # of each board's clocks
    "arty": {"sys": 75e6, "sys4x": 300e6, "sys4x_dqs": 300e6, "idelay": 200e6},
    "arty100": {"sys": 100e6, "sys4x": 400e6, "sys4x_dqs": 400e6, "idelay": 200e6},
    "fomu": {"sys": 12e6, "usb": 48e6},
    "ulx3s": {"sys": 50e6, "dram": 50e6},
}


@pytest.mark.parametrize("name", [name for name, each in BOARDS.items() if each.fpga])
def test_clocks(name: str) -> None:
    soc = generate(board(name), hardware=True)
    clocks = {net.removesuffix("_clk"): hertz for net, hertz in soc.clocks.items()}
    assert clocks == HERTZ[name]
    assert len({pin.pin for pin in soc.pins}) == len(soc.pins)


GENERATE = """
import sys
from pathlib import Path
from cfuforge.soc.board import board
from cfuforge.soc.generate import generate
soc = generate(board(sys.argv[1]), hardware=sys.argv[2] == "hardware")
Path(sys.argv[3]).write_text(soc.verilog[0].read_text() + repr(sorted(soc.parts.items())))
"""


@pytest.mark.parametrize(("name", "around"), [("arty", "hardware"), ("ulx3s", "simulation")])
def test_generating_twice_gives_the_same(name: str, around: str, tmp_path: Path) -> None:
    texts = []
    for seed in ("1", "2"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "CFUFORGE_CACHE": str(tmp_path / seed),
            "PYTHONWARNINGS": "ignore",
        }
        command = [sys.executable, "-c", GENERATE, name, around, str(tmp_path / f"{seed}.txt")]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        texts.append((tmp_path / f"{seed}.txt").read_text())
    assert "module soc" in texts[0]
    assert texts[0] == texts[1]
