"""The types of a profile's document, and what must fit together in it."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from cfuforge.base.document import Count
from cfuforge.sim.account.account import BETWEEN
from cfuforge.sim.account.counting import Cause
from cfuforge.sw.run import ModelFacts, Run

__all__ = ["SCHEMA", "ProfileShape", "contradiction"]

SCHEMA = 3
NESTED = 1_000_000  # elements of all calls' paths together


class _Cause(TypedDict):
    name: str
    text: str
    retired: bool


class _Instruction(TypedDict):  # by the CFU
    retired: Count
    busy: Count
    hazard: Count


class _Advice(TypedDict):
    rule: str
    cost: str
    text: str
    remedy: str
    removable: Count


class _Counted(TypedDict):
    cycles: Count
    causes: list[Count]


class _Layer(_Counted):
    index: Annotated[int, range(BETWEEN, 1 << 32)]
    operator: str
    text: str
    kernel: str
    macs: Count
    cfu: dict[str, _Instruction]
    memory_bytes: Count
    cfu_bytes: Count
    advice: list[_Advice]


class _Function(_Counted):
    name: str
    file: str
    line: Count


class _Address(_Counted):
    address: Count
    function: str
    function_index: Count
    text: str
    file: str
    line: Count
    inlined: list[str]
    by_layer: list[list[Annotated[int, range(BETWEEN, 1 << 53)]]]  # layer, cause, cycles


class _Source(TypedDict):
    first: Count
    lines: list[str]


class _Call(TypedDict):
    parent: Annotated[int, range(-1, 1 << 32)]
    name: str
    file: str
    cycles: Count
    calls: Count


class _Part(TypedDict):
    name: str
    begin: Count
    bytes: Count


class _Region(TypedDict):
    name: str
    origin: Count
    size: Count
    parts: list[_Part]


class _Buffer(TypedDict):
    name: str
    scratch: bool
    offset: Count
    size: Count
    first: Count
    last: Count


class _Memory(TypedDict):
    regions: list[_Region]
    arena: list[_Buffer]
    arena_bytes: Count | None


class _Ceilings(TypedDict):
    multipliers: Annotated[int, range(1, 1 << 32)]
    cfu_bytes: Annotated[int, range(1, 1 << 32)]
    memory_bytes: Annotated[int, range(1, 1 << 32)]


class _Oracle(TypedDict):
    name: str
    version: str
    compared: Count
    wrong_layer: str


class ProfileShape(TypedDict):
    """The document that `cfuforge.profiles.document.profile_document` makes."""

    schema: Annotated[int, range(SCHEMA, SCHEMA + 1)]
    run: Run
    model: ModelFacts
    oracle: _Oracle
    causes: list[_Cause]
    layers: list[_Layer]
    functions: list[_Function]
    instructions: list[_Address]
    sources: dict[str, _Source]
    calls: list[_Call]
    memory: _Memory
    ceilings: _Ceilings


def contradiction(document: dict[str, Any]) -> str:
    """Return what does not fit together in a document of the right types, if anything does not."""
    run, layers = document["run"], document["layers"]
    if not run["cycles"]:
        return "run.cycles must be 1 or more"
    if "clock_hz" not in run["soc"]:
        return "run.soc has no 'clock_hz'"
    if "cfuforge" not in run["tools"]:
        return "run.tools has no 'cfuforge'"
    if [each["name"] for each in document["causes"]] != [cause.name.lower() for cause in Cause]:
        return "causes are others than this version's"
    wanted = [*range(len(layers) - 1), BETWEEN]
    if [layer["index"] for layer in layers] != wanted:
        return f"layers must have the indices 0, 1, ... and {BETWEEN}"
    return _counts(document) or _calls(document["calls"]) or _places(document)


def _counts(document: dict[str, Any]) -> str:
    cycles = document["run"]["cycles"]
    for part in ("layers", "functions", "instructions"):
        for index, each in enumerate(document[part]):
            if len(each["causes"]) != len(Cause) or sum(each["causes"]) != each["cycles"]:
                return f"{part}[{index}].causes must be {len(Cause)} that add up to its cycles"
    for part in ("layers", "functions", "calls"):
        total = sum(each["cycles"] for each in document[part])
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


def _calls(calls: list[dict[str, Any]]) -> str:
    depths: list[int] = []
    for index, call in enumerate(calls):
        if not (-1 if index == 0 else 0) <= call["parent"] < max(index, 0):
            return f"calls[{index}].parent must be a call before it, not {call['parent']}"
        depths.append(depths[call["parent"]] + 1 if index else 1)
    return "calls are nested too deep" if sum(depths) > NESTED else ""


def _places(document: dict[str, Any]) -> str:
    functions, operators = len(document["functions"]), len(document["layers"]) - 1
    places = range(BETWEEN, operators)
    for index, each in enumerate(document["instructions"]):
        if each["function_index"] >= functions:
            return f"instructions[{index}].function_index must be less than {functions}"
        if not _are_parts(each["by_layer"], each["causes"], places):
            return f"instructions[{index}].by_layer must add up to its causes"
    for index, each in enumerate(document["memory"]["arena"]):
        if not each["first"] <= each["last"] < max(operators, 1):
            return f"memory.arena[{index}] must be in use from and to an operator of {operators}"
    return ""
