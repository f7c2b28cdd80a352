from __future__ import annotations

from typing import Any

import pytest
from amaranth.hdl import Module

from cfuforge.base.errors import InputError
from cfuforge.cfu import Cfu, Index, Instruction, Operand, Ports, Reference, s8, s32, u32
from cfuforge.cfu.verilog import to_rtlil


def make(name: str = "add", **changes: Any) -> Instruction:
    given: dict[str, Any] = {
        "funct3": 1,
        "rs1": Operand("a", s32),
        "rs2": Operand("b", s8),
        "rd": Operand("sum", s32),
        "reference": lambda state, a, b: a + b,
    }
    return Instruction(name, **given | changes)


def test_function_ids_and_words() -> None:
    indexed = make(funct7=5, index=Index("i", 3), reference=lambda state, i, a, b: 100 * i + a + b)
    assert list(indexed.function_ids) == [5 << 3 | 1, 6 << 3 | 1, 7 << 3 | 1]
    # The assembler's word for: .insn r 0x0b, 1, 7, a0, a1, a2
    assert indexed.word(rd=10, rs1=11, rs2=12, index=2) == 0x0EC5_950B
    assert Reference([indexed]).execute(6 << 3 | 1, 0xFFFF_FFFF, 0x1FF) == 98


def test_undeclared_ids_answer_0() -> None:
    assert Reference([make()]).execute(2, 3, 4) == 0


def test_the_doc_is_the_references_by_default() -> None:
    def reference(state: Any, a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    assert make(reference=reference).doc == "Add two numbers."
    assert make(reference=reference, doc="Other.").doc == "Other."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"funct3": 8}, r"instruction 'add': funct3 must be 0\.\.7, not 8"),
        ({"funct7": 128}, r"instruction 'add': funct7 must stay within 0\.\.127, not 128\.\.128"),
        ({"funct7": 120, "index": Index("i", 9)}, r"must stay within 0\.\.127, not 120\.\.128"),
        ({"reference": None}, r"reference must be a function reference\(state, a, b\), not None"),
        ({"reference": lambda state, a: a}, r"its reference must take reference\(state, a, b\)"),
        ({"rs2": Operand("a", s32)}, r"operands need different names, not a, a"),
        ({"name": "2x"}, r"the name of an instruction must be a C identifier, not '2x'"),
        ({"name": "switch"}, r"must not be 'switch', a keyword of C; call it 'switch_'"),
        (
            {"name": "host_op"},
            r"must not be 'host_op', whose function would be cfu_host_op: C code",
        ),
        ({"name": "add_index_is_out_of_range"}, r"C code for kernels already uses this name"),
    ],
)
def test_declarations_are_checked(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_operands_and_indices_are_checked() -> None:
    with pytest.raises(InputError, match=r"name of an operand must be a C identifier, not 'a b'"):
        Operand("a b", s32)
    for name in ("volatile", "int", "typeof", "asm", "class", "xor", "wchar_t"):
        for make_it in (lambda: Operand(name, s32), lambda: Index(name, 2)):  # noqa: B023
            with pytest.raises(InputError, match=rf"must not be '{name}', a keyword of C(\+\+)?; "):
                make_it()
    for name in (
        "cfu_rd",
        "CFU_NAME",
        "cfu_host_op",
        "nn_context",
        "uint32_t",
        "INT32_MAX",
        "unix",
    ):
        with pytest.raises(InputError, match=rf"must not be '{name}': C code for kernels already"):
            Operand(name, s32)
    with pytest.raises(InputError, match=r"the shape of operand 'a' must be"):
        Operand("a", 33)
    with pytest.raises(InputError, match=r"count of index 'i' must be 1\.\.128, not 0"):
        Index("i", 0)
    with pytest.raises(InputError, match=r"register rs1 must be 0\.\.31, not 32"):
        make().word(rs1=32)
    with pytest.raises(InputError, match=r"index must be 0\.\.0, not 1"):
        make().word(index=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"reference": lambda state, a, b: 1 << 31},
            r"what the reference of instruction 'add' returns must be .*\(s32\), not 2147483648",
        ),
        ({"reference": lambda state, a, b: None}, r"'add' returns must be an integer, not None"),
        ({"rd": None}, r"returned 7, but no rd is declared; declare rd=Operand\(\.\.\.\)"),
    ],
)
def test_what_the_reference_returns_is_checked(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Reference([make(**changes)]).execute(1, 3, 4)


def cfu_of(*instructions: Any) -> type[Cfu]:
    return type("Made", (Cfu,), {"instructions": instructions})


def test_collisions_name_both_instructions_and_the_remedy() -> None:
    indexed = make("other", funct7=0, index=Index("i", 4), reference=lambda state, i, a, b: 0)
    message = (
        r"instructions 'add' and 'other' share function id 17 \(funct3 1, funct7 2\); "
        r"change funct3 or funct7 of one"
    )
    with pytest.raises(InputError, match=message):
        cfu_of(make(funct7=2), indexed)()
    with pytest.raises(InputError, match=r"instruction 'add' is declared twice"):
        cfu_of(make(), make(funct3=2))()
    with pytest.raises(InputError, match=r"must hold Instruction objects, not 'add'"):
        cfu_of("add")()


def test_an_instruction_without_hardware_is_an_error_not_a_hang() -> None:
    with pytest.raises(InputError, match=r"Made\.hardware does not use .* 'add'.* would never"):
        to_rtlil(cfu_of(make())())


def test_a_port_that_does_not_exist() -> None:
    class Typo(Cfu):
        instructions = (make(),)

        def hardware(self, m: Module, ports: Ports) -> None:
            ports["sub"].answer(m)

    with pytest.raises(InputError, match=r"no instruction is named 'sub'; there are: add"):
        to_rtlil(Typo())


def test_a_name_in_snake_case() -> None:
    assert type("MyInt8Mac", (Cfu,), {}).name == "my_int8_mac"
    assert type("Other", (Cfu,), {"name": "given", "state": ()}).name == "given"


def test_unsigned_results_stay_32_bits() -> None:
    wide = make(rd=Operand("x", u32), reference=lambda state, a, b: 0xFFFF_FFFF)
    assert Reference([wide]).execute(1, 0, 0) == 0xFFFF_FFFF
