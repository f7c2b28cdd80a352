"""Nothing that others have written reaches the terminal, or a picture, but as text."""

from __future__ import annotations

import ast
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.table import Table
from rich.text import Text
from typer.main import get_command

from cfuforge.base.errors import InputError
from cfuforge.cli.app import app
from cfuforge.cli.progress import TerminalProgress
from cfuforge.cli.terminal import OPTIONS, PlainConsole, print_error, with_options
from cfuforge.inspection.lifetimes_svg import lifetimes_svg
from cfuforge.sw import models
from cfuforge.sw.memory_plan import Buffer
from support.documents import valid

ROOT = Path(__file__).resolve().parents[3]
EVIL = "\x1b[31m\x9b2J[/]\u202e\r\n\t\x00\ufffe\udc80:warning:<b>&"
SHOWN = r"\x1b[31m\x9b2J[/]\u202e\r\n\t\x00\ufffe\udc80:warning:<b>&"


def is_plain(text: str) -> bool:
    """Whether a terminal does nothing with it but show it."""
    return all(line.isprintable() for line in text.split("\n"))


def test_whatever_is_printed_is_shown_as_it_is() -> None:
    file = io.StringIO()
    console = PlainConsole(file=file, width=300)
    table = Table(EVIL, title=EVIL)
    table.add_row(EVIL)
    table.add_row(Text(EVIL))
    console.print(EVIL, soft_wrap=True)
    console.print(table)
    console.print(Text(f"{EVIL}\n"))
    assert is_plain(file.getvalue())
    assert file.getvalue().count(SHOWN) == 4
    assert file.getvalue().count(r"\x1b[31m\x9b2J[/]\u202e") == 6  # a Text has its own lines
    assert file.getvalue().splitlines()[0] == SHOWN


def test_what_the_terminal_cannot_encode_is_escaped() -> None:
    file = io.TextIOWrapper(io.BytesIO(), "latin-1")
    PlainConsole(file=file, width=80).print("größe ░ 中")
    file.seek(0)
    assert file.read() == "größe \\u2591 \\u4e2d\n"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_phases_and_notes(is_terminal: bool) -> None:
    file = io.StringIO()
    console = PlainConsole(file=file, width=300, force_terminal=is_terminal, color_system=None)
    with TerminalProgress(console) as progress:
        progress.phase(EVIL)
        progress.note(f"{EVIL} " + 100_000 * "x")
    assert SHOWN in file.getvalue()
    assert "31mred" not in file.getvalue().replace(SHOWN, "")
    assert len(file.getvalue()) < 5000
    assert is_terminal or is_plain(file.getvalue())


def test_an_error_and_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise InputError(f"{EVIL} cannot be read") from ValueError(EVIL)
    except InputError as error:
        print_error(error)
        assert capsys.readouterr().err == f"error: {SHOWN} cannot be read\n"
        print_error(error, with_traceback=True)
    text = capsys.readouterr().err
    assert "Traceback" in text
    assert is_plain(text)


def test_an_error_with_lines_to_copy(capsys: pytest.CaptureFixture[str]) -> None:
    error = InputError("this is a float model")
    error.lines = ("converter.x = [y]",)
    print_error(error)
    assert capsys.readouterr().err == "error: this is a float model\n    converter.x = [y]\n"


def test_a_file_whose_name_is_markup_and_escapes(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = shutil.copy(models.KWS_MODEL, tmp_path / "\x1b[31mred\n[bold].tflite")
    written, picture = tmp_path / "x.json", tmp_path / "x.svg"
    assert command("model", "inspect", model, "--json", written, "--svg", picture) == 0
    printed = capsys.readouterr()
    assert r"\x1b[31mred\n[bold]" in printed.out
    assert is_plain(printed.out)
    assert is_plain(printed.err)
    assert valid(written)["model"]["name"] == "\x1b[31mred\n[bold]"
    ElementTree.parse(picture)


def test_files_that_do_not_exist(
    command: Callable[..., int],
    refused: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert refused("model", "inspect", "\x1b[31m\nx.tflite").startswith(
        r"error: the model \x1b[31m\nx.tflite cannot be read: "
    )
    assert command("model", "inspect", "x.tflite", "\x1b[31m[/]y.tflite\u202e") == 2
    text = capsys.readouterr().err
    assert is_plain(text)
    assert r"\x1b[31m[/]y.tflite\u202e" in text


def test_a_picture_is_xml_whatever_the_names_are() -> None:
    buffers = [Buffer(EVIL, False, 0, 16, 0, 1), Buffer("n" * 70_000, True, 16, 16, 0, 0)]
    text = lifetimes_svg(buffers, [EVIL, "o" * 70_000])
    root = ElementTree.fromstring(text)
    assert len(text) < 8000
    titles = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[1] == f"{SHOWN}: 16 bytes at 0"


def test_options_in_the_place_of_parameters() -> None:
    assert with_options("dtype= must be int8; name it (model=)") == (
        "--dtype must be int8; name it (--model)"
    )
    assert with_options("resize=True stretches it, with folder=") == (
        "--resize stretches it, with --build-dir"
    )
    for other in ("cfu:model=3", "a.dtype=", "timeout=3", "int data=0;", "'data= '"):
        assert with_options(other) == other


def options(command: Any) -> set[str]:
    """Return the options of a command and of those below it."""
    found = {option for each in command.params for option in each.opts}
    return found.union(*(options(each) for each in getattr(command, "commands", {}).values()))


def test_the_library_names_no_option() -> None:
    assert set(OPTIONS.values()) <= options(get_command(app))
    named = re.compile(rf"({'|'.join(OPTIONS.values())})\b")
    files = [
        path
        for room in ("cfu", "cfuforge", "gateware", "sim", "soc", "sw")
        for path in (ROOT / room).rglob("*.py")
        if "cli" not in path.parts and path.name != "train_kws.py"  # which has options of its own
    ]
    assert len(files) > 150
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and "cfuforge " not in text and text not in OPTIONS.values():
                assert not named.search(text), f"{path}:{node.lineno}: {text}"
