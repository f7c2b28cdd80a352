"""Names come from the source, and not from how a Python compiles it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from amaranth.hdl import Cat, Signal, unsigned

from cfuforge.cfu.component import Cfu

assert Cfu  # whose module has Amaranth named by the source


def test_a_signal_has_the_name_of_what_it_is_assigned_to() -> None:
    own = SimpleNamespace()
    alone = Signal()
    own.attribute = Signal()
    typed: Any = Signal()
    first, second, own.third = Signal(), Signal(unsigned(4)), Signal(range(
        len("over two lines")))  # fmt: skip
    several = [Signal() for _ in range(2)]
    joined = Cat(Signal(), Signal())
    outer = (walrus := Signal())
    names = [each.name for each in (alone, own.attribute, typed, first, second, own.third, outer)]
    assert names == ["alone", "attribute", "typed", "first", "second", "third", "walrus"]
    assert [each.name for each in several] == ["several", "several"]
    assert [each.name for each in joined.parts] == ["joined", "joined"]
    assert walrus is outer


def test_what_is_assigned_to_nothing_has_no_name() -> None:
    table = {}
    table["key"] = Signal()
    for each in [Signal(), table["key"]]:
        assert each.name == "$signal"
    _, half = 1, Signal()
    assert half.name == "half"


def test_both_copies_of_a_finally_are_named() -> None:
    def run(leave: bool) -> list[str]:
        names = []
        try:
            if leave:
                return names
        finally:
            left, right = Signal(), Signal()
            names += [left.name, right.name]
        return names

    assert run(True) == run(False) == ["left", "right"]


def test_at_a_prompt_there_is_no_source() -> None:
    names: dict[str, Any] = {"Signal": Signal}
    exec("typed = Signal()", names)
    assert names["typed"].name == "typed"


def test_a_changed_module_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "changing.py").write_text("from amaranth.hdl import Signal\nbefore = Signal()\n")
    module: Any = importlib.import_module("changing")
    assert module.before.name == "before"
    (tmp_path / "changing.py").write_text("from amaranth.hdl import Signal\n\n\nlater = Signal()\n")
    module = importlib.reload(module)
    assert module.later.name == "later"
