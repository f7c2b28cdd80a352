"""The types of the document of a profile, and a check that its numbers agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from annotated_types import Interval
from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.comparisons.verdict import Verdict
from cfuforge.inputs.files import InputFacts
from cfuforge.sim.account.account import BETWEEN
from cfuforge.sim.account.counting import Cause
from cfuforge.sw.memory_plan import Buffer
from cfuforge.sw.run import Run
from cfuforge.sw.tflite_model import ModelFacts

__all__ = [
    "Activity",
    "Advice",
    "Call",
    "CauseFacts",
    "CfuCycles",
    "Counted",
    "Function",
    "Memory",
    "ProfileDocument",
    "ProfiledInstruction",
    "ProfiledLayer",
    "Source",
    "contradiction",
]

NESTED = 1_000_000  # elements of the paths of all calls together


class CauseFacts(TypedDict):
    """A cause of cycles."""

    name: str
    """Identifier."""
    text: str
    """Text for display."""
    retired: bool
    """Whether an instruction retires in these cycles; in cycles of other causes none does."""


class CfuCycles(TypedDict):
    """The cycles of a CFU instruction in a layer."""

    retired: Count
    """Clock cycles in which it retired, which is how often it ran."""
    busy: Count
    """Clock cycles in which the CFU did not accept it, or did not respond."""
    hazard: Count
    """Clock cycles in which it waited for an instruction, or one waited for its result."""


class Activity(TypedDict):
    """The cycles in which a CFU did something in a layer."""

    cycles: Count
    """Clock cycles."""
    waited: Count
    """Those in which the CPU waited for the CFU."""


class Advice(TypedDict):
    """The possible gain in a layer from one change."""

    rule: str
    """Name of the rule."""
    cost: str
    """The cost that it is about."""
    text: str
    """The advice, a sentence."""
    remedy: str
    """The part of the sentence that is the same in every layer."""
    removable: Count
    """The most cycles that the change removes. Costs overlap, so that gains do not add up."""


class Counted(TypedDict):
    """Cycles, in total and by cause."""

    cycles: Count
    """Clock cycles."""
    causes: list[Count]
    """Cycles of each of the document's causes, in order; they add up to `cycles`."""


class ProfiledLayer(Counted):
    """A layer, or the code between layers."""

    index: Annotated[int, Interval(ge=BETWEEN, le=(1 << 32) - 1)]
    """Position in the model; -1 for the code between layers, which comes last."""
    operator: str
    """TFLite's name, such as ``CONV_2D``."""
    text: str
    """Text for display: the operator with the size of its filter."""
    kernel: str
    """The kernel that computed it, such as ``simd_mac/conv_s8``."""
    macs: Count
    """Multiply-accumulates."""
    cfu: dict[str, CfuCycles]
    """The CFU instructions in it, by name."""
    activities: dict[str, Activity]
    """What a CFU that works by itself did. Their cycles add up to the layer's, and those in which
    the CPU waited to its cause ``cfu_busy``."""
    memory_bytes: Count
    """Bytes that its loads and stores moved."""
    cfu_bytes: Count
    """Bytes of the operands and results of its CFU instructions."""
    advice: list[Advice]
    """Possible gains, largest first."""


class Function(Counted):
    """A function of the firmware."""

    name: str
    """Name of the function."""
    file: str
    """Source file in which its code begins."""
    line: Count
    """Line in that file, from 1."""


class ProfiledInstruction(Counted):
    """An instruction of the firmware that ran, or that is in a function with many cycles."""

    address: Count
    """Its address; 0 for the cycles before the first instruction."""
    function: str
    """Name of the function that it is in."""
    function_index: Count
    """Position of that function in ``functions``, as static functions can share a name."""
    text: str
    """Disassembly."""
    file: str
    """Source file that it comes from."""
    line: Count
    """Line in that file, from 1."""
    inlined: list[str]
    """Inlined functions that it comes from, outermost first."""
    by_layer: list[list[Annotated[int, Interval(ge=BETWEEN, le=(1 << 53) - 1)]]]
    """Its cycles, as triples: layer (-1 between layers), number of the cause, cycles."""


class Source(TypedDict):
    """A part of a source file."""

    first: Count
    """Number of the first line, from 1."""
    lines: list[str]
    """The lines."""


class Call(TypedDict):
    """A node of the call tree: the inference, a layer, or calls of one function."""

    parent: Annotated[int, Interval(ge=-1, le=(1 << 32) - 1)]
    """Position of the caller, which comes earlier; -1 for the inference."""
    name: str
    """Name of the function or layer."""
    file: str
    """Source file of the function; empty for a layer."""
    cycles: Count
    """Clock cycles in it, without its callees."""
    calls: Count
    """Number of calls."""


class Part(TypedDict):
    """Something stored in a memory."""

    name: str
    """Description."""
    begin: Count
    """First address."""
    bytes: Count
    """Size in bytes."""


class Region(TypedDict):
    """A memory of the SoC."""

    name: str
    """Name of the memory."""
    origin: Count
    """First address."""
    size: Count
    """Size in bytes."""
    parts: list[Part]
    """Contents, by address."""


