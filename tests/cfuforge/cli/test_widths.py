"""Tables fit a terminal of 80 columns, and nothing in them is cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cfuforge.cli import terminal
from cfuforge.soc.cpu import CPUS
from support.operators import softmax


def fits(text: str, width: int) -> bool:
    """Whether no line of a table is longer, and nothing in it is cut."""
    rows = [line for line in text.splitlines() if line.startswith(" ")]
    assert len(rows) > 2
    return "…" not in text and max(map(len, rows)) <= width


@pytest.mark.parametrize("what", ["cpu list", "board list", "cfu list", "cache info"])
def test_lists(
    what: str,
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal.out, "_width", 80)
    assert command(*what.split()) == 0
    text = capsys.readouterr().out
    assert fits(text, 80)
    if what == "cpu list":
        assert all(cpu.isa in text for cpu in CPUS.values())


@pytest.mark.parametrize("width", [48, 80])
def test_check(
    width: int,
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(terminal.out, "_width", width)
    (tmp_path / "x.tflite").write_bytes(softmax((1, 2), 1.0, 0, 1.0).data)
    assert command("check", "--model", tmp_path / "x.tflite", "--cfu", "none", "--count", 1) == 0
    assert fits(capsys.readouterr().out.partition("All ")[0], width)
