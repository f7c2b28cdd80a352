"""``cfuforge serve``, ``load`` and ``run``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def test_run_on_a_simulated_board(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    written = tmp_path / "run.json"
    assert command("run", "--target", "sim", "--json", written) == 0
    value = json.loads(written.read_text())
    printed = capsys.readouterr().out
    assert "kws on board sim, CFU simd_mac:rows=4,folded=0, input right_6.npy" in printed
    assert f"{value['plain']['cycles']:,}" in printed
    assert f"{value['plain']['layers'][0]['cycles']:,}  simd_mac" in printed
    assert "Largest score: right." in printed
    assert value["oracle"]["outputs_match"]


def test_serve_is_there_for_load_and_run(
    command: Callable[..., int],
    refused: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    serve = [sys.executable, "-m", "cfuforge", "serve", "--cfu", "none", "--clock", "80e6"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            port = process.stdout.readline().strip()
            assert port.startswith("/dev/pts/")
            command("load", "--target", port)
            assert "kws is on board sim at 80 MHz: 48,416 of 16," in capsys.readouterr().out
            assert refused("run", "--target", port, "--clock", "60M") == (
                "error: the board runs at 80 MHz, not at --clock 60M: load the bitstream with that "
                "clock, or leave --clock out, since the board says its own"
            )
            assert refused("run", "--target", port, "--cfu", "simd_mac") == (
                f"error: the board on {port} has CFU none, not simd_mac:rows=4,folded=0"
            )
        finally:
            process.terminate()
            try:
                code = process.wait(30)
            finally:
                process.kill()
        assert code == 0


def test_mistakes(refused: Callable[..., str]) -> None:
    assert "there is no /dev/nothing; name the port" in refused("run", "--target", "/dev/nothing")
    assert "cfuforge serve" in refused("load", "--target", "sim")
    assert "board must be one of" in refused("run", "--target", "sim", "--board", "x")
    assert "there is no CFU 'x'" in refused("serve", "--cfu", "x")
    assert "cannot be read" in refused("serve", "--model", "x.tflite")
