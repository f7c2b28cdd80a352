"""Advice for a layer: a few rules over its cycles, each with an upper bound of the gain.

A rule is a function decorated with `_rule`, which gives the rule its name.

A rule takes the cycles that something costs and subtracts what must remain. The result is an upper
bound for that change alone, which costs instructions of its own. Costs overlap, because a load that
is gone cannot miss: the gains of two rules do not add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import prod

from cfuforge.profiles.shape import Advice
from cfuforge.sim.account.account import Account
from cfuforge.sim.account.counting import Cause
from cfuforge.sw.run import LayerRun

__all__ = ["LEAST", "RULES", "Rule", "advice"]

LEAST = 0.05  # share of the layer's cycles below which advice is not worth giving
LINE_BYTES, MISS_CYCLES = 32, 20  # for both caches on board sim; DRAM takes longer (soc/README.md)
SIMD_CYCLES = 0.25  # per MAC, four at a time with operands at hand
LOOP = 8  # least iterations for products to count as those of the MACs
REQUANTISE_CYCLES = 4  # per value in the CFU: its scale, the value, and a store that waits for it
UNROLLED = 4  # iterations of a loop with one jump
_REMEDIES = {
    "the requantisers": "more of them, or layers with more products for each output,",
    "the port": "memory that takes a request in every cycle",
    "activations": "a wider port, or activations that stay in the CFU,",
    "weights": "a wider port, faster memory for the model, or weights that stay in the CFU,",
}
_SOFTWARE_REQUANTISE = ("nn_requantise", "nn_multiply")  # sw/nn/requantise.h


@dataclass(frozen=True)
class _Layer:
    """The cycles of a layer: by cause, and per instruction by address and cause."""

    account: Account
    run: LayerRun
    rows: list[tuple[int, int, int]]

    @cached_property
    def causes(self) -> Counter[int]:
        found = Counter[int]()
        for _, cause, cycles in self.rows:
            found[cause] += cycles
        return found

    @cached_property
    def waited(self) -> dict[str, int]:
        """Cycles in which the CPU waited for a CFU that works by itself, by what it did."""
        names = self.account.target.design.activities
        return dict(zip(names, self.account.activities[self.run.index, :, 1].tolist(), strict=True))

    @cached_property
    def cycles(self) -> int:
        return sum(self.causes.values())

    @cached_property
    def values(self) -> int:
        return prod(self.run.output_shape)

    @cached_property
    def tensor_bytes(self) -> int:
        operator = self.account.model.operators[self.run.index]
        return sum(each.nbytes for each in (*operator.inputs, *operator.outputs) if each)

    @cached_property
    def first_misses(self) -> int:
        """Cycles for loading each cache line of the layer's tensors once."""
        return -(-self.tensor_bytes // LINE_BYTES) * MISS_CYCLES

    def requantises(self, address: int) -> bool:
        function = self.account.target.firmware.function(address)
        names = (function, *self.account.listing.inlined(address))
        return any(name in _SOFTWARE_REQUANTISE for name in names)

    def percent(self, cycles: float) -> str:
        return f"{100 * cycles / self.cycles:.0f} %"


_Found = tuple[str, float] | None  # "WHY; REMEDY saves", and the most cycles
_Find = Callable[[_Layer], _Found]


@dataclass(frozen=True)
class Rule:
    """A rule: its name, the cost it is about, and the function that looks for it in a layer."""

    name: str
    cost: str
    find: _Find

    def advice(self, layer: _Layer) -> Advice | None:
        """Return the rule's advice for a layer; None if there is none worth giving."""
        found = self.find(layer)
        if not found or found[1] < LEAST * layer.cycles:
            return None
        text, removable = found
        return {
            "rule": self.name,
            "cost": self.cost,
            "text": f"{text} at most {layer.percent(removable)}",
            "remedy": text.partition("; ")[2],
            "removable": int(removable),
        }


RULES: list[Rule] = []


def _rule(cost: str) -> Callable[[_Find], _Find]:
    """Add a function to `RULES`, as the rule of its name about `cost`."""

    def add(find: _Find) -> _Find:
        RULES.append(Rule(find.__name__, cost, find))
        return find

    return add


@_rule("requantising in software")
def software_requantise(layer: _Layer) -> _Found:
    spent = sum(cycles for address, _, cycles in layer.rows if layer.requantises(address))
    return (
        f"requantise runs in software: {layer.percent(spent)} of this layer, "
        f"{spent / layer.values:.0f} cycles per value; a requantise instruction saves",
        spent - REQUANTISE_CYCLES * layer.values,
    )


@_rule("multiply-accumulates in software")
def software_multiply(layer: _Layer) -> _Found:
    macs = layer.run.macs
    products = sorted(
        (times, address)
        for address, cause, times in layer.rows
        if cause == Cause.MULTIPLY and not layer.requantises(address)
    )
    if not macs or sum(times for times, _ in products) < macs / 2:
        return None
    # Loops are code that runs as often as most of the products, or half as often.
    seen = 0
    while seen < macs / 4:
        least, _ = products.pop()
        seen += least
    if least < LOOP:
        return None
    often = {
        address
        for address, cause, times in layer.rows
        if cause <= Cause.OTHER_INSTRUCTION and times >= least / 2
    }
    spent = sum(cycles for address, _, cycles in layer.rows if address in often)
    return (
        f"multiply-accumulates run in software, {spent / macs:.1f} cycles each, "
        f"{layer.percent(spent)} of this layer; an instruction that does four saves",
        spent - SIMD_CYCLES * macs,
    )


@_rule("CFU instructions")
def cfu_instructions(layer: _Layer) -> _Found:
    spent = layer.causes[Cause.CFU]
    if not layer.run.macs or layer.causes[Cause.MULTIPLY] >= layer.run.macs / 2:
        return None
    return (
        f"CFU instructions are {layer.percent(spent)} of this layer, with "
        f"{layer.run.macs / max(spent, 1):.1f} multiply-accumulates each; doing twice "
        "as many in each saves",
        spent / 2,
    )


@_rule("loads and stores")
def operands(layer: _Layer) -> _Found:
    if not layer.causes[Cause.CFU]:
        return None
    waits = (Cause.LOAD_USE, Cause.DATA_MISS, Cause.STORE_WAIT)
    spent = sum(layer.causes[cause] for cause in (Cause.LOAD, Cause.STORE, *waits))
    moved = sum(
        cycles * layer.account.listing.moved_bytes(address)
        for address, cause, cycles in layer.rows
        if cause in (Cause.LOAD, Cause.STORE)
    )
    return (
        f"loads and stores, including waits for them, are {layer.percent(spent)} of this layer "
        f"and move {moved / layer.tensor_bytes:.1f} times the bytes of its tensors; keeping "
        "operands in the CFU saves",
        spent - layer.tensor_bytes / 4 - layer.first_misses,
    )


@_rule("waiting for the CFU")
def cfu_busy(layer: _Layer) -> _Found:
    listing, spent, taken = layer.account.listing, Counter[str](), Counter[str]()
    for address, cause, cycles in layer.rows:
        if cause == Cause.CFU_BUSY:
            spent[listing.cfu_instruction(address)] += cycles
        elif cause == Cause.CFU:
            taken[listing.cfu_instruction(address)] += cycles
    if not spent:
        return None
    ((name, most),) = spent.most_common(1)
    most -= sum(layer.waited.values()) - layer.waited.get("idle", 0)  # it works; see `cfu_waits`
    return (
        f"the CPU waits {most / max(taken[name], 1):.1f} cycles for each {name}, "
        f"{layer.percent(most)} of this layer; a CFU that takes it and answers at once saves",
        most,
    )


@_rule("what the CFU waits for")
def cfu_waits(layer: _Layer) -> _Found:
    waits = {name: count for name, count in layer.waited.items() if name.startswith("waiting")}
    if not waits:
        return None
    name = max(waits, key=lambda each: waits[each])
    remedy = _REMEDIES.get(name.removeprefix("waiting for "), "doing that earlier, while it works,")
    return (
        f"the CPU waits for the CFU, which is {name}, in {layer.percent(waits[name])} of this "
        f"layer; {remedy} saves",
        waits[name],
    )


@_rule("CFU instructions and results that wait")
def cfu_hazard(layer: _Layer) -> _Found:
    spent = layer.causes[Cause.CFU_HAZARD]
    return (
        f"CFU instructions that wait for loads, and others for CFU results, are "
        f"{layer.percent(spent)} of this layer; putting other instructions between them saves",
        spent,
    )


@_rule("data cache misses")
def data_misses(layer: _Layer) -> _Found:
    spent = layer.causes[Cause.DATA_MISS]
    once = layer.first_misses
    return (
        f"data cache misses are {layer.percent(spent)} of this layer, {spent / once:.1f} times "
        "the cost of loading each line of its tensors once; using tensors while they are in the "
        "cache, without evicting each other, saves",
        spent - once,
    )


@_rule("instruction cache misses")
def instruction_misses(layer: _Layer) -> _Found:
    spent = layer.causes[Cause.INSTRUCTION_MISS]
    lines = len({address // LINE_BYTES for address, _, _ in layer.rows if address})
    return (
        f"instruction cache misses are {layer.percent(spent)} of this layer, whose code is "
        f"{lines * LINE_BYTES:,} bytes; code that stays in the cache saves",
        spent - lines * MISS_CYCLES,
    )


@_rule("jumps")
def jumps(layer: _Layer) -> _Found:
    spent = layer.causes[Cause.BRANCH] + layer.causes[Cause.BRANCH_BUBBLE]
    return (
        f"jumps and the refills after them are {layer.percent(spent)} of this layer; unrolling "
        f"loops {UNROLLED} times saves",
        spent * (1 - 1 / UNROLLED),
    )


@_rule("waiting for results that are used at once")
def used_at_once(layer: _Layer) -> _Found:
    waits = {
        Cause.LOAD_USE: "loaded values",
        Cause.SHIFT_USE: "shifted values",
        Cause.MULTIPLY_WAIT: "products",
    }
    spent = sum(layer.causes[cause] for cause in waits)
    first = max(waits, key=lambda cause: layer.causes[cause])
    return (
        f"waiting for results that are used at once, mostly {waits[first]}, is "
        f"{layer.percent(spent)} of this layer; putting other instructions between them saves",
        spent,
    )


def advice(account: Account) -> dict[int, list[Advice]]:
    """Return the advice for each layer, by index, largest gain first.

    It includes the rules that can remove at least `LEAST` of the layer's cycles.
    """
    rows: dict[int, list[tuple[int, int, int]]] = {run.index: [] for run in account.run.layers}
    columns = (account.layer, account.address, account.cause, account.cycles)
    for index, *row in zip(*(column.tolist() for column in columns), strict=True):
        if index in rows:
            rows[index].append((row[0], row[1], row[2]))
    found = {}
    for run in account.run.layers:
        layer = _Layer(account, run, rows[run.index])
        each = filter(None, (rule.advice(layer) for rule in RULES))
        found[run.index] = sorted(each, key=lambda one: -one["removable"])
    return found
