"""Dispatch one stream of commands to the instructions' units, and return answers in order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, ShapeLike, Signal, Value, ValueLike, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.base.errors import InputError
from cfuforge.cfu.fifo import ResponseFifo
from cfuforge.cfu.instruction import Instruction, by_function_id

__all__ = ["CommandLayout", "Dispatcher", "Port", "PortSignature", "Ports"]

CommandLayout = data.StructLayout({"function_id": 10, "inputs_0": 32, "inputs_1": 32})


class PortSignature(wiring.Signature):
    """The connection between the dispatcher and the unit of one instruction.

    Members
    -------
    cmd : ``Out(stream)``
        The payload has those of the fields ``index``, ``rs1`` and ``rs2`` that the instruction
        declares, in their declared shapes, or one meaningless bit when it declares none. A unit may
        change state only when ``valid`` and ``ready`` are high.
    rsp : ``In(stream)``
        One answer for each command, in the cycle in which the command is taken or any later one: in
        the shape of ``rd``, or one meaningless bit when there is no ``rd``.
    """

    def __init__(self, instruction: Instruction) -> None:
        fields: dict[str, ShapeLike] = {}
        if instruction.index:
            fields["index"] = unsigned(max(1, ceil_log2(instruction.index.count)))
        for name in ("rs1", "rs2"):
            operand = getattr(instruction, name)
            if operand:
                fields[name] = operand.shape
        operands = data.StructLayout(fields) if fields else unsigned(1)
        result = instruction.rd.shape if instruction.rd else unsigned(1)
        super().__init__(
            {
                "cmd": Out(stream.Signature(operands)),
                "rsp": In(stream.Signature(result)),
            }
        )

    def create(self, *, path: Any = None, src_loc_at: int = 0) -> "Port":
        """Create the `Port`."""
        return Port(self, path=path, src_loc_at=1 + src_loc_at)


class Port(wiring.PureInterface):
    """One instruction's port at the dispatcher: two streams, and shortcuts for simple cases.

    To connect a unit that has streams, use ``wiring.connect(m, port.cmd, unit.cmd)`` and
    ``wiring.connect(m, unit.rsp, port.rsp)``.
    """

    cmd: Any
    rsp: Any

    @property
    def rs1(self) -> Any:
        """Operand rs1 in its declared shape, valid with ``cmd.valid``."""
        return self.cmd.payload.rs1

    @property
    def rs2(self) -> Any:
        """Operand rs2 in its declared shape, valid with ``cmd.valid``."""
        return self.cmd.payload.rs2

    @property
    def index(self) -> Any:
        """The instruction's immediate index, valid with ``cmd.valid``."""
        return self.cmd.payload.index

    @property
    def taken(self) -> Value:
        """High in the cycle in which the command is taken; change state only then."""
        taken: Value = self.cmd.valid & self.cmd.ready
        return taken

    def answer(self, m: Module, value: ValueLike = 0, *, when: ValueLike = 1) -> None:
        """Answer in the cycle in which the command is taken.

        Parameters
        ----------
        m
            The module to add the statements to, outside of any ``m.If``.
        value
            The result, from this cycle's operands and state; ignored when there is no rd.
        when
            The command waits while this is 0.
        """
        m.d.comb += [
            self.cmd.ready.eq(when),
            self.rsp.valid.eq(self.cmd.valid & when),
            self.rsp.payload.eq(value),
        ]


