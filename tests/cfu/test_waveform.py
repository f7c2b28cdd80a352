"""The waveform of cfu/README.md is what the dispatcher does, and the picture is that waveform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from cfuforge.cfu import Cfu, Instruction, Operand, Ports, s32

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SLOW = 3  # cycles


def declare(name: str, funct3: int) -> Instruction:
    a, b, total = (Operand(each, s32) for each in ("a", "b", "sum"))
    return Instruction(
        name, funct3=funct3, rs1=a, rs2=b, rd=total, doc=name, reference=lambda _, x, y: x + y
    )


class TwoAdders(Cfu):
    """One that answers at once, and one that takes its time."""

    instructions = (declare("add", 0), declare("slow", 1))

    def hardware(self, m: Module, ports: Ports) -> None:
        add, slow = ports["add"], ports["slow"]
        self.taken = {"add": add.taken, "slow": slow.taken}
        add.answer(m, add.rs1 + add.rs2)
        left, total = Signal(range(SLOW + 1)), Signal(32)
        m.d.comb += [
            slow.cmd.ready.eq(left == 0),
            slow.rsp.valid.eq(left == 1),
            slow.rsp.payload.eq(total),
        ]
        with m.If(slow.taken):
            m.d.sync += [left.eq(SLOW), total.eq(slow.rs1 + slow.rs2)]
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)


def levels(signals: list[Any], group: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield each signal's name with its level in every cycle: 0, 1, x or a text."""
    for each in signals:
        if isinstance(each, list):
            yield from levels(each[1:], f"{each[0]}.")
        elif each and not each["wave"].startswith("p"):
            texts, values = iter(each.get("data", ())), list[str]()
            for letter in each["wave"]:
                if letter == ".":
                    values.append(values[-1])
                else:
                    values.append(letter if letter in "01x" else next(texts))
            yield group + each["name"], values


def test_the_waveform_is_what_the_hardware_does() -> None:
    waves = dict(levels(json.loads((PICTURES / "cmd_rsp.json").read_text())["signal"]))
    ids = {item.name: item.function_ids[0] for item in TwoAdders.instructions}
    cfu = TwoAdders()

    async def bench(ctx: Any) -> None:
        for cycle in range(len(waves["cmd.valid"])):
            now = {name: values[cycle] for name, values in waves.items()}
            ctx.set(cfu.cmd.valid, int(now["cmd.valid"]))
            ctx.set(cfu.rsp.ready, int(now["rsp.ready"]))
            if now["cmd.payload"] != "x":
                name, _, operands = now["cmd.payload"].partition(" ")
                a, b = map(int, operands.split(","))
                payload = {"function_id": ids[name], "inputs_0": a, "inputs_1": b}
                ctx.set(cfu.cmd.payload, payload)
            seen = {
                "cmd.ready": ctx.get(cfu.cmd.ready),
                "add.taken": ctx.get(cfu.taken["add"]),
                "slow.taken": ctx.get(cfu.taken["slow"]),
                "rsp.valid": ctx.get(cfu.rsp.valid),
                "rsp.payload": ctx.get(cfu.rsp.payload),
            }
            for name, value in seen.items():
                assert now[name] in ("x", str(value)), f"{name} in cycle {cycle}"
            for stream, shown in (("cmd", "ready"), ("rsp", "payload")):
                assert (now[f"{stream}.valid"] == "1") == (now[f"{stream}.{shown}"] != "x")
            await ctx.tick()

    simulator = Simulator(cfu)
    simulator.add_clock(1e-8)
    simulator.add_testbench(bench)
    simulator.run()


def test_the_picture_is_the_waveform() -> None:
    reason = "yowasp-wavedrom is not installed; its quickjs has no wheel for Python 3.13"
    wavedrom = pytest.importorskip("yowasp_wavedrom", reason=reason)
    drawn = wavedrom.render(json.loads((PICTURES / "cmd_rsp.json").read_text()))
    shown = (PICTURES / "cmd_rsp.svg").read_text()
    assert drawn == shown, "yowasp-wavedrom docs/pictures/cmd_rsp.json docs/pictures/cmd_rsp.svg"
