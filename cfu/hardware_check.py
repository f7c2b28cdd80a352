"""Reject what only Amaranth accepts: undriven clocks, names with blanks, unknown modules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from amaranth.hdl import Fragment
from amaranth.hdl._nir import Instance

from cfuforge.base.errors import InputError

__all__ = ["check_netlist", "refuse_domain"]

_BLANK = re.compile(r"\s")


def refuse_domain(fragment: Fragment, name: str) -> NoReturn:
    """Raise for a clock domain that is used but not declared, naming its first use."""
    known = "a CFU has the clock domain sync"
    raise InputError(f"clock domain {name!r} is not declared{_first_use(fragment, name)}; {known}")


def check_netlist(netlist: Any) -> None:
    """Raise when the hardware would not do what its source says.

    Parameters
    ----------
    netlist
        Amaranth's netlist of the whole hardware.
    """
    _check_clocks(netlist)
    _check_names(netlist)
    _check_instances(netlist)


def _check_clocks(netlist: Any) -> None:
    """Raise when a clock never ticks: its registers would keep their initial values."""
    for cell in netlist.cells:
        clock = getattr(cell, "clk", None)
        if clock is not None and clock.is_const:
            raise InputError(
                f"nothing drives the clock of the logic made{_at(cell.src_loc)}, so it never "
                "changes; use the domain sync, or drive the clk of its domain"
            )


def _check_instances(netlist: Any) -> None:
    """Raise for an `Instance` of an undefined module; yosys's own cells begin with ``$``."""
    for cell in netlist.cells:
        if isinstance(cell, Instance) and not cell.type.startswith("$"):
            raise InputError(
                f"an Instance is of module {cell.type!r}{_at(cell.src_loc)}, which is not "
                "defined; write it in Amaranth"
            )


def _check_names(netlist: Any) -> None:
    """Raise for a name with a blank, which the Verilog writer does not accept."""
    for what, name, where in _names(netlist):
        if _BLANK.search(name):
            better = _BLANK.sub("_", name)
            raise InputError(
                f"{what} must have a name without blanks{_at(where)}, not {name!r}; call it "
                f"{better!r}"
            )


def _names(netlist: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield kind, name and source location of everything that has a name."""
    for module in netlist.modules:
        for name in module.name[-1:]:
            yield "a submodule", name, module.src_loc
    for cell in netlist.cells:
        for kind in ("name", "type"):
            yield "a submodule", getattr(cell, kind, ""), cell.src_loc
        for kind in ("attributes", "parameters", "ports_i", "ports_o", "ports_io"):
            for name in getattr(cell, kind, {}):
                yield f"one of the {kind.partition('_')[0]}", name, cell.src_loc
    for signal in netlist.signals:
        yield "a signal", signal.name, signal.src_loc
        for name in signal.attrs:
            yield "an attribute of a signal", name, signal.src_loc


def _first_use(fragment: Fragment, domain: str) -> str:
    """Return where a domain is first used."""
    for statement in fragment.statements.get(domain, ()):
        return _at(statement.src_loc)
    for below, _, _ in fragment.subfragments:
        if found := _first_use(below, domain):
            return found
    return ""


def _at(where: tuple[str, int] | None) -> str:
    return f" at {where[0]}:{where[1]}" if where else ""
