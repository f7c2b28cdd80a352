"""The parameters of a CFU class: the arguments of its ``__init__``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from cfuforge.base.errors import InputError
from cfuforge.cfu.c_names import check_parameter_name

__all__ = ["parse_parameters", "refinements"]

_BOOLS = {"0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


def parse_parameters(cls: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every parameter of `cls`: the `given` value, parsed if it is text, or the default.

    The type is that of the default or, without one, of the annotation: int, bool or str.

    Raises
    ------
    InputError
        When a parameter is unknown, missing or cannot be parsed, or ``cfu.h`` uses its name.
    """
    known = _signature(cls)
    for name in known:
        check_parameter_name(name)
    for name in given:
        if name not in known:
            names = ", ".join(known) or "none"
            raise InputError(f"{cls.__name__} has no parameter {name!r}; it has: {names}")
    values = {}
    for name, parameter in known.items():
        if name in given:
            values[name] = _parse(cls, parameter, given[name])
        elif parameter.default is not parameter.empty:
            values[name] = parameter.default
        else:
            raise InputError(f"{cls.__name__} needs parameter {name!r}: give {name}=value")
    return values


def refinements(cls: type) -> dict[str, Any]:
    """Return the defaults of the keyword-only parameters, which a spec names only if changed."""
    known = _signature(cls).values()
    return {item.name: item.default for item in known if item.kind == item.KEYWORD_ONLY}


def _signature(cls: type) -> dict[str, inspect.Parameter]:
    parameters = list(inspect.signature(cls.__init__, eval_str=True).parameters.values())[1:]  # type: ignore[misc]
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {item.name: item for item in parameters if item.kind in named}


def _parse(cls: type, parameter: inspect.Parameter, value: Any) -> Any:
    has_default = parameter.default is not parameter.empty
    kind = type(parameter.default) if has_default else parameter.annotation
    if kind not in (int, bool, str):
        raise InputError(
            f"parameter {parameter.name!r} of {cls.__name__} must be an int, a bool or a str to be "
            f"given as text; give it a default of such a type, not {parameter.default!r}"
        )
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    text = str(value).strip()
    if kind is int:
        try:
            return int(text, 0)
        except ValueError:
            wanted = "an integer"
    else:
        if text.lower() in _BOOLS:
            return _BOOLS[text.lower()]
        wanted = "0 or 1"
    raise InputError(
        f"parameter {parameter.name!r} of {cls.__name__} must be {wanted}, not {text!r}"
    )
