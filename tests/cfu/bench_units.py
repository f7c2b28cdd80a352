"""cocotb: each unit alone, with gaps before inputs and stalls of outputs, against its reference."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import cocotb
from amaranth.hdl import Shape, signed
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly
from units_under_test import ROWS, SUM_ROWS, make_units

from cfuforge.cfu.arithmetic import wrap32
from cfuforge.cfu.commands import random_word
from cfuforge.cfu.shapes import decode, s8x4
from cfuforge.cfu.units.accumulators import Accumulators, Operation
from cfuforge.cfu.units.multiply4 import Multiply4
from cfuforge.cfu.units.requantise import Requantise
from support.cocotb_context import pack, rng_of, unpack

UNITS = make_units()
INPUTS = 2000


class Stream:
    """One stream port of a unit: drive it or read it."""

    def __init__(self, dut: Any, unit: str, name: str) -> None:
        interface = getattr(UNITS[unit], name)
        self.signature = interface.signature
        self.shape = interface.payload.shape()
        self.always_ready = interface.signature.always_ready
        prefix = f"{unit}__{name}__"
        self.payload = getattr(dut, f"{prefix}payload")
        self.valid = getattr(dut, f"{prefix}valid")
        self.ready = None if self.always_ready else getattr(dut, f"{prefix}ready")

    def offer(self, value: Any | None, garbage: int) -> None:
        self.valid.value = int(value is not None)
        width = Shape.cast(self.shape).width
        bits = garbage & (1 << width) - 1 if value is None else pack(self.shape, value)
        self.payload.value = bits

    def transfers(self) -> bool:
        return bool(int(self.valid.value)) and (self.ready is None or bool(int(self.ready.value)))

    def get(self) -> Any:
        return unpack(self.shape, int(self.payload.value))


async def cycles(dut: Any) -> AsyncIterator[None]:
    """Yield in the middle of every clock cycle, after a reset."""
    cocotb.start_soon(Clock(dut.clk, 10, "ns").start())
    dut.rst.value = 1
    for _ in range(3):
        await FallingEdge(dut.clk)
    dut.rst.value = 0
    while True:
        yield
        await FallingEdge(dut.clk)


async def drive(
    dut: Any,
    unit: str,
    inputs: list[Any],
    expected: list[Any],
    seen: Any,
    latency: int | None = None,
) -> None:
    """Send `inputs` with gaps, read the outputs with stalls, compare what `seen` makes of them."""
    rng = rng_of(unit)
    source, sink = Stream(dut, unit, "input"), Stream(dut, unit, "output")
    sent = received = 0
    sent_at: list[int] = []
    offering = False
    now = 0
    async for _ in cycles(dut):
        calm = now // 100 % 2  # every other hundred cycles without gaps and stalls
        offering = offering or (sent < len(inputs) and (bool(calm) or rng.random() < 0.5))
        source.offer(inputs[sent] if offering else None, rng.getrandbits(200))
        if sink.ready is not None:
            sink.ready.value = int(bool(calm) or rng.random() < 0.5)
        await ReadOnly()
        if sink.transfers():
            got = seen(sink.get())
            assert got == expected[received], (
                f"output {received} is {got}, not {expected[received]}"
            )
            if latency is not None:
                assert now - sent_at[received] == latency, f"output {received} came late"
            received += 1
        if offering and source.transfers():
            sent, offering = sent + 1, False
            sent_at.append(now)
        if received == len(expected):
            break
        now += 1
        assert now < 20 * len(expected), f"{unit} does not put out {received}"
    assert sent == len(inputs)


@cocotb.test()
async def fifo(dut: Any) -> None:
    rng = rng_of("fifo values")
    values = [rng.getrandbits(32) for _ in range(INPUTS)]
    await drive(dut, "fifo", values, values, lambda payload: payload)


@cocotb.test()
async def multiply4(dut: Any) -> None:
    rng = rng_of("multiply4 values")
    offset = rng.choice([-127, 128, -256, 255, 0])
    dut.multiply4__input_offset.value = offset & 0x1FF
    words = [(random_word(rng), random_word(rng), i & 0xFF) for i in range(INPUTS)]
    inputs = [{"x": decode(s8x4, x), "w": decode(s8x4, w), "tag": tag} for x, w, tag in words]
    expected = [(*Multiply4.compute(one["x"], one["w"], offset), one["tag"]) for one in inputs]

    def seen(payload: Any) -> Any:
        return list(payload.products), payload.total, payload.tag

    await drive(dut, "multiply4", inputs, expected, seen, Multiply4.LATENCY)


@cocotb.test()
async def serialiser(dut: Any) -> None:
    rng = rng_of("serialiser values")
    arrays = [[decode(signed(32), random_word(rng)) for _ in range(4)] for _ in range(INPUTS // 4)]
    inputs = [{"values": values, "tag": i & 0xFF} for i, values in enumerate(arrays)]
    expected = [(value, i, one["tag"]) for one in inputs for i, value in enumerate(one["values"])]
    await drive(
        dut, "serialiser", inputs, expected, lambda one: (int(one.value), one.index, one.tag)
    )


def to_scale(rng: random.Random) -> dict[str, int]:
    """Return a value, a multiplier and a shift."""
    multiplier = rng.choice([0, 1, 1 << 30, (1 << 31) - 1, rng.getrandbits(31)])
    shift = rng.randint(-32, 31)
    # Mostly values whose result is near the int8 range, where every bit shows.
    span = max(1, min(31, 9 - shift))
    value = rng.choice([decode(signed(32), random_word(rng)), rng.randint(-1 << span, 1 << span)])
    value = max(-(1 << 31), min((1 << 31) - 1, value))
    return {"value": value, "multiplier": multiplier, "shift": shift}


@cocotb.test()
@cocotb.parametrize(limits=[(-128, 127), (0, 100), (-3, -3), (5, -5)])
async def requantise(dut: Any, limits: tuple[int, int]) -> None:
    rng = rng_of(f"requantise {limits}")
    offset = rng.choice([-128, 127, 0, -256, 255, rng.randint(-128, 127)])
    dut.requantise__output_offset.value = offset & 0x1FF
    dut.requantise__activation_min.value = limits[0] & 0xFF
    dut.requantise__activation_max.value = limits[1] & 0xFF
    inputs = [{**to_scale(rng), "tag": i & 0xFF} for i in range(INPUTS)]
    expected = [
        (
            Requantise.compute(one["value"], one["multiplier"], one["shift"], offset, *limits),
            one["tag"],
        )
        for one in inputs
    ]
    await drive(
        dut,
        "requantise",
        inputs,
        expected,
        lambda payload: (int(payload.value), payload.tag),
        Requantise.LATENCY,
    )


@cocotb.test()
async def accumulators(dut: Any) -> None:
    rng = rng_of("accumulators")
    source, load = Stream(dut, "accumulators", "input"), Stream(dut, "accumulators", "load")
    taken = Stream(dut, "accumulators", "taken")
    bias, rows = [0] * 4, [[0] * 4 for _ in range(ROWS)]
    now = 0
    async for _ in cycles(dut):
        now += 1
        if now > INPUTS:
            break
        loading, command = None, None
        if rng.random() < 0.1:
            loading = {"channel": rng.randrange(4), "bias": decode(signed(32), random_word(rng))}
        elif rng.random() < 0.7:
            products = [rng.randint(-(1 << 17), (1 << 17) - 1) for _ in range(4)]
            command = {
                "operation": rng.choice(list(Operation)),
                "row": rng.randrange(ROWS),
                "channel": rng.randrange(4),
                "products": products,
                "total": sum(products),
            }
        source.offer(command, rng.getrandbits(200))
        load.offer(loading, rng.getrandbits(200))
        row, channel = rng.randrange(ROWS), rng.randrange(4)
        dut.accumulators__read_row.value = row
        dut.accumulators__read_channel.value = channel
        await ReadOnly()
        assert int(dut.accumulators__read_value.value) == rows[row][channel] & 0xFFFF_FFFF
        takes = command is not None and command["operation"] == Operation.TAKE
        assert bool(int(taken.valid.value)) == takes
        if loading:
            bias[loading["channel"]] = loading["bias"]
            for accumulator in rows:
                accumulator[loading["channel"]] = loading["bias"]
        if command:
            place = command["row"]
            if takes:
                assert list(taken.get()) == rows[place]
            rows[place] = Accumulators.compute(
                rows[place],
                bias,
                command["operation"],
                command["channel"],
                command["products"],
                command["total"],
            )


@cocotb.test()
@cocotb.parametrize(limits=[(-128, 127), (0, 100), (-3, -3), (5, -5)])
async def serial_requantise(dut: Any, limits: tuple[int, int]) -> None:
    rng = rng_of(f"serial_requantise {limits}")
    offset = rng.choice([-128, 127, 0, -256, 255, rng.randint(-128, 127)])
    dut.serial_requantise__output_offset.value = offset & 0x1FF
    dut.serial_requantise__activation_min.value = limits[0] & 0xFF
    dut.serial_requantise__activation_max.value = limits[1] & 0xFF
    dut.serial_requantise__clear.value = 0
    source = Stream(dut, "serial_requantise", "input")
    sink = Stream(dut, "serial_requantise", "output")
    count = INPUTS // 2
    expected: list[tuple[int, int]] = []
    left, scale, tag, total, received, now = 0, to_scale(rng), 0, 0, 0, 0
    async for _ in cycles(dut):
        ready = bool(int(source.ready.value))
        if ready and len(expected) == count:
            break
        if ready and left == 0:  # a sum of one to three values
            scale, left, total, tag = to_scale(rng), rng.randint(1, 3), 0, rng.getrandbits(8)
            dut.serial_requantise__multiplier.value = scale["multiplier"]
            dut.serial_requantise__shift.value = scale["shift"] & 0x3F
            dut.serial_requantise__tag.value = tag
        offered = None
        if ready and rng.random() < 0.8:
            value = decode(signed(32), random_word(rng))
            if left == 1:
                value = wrap32(scale["value"] - total)
            offered = {"value": value, "last": left == 1}
        source.offer(offered, rng.getrandbits(200))
        await ReadOnly()
        if offered:
            total, left = wrap32(total + offered["value"]), left - 1
            if left == 0:
                arguments = (scale["multiplier"], scale["shift"], offset, *limits)
                expected.append((Requantise.compute(total, *arguments), tag))
        if sink.transfers():
            got = sink.get()
            assert (int(got.value), got.tag) == expected[received], f"output {received}"
            received += 1
        now += 1
        assert now < 100 * count
    assert count - received <= 1  # the last one may be under way


def sums_of(payload: dict[str, Any] | None) -> set[tuple[int, int]]:
    """Return the row and channel of the sums that an input or an access is about."""
    if payload is None:
        return set()
    if payload.get("lanes"):
        return {(payload["row"], channel) for channel in range(4)}
    return {(payload["row"], payload["channel"])}


@cocotb.test()
async def partial_sums(dut: Any) -> None:
    rng = rng_of("partial_sums")
    source, access = Stream(dut, "partial_sums", "input"), Stream(dut, "partial_sums", "access")
    offset = rng.choice([-127, 128, -256, 255, 0])
    dut.partial_sums__input_offset.value = offset & 0x1FF
    parts = {(r, k): [0] * 4 for r in range(SUM_ROWS) for k in range(4)}
    given: dict[str, Any] | None = None
    asked: dict[str, int] | None = None
    looked: int | None = None  # what is seen one cycle after the access
    changed: set[tuple[int, int]] = set()
    cleared = False
    places = [(row, channel, half) for row, channel in parts for half in range(2)]
    to_clear = [{"row": r, "channel": k, "half": h, "clear": 1} for r, k, h in places]
    now = taken = looks = 0
    async for _ in cycles(dut):
        calm = now // 100 % 2
        place = {"row": rng.randrange(SUM_ROWS), "channel": rng.randrange(4)}
        if to_clear:
            asked = asked or to_clear.pop()
        elif asked is None and rng.random() < 0.5:
            asked = {**place, "half": rng.randrange(2), "clear": int(rng.random() < 0.2)}
        if not to_clear and given is None and (calm or rng.random() < 0.3):
            x, w = (decode(signed(32), random_word(rng)) & 0xFFFF_FFFF for _ in range(2))
            place = {"row": rng.randrange(SUM_ROWS), "channel": rng.randrange(4)}
            lanes = {"x": decode(s8x4, x), "w": decode(s8x4, w), "lanes": rng.randrange(2)}
            given = {**place, **lanes}
        # What the last input or clear changed is left alone while the unit is busy.
        busy = bool(int(dut.partial_sums__busy.value))
        feed = None if busy and cleared and sums_of(given) & changed else given
        ask = None if busy and sums_of(asked) & changed else asked
        source.offer(feed, rng.getrandbits(200))
        access.offer(ask, rng.getrandbits(200))
        await ReadOnly()
        if looked is not None:
            assert int(dut.partial_sums__pair.value) == looked & 0xFFFF_FFFF, f"look {looks}"
            looks += 1
        looked = None
        if feed and source.transfers():
            changed, cleared, given = sums_of(feed), False, None
            products, _ = Multiply4.compute(feed["x"], feed["w"], offset)
            for lane, product in enumerate(products):
                channel = lane if feed["lanes"] else feed["channel"]
                part = parts[feed["row"], channel]
                part[lane] = wrap32(part[lane] + product)
            taken += 1
        if ask and access.transfers():
            part, first = parts[ask["row"], ask["channel"]], 2 * ask["half"]
            if ask["clear"]:
                changed, cleared = sums_of(ask), True
                part[first : first + 2] = 0, 0
            else:
                looked = part[first] + part[first + 1]
            asked = None
        now += 1
        if now == INPUTS:
            break
    assert taken > INPUTS // 4
    assert looks > INPUTS // 20
