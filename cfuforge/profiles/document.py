"""Make the JSON document of a profile, from which table, page and exports are made."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.head import head_now
from cfuforge.comparisons.table import operator_text
from cfuforge.comparisons.verdict import Verdict
from cfuforge.inputs.files import Sample
from cfuforge.inspection.inspect import memory_buffers
from cfuforge.profiles.advice import advice
from cfuforge.profiles.ceilings import CFU_BYTES, MEMORY_BYTES, array_multipliers
from cfuforge.profiles.shape import (
    Activity,
    Call,
    CfuCycles,
    Function,
    Memory,
    ProfiledInstruction,
    ProfiledLayer,
    ProfileDocument,
    Source,
)
from cfuforge.sim.account.account import BETWEEN, Account
from cfuforge.sim.account.counting import Cause
from cfuforge.sim.mailbox import Layer

__all__ = ["BETWEEN_TEXT", "CAUSES", "HOT", "profile_document"]

BETWEEN_TEXT = "between the layers"
HOT = 0.01  # share of the cycles from which a function is listed in full, with its source
CAUSES = {
    Cause.LOAD: "loads",
    Cause.STORE: "stores",
    Cause.MULTIPLY: "products and quotients",
    Cause.BRANCH: "jumps and branches",
    Cause.CFU: "CFU instructions",
    Cause.OTHER_INSTRUCTION: "other instructions",
    Cause.INSTRUCTION_MISS: "instruction cache misses",
    Cause.DATA_MISS: "data cache misses",
    Cause.STORE_WAIT: "stores that wait for the bus",
    Cause.BRANCH_BUBBLE: "refills after jumps",
    Cause.MULTIPLY_WAIT: "waiting for products",
    Cause.LOAD_USE: "waiting for loaded values",
    Cause.SHIFT_USE: "waiting for shifted values",
    Cause.CFU_BUSY: "waiting for the CFU",
    Cause.CFU_HAZARD: "CFU instructions that wait for others",
    Cause.OTHER: "anything else",
}


def profile_document(account: Account, sample: Sample, oracle: Verdict) -> ProfileDocument:
    """Return an account as a document.

    The cycles of the layers, of the functions and of the calls each add up to the inference's.

    Parameters
    ----------
    account
        The counted cycles.
    sample
        The input.
    oracle
        The verdict on the run, from `cfuforge.comparisons.verdict.verdict`.
    """
    functions, instructions, sources = _code(account)
    return {
        "schema": "profile",
        **head_now(account.run.tools),
        "run": account.run,
        "model": account.model.facts,
        "input": sample.facts,
        "oracle": oracle,
        "causes": [
            {
                "name": cause.name.lower(),
                "text": text,
                "retired": cause <= Cause.OTHER_INSTRUCTION,
            }
            for cause, text in CAUSES.items()
        ],
        "layers": _layers(account),
        "functions": functions,
        "instructions": instructions,
        "sources": sources,
        "calls": _calls(account),
        "memory": _memory(account),
        "ceilings": {
            "multipliers": max(array_multipliers(account.target.cfu), 1),  # or the CPU's
            "cfu_bytes": CFU_BYTES,
            "memory_bytes": MEMORY_BYTES,
        },
    }


def _layers(account: Account) -> list[ProfiledLayer]:
    listing, counts, advised = account.listing, account.by_layer(), advice(account)
    cfu: dict[int, dict[str, Counter[str]]] = {}
    memory_bytes, cfu_bytes = Counter[int](), Counter[int]()
    kinds = {Cause.CFU: "retired", Cause.CFU_BUSY: "busy", Cause.CFU_HAZARD: "hazard"}
    rows = (account.layer, account.address, account.cause, account.cycles)
    for layer, address, cause, cycles in zip(*(row.tolist() for row in rows), strict=True):
        if cause in (Cause.LOAD, Cause.STORE):
            memory_bytes[layer] += cycles * listing.moved_bytes(address)
        elif cause in kinds:
            # The instruction that waits for a CFU result need not be a CFU instruction.
            name = listing.cfu_instruction(address) or "its result"
            cfu.setdefault(layer, {}).setdefault(name, Counter())[kinds[Cause(cause)]] += cycles
        if cause == Cause.CFU:
            cfu_bytes[layer] += cycles * listing.cfu_bytes(address)
    names = account.target.design.activities
    layers: list[ProfiledLayer] = []
    for layer in (*account.run.layers, None):
        index = layer.index if layer else BETWEEN
        row = counts[index]
        layers.append(
            {
                "index": index,
                "operator": layer.operator if layer else "",
                "text": operator_text(layer) if layer else BETWEEN_TEXT,
                "kernel": layer.kernel if layer else "",
                "macs": layer.macs if layer else 0,
                "cycles": int(row.sum()),
                "causes": row.tolist(),
                "cfu": {
                    name: CfuCycles(
                        retired=each["retired"], busy=each["busy"], hazard=each["hazard"]
                    )
                    for name, each in cfu.get(index, {}).items()
                },
                "activities": {
                    name: Activity(cycles=cycles, waited=waited)
                    for name, (cycles, waited) in zip(
                        names, account.activities[index].tolist(), strict=True
                    )
                },
                "memory_bytes": memory_bytes[index],
                "cfu_bytes": cfu_bytes[index],
                "advice": advised.get(index, []),
            }
        )
    return layers


def _code(
    account: Account,
) -> tuple[list[Function], list[ProfiledInstruction], dict[str, Source]]:
    """Return functions, instructions and sources."""
    firmware, listing, by_address = account.target.firmware, account.listing, account.by_address()
    nothing, layers = np.zeros(len(Cause), np.int64), account.by_address_and_layer()
    numbers = Counter[int]()
    causes: dict[int, NDArray[np.int64]] = {}
    for address, row in by_address.items():
        number = firmware.function_number(address)
        numbers[number] += int(row.sum())
        causes[number] = causes.get(number, nothing) + row
    functions: list[Function] = []
    shown = set(by_address) - {0}
    index_of = {number: index for index, (number, _) in enumerate(numbers.most_common())}
    limit = HOT * sum(numbers.values())
    hot = set()
    for number, cycles in numbers.most_common():
        extent = firmware.function_extent(number) if number else range(0)
        file, line = listing.line(extent.start) if number else ("", 0)
        functions.append(
            {
                "name": firmware.function_name(number),
                "cycles": cycles,
                "causes": causes[number].tolist(),
                "file": file,
                "line": line,
            }
        )
        if number and cycles >= limit:
            shown |= set(range(extent.start, extent.stop, 4))
            hot.add(number)
    instructions: list[ProfiledInstruction] = []
    lines: dict[str, set[int]] = {}
    for address in sorted(shown):
        file, line = listing.line(address)
        row = by_address.get(address, nothing)
        number = firmware.function_number(address)
        if number in hot:
            lines.setdefault(file, set()).add(line)
        instructions.append(
            {
                "address": address,
                "function": firmware.function_name(number),
                "function_index": index_of[number],  # static functions can share a name
                "text": listing.text(address),
                "file": file,
                "line": line,
                "inlined": list(listing.inlined(address)),
                "by_layer": layers.get(address, []),
                "cycles": int(row.sum()),
                "causes": row.tolist(),
            }
        )
    sources: dict[str, Source] = {}
    for file, found in lines.items():
        if path := listing.path(file):
            first, last = max(1, min(found) - 3), max(found) + 3
            text = path.read_text(encoding="utf-8", errors="replace").splitlines()
            sources[file] = {"first": first, "lines": text[first - 1 : last]}
    return functions, instructions, sources


def _calls(account: Account) -> list[Call]:
    """Return the call tree: the inference, its layers, and the calls in each."""
    firmware, listing = account.target.firmware, account.listing
    nodes: list[Call] = [{"parent": -1, "name": "inference", "file": "", "cycles": 0, "calls": 1}]
    names = {layer.index: f"{layer.index} {operator_text(layer)}" for layer in account.run.layers}
    for layer, calls in sorted(account.calls.items(), key=lambda item: item[0] % (1 << 32)):
        name = names.get(layer, BETWEEN_TEXT)
        nodes.append({"parent": 0, "name": name, "file": "", "cycles": 0, "calls": 1})
        here: dict[int, int] = {}
        for index in _below_common(calls):
            parent = here.get(int(calls["parent"][index]), len(nodes) - 1 if not here else 0)
            here[index] = len(nodes)
            number = int(calls["function"][index])
            file = listing.line(firmware.function_extent(number).start).file if number else ""
            nodes.append(
                {
                    "parent": parent,
                    "name": firmware.function_name(number),
                    "file": file,
                    "cycles": int(calls["cycles"][index]),
                    "calls": int(calls["calls"][index]),
                }
            )
    return nodes


def _below_common(calls: NDArray[np.void]) -> Iterator[int]:
    """Return the elements with cycles and their callers, below the last that all share."""
    total = calls["cycles"].astype(np.int64)
    parents = calls["parent"].astype(np.int64)
    for index in range(len(calls) - 1, 0, -1):  # a caller comes before what it calls
        total[parents[index]] += total[index]
    whole = total[0]
    common = int(np.flatnonzero(total == whole)[-1])
    for index in np.flatnonzero(total):
        above = int(index)
        while above > common:
            above = int(parents[above])
        if above == common:
            yield int(index)


def _memory(account: Account) -> Memory:
    target, model, run = account.target, account.model, account.run
    box = target.placement(model)
    begin, size = target.code
    parts = [
        ("firmware", begin, size),
        ("model", box.model, box.model_size),
        ("input", box.input, box.input_size),
        ("output", box.output, box.output_size),
        ("layers' counters", box.layers, ctypes.sizeof(Layer) * box.layer_limit),
        ("tensor arena", box.arena, run.arena_bytes or 0),
    ]
    return {
        "regions": [
            {
                "name": name,
                "origin": origin,
                "size": length,
                "parts": [
                    {"name": part, "begin": at, "bytes": many}
                    for part, at, many in sorted(parts, key=lambda part: part[1])
                    if origin <= at < origin + length
                ],
            }
            for name, (origin, length) in target.soc.memories.items()
        ],
        "arena": memory_buffers(model, target.design),
        "arena_bytes": run.arena_bytes,
    }
