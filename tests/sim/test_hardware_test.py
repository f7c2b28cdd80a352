"""A wrong CFU: the shortest program that shows it, decoded, with its state and a waveform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Module, Signal, signed

from cfuforge.base.errors import RunError
from cfuforge.cfu import Cfu, Instruction, Operand, Register, s8x4, s32
from cfuforge.cfu.commands import Command
from cfuforge.sim.disagreement import DisagreementError
from cfuforge.sim.hardware_test import check_instructions
from cfuforge.sim.shrink import shrink


def start(state: Any, offset: int) -> None:
    """Set the offset."""
    state.offset = offset


def moved(state: Any, x: tuple[int, ...]) -> tuple[int, ...]:
    """Return x + offset in each lane, as 8 bits wrap."""
    return tuple((each + state.offset + 128) % 256 - 128 for each in x)


class Moved(Cfu):
    """Adds an offset to four lanes; `fault` says what it does wrong."""

    state = (Register("offset", signed(9)),)
    instructions = (
        Instruction("start", funct3=0, rs1=Operand("offset", signed(9)), reference=start),
        Instruction(
            "move", funct3=1, rs1=Operand("x", s8x4), rd=Operand("y", s8x4), reference=moved
        ),
        Instruction(
            "count", funct3=2, rs2=Operand("n", s32), rd=Operand("m", s32),
            reference=lambda state, n: n,
        ),
    )  # fmt: skip

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        super().__init__()

    def hardware(self, m: Module, ports: Any) -> None:
        offset = Signal(signed(9))
        start, move, count = ports["start"], ports["move"], ports["count"]
        start.answer(m)
        with m.If(start.taken):
            m.d.sync += offset.eq(start.rs1)
        wrong = (offset > 100) & (self.fault == "lane")
        lanes = [move.rs1[lane] + offset + (wrong if lane == 2 else 0) for lane in range(4)]
        for lane, value in enumerate(lanes):
            m.d.comb += move.rsp.payload[lane].eq(value)
        m.d.comb += [move.cmd.ready.eq(move.rsp.ready), move.rsp.valid.eq(move.cmd.valid)]
        count.answer(m, count.rs2, when=~((count.rs2 == -1) & (self.fault == "silent")))


def test_a_program_is_as_short_as_it_can_be() -> None:
    program = [Command(index % 7, 0xFFFF_FFFF, 0xFFFF_FFFF) for index in range(200)]

    def fails(commands: Any) -> bool:
        """Whether a 3 with bit 9, and then a 5, and the last one's bit 31 are there."""
        ids = [each.function_id for each in commands if each.rs1 & 1 << 9 or each.function_id != 3]
        return 3 in ids and 5 in ids[ids.index(3) :] and bool(commands[-1].rs2 >> 31)

    assert fails(program)
    shortest = shrink(program, fails)
    assert [each.function_id for each in shortest] == [3, 5, program[-1].function_id]
    assert shortest[0] == Command(3, 1 << 9, 0)
    assert shortest[-1] == Command(program[-1].function_id, 0, 1 << 31)


def test_no_time_to_look_leaves_it_as_it_was() -> None:
    program = [Command(0, 1, 2)] * 3
    assert shrink(program, lambda _: True, seconds=0.0) == program


def test_a_wrong_lane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError) as caught:
        check_instructions(Moved("lane"), count=3_000)
    assert isinstance(caught.value, DisagreementError)
    found = caught.value.disagreement
    assert [each.partition(" ")[0] for each in found.texts] == ["start", "move"]
    assert "x=(0, 0, 0, 0)" in found.texts[1]
    lines = str(caught.value).splitlines()
    assert lines[0] == "The hardware of moved is not what its reference says; 2 commands show it:"
    offset = found.commands[0].rs1 & 511
    assert f"State before it: offset={offset}" in lines
    assert any(line.startswith("The last must answer y=(") for line in lines)
    (got,) = (line.strip() for line in lines if line.strip().startswith("and answers y=("))
    assert got.endswith("), wrong in lane 2")
    assert found.waveform
    assert lines[-1] == f"A waveform of these commands is in {found.waveform}"
    text = found.waveform.read_text()
    assert "cmd_payload_function_id" in text
    assert "offset" in text
    assert found.waveform.parent == Path("build", "trace")


def test_an_answer_that_does_not_come(tmp_path: Path) -> None:
    with pytest.raises(DisagreementError, match="no answer within") as caught:
        check_instructions(Moved("silent"), count=3_000, waveform=tmp_path / "x.vcd")
    found = caught.value.disagreement
    assert found.commands == (Command(2, 0, 0xFFFF_FFFF),)
    assert found.texts == ("count n=-1   (0xffffffff)",)
    assert (tmp_path / "x.vcd").stat().st_size > 0


def test_a_waveform_that_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "full.vcd"
    path.symlink_to("/dev/full")
    with pytest.raises(DisagreementError) as caught:
        check_instructions(Moved("silent"), count=3_000, waveform=path)
    assert caught.value.disagreement.waveform is None


def test_a_right_one_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_instructions(Moved(), count=3_000)
    assert not list(tmp_path.iterdir())
