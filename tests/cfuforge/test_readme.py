"""The README is short, and its numbers are the ones that its command prints today."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from cfuforge import simulate
from cfuforge.cli.terminal import PlainConsole
from cfuforge.comparisons.table import print_comparison

README = Path(__file__).parents[2] / "README.md"


def test_it_fits_on_a_few_screens() -> None:
    lines = README.read_text().splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 100


def test_the_table_is_the_one_that_make_sim_prints(capsys: pytest.CaptureFixture[str]) -> None:
    print_comparison(simulate(), PlainConsole(width=100))
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    shown = [line.strip() for line in README.read_text().splitlines()]
    shown += [f"{line} {rest}" for line, rest in pairwise(shown)]  # one that is too long is broken
    for line in printed[:-1]:  # the last one has this machine's speed
        assert line.strip() in shown
    assert len(printed) > 20