class Dispatcher(wiring.Component):
    """Pass each command to its instruction's unit, and return the answers in order.

    A function id that no instruction declares is answered with 0 and changes nothing.

    Parameters
    ----------
    instructions
        The instructions, whose function ids must not overlap.
    direct
        Answer in the cycle in which the command is taken, without a register: for a CPU that waits
        for each answer. Every unit must then answer as `Port.answer` does.

    Members
    -------
    cmd : ``In(stream.Signature(CommandLayout))``
        ``ready`` does not depend on the operands or, unless `direct`, on ``rsp.ready``.
    rsp : ``Out(stream.Signature(32))``
        Answers in the order of the commands; ``valid`` and ``payload`` come from registers, unless
        `direct`.
    port_<name> : ``Out(PortSignature(instruction))``
        One for each instruction.

    Timing
    ------
    An answer is valid one cycle after the unit gives it or, when `direct`, at once. A unit that
    answers in the cycle in which it takes the command sustains one command a cycle. No command is
    taken while the one before is unanswered.

    Raises
    ------
    InputError
        When names or function ids collide.
    """

    def __init__(self, instructions: Sequence[Instruction], *, direct: bool = False) -> None:
        by_function_id(instructions)
        self._instructions = tuple(instructions)
        self._direct = direct
        ports = {f"port_{item.name}": Out(PortSignature(item)) for item in instructions}
        super().__init__(
            {
                "cmd": In(stream.Signature(CommandLayout)),
                "rsp": Out(stream.Signature(32)),
                **ports,
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the decoder and the answer multiplexer."""
        m = Module()
        if self._direct:
            self._answer_directly(m)
        else:
            self._answer_from_fifo(m)
        return m

    def _answer_directly(self, m: Module) -> None:
        """Pass the units' answers on; a unit sees its command only when ``rsp.ready`` is high."""
        declared: Value = Value.cast(0)
        taken: Value = Value.cast(0)
        answer: Value = Value.cast(0)
        for item in self._instructions:
            port = getattr(self, f"port_{item.name}")
            match = Signal(name=f"{item.name}_match")
            m.d.comb += match.eq(_matches(self.cmd.payload.function_id, item.function_ids))
            self._connect_operands(m, item, port)
            m.d.comb += [
                port.cmd.valid.eq(self.cmd.valid & match & self.rsp.ready),
                port.rsp.ready.eq(1),
            ]
            declared |= match
            taken |= match & port.cmd.ready
            if item.rd:
                answer |= Mux(match, _extend(port.rsp.payload), 0)
        answered = taken | ~declared
        m.d.comb += [
            self.cmd.ready.eq(answered & self.rsp.ready),
            self.rsp.valid.eq(answered & self.cmd.valid),
            self.rsp.payload.eq(answer),
        ]

    def _answer_from_fifo(self, m: Module) -> None:
        """Keep answers in a FIFO, so that no unit waits for the CPU."""
        m.submodules.fifo = fifo = ResponseFifo(unsigned(32))
        wiring.connect(m, fifo.output, wiring.flipped(self.rsp))
        waiting = Signal()  # a taken command is unanswered
        open_ = Signal()  # the command may pass to its unit
        m.d.comb += open_.eq(fifo.input.ready & ~waiting)

        declared: Value = Value.cast(0)
        answer: Value = Value.cast(0)
        for item in self._instructions:
            port = getattr(self, f"port_{item.name}")
            pending = Signal(name=f"{item.name}_pending")
            match = Signal(name=f"{item.name}_match")
            m.d.comb += match.eq(_matches(self.cmd.payload.function_id, item.function_ids))
            self._connect_operands(m, item, port)
            m.d.comb += [
                port.cmd.valid.eq(self.cmd.valid & match & open_),
                port.rsp.ready.eq(port.cmd.valid | pending),
            ]
            taken = port.cmd.valid & port.cmd.ready
            answered = (taken | pending) & port.rsp.valid
            with m.If(match & open_):
                m.d.comb += self.cmd.ready.eq(port.cmd.ready)
            with m.If(taken & ~port.rsp.valid):
                m.d.sync += [pending.eq(1), waiting.eq(1)]
            with m.Elif(pending & port.rsp.valid):
                m.d.sync += [pending.eq(0), waiting.eq(0)]
            with m.If(answered):
                m.d.comb += fifo.input.valid.eq(1)
            declared |= match
            if item.rd:
                answer |= Mux(answered, _extend(port.rsp.payload), 0)

        m.d.comb += fifo.input.payload.eq(answer)
        with m.If(~declared & open_):
            m.d.comb += [self.cmd.ready.eq(1), fifo.input.valid.eq(self.cmd.valid)]

    def _connect_operands(self, m: Module, item: Instruction, port: Any) -> None:
        payload, command = port.cmd.payload, self.cmd.payload
        if item.index:
            offset = command.function_id[3:] - item.funct7
            m.d.comb += payload.index.eq(offset)
        if item.rs1:
            m.d.comb += Value.cast(payload.rs1).eq(command.inputs_0)
        if item.rs2:
            m.d.comb += Value.cast(payload.rs2).eq(command.inputs_1)


def _matches(function_id: Value, ids: range) -> Value:
    """Compare an id with `ids`, 8 apart; an aligned power of two of them takes one comparison."""
    funct3, first, count = ids[0] & 7, ids[0] >> 3, len(ids)
    funct7 = function_id[3:]
    if count & (count - 1) == 0 and first % count == 0:
        bits = ceil_log2(count)
        return (function_id[:3] == funct3) & (funct7[bits:] == first >> bits)
    return (function_id[:3] == funct3) & (funct7 >= first) & (funct7 < first + count)


def _extend(payload: Any) -> Value:
    """Extend a result to 32 bits: a signed scalar by its sign, anything else by zeros."""
    value = Value.cast(payload)
    sign = value[-1] if value.shape().signed else Const(0)
    return Cat(value, sign.replicate(32 - len(value)))


class Ports(Mapping[str, Any]):
    """The ports of a dispatcher by instruction name."""

    def __init__(self, dispatcher: Dispatcher, instructions: Sequence[Instruction]) -> None:
        self._ports = {item.name: getattr(dispatcher, f"port_{item.name}") for item in instructions}
        self.unused = set(self._ports)

    def __getitem__(self, name: str) -> Any:
        if name not in self._ports:
            known = ", ".join(self._ports) or "none"
            raise InputError(f"no instruction is named {name!r}; there are: {known}")
        self.unused.discard(name)
        return self._ports[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ports)

    def __len__(self) -> int:
        return len(self._ports)
