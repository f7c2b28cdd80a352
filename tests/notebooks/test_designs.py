"""The notebooks' designs: hardware against references; how long a change takes."""

from __future__ import annotations

import ast
import random
import resource
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from amaranth.hdl import Signal

from cfuforge import Design, simulate
from cfuforge.cfu.commands import Command
from cfuforge.cfu.verilog import rtlil_to_verilog, to_rtlil
from cfuforge.sim.cfu_model import CfuModel

FOLDER = Path(__file__).parents[2] / "notebooks"
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
HALF_A_MINUTE = 30.0  # s


def definitions(notebook: str) -> dict[str, Any]:
    """Return what a notebook defines: functions, classes, texts, kernels; nothing is simulated."""
    names: dict[str, Any] = {"__name__": "notebook", "kernels": {}}
    for cell in nbformat.read(FOLDER / notebook, as_version=4).cells:
        if cell.source.startswith("%%kernel "):
            first, _, text = cell.source.partition("\n")
            names["kernels"][first.split()[1]] = text
        elif cell.cell_type == "code":
            tree = ast.parse(cell.source.removeprefix("%load_ext cfuforge\n"))
            tree.body = [
                part
                for part in tree.body
                if isinstance(part, DEFINITIONS)
                or (isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant))
            ]
            exec(compile(tree, notebook, "exec"), names)
    return names


def cpu_seconds() -> float:
    """Return the processor time of this process and of all that it has started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def four(*values: int) -> int:
    return sum((value & 255) << 8 * i for i, value in enumerate(values))


@pytest.mark.parametrize("lanes", [16, 32])
@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.more
def test_the_last_rungs_hardware_does_what_its_references_say(lanes: int, depthwise: bool) -> None:
    cfu, rng = (
        definitions("3_optimise.ipynb")["Both"](lanes=lanes),
        random.Random(lanes + depthwise),
    )
    ids = {item.name: item.function_ids[0] for item in cfu.instructions}
    commands: list[Command] = []

    def give(name: str, rs1: int = 0, rs2: int = 0) -> None:
        commands.append(Command(ids[name], rs1 & 0xFFFFFFFF, rs2 & 0xFFFFFFFF))

    def eight(name: str) -> None:
        give(name, rng.getrandbits(32), rng.getrandbits(32))

    for _ in range(5):
        rows = 3 if depthwise else rng.randint(1, 3)
        outer = rng.randint(1, 2) if depthwise else 4 * rng.randint(1, 8)
        channels = outer * lanes if depthwise else outer
        counts = (3, 3, outer, channels) if depthwise else (rows, 1, outer, channels)
        steps = (outer, outer * rng.randint(3, 4), 1, 1) if depthwise else (1, 0, 0, 0)
        give("layer", rng.randint(-127, 128), rng.randint(-128, 127))
        give("limits", rng.randint(-128, 0), rng.randint(0, 127))
        give("loops", four(*counts), four(*steps))
        for _ in range(channels):
            give("bias", rng.randint(-50_000, 50_000))
            give("scale", rng.randint(2**30, 2**31 - 1), rng.randint(-12, -4))
        for _ in range(counts[0] * counts[1] * outer * lanes // 8):
            eight("weights")
        for _ in range(2048 // 8):  # all of the ring
            eight("put")
        for _ in range(3):
            give("run", rng.randint(-20, 20), rng.getrandbits(16))
            for _ in range(channels // 4):
                give("get")
    reference = cfu.reference()
    expected = [reference.execute(*command) for command in commands]
    answers = CfuModel(rtlil_to_verilog(to_rtlil(cfu))).run(commands, seed=1)
    assert answers == expected
    assert len({answer for answer in expected if answer}) > 20


@pytest.mark.more
def test_a_changed_cfu_is_built_run_and_verified_in_half_a_minute() -> None:
    """Of processor time: with one processor to itself it takes no longer, on two it takes less."""
    names = definitions("2_first_cfu.ipynb")
    first = simulate(cfu=Design(names["Dot4"], kernels=names["kernels"]))

    class Changed(names["Dot4"]):  # type: ignore[misc]
        def hardware(self, m: Any, ports: Any) -> None:
            super().hardware(m, ports)
            new = Signal(64)  # hardware that no cache has
            m.d.sync += new.eq(new + time.time_ns())

    kernel = names["kernels"]["conv_s8.c"] + f'\nconst char changed_at[] = "{time.time_ns()}";\n'
    began, used = time.perf_counter(), cpu_seconds()
    changed = simulate(cfu=Design(Changed, kernels={"conv_s8.c": kernel}))
    took, used = time.perf_counter() - began, cpu_seconds() - used
    print(f"{took:.1f} s, {used:.1f} s of processor time")
    assert changed.cfu
    assert first.cfu
    assert changed.exact
    assert not changed.cfu.cached
    assert changed.cfu.cycles == first.cfu.cycles
    assert used < HALF_A_MINUTE
