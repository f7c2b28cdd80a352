"""Read untrusted JSON files within limits, and check them against declared types.

A type is a dataclass or a ``TypedDict`` of scalars, literals, tuples, lists, dictionaries, unions
with None, and of ``Annotated[int, Interval(...)]`` for a number with bounds. Unknown names are
refused, unless the type has ``extra_items=Any``.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Interval
from typing_extensions import is_typeddict

from cfuforge.base.errors import InputError
from cfuforge.base.files import read_text
from cfuforge.base.shown import shown

__all__ = [
    "NO_NUMBERS",
    "SCHEMA_VERSION",
    "UNSAVED",
    "Count",
    "SchemaVersion",
    "as_json",
    "checked",
    "document_text",
    "read_document",
    "saved_fields",
]


class _Unsaved:
    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> dict[str, str]:
        return {"type": "any"}  # hidden from pydantic


UNSAVED = _Unsaved()
"""Marks, in ``Annotated``, a dataclass field that is not part of documents."""

SCHEMA_VERSION = 6
"""Version of all documents; incremented when a field is added, removed or changed."""

Count = Annotated[int, Interval(ge=0, le=(1 << 64) - 1)]
SchemaVersion = Annotated[int, Interval(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]

MOST_BYTES = 24 << 20
MOST_VALUES = 2_000_000
MOST_CONTAINERS = 400_000
MOST_LEVELS = 32
_FLOAT_BITS = 1023  # digits of an integer that fits into a float
NO_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_SCALARS: dict[Any, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    int: ((int,), "an integer"),
    float: ((int, float), "a number"),
    str: ((str,), "a text"),
    type(None): ((type(None),), "null"),
}
_Check = Callable[[Any], Any]


class _MismatchError(Exception):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.path: list[str] = []

    def __str__(self) -> str:
        where = shown("".join(self.path).removeprefix("."), 120)
        return f"{where} {self.args[0]}".strip()


def read_document(path: str | Path, shape: Any, remedy: str) -> Any:
    """Read a JSON file as a value of type `shape`.

    Parameters
    ----------
    path
        The file: UTF-8, at most 24 MB, 2 million values and 400,000 lists and objects.
    shape
        The declared type.
    remedy
        What to do if the file is not such a document, as in ``write one with: ...``.

    Raises
    ------
    InputError
        When it cannot be read, or does not match; the message names file and field.
    """
    try:
        text = read_text(Path(path), MOST_BYTES, "")
    except InputError as error:
        raise InputError(f"{error}; {remedy}") from error
    try:
        return _check(shape)(_parsed(text))
    except _MismatchError as error:
        raise InputError(f"{path}: {error}; {remedy}") from error


def checked(value: Any, shape: Any) -> Any:
    """Convert a value from ``json.loads`` to type `shape`.

    Raises
    ------
    InputError
        When it does not match; the message names the field.
    """
    try:
        return _check(shape)(value)
    except _MismatchError as error:
        raise InputError(str(error)) from None


def as_json(document: Any) -> dict[str, Any]:
    """Return a document as ``json.loads`` would, with dictionaries in place of dataclasses."""
    value: dict[str, Any] = _as_json(document)
    return value


def _as_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        kind: Any = type(value)
        return {name: _as_json(getattr(value, name)) for name in saved_fields(kind)}
    if isinstance(value, Mapping):
        return {name: _as_json(item) for name, item in value.items()}
    return [_as_json(item) for item in value] if isinstance(value, list | tuple) else value


@cache
def saved_fields(shape: Any) -> dict[str, Any]:
    """Return the types of the saved fields of a dataclass or ``TypedDict``, by name."""
    hints = get_type_hints(shape, include_extras=True)
    if dataclasses.is_dataclass(shape):
        hints = {each.name: hints[each.name] for each in dataclasses.fields(shape)}
    return {name: hint for name, hint in hints.items() if UNSAVED not in get_args(hint)}


def document_text(value: Any, **layout: Any) -> str:
    """Return `value` as JSON, with NaN, Infinity and -Infinity as strings."""
    try:
        return json.dumps(value, allow_nan=False, **layout)
    except ValueError:
        return json.dumps(_named(value), **layout)


def _named(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return {name: _named(item) for name, item in value.items()}
    return [_named(item) for item in value] if isinstance(value, list | tuple) else value


def _parsed(text: str) -> Any:
    if text.count(",") > MOST_VALUES:
        raise _MismatchError(f"has more than {MOST_VALUES:,} values")
    if text.count("[") + text.count("{") > MOST_CONTAINERS:
        raise _MismatchError(f"has more than {MOST_CONTAINERS:,} lists and objects")
    try:
        value = json.loads(
            text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_object
        )
    except ValueError as error:
        raise _MismatchError(f"is not JSON: {error}") from error
    except RecursionError:
        raise _MismatchError("is nested too deeply") from None
    _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MOST_LEVELS):
        inner = (item.values() if isinstance(item, dict) else item for item in level)
        level = [each for items in inner for each in items if isinstance(each, dict | list)]
        if not level:
            return
    raise _MismatchError("is nested too deeply")


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{shown(text, 40)} is not a number that this machine has")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in value if names.count(name) > 1)
        raise ValueError(f"an object has '{shown(twice, 40)}' twice")
    return value


@cache
def _check(shape: Any) -> _Check:
    """Return a function that converts a JSON value to `shape`, or raises `_MismatchError`."""
    origin, arguments = get_origin(shape), get_args(shape)
    if shape is Any:
        return lambda value: value
    if origin is Annotated:
        return _within(*arguments[:2])
    if origin is Literal:
        return _literal(*arguments)
    if origin in (Union, types.UnionType):
        return _one_of(arguments)
    if origin in (tuple, list):
        return _sequence(origin, _check(arguments[0]))
    if origin is dict:
        return _mapping(_check(arguments[1]))
    if dataclasses.is_dataclass(shape) or is_typeddict(shape):
        return _fields(shape)
    return _scalar(shape)


def _scalar(shape: Any) -> _Check:
    kinds, what = _SCALARS[shape]

    def check(value: Any) -> Any:
        is_huge = shape is float and type(value) is int and value.bit_length() > _FLOAT_BITS
        if type(value) in kinds and not is_huge:
            return value
        if shape is float and isinstance(value, str) and value in NO_NUMBERS:
            return NO_NUMBERS[value]
        raise _MismatchError(f"must be {what}, not {_described(value)}")

    return check


def _literal(text: str) -> _Check:
    def check(value: Any) -> Any:
        if value != text:
            raise _MismatchError(f"must be {_described(text)}, not {_described(value)}")
        return value

    return check


def _within(shape: Any, bounds: Interval) -> _Check:
    check, least, most = _check(shape), bounds.ge, bounds.le

    def within(value: Any) -> Any:
        if not least <= check(value) <= most:
            raise _MismatchError(f"must be {least} to {most}, not {_described(value)}")
        return value

    return within


def _one_of(shapes: tuple[Any, ...]) -> _Check:
    checks = [_check(shape) for shape in shapes if shape is not type(None)]
    nullable = type(None) in shapes

    def check(value: Any) -> Any:
        if value is None and nullable:
            return None
        for each in checks:
            try:
                return each(value)
            except _MismatchError as error:
                wrong = error
        raise wrong

    return check


def _sequence(kind: Any, check: _Check) -> _Check:
    def each(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _MismatchError(f"must be a list, not {_described(value)}")
        made = []
        for item in value:
            try:
                made.append(check(item))
            except _MismatchError as error:
                error.path.insert(0, f"[{len(made)}]")
                raise
        return kind(made)

    return each


def _mapping(check: _Check) -> _Check:
    def each(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _MismatchError(f"must be an object, not {_described(value)}")
        return {name: _at(name, check, item) for name, item in value.items()}

    return each


def _fields(shape: Any) -> _Check:
    if dataclasses.is_dataclass(shape):
        absent = dataclasses.MISSING
        required = {each.name for each in dataclasses.fields(shape) if each.default is absent}
        make: Callable[..., Any] = shape  # type: ignore[assignment]
    else:
        required, make = set(shape.__required_keys__), dict
    checks = {name: _check(hint) for name, hint in saved_fields(shape).items()}
    required &= checks.keys()
    is_open = getattr(shape, "__extra_items__", None) is Any

    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _MismatchError(f"must be an object, not {_described(value)}")
        if "schema_version" in checks:  # checked first: other versions have other fields
            _check_version(value)
        if lacking := sorted(required - value.keys()):
            raise _MismatchError(f"has no {lacking[0]!r}")
        unknown = {name: value[name] for name in value if name not in checks}
        if unknown and not is_open:
            raise _MismatchError(f"has '{shown(next(iter(unknown)), 40)}', which is unknown here")
        made = {name: _at(name, checks[name], value[name]) for name in checks if name in value}
        return make(**made, **unknown)

    return check


def _check_version(document: dict[str, Any]) -> None:
    """Refuse a document of another version; up to version 3, ``schema`` held the number."""
    version = document.get("schema_version", document.get("schema"))
    if type(version) is int and version != SCHEMA_VERSION:
        raise _MismatchError(
            f"has schema version {_described(version)}, but this cfuforge reads {SCHEMA_VERSION}"
        )


def _at(name: str, check: _Check, value: Any) -> Any:
    try:
        return check(value)
    except _MismatchError as error:
        error.path.insert(0, f".{name}")
        raise


def _described(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        return "an object" if isinstance(value, dict) else "a list"
    return shown(json.dumps(value, ensure_ascii=False), 60)
