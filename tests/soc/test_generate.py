"""The same board is the same Verilog, whenever and in whatever process it is generated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GENERATE = """
import sys
from pathlib import Path
from cfuforge.soc.board import board
from cfuforge.soc.generate import generate
soc = generate(board(sys.argv[1]), hardware=sys.argv[2] == "hardware")
Path(sys.argv[3]).write_text(soc.verilog[0].read_text() + repr(sorted(soc.parts.items())))
"""


@pytest.mark.parametrize(("board", "around"), [("arty", "hardware"), ("ulx3s", "simulation")])
def test_generating_twice_gives_the_same(board: str, around: str, tmp_path: Path) -> None:
    texts = []
    for seed in ("1", "2"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "CFUFORGE_CACHE": str(tmp_path / seed),
            "PYTHONWARNINGS": "ignore",
        }
        command = [sys.executable, "-c", GENERATE, board, around, str(tmp_path / f"{seed}.txt")]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        texts.append((tmp_path / f"{seed}.txt").read_text())
    assert "module soc" in texts[0]
    assert texts[0] == texts[1]
