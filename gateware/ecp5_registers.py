"""Move registers into the multipliers of an ECP5: yosys leaves them outside."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from cfuforge.soc.generate import TOP

__all__ = ["move_registers"]

Cell = dict[str, Any]


class _Control(NamedTuple):
    """The nets of a register's clock and synchronous reset; "0" for no reset."""

    clock: int | str
    reset: int | str


class _Registers:
    """The registers of a module without clock enable, which are 0 at first, by their output."""

    def __init__(self, module: dict[str, Any]) -> None:
        self.cells: dict[str, Cell] = module["cells"]
        self._by_output: dict[int, str] = {}
        self._readers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for port in module["ports"].values():
            for bit in port["bits"]:
                self._readers[bit].append(("", ""))
        for name, cell in self.cells.items():
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] != "output":
                    for bit in bits:
                        self._readers[bit].append((name, port))
            if _control(cell):
                self._by_output[cell["connections"]["Q"][0]] = name

    def before(self, bits: list[Any]) -> tuple[list[Any], _Control] | None:
        """Return the inputs of the registers whose outputs `bits` are, if they have one control."""
        found, controls = [], set()
        for bit in bits:
            register = self.cells.get(self._by_output.get(bit, ""))
            if register:
                controls.add(_control(register))
                found.append(register["connections"]["DI"][0])
            elif bit in ("0", "x"):
                found.append(bit)
            else:
                return None
        control = controls.pop() if len(controls) == 1 else None
        return (found, control) if control else None

    def after(self, bits: list[Any]) -> tuple[dict[Any, str], _Control] | None:
        """Return the registers that alone read `bits`, if they have one control."""
        found, controls = {}, set()
        for bit in bits:
            readers = self._readers[bit]
            if not readers:
                continue
            name, port = readers[0]
            control = _control(self.cells[name]) if port == "DI" else None
            if len(readers) > 1 or not control:
                return None
            controls.add(control)
            found[bit] = name
        return (found, controls.pop()) if len(controls) == 1 else None

    def drop_unread(self) -> None:
        """Remove the registers that nothing reads any more."""
        read = {
            bit
            for cell in self.cells.values()
            for port, bits in cell["connections"].items()
            if cell["port_directions"][port] != "output"
            for bit in bits
        }
        ports = {bit for bit, readers in self._readers.items() if ("", "") in readers}
        for bit, name in self._by_output.items():
            if name in self.cells and bit not in read | ports:
                del self.cells[name]


def move_registers(path: Path, top: str = TOP) -> None:
    """Let multipliers register what they multiply, and their products, where registers do.

    A register before a multiplier stays if others read it, too: several multipliers can have
    copies. So the way to the multiplier begins before the register: its place is the multiplier's.

    Parameters
    ----------
    path
        The netlist from yosys's ``write_json``, flattened; it is rewritten.
    top
        The module's name.

    References
    ----------
    Lattice FPGA-TN-02205, ECP5 and ECP5-5G sysDSP Usage Guide: MULT18X18D.
    """
    netlist = json.loads(path.read_text(encoding="utf-8"))
    registers = _Registers(netlist["modules"][top])
    for cell in list(registers.cells.values()):
        if cell["type"] == "MULT18X18D":
            _register(cell, registers)
    registers.drop_unread()
    path.write_text(json.dumps(netlist), encoding="utf-8")


def _register(cell: Cell, registers: _Registers) -> None:
    nets, parameters = cell["connections"], cell["parameters"]
    if any(value != "NONE" for name, value in parameters.items() if name.endswith("_CLK")):
        return
    inputs = [f"{side}{i}" for side in "AB" for i in range(18)]
    outputs = [f"P{i}" for i in range(36) if nets.get(f"P{i}")]
    control = None
    if before := registers.before([nets[name][0] for name in inputs]):
        bits, control = before
        nets.update((name, [bit]) for name, bit in zip(inputs, bits, strict=True))
        parameters.update(REG_INPUTA_CLK="CLK0", REG_INPUTB_CLK="CLK0")
    after = registers.after([nets[name][0] for name in outputs])
    if after and control in (None, after[1]):
        found, control = after
        for name in outputs:
            if register := found.get(nets[name][0]):
                nets[name] = registers.cells.pop(register)["connections"]["Q"]
        parameters.update(REG_OUTPUT_CLK="CLK0")
    if control:
        nets.update(CLK0=[control.clock], CE0=["1"], RST0=[control.reset])
        cell["port_directions"].update(CLK0="input", CE0="input", RST0="input")


def _control(cell: Cell) -> _Control | None:
    """Return the control of a register that a multiplier can have; None for other cells."""
    parameters, nets = cell["parameters"], cell["connections"]
    if cell["type"] != "TRELLIS_FF" or not nets.get("DI"):
        return None
    needed = {"CEMUX": "1", "CLKMUX": "CLK", "REGSET": "RESET"}
    if any(parameters.get(name, "").strip() != value for name, value in needed.items()):
        return None
    reset = nets.get("LSR", ["0"])[0]
    is_synchronous = parameters.get("SRMODE", "") == "LSR_OVER_CE"
    is_synchronous &= parameters.get("LSRMUX", "") == "LSR"
    return _Control(nets["CLK"][0], reset) if is_synchronous or reset == "0" else None
