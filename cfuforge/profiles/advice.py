"""Advice for a layer: a few rules over its account, each with the most that it can win.

A rule looks at the cycles that something costs and takes off what must remain. What it promises is
an upper bound for that change alone, which costs instructions of its own. Costs overlap: a load
that is not there cannot miss. So what two rules promise does not add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from cfuforge.sim.account.account import Account
from cfuforge.sim.account.counting import Cause
from cfuforge.sw.run import LayerRun

__all__ = ["LEAST", "RULES", "advice"]

LEAST = 0.05  # of its layer's cycles: less is not worth saying
LINE_BYTES, MISS_CYCLES = 32, 20  # of both caches; on board sim, DRAM takes longer (soc/README.md)
SIMD_CYCLES = 0.25  # a MAC of four at a time, whose operands are there
LOOP = 8  # rounds at least, for products to be those of the MACs
REQUANTISE_CYCLES = 4  # of a value in the CFU: its scale, itself, and a store that waits for it
UNROLLED = 4  # rounds of a loop with one jump
_SOFTWARE_REQUANTISE = ("nn_requantise", "nn_multiply")  # sw/nn/requantise.h


@dataclass(frozen=True)
class _Part:
    """The cycles of a layer: by cause, and of each instruction by address and cause."""

    account: Account
    layer: LayerRun
    rows: list[tuple[int, int, int]]

    @cached_property
    def causes(self) -> Counter[int]:
        found = Counter[int]()
        for _, cause, cycles in self.rows:
            found[cause] += cycles
        return found

    @cached_property
    def cycles(self) -> int:
        return sum(self.causes.values())

    @cached_property
    def values(self) -> int:
        return prod(self.layer.output_shape)

    @cached_property
    def tensor_bytes(self) -> int:
        operator = self.account.model.operators[self.layer.index]
        return sum(each.nbytes for each in (*operator.inputs, *operator.outputs) if each)

    @cached_property
    def first_misses(self) -> int:
        """Cycles in which each line of the layer's tensors is loaded once."""
        return -(-self.tensor_bytes // LINE_BYTES) * MISS_CYCLES

    def requantises(self, address: int) -> bool:
        function = self.account.target.firmware.function(address)
        names = (function, *self.account.listing.inlined(address))
        return any(name in _SOFTWARE_REQUANTISE for name in names)

    def percent(self, cycles: float) -> str:
        return f"{100 * cycles / self.cycles:.0f} %"


_Found = tuple[str, float] | None  # why, with what would remove; how many cycles at most
_Rule = Callable[[_Part], _Found]


def _software_requantise(part: _Part) -> _Found:
    spent = sum(cycles for address, _, cycles in part.rows if part.requantises(address))
    return (
        f"requantise runs in software: {part.percent(spent)} of this layer, "
        f"{spent / part.values:.0f} cycles a value; a requantise instruction removes",
        spent - REQUANTISE_CYCLES * part.values,
    )


def _software_multiply(part: _Part) -> _Found:
    macs = part.layer.macs
    products = sorted(
        (times, address)
        for address, cause, times in part.rows
        if cause == Cause.MULTIPLY and not part.requantises(address)
    )
    if not macs or sum(times for times, _ in products) < macs / 2:
        return None
    # The loops are what runs as often as most of the products, or half as often.
    seen = 0
    while seen < macs / 4:
        least, _ = products.pop()
        seen += least
    if least < LOOP:
        return None
    often = {
        address
        for address, cause, times in part.rows
        if cause <= Cause.OTHER_INSTRUCTION and times >= least / 2
    }
    spent = sum(cycles for address, _, cycles in part.rows if address in often)
    return (
        f"multiply-accumulates run in software, {spent / macs:.1f} cycles each, "
        f"{part.percent(spent)} of this layer; an instruction for four of them removes",
        spent - SIMD_CYCLES * macs,
    )


def _cfu_instructions(part: _Part) -> _Found:
    spent = part.causes[Cause.CFU]
    if not part.layer.macs or part.causes[Cause.MULTIPLY] >= part.layer.macs / 2:
        return None
    return (
        f"CFU instructions are {part.percent(spent)} of this layer, with "
        f"{part.layer.macs / max(spent, 1):.1f} multiply-accumulates each; twice as many "
        "in each remove",
        spent / 2,
    )


def _operands(part: _Part) -> _Found:
    if not part.causes[Cause.CFU]:
        return None
    waits = (Cause.LOAD_USE, Cause.DATA_MISS, Cause.STORE_WAIT)
    spent = sum(part.causes[cause] for cause in (Cause.LOAD, Cause.STORE, *waits))
    moved = sum(
        cycles * part.account.listing.moved_bytes(address)
        for address, cause, cycles in part.rows
        if cause in (Cause.LOAD, Cause.STORE)
    )
    return (
        f"loads and stores, with the waiting for them, are {part.percent(spent)} of this layer and "
        f"move {moved / part.tensor_bytes:.1f} times what its tensors have; operands kept in "
        "the CFU remove",
        spent - part.tensor_bytes / 4 - part.first_misses,
    )


def _cfu_busy(part: _Part) -> _Found:
    listing, spent, taken = part.account.listing, Counter[str](), Counter[str]()
    for address, cause, cycles in part.rows:
        if cause == Cause.CFU_BUSY:
            spent[listing.cfu_instruction(address)] += cycles
        elif cause == Cause.CFU:
            taken[listing.cfu_instruction(address)] += cycles
    if not spent:
        return None
    ((name, most),) = spent.most_common(1)
    return (
        f"the CPU waits {most / max(taken[name], 1):.1f} cycles for each {name}, "
        f"{part.percent(most)} of this layer; a CFU that takes it and answers at once removes",
        most,
    )


def _cfu_hazard(part: _Part) -> _Found:
    spent = part.causes[Cause.CFU_HAZARD]
    return (
        f"CFU instructions wait behind loads, or others for their results, {part.percent(spent)} "
        "of this layer; other instructions between them remove",
        spent,
    )


def _data_misses(part: _Part) -> _Found:
    spent = part.causes[Cause.DATA_MISS]
    once = part.first_misses
    return (
        f"data cache misses are {part.percent(spent)} of this layer, {spent / once:.1f} times "
        "what loading each line of its tensors once takes; tensors that do not evict each other, "
        "used while they are in the cache, remove",
        spent - once,
    )


def _instruction_misses(part: _Part) -> _Found:
    spent = part.causes[Cause.INSTRUCTION_MISS]
    lines = len({address // LINE_BYTES for address, _, _ in part.rows if address})
    return (
        f"instruction cache misses are {part.percent(spent)} of this layer, whose code is "
        f"{lines * LINE_BYTES:,} bytes; code that stays in the cache removes",
        spent - lines * MISS_CYCLES,
    )


def _jumps(part: _Part) -> _Found:
    spent = part.causes[Cause.BRANCH] + part.causes[Cause.BRANCH_BUBBLE]
    return (
        f"jumps and refills behind them are {part.percent(spent)} of this layer; loops unrolled "
        f"{UNROLLED} times remove",
        spent * (1 - 1 / UNROLLED),
    )


def _used_at_once(part: _Part) -> _Found:
    waits = {
        Cause.LOAD_USE: "loaded values",
        Cause.SHIFT_USE: "shifted values",
        Cause.MULTIPLY_WAIT: "products",
    }
    spent = sum(part.causes[cause] for cause in waits)
    first = max(waits, key=lambda cause: part.causes[cause])
    return (
        f"waiting for results that are used at once, most for {waits[first]}, is "
        f"{part.percent(spent)} of this layer; other instructions between them remove",
        spent,
    )


COSTS = {
    "software_requantise": "requantising in software",
    "software_multiply": "multiply-accumulates in software",
    "cfu_instructions": "CFU instructions",
    "operands": "loads and stores",
    "cfu_busy": "waiting for the CFU",
    "cfu_hazard": "CFU instructions and results that wait",
    "data_misses": "data cache misses",
    "instruction_misses": "instruction cache misses",
    "jumps": "jumps",
    "used_at_once": "waiting for results that are used at once",
}
RULES: dict[str, _Rule] = {
    "software_requantise": _software_requantise,
    "software_multiply": _software_multiply,
    "cfu_instructions": _cfu_instructions,
    "operands": _operands,
    "cfu_busy": _cfu_busy,
    "cfu_hazard": _cfu_hazard,
    "data_misses": _data_misses,
    "instruction_misses": _instruction_misses,
    "jumps": _jumps,
    "used_at_once": _used_at_once,
}


def advice(account: Account) -> dict[int, list[dict[str, Any]]]:
    """Return for each layer what can be won there, the most first.

    Returns
    -------
    dict
        By the layer's index a list of ``rule``, a key of `RULES`; ``cost``, what it is about;
        ``text``, a sentence; ``remedy``, its part that is the same in every layer;
        ``removable``, how many cycles the change removes at most: at least `LEAST` of the layer's.
    """
    rows: dict[int, list[tuple[int, int, int]]] = {layer.index: [] for layer in account.run.layers}
    columns = (account.layer, account.address, account.cause, account.cycles)
    for layer, *row in zip(*(column.tolist() for column in columns), strict=True):
        if layer in rows:
            rows[layer].append((row[0], row[1], row[2]))
    return {
        layer.index: sorted(
            _applied(_Part(account, layer, rows[layer.index])), key=lambda each: -each["removable"]
        )
        for layer in account.run.layers
    }


def _applied(part: _Part) -> Iterator[dict[str, Any]]:
    for name, rule in RULES.items():
        found = rule(part)
        if found and found[1] >= LEAST * part.cycles:
            text, removable = found
            yield {
                "rule": name,
                "cost": COSTS[name],
                "text": f"{text} at most {part.percent(removable)}",
                "remedy": text.partition("; ")[2],
                "removable": int(removable),
            }
