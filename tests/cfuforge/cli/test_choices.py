"""What an option can be is named in its help, completed by the shell, and listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cfuforge.cfu.designs import builtin_designs
from cfuforge.cli.app import app
from cfuforge.cli.scaffold import scaffold
from cfuforge.soc.board import BOARDS
from support.documents import valid

COMMANDS = typer.main.get_command(app)


def parameters(command: Any = COMMANDS, path: str = "cfuforge") -> Iterator[tuple[str, Any]]:
    """Return every parameter of every command."""
    for name, below in getattr(command, "commands", {}).items():
        yield from parameters(below, f"{path} {name}")
    for parameter in command.params:
        yield f"{path} {max(parameter.opts, key=len)}", parameter


def named(name: str) -> list[Any]:
    found = [
        pytest.param(each, id=path)
        for path, each in parameters()
        if path.split()[-1] in name.split()
    ]
    assert len(found) > 4
    return found


def completed(parameter: Any, incomplete: str = "") -> list[str]:
    context = typer.Context(COMMANDS)
    return [item.value for item in parameter.shell_complete(context, incomplete)]


@pytest.mark.parametrize("parameter", named("--board"))
def test_boards_complete_and_are_named(parameter: Any) -> None:
    assert completed(parameter) == list(BOARDS)
    assert completed(parameter, "ar") == ["arty", "arty100"]
    assert {"arty", "arty100", "ulx3s"} <= set(parameter.help.replace(",", "").split())


@pytest.mark.parametrize("parameter", named("--cfu --against cfu"))
def test_designs_complete_and_are_named(
    parameter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert completed(parameter) == builtin_designs()  # nothing else is here
    assert completed(parameter, "si") == ["simd_mac"]
    if parameter.name != "against":
        assert all(name in parameter.help for name in builtin_designs())


def test_a_design_of_the_current_folder_is_found_and_not_run(
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    scaffold(Path("my_cfu"))
    source = '"""[/] \x1b[31m"""\nprint(open("run", "w"))\nclass One(base.Cfu, Other):\n    pass\n'
    (tmp_path / "loud.py").write_text(source)
    (tmp_path / "broken.py").write_text("class Two(Cfu):\n  def")
    (tmp_path / "other.py").write_text("class Three: pass")
    (tmp_path / "bytes.py").write_bytes(b"class Four(Cfu):\xff")
    for parameter in (each for path, each in parameters() if path == "cfuforge sim --cfu"):
        assert completed(parameter) == [*builtin_designs(), "loud", "my_cfu"]
    assert command("cfu", "list", "--json", "x.json") == 0
    text = capsys.readouterr().out
    assert "rows=4,folded=0" in text
    assert r"[/] \x1b[31m" in text
    assert not (tmp_path / "run").exists()
    found = valid(Path("x.json"))["cfus"]
    assert found["my_cfu"]["in_this_folder"]
    assert found["simd_mac"]["parameters"] == {"rows": 4, "folded": False}
    assert "dot" in found["simd_mac"]["instructions"]


def test_boards_are_listed(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command("board", "list", "--json", tmp_path / "x.json") == 0
    text = capsys.readouterr().out
    found = valid(tmp_path / "x.json")["boards"]
    for name, board in BOARDS.items():
        assert name in text
        assert board.description in text
        assert found[name]["clock_hz"] == board.clock_hz


def test_commands_come_in_the_order_of_use(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--help") == 0
    text = capsys.readouterr().out
    context = typer.Context(COMMANDS)
    names = COMMANDS.list_commands(context)  # type: ignore[attr-defined]
    assert sorted(names) == sorted(COMMANDS.commands)  # type: ignore[attr-defined]
    places = [text.index(f"│ {name} ") for name in names]
    assert places == sorted(places)
    assert names[0] == "sim"


@pytest.mark.parametrize(
    "arguments",
    [
        ("profile", "--cfu", "none", "--cfu", "simd_mac"),
        ("check", "--cfu", "none", "--cfu", "simd_mac"),
        ("sim", "--board", "sim", "--json", "x", "--board", "arty"),
        ("cpu", "list", "--json", "x", "--json", "y"),
    ],
)
def test_an_option_of_one_value_is_not_given_twice(
    arguments: tuple[str, ...], refused: Callable[..., str]
) -> None:
    option = max(arguments, key=lambda each: each.startswith("--") + arguments.count(each))
    assert refused(*arguments) == f"error: {option} takes one value, not 2"
