"""Name signals from the source, so that every version of Python gives the same names.

Amaranth and migen name a signal after the variable that it is assigned to, and read that variable
from the bytecode. Bytecode changes with each version of Python: so do the names, and with them
the result of synthesis.
"""

from __future__ import annotations

import ast
import dis
import linecache
import sys
import warnings
from bisect import bisect_right
from functools import cache
from types import CodeType, FrameType
from typing import Any, NamedTuple

from amaranth import tracer

__all__ = ["assigned_name", "name_amaranth_by_source"]


class _Statement(NamedTuple):
    """A statement's lines, and what the result of each of its calls, in order, is assigned to."""

    lines: range
    names: tuple[str | None, ...]


_REQUIRED = object()
_by_bytecode = tracer.get_var_name
_files: dict[str, tuple[list[str], dict[int, _Statement]]] = {}  # text, statements by line


def name_amaranth_by_source() -> None:
    """Make Amaranth take names from the source, where there is one."""
    tracer.get_var_name = _amaranth_name


def assigned_name(frame: FrameType) -> str | None:
    """Return the variable or attribute that the current call in `frame` is assigned to.

    None when the statement assigns it to neither.
    """
    statement = _statements(frame).get(frame.f_lineno)
    if not statement or not statement.names:
        return None
    if len(set(statement.names)) == 1:
        return statement.names[0]
    calls = [at for at, line in _calls(frame.f_code) if line in statement.lines]
    if len(calls) % len(statement.names):  # the code of a `finally` occurs twice
        return None
    return statement.names[(bisect_right(calls, frame.f_lasti) - 1) % len(statement.names)]


def _amaranth_name(depth: int = 2, default: Any = _REQUIRED) -> Any:
    """Return the name of what is created `depth` frames up, as Amaranth's own function does."""
    frame = sys._getframe(depth)
    linecache.checkcache(frame.f_code.co_filename)  # the module may have been edited and reloaded
    if not _statements(frame):  # typed at a prompt
        return _by_bytecode(depth + 1, *([] if default is _REQUIRED else [default]))
    name = assigned_name(frame) or default
    if name is _REQUIRED:
        raise tracer.NameNotFound
    return name


def _statements(frame: FrameType) -> dict[int, _Statement]:
    """Return the innermost statement on each line of the file that `frame` runs."""
    file = frame.f_code.co_filename
    text = linecache.getlines(file, frame.f_globals)
    known = _files.get(file)
    if known is None or known[0] is not text:
        _files[file] = known = text, _parse("".join(text))
    return known[1]


def _parse(text: str) -> dict[int, _Statement]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes in other people's strings
        try:
            tree = ast.parse(text)
        except SyntaxError:  # a notebook cell with IPython commands
            return {}
    found: dict[int, _Statement] = {}
    for node in ast.walk(tree):  # outer statements come before inner ones
        if isinstance(node, (ast.stmt, ast.NamedExpr)):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            found |= dict.fromkeys(lines, _Statement(lines, _names(node)))
    return found


def _names(node: ast.AST) -> tuple[str | None, ...]:
    if isinstance(node, ast.Assign):
        target: ast.expr = node.targets[0]
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        target = node.target
    else:
        return ()
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        return tuple(
            _name(each)
            for each, value in zip(target.elts, node.value.elts, strict=False)
            for part in ast.walk(value)
            if isinstance(part, ast.Call)
        )
    return (_name(target),)


def _name(target: ast.expr) -> str | None:
    if isinstance(target, ast.Name):
        return target.id
    return target.attr if isinstance(target, ast.Attribute) else None


@cache
def _calls(code: CodeType) -> list[tuple[int, int | None]]:
    """Return offset and line of each call instruction."""
    lines = {at: line for start, end, line in code.co_lines() for at in range(start, end, 2)}
    return [
        (each.offset, lines[each.offset])
        for each in dis.get_instructions(code)
        if each.opname.startswith("CALL") and "INTRINSIC" not in each.opname
    ]
