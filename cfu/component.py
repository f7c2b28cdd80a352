"""`Cfu`: the base class of every custom function unit."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from amaranth._unused import MustUse
from amaranth.hdl import Module
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.base.errors import InputError
from cfuforge.cfu.dispatcher import CommandLayout, Dispatcher, Ports
from cfuforge.cfu.instruction import Instruction, by_function_id
from cfuforge.cfu.memory_port import MemorySignature, check_width
from cfuforge.cfu.naming import name_amaranth_by_source
from cfuforge.cfu.port_memory import PortMemory
from cfuforge.cfu.prediction import Predictor
from cfuforge.cfu.reference import Reference
from cfuforge.cfu.state import Declaration

__all__ = ["Cfu"]

name_amaranth_by_source()


class Cfu(wiring.Component):
    """A custom function unit: instructions, their declared state, and the hardware for both.

    A subclass sets `instructions` and `state`, in its class or in ``__init__`` before
    ``super().__init__()``, and overrides `hardware`. Its parameters are the arguments of
    ``__init__``: int, bool or str with a default. Keyword-only ones are part of a design's spec
    only if they are changed.

    Attributes
    ----------
    name
        The short name; by default the class's name in snake case.
    kernels
        The folder of its C kernels, relative to the module's folder; by default ``kernels``.
    instructions
        The CFU's instructions. Any other function id is answered with 0 and changes nothing.
    state
        The registers and memories that the instructions' references read and write.
    direct
        Whether a command is answered in the cycle in which it is taken; see `Dispatcher`.
    memory_width
        Width in bytes of its port into tensor memory: 4, 8 or 16; 0 for none.
    constants
        Numbers that its kernels need beside the parameters, by name: each is a macro ``CFU_<NAME>``
        in ``cfu.h``, in the place of a parameter of the same name.
    structs
        What its kernels write to memory for it, by name: each is a struct ``cfu_<name>`` in
        ``cfu.h``.
    activities
        What the CFU can do in a cycle, if it works while the CPU waits: names of the values of the
        signal ``activity`` in `hardware`, of at most 8 bits. The first is ``idle``; in those named
        ``waiting for`` something it cannot go on. A profile counts them for each layer.

    Members
    -------
    cmd : ``In(stream.Signature(CommandLayout))``
        ``function_id = funct7 << 3 | funct3`` and two 32-bit operands, ``inputs_0`` (rs1) and
        ``inputs_1`` (rs2).
    rsp : ``Out(stream.Signature(32))``
        One answer for each command, in order.
    memory : ``Out(MemorySignature(memory_width))``
        The port into tensor memory, if it has one; `hardware` drives it.

    Timing
    ------
    As in `Dispatcher`: the answer comes at least one cycle after the command or, when `direct`,
    in the same cycle. At most one command a cycle; ``rsp.ready`` may stall for any time.

    Raises
    ------
    InputError
        When instructions or state have colliding names or function ids, or the wrong type, or when
        there is no memory port of that width.
    """

    name: ClassVar[str]
    kernels: ClassVar[str | Path | None] = None
    instructions: Sequence[Instruction] = ()
    state: Sequence[Declaration] = ()
    direct: bool = False
    memory_width: int = 0
    activities: Sequence[str] = ()

    constants: Mapping[str, int] = {}
    structs: Mapping[str, data.StructLayout] = {}

    _MustUse__silence = True  # no warning: a CFU is also created just to read its instructions

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self) -> None:
        by_function_id(self.instructions)
        if self.memory_width:
            check_width(self.memory_width, f"{type(self).__name__}.memory_width")
        self.reference()  # raises for a wrong state
        port = {"memory": Out(MemorySignature(self.memory_width))} if self.memory_width else {}
        super().__init__(
            {"cmd": In(stream.Signature(CommandLayout)), "rsp": Out(stream.Signature(32)), **port}
        )

    def reference(self) -> Reference:
        """Return a new reference in the state after reset."""
        memory = PortMemory() if self.memory_width else None
        return Reference(self.instructions, self.state, memory)

    def predictor(self) -> Predictor | None:
        """Return what predicts the time of a layer; None by default, if nothing does."""
        return None

    def hardware(self, m: Module, ports: Ports) -> None:
        """Add the units to `m` and connect them to the instructions' ports.

        Parameters
        ----------
        m
            The CFU's module.
        ports
            The `Port` of each instruction, by name.
        """

    def elaborate(self, platform: Any) -> Module:
        """Build the dispatcher and the units behind it."""
        m = Module()
        try:
            self._build(m)
        except Exception:
            # As Amaranth does on an uncaught exception: do not warn of what is left unused.
            MustUse._MustUse__silence = True
            raise
        return m

    def _build(self, m: Module) -> None:
        m.submodules.dispatcher = dispatcher = Dispatcher(self.instructions, direct=self.direct)
        wiring.connect(m, wiring.flipped(self.cmd), dispatcher.cmd)
        wiring.connect(m, dispatcher.rsp, wiring.flipped(self.rsp))
        ports = Ports(dispatcher, self.instructions)
        self.hardware(m, ports)
        if ports.unused:
            first = min(ports.unused)
            raise InputError(
                f"{type(self).__name__}.hardware does not use the port of instruction {first!r}, "
                f"which would never answer; add ports[{first!r}].answer(m, value)"
            )
