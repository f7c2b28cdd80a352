"""The README is short, and its numbers are the ones that its commands print today."""

from __future__ import annotations

from support.readme import README, renewed


def test_it_fits_on_a_few_screens() -> None:
    lines = README.read_text().splitlines()
    assert len(lines) <= 135
    assert max(map(len, lines)) <= 100


def test_its_numbers_are_what_runs_print() -> None:
    readme = README.read_text()
    assert renewed(readme) == readme, "make numbers MODELS=FOLDER writes them anew"
    assert len(readme.partition("    kws on board sim")[2].partition("\n\n!")[0].splitlines()) > 20
