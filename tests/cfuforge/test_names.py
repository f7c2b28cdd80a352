"""The public names: none is imported before it is used, and their parameters have one order."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import cfuforge
import cfuforge.cfu

ORDER = ["target", "model", "inputs", "cfu", "board", "family"]


def test_every_name_is_there() -> None:
    for package in (cfuforge, cfuforge.cfu):
        assert dir(package) == package.__all__ == sorted(package.__all__)
        assert all(hasattr(package, name) for name in package.__all__)


def test_nothing_is_imported_before_it_is_used() -> None:
    seen = "import sys, cfuforge; print([each for each in sys.modules if 'cfuforge.' in each])"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["area", "check", "inspect", "profile", "run_on", "simulate"])
def test_parameters_have_one_order(name: str) -> None:
    given = inspect.signature(getattr(cfuforge, name)).parameters.values()
    first = [each.name for each in given if each.kind is not each.KEYWORD_ONLY]
    assert first == sorted(first, key=ORDER.index)
    assert not {each.name for each in given if each.kind is each.KEYWORD_ONLY} & set(ORDER)
