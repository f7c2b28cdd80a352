"""Bytes both ways over the bulk endpoints, through faults: none is lost, doubled or changed."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import usb_wire as wire
from usb_host import Faults, NoAnswerError, UsbHost
from usb_system import System


async def loop_back(host: UsbHost, system: System, data: bytes, rng: random.Random) -> bytes:
    """Write `data` in random parts, have the SoC send back what it received, read all of it."""
    sent, read, part, refused, echoed = 0, b"", b"", 0, 0
    for _ in range(20 * len(data)):
        if len(read) >= len(data):
            return read
        new = system.received[echoed:]
        system.to_send += new
        echoed += len(new)
        if sent < len(data) and (rng.random() < 0.5 or refused == 0):
            part = part or data[sent : sent + rng.choice([1, 2, 31, 63, 64, 64, 64])]
            try:
                answer = await host.transfer_out("OUT", 1, part)
            except NoAnswerError:
                continue
            if answer == "ACK":
                sent += len(part)
                part = b""
            if answer == "NAK":
                refused += 1
                await host.bits(200)
        else:
            try:
                read += await host.transfer_in(1) or b""
            except NoAnswerError:
                continue
            refused = 0
    pytest.fail(f"{len(read)} of {len(data)} bytes came back")


FAULTS = [
    Faults(),
    Faults(ack_lost=0.3, answer_lost=0.3),
    Faults(token_lost=0.2, data_lost=0.2, ack_lost=0.2, answer_lost=0.2),
]


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(FAULTS[0], id="none", marks=pytest.mark.long),
        pytest.param(FAULTS[1], id="answers", marks=pytest.mark.long),
        pytest.param(FAULTS[2], id="all"),
    ],
)
@pytest.mark.more
def test_loops_back_through_faults(run_usb: Callable[..., None], seed: int, faults: Faults) -> None:
    rng = random.Random(seed)
    data = bytes([0xFF] * 9 + [0] * 9) + rng.randbytes(100) + bytes([0xFF] * 65)

    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(address=9)
        host.faults, host.strangers = faults, 0.2
        system.take_rate, system.offer_rate = 0.3, 0.3
        read = await loop_back(host, system, data, rng)
        assert system.received == data
        assert read == data
        assert min(host.seen.turnarounds) >= 2
        assert max(host.seen.turnarounds) <= 6.25
        if faults == Faults():
            assert host.seen.retries == 0
        else:
            assert host.seen.retries > 0

    drift = rng.uniform(-0.0025, 0.0025)
    run_usb(scenario, drift=drift, jitter=5e-9)


@pytest.mark.parametrize(
    "between",
    [wire.token("SOF", 1, 2), wire.token("IN", 100, 1), wire.token("IN", 9, 1)[:2], b"\x69"],
    ids=["SOF", "another's IN", "cut short", "PID alone"],
)
def test_an_ack_for_another_device_is_not_ours(
    run_usb: Callable[..., None], between: bytes
) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(address=9)
        system.to_send += b"once"
        await host.bits(100)
        await host.send(wire.token("IN", 9, 1))
        assert wire.parse(await host.listen()) == ("DATA0", b"once")
        await host.send(between)
        await host.send(wire.handshake("ACK"))
        system.to_send += b"more"
        await host.bits(100)
        assert await host.transfer_in(1) == b"once"
        await host.bits(100)
        assert await host.transfer_in(1) == b"more"

    run_usb(scenario)
