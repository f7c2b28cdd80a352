from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cfuforge.cfu import Design

DESIGN = Design.load("simd_mac")
NAMES = ["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"]
NAMES += [f"a{n}" for n in range(8)] + [f"s{n}" for n in range(2, 12)]
NAMES += [f"t{n}" for n in range(3, 7)]
REGISTER = st.integers(0, 31)


@given(st.sampled_from(DESIGN.instructions), st.data(), REGISTER, REGISTER, REGISTER)
def test_what_is_disassembled_assembles_to_the_same_word(
    item: object, data: st.DataObject, rd: int, rs1: int, rs2: int
) -> None:
    index = data.draw(st.integers(0, len(item.function_ids) - 1))  # type: ignore[attr-defined]
    word = item.word(rd=rd, rs1=rs1, rs2=rs2, index=index)  # type: ignore[attr-defined]
    text = DESIGN.disassemble(word)
    assert text is not None
    match = re.fullmatch(r"cfu (\w+)(?:\[(\d+)\])? (\w+), (\w+), (\w+)", text)
    assert match
    (again,) = [one for one in DESIGN.instructions if one.name == match[1]]
    rd, rs1, rs2 = (NAMES.index(match[group]) for group in (3, 4, 5))
    assert again.word(rd=rd, rs1=rs1, rs2=rs2, index=int(match[2] or 0)) == word


def test_texts() -> None:
    assert DESIGN.disassemble(0x0AC5_950B) == "cfu dot[5] a0, a1, a2"
    assert DESIGN.disassemble(0x00C5_850B) == "cfu set_offsets a0, a1, a2"
    assert DESIGN.disassemble(0xFEC5_F50B) == "cfu undeclared(funct3=7, funct7=127) a0, a1, a2"
    assert DESIGN.disassemble(0x00C5_8533) is None  # add a0, a1, a2
