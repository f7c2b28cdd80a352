"""A CFU's memory port: its declaration, its Verilog, its C header, the memory of references."""

from __future__ import annotations

import re

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In
from sample_cfus import Sum4

from cfuforge.base.errors import InputError
from cfuforge.cfu import Cfu, Design, MemorySignature, Ports, Register, u32
from cfuforge.cfu.port_memory import PortMemory

PORTS = {
    "memory_request_valid": ("output", 1),
    "memory_request_ready": ("input", 1),
    "memory_request_address": ("output", 32),
    "memory_request_write": ("output", 1),
    "memory_request_strobe": ("output", 0),
    "memory_request_data": ("output", 0),
    "memory_response_valid": ("input", 1),
    "memory_response_data": ("input", 0),
}


class Reader(Sum4):
    """A CFU that reads address 0 again and again, with a port of any width."""

    def __init__(self, width: int = 8) -> None:
        self.width = self.memory_width = width
        super().__init__()

    def hardware(self, m: Module, ports: Ports) -> None:
        """Always ask."""
        super().hardware(m, ports)
        m.d.comb += self.memory.request.valid.eq(1)


@pytest.mark.parametrize("width", [4, 8, 16])
def test_its_verilog_ports(width: int) -> None:
    design = Design(Reader, {"width": width})
    assert design.memory_width == width
    text = design.verilog()
    (header,) = re.findall(r"^module Cfu\((.*?)\);", text, re.M | re.S)
    assert set(PORTS) < set(header.split(", "))
    body = text[text.index("module Cfu(") : text.index("endmodule")]
    for name, (direction, bits) in PORTS.items():
        bits = bits or (width if name.endswith("strobe") else 8 * width)
        span = f" [{bits - 1}:0]" if bits > 1 else ""
        assert f"  {direction}{span} {name};" in body


def test_a_cfu_without_a_port_has_none_of_them() -> None:
    assert "memory_" not in Design(Sum4).verilog()
    assert not hasattr(Sum4(), "memory")
    assert Design(Sum4).memory_width == 0
    assert "memory port" not in Design(Sum4).documentation()
    assert '"memory"' not in Design(Sum4).header()


def test_what_is_said_of_it() -> None:
    assert "It has a memory port of 8 bytes." in Design(Reader).documentation()
    header = Design(Reader).header()
    assert header.count(': "memory");') == len(Reader.instructions)
    assert "no memory clobber" not in header


@pytest.mark.parametrize("width", [-8, 1, 2, 12, 32, True, "8"])
def test_a_width_that_no_port_has(width: int) -> None:
    with pytest.raises(
        InputError, match=rf"Reader.memory_width must be 4, 8 or 16 bytes, not {width!r}$"
    ):
        Reader(width)
    with pytest.raises(InputError, match=rf"memory port must be 4, 8 or 16 bytes, not {width!r}$"):
        MemorySignature(width)


def test_it_connects_to_a_memory() -> None:
    class Memory(wiring.Component):
        def __init__(self) -> None:
            super().__init__({"port": In(MemorySignature(8))})

    memory, cfu, wide, m = Memory(), Reader(), Reader(16), Module()
    m._MustUse__silence = memory._MustUse__silence = True  # neither becomes hardware
    wiring.connect(m, cfu.memory, memory.port)
    with pytest.raises(wiring.ConnectionError):
        wiring.connect(m, wide.memory, memory.port)


def test_the_memory_of_references_repeats_everywhere() -> None:
    memory, size = PortMemory(), PortMemory.SIZE
    assert memory.data == PortMemory().data != bytearray(size)
    memory.write(0xFFFF_FFFE, b"abcd")
    assert memory.read(size - 2, 4) == b"abcd"
    assert memory.read(5 * size + 1, 1) == b"d"
    assert len(memory.data) == size
    assert memory.read(7, size)[-7:] == memory.read(0, 7)
    with pytest.raises(InputError, match="the size must be 0 to 65,536 bytes, not 65,537"):
        memory.read(0, size + 1)
    memory.reset()
    assert memory.data == PortMemory().data


def test_a_reference_starts_with_the_same_memory() -> None:
    reference = Reader().reference()
    reference.state.memory.write(0, b"12345678")
    reference.reset()
    assert reference.state.memory.data == PortMemory().data
    with pytest.raises(InputError, match="state 'memory' is not declared"):
        Sum4().reference().state.memory.read(0, 1)


def test_a_state_of_the_same_name() -> None:
    class Named(Cfu):
        memory_width = 8
        state = (Register("memory", u32),)

    with pytest.raises(InputError, match=r"must not be called 'memory', which .*; call it 'my_"):
        Named()
