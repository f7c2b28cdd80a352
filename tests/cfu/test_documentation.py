from __future__ import annotations

from cfuforge.cfu import Design


def test_every_instruction_and_state_has_its_row() -> None:
    design = Design.load("simd_mac:rows=2")
    text = design.documentation()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == len(design.instructions) + 9
    (dot,) = [row for row in rows if row.startswith("| `dot[i]`")]
    assert "| 1 | i: 0..7, accumulator, 4 * row + channel | `x` s8x4: four inputs" in dot
    assert "| `acc[8]` | s32 | 0 |" in text


def test_every_instruction_of_the_designs_says_what_it_does() -> None:
    for item in Design.load("simd_mac").instructions:
        assert item.doc
        assert item.doc[0].isupper()
