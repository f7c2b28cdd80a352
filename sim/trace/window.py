"""The window of a run to trace: a layer, a call or a range of cycles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from cfuforge.base.errors import InputError
from cfuforge.sw.elf import Firmware

__all__ = ["CallWindow", "LayerWindow", "Window", "function_named", "parse_window"]


@dataclass(frozen=True)
class LayerWindow:
    """Layer `layer` of the inference, from start to end as the firmware itself measures it."""

    layer: int


@dataclass(frozen=True)
class CallWindow:
    """Call number `call`, from 1, of `function`, a name or an address, within the inference.

    It begins in the cycle after the previous instruction retired, and ends with the return.
    """

    function: str
    call: int = 1


Window = range | LayerWindow | CallWindow  # a range is in cycles since reset


def parse_window(text: str) -> Window:
    """Parse a window.

    Parameters
    ----------
    text
        ``layer=7``; ``pc=conv_s8``, ``pc=0x40001234`` or, for a third call, ``pc=conv_s8#3``; or
        ``1000:2000``, in cycles since reset.

    Raises
    ------
    InputError
        When it is none of these.
    """
    if cycles := re.fullmatch(r"(\d+):(\d+)", text):
        first, end = map(int, cycles.groups())
        if first < end:
            return range(first, end)
    elif layer := re.fullmatch(r"layer=(\d+)", text):
        return LayerWindow(int(layer[1]))
    elif call := re.fullmatch(r"pc=([^#]+)(?:#([1-9]\d*))?", text):
        return CallWindow(call[1], int(call[2] or 1))
    raise InputError(
        "a trace must be layer=N, pc=FUNCTION, pc=FUNCTION#CALL or FIRST:END in cycles, such as "
        f"layer=7, pc=conv_s8#2 or 1000:2000, which begins before it ends, not {text!r}"
    )


def function_named(firmware: Firmware, text: str) -> range:
    """Return the addresses of a function.

    Parameters
    ----------
    firmware
        The firmware to search.
    text
        The function's name, in which a kernel's ``nn_`` or a C++ scope may be left out; or an
        address such as ``0x40001234``, for only the instruction there.

    Raises
    ------
    InputError
        When the firmware has no such function, or several.
    """
    if re.fullmatch(r"0x[0-9a-fA-F]+", text):
        address = int(text, 16)
        if address % 4 or firmware.function(address) == "?":
            raise InputError(f"there is no instruction of a function at {text}")
        return range(address, address + 4)
    functions = firmware.functions
    for short in (_whole, _without_scope, _without_prefix):
        found = [addresses for name, addresses in functions if short(name) == text]
        if len(found) > 1:
            some = ", ".join(f"{addresses.start:#x}" for addresses in found[:4])
            raise InputError(
                f"{len(found)} functions are called {text}; name one by its address, pc=ADDRESS: "
                f"{some}{', ...' if len(found) > 4 else ''}"
            )
        if found:
            return found[0]
    names = {short(name) for name, _ in functions for short in (_whole, _without_scope)}
    near = get_close_matches(text, sorted(names), n=3, cutoff=0.5)
    raise InputError(
        f"the firmware has no function {text!r}, or the compiler inlined it"
        + (f"; near it: {', '.join(near)}" if near else "")
    )


def _whole(name: str) -> str:
    return name


def _without_scope(name: str) -> str:
    return name.rpartition("::")[2]


def _without_prefix(name: str) -> str:
    return _without_scope(name).removeprefix("nn_")
