"""A disagreement between hardware and reference: the decoded program and its waveform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.errors import RunError
from cfuforge.base.shown import shown
from cfuforge.cfu.commands import Command
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.disassembly import function_name
from cfuforge.cfu.instruction import Instruction
from cfuforge.cfu.shapes import decode

__all__ = ["Disagreement", "DisagreementError", "DisagreementFacts", "shown_line"]

MOST = 20  # commands shown
STATE = 400  # characters of the state shown


class DisagreementFacts(TypedDict):
    """A program whose last command the hardware answers wrongly, or not at all."""

    program: list[list[Count]]
    """Its commands since reset, each as function id (``funct7 << 3 | funct3``), rs1, rs2."""
    texts: list[str]
    """Each command, decoded as its instruction is declared."""
    expected: str
    """The answer that the last command must give: the 32-bit word and its meaning."""
    got: str
    """The answer that it gives."""
    state: str
    """The reference's state before the last command."""
    found: str
    """The run that showed the disagreement."""
    waveform: str | None
    """The file with the program's waveform, or null."""


@dataclass(frozen=True)
class Disagreement:
    """A program whose last command the hardware answers wrongly, or not at all.

    Parameters
    ----------
    name
        The CFU's name.
    commands
        The program since reset.
    texts
        Each command, decoded as its instruction is declared.
    expected, got
        The answer that the last command must give, and the one that it gives: the 32-bit word and
        its meaning.
    state
        The reference's state before the last command.
    found
        Where the disagreement was found.
    waveform
        The program's waveform, or None.
    """

    name: str
    commands: tuple[Command, ...]
    texts: tuple[str, ...]
    expected: str
    got: str
    state: str
    found: str
    waveform: Path | None = None

    @classmethod
    def of(
        cls,
        cfu: Cfu,
        commands: Sequence[Command],
        answer: int | None,
        found: str,
        waveform: Path | None = None,
    ) -> Disagreement:
        """Return the disagreement of a program with its last answer, which is None if none came."""
        reference = cfu.reference()
        *before, last = commands
        reference.run(before)
        state = str(reference.state).removeprefix("State(").removesuffix(")")
        expected = reference.execute(*last)
        by_id = {each: item for item in cfu.instructions for each in item.function_ids}
        instruction = by_id.get(last.function_id)
        return cls(
            name=cfu.name,
            commands=tuple(commands),
            texts=tuple(_command(cfu, by_id.get(each.function_id), each) for each in commands),
            expected=_answer(instruction, expected),
            got=_got(instruction, answer, expected),
            state=shown(state, STATE),
            found=found,
            waveform=waveform,
        )

    @property
    def lines(self) -> list[str]:
        """The disagreement as lines of text, the first of which is a complete sentence."""
        count = len(self.commands)
        program = "1 command shows" if count == 1 else f"{count} commands show"
        lines = [f"The hardware of {self.name} is not what its reference says; {program} it:"]
        if count > MOST:
            lines.append(f"  ({count - MOST} more before)")
        lines += [f"  {text}" for text in self.texts[-MOST:]]
        lines += [f"The last must answer {self.expected}", f"          and answers {self.got}"]
        if self.state:
            lines.append(f"State before it: {self.state}")
        lines.append(f"Found {self.found}.")
        if self.waveform:
            lines.append(f"A waveform of these commands is in {self.waveform}")
        return lines

    @property
    def facts(self) -> DisagreementFacts:
        """The disagreement as a document contains it."""
        return {
            "program": [list(command) for command in self.commands],
            "texts": list(self.texts),
            "expected": self.expected,
            "got": self.got,
            "state": self.state,
            "found": self.found,
            "waveform": str(self.waveform) if self.waveform else None,
        }


class DisagreementError(RunError):
    """Hardware and reference disagree; the error's text has all lines.

    Parameters
    ----------
    disagreement
        The disagreement.
    """

    def __init__(self, disagreement: Disagreement) -> None:
        super().__init__("\n".join(disagreement.lines))
        self.disagreement = disagreement

    def __str__(self) -> str:
        return "\n".join(map(shown_line, self.disagreement.lines))

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


def shown_line(text: str) -> str:
    """Return a line of a disagreement so that it is safe to print."""
    return shown(text, 2000)


def _command(cfu: Cfu, instruction: Instruction | None, command: Command) -> str:
    name = function_name(cfu.instructions, command.function_id)
    if instruction is None:
        return f"{name} rs1={command.rs1:#x} rs2={command.rs2:#x}"
    operands = ((instruction.rs1, command.rs1), (instruction.rs2, command.rs2))
    texts = [f"{each.name}={decode(each.shape, word)}" for each, word in operands if each]
    words = [f"{word:#010x}" for each, word in operands if each]
    return f"{name} {' '.join(texts)}" + (f"   ({', '.join(words)})" if words else "")


def _answer(instruction: Instruction | None, word: int) -> str:
    if instruction is None or instruction.rd is None:
        return f"{word:#010x}"
    return f"{instruction.rd.name}={decode(instruction.rd.shape, word)}   ({word:#010x})"


def _got(instruction: Instruction | None, answer: int | None, expected: int) -> str:
    """Return an answer, and which of its lanes are wrong."""
    if answer is None:
        return "no answer within 100,000 cycles"
    text = _answer(instruction, answer)
    if instruction is None or instruction.rd is None:
        return text
    got, right = (decode(instruction.rd.shape, word) for word in (answer, expected))
    if not (isinstance(got, tuple) and isinstance(right, tuple)):
        return text
    lanes = [
        str(lane) for lane, pair in enumerate(zip(got, right, strict=True)) if len({*pair}) > 1
    ]
    return f"{text}, wrong in lane {', '.join(lanes)}" if lanes else text