class Memory(TypedDict):
    """The memories and their contents."""

    regions: list[Region]
    """The SoC's memories."""
    arena: list[Buffer]
    """Tensors and scratch memory in the tensor arena."""
    arena_bytes: Count | None
    """Bytes that the arena needed."""


class Ceilings(TypedDict):
    """The bounds on multiply-accumulates per cycle."""

    multipliers: Annotated[int, Interval(ge=1, le=(1 << 32) - 1)]
    """Products of int8 values that the design can form per cycle."""
    cfu_bytes: Annotated[int, Interval(ge=1, le=(1 << 32) - 1)]
    """Bytes of operands and result of a CFU instruction, of which one can begin per cycle."""
    memory_bytes: Annotated[int, Interval(ge=1, le=(1 << 32) - 1)]
    """Bytes of a load or a store, of which one can begin per cycle."""


class ProfileDocument(Head):
    """One inference with a cause for every cycle: written by ``cfuforge profile``."""

    schema: Literal["profile"]
    """The type of this document."""
    run: Run
    """The inference."""
    model: ModelFacts
    """The model."""
    input: InputFacts
    """The input."""
    oracle: Verdict
    """The oracle's verdict."""
    causes: list[CauseFacts]
    """The causes, in the order of all lists by cause."""
    layers: list[ProfiledLayer]
    """The layers in order, then the code between them; their cycles add up to the run's."""
    functions: list[Function]
    """The firmware's functions that ran, costliest first; their cycles add up to the run's."""
    instructions: list[ProfiledInstruction]
    """The instructions, by address."""
    sources: dict[str, Source]
    """The source of the functions that took many cycles, by file."""
    calls: list[Call]
    """The call tree; the cycles of its nodes add up to the run's."""
    memory: Memory
    """The memories."""
    ceilings: Ceilings
    """The lines of the roofline."""


def contradiction(document: ProfileDocument) -> str:
    """Return a description of any inconsistency in a valid document; empty if there is none."""
    run, layers = document["run"], document["layers"]
    if not run.cycles:
        return "run.cycles must be 1 or more"
    if "clock_hz" not in run.soc:
        return "run.soc has no 'clock_hz'"
    if "cfuforge" not in run.tools:
        return "run.tools has no 'cfuforge'"
    if [each["name"] for each in document["causes"]] != [cause.name.lower() for cause in Cause]:
        return "causes are others than this version's"
    wanted = [*range(len(layers) - 1), BETWEEN]
    if [layer["index"] for layer in layers] != wanted:
        return f"layers must have the indices 0, 1, ... and {BETWEEN}"
    return _counts(document) or _calls(document["calls"]) or _layer_numbers(document)


def _counts(document: ProfileDocument) -> str:
    cycles = document["run"].cycles or 0
    layers, functions, calls = document["layers"], document["functions"], document["calls"]
    counted: dict[str, Sequence[Counted]] = {
        "layers": layers,
        "functions": functions,
        "instructions": document["instructions"],
    }
    for part, elements in counted.items():
        for index, each in enumerate(elements):
            if len(each["causes"]) != len(Cause) or sum(each["causes"]) != each["cycles"]:
                return f"{part}[{index}].causes must be {len(Cause)} that add up to its cycles"
    for index, layer in enumerate(layers):
        if did := layer["activities"].values():
            found = sum(one["cycles"] for one in did), sum(one["waited"] for one in did)
            if found != (layer["cycles"], layer["causes"][Cause.CFU_BUSY]):
                return f"layers[{index}].activities must add up to its cycles and to cfu_busy"
    totals: dict[str, Sequence[Counted | Call]] = {
        "layers": layers,
        "functions": functions,
        "calls": calls,
    }
    for part, whole in totals.items():
        total = sum(each["cycles"] for each in whole)
        if total != cycles:
            return f"its {part} have {total:,} cycles, its run {cycles:,}"
    return ""


def _are_parts(rows: list[list[int]], causes: list[int], layers: range) -> bool:
    """Return whether rows of layer, cause and cycles add up to the cycles of each cause."""
    left = list(causes)
    for row in rows:
        if len(row) != 3 or row[0] not in layers or row[1] not in range(len(left)) or row[2] < 0:
            return False
        left[row[1]] -= row[2]
    return not any(left)


def _calls(calls: list[Call]) -> str:
    depths: list[int] = []
    for index, call in enumerate(calls):
        if not (-1 if index == 0 else 0) <= call["parent"] < max(index, 0):
            return f"calls[{index}].parent must be a call before it, not {call['parent']}"
        depths.append(depths[call["parent"]] + 1 if index else 1)
    return "calls are nested too deeply" if sum(depths) > NESTED else ""


def _layer_numbers(document: ProfileDocument) -> str:
    functions, operators = len(document["functions"]), len(document["layers"]) - 1
    layers = range(BETWEEN, operators)
    for index, each in enumerate(document["instructions"]):
        if each["function_index"] >= functions:
            return f"instructions[{index}].function_index must be less than {functions}"
        if not _are_parts(each["by_layer"], each["causes"], layers):
            return f"instructions[{index}].by_layer must add up to its causes"
    for index, buffer in enumerate(document["memory"]["arena"]):
        if not buffer.first <= buffer.last < max(operators, 1):
            return f"memory.arena[{index}] must be in use from and to an operator of {operators}"
    return ""
