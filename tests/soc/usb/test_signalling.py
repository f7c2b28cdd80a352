"""The lines: clocks that are off, edges that jitter, dribble, garbage, resets in the middle."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import usb_wire as wire
from usb_host import UsbHost
from usb_system import System


async def exchange(host: UsbHost, system: System, data: bytes) -> None:
    """Send a packet each way and check it."""
    start = len(system.received)
    while await host.transfer_out("OUT", 1, data) != "ACK":
        await host.bits(100)
    await host.bits(20 * len(data) + 50)
    assert system.received[start:] == data
    data = data[:63]
    system.to_send += data
    await host.bits(20 * len(data) + 50)
    assert await host.transfer_in(1) == data


@pytest.mark.parametrize(
    "drift",
    [-0.005, 0.005, *(pytest.param(each, marks=pytest.mark.long) for each in (-0.0025, 0.0025))],
)
@pytest.mark.more
def test_follows_clocks_and_jitter(run_usb: Callable[..., None], seed: int, drift: float) -> None:
    """USB allows 0.25 % at either end: the device's clock is exact here, so 0.5 % is tried too."""
    rng = random.Random(seed)

    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(3)
        for data in (bytes(64), b"\xff" * 64, rng.randbytes(64), b"\x7e" * 64):
            await exchange(host, system, data)
        assert host.seen.retries == host.seen.duplicates == 0

    run_usb(scenario, drift=drift, jitter=12e-9, gap=(12, 40))


@pytest.mark.more
def test_every_length(run_usb: Callable[..., None], seed: int) -> None:
    rng = random.Random(seed)

    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(127)
        for length in [*rng.sample(range(65), 8), 0, 1, 63, 64]:
            if length:
                await exchange(host, system, rng.choice([b"\xff", b"\xfc"]) * length)
            else:
                assert await host.transfer_out("OUT", 1, b"") == "ACK"

    run_usb(scenario)


def test_a_bit_too_many_before_eop(run_usb: Callable[..., None], seed: int) -> None:
    """A hub may lengthen the last bit before EOP (USB 2.0, 7.1.9)."""
    rng = random.Random(seed)

    async def scenario(host: UsbHost, system: System) -> None:
        host.dribble = 0.9
        await host.enumerate(8)
        for length in (1, 7, 64):
            await exchange(host, system, rng.randbytes(length))

    run_usb(scenario, gap=(12, 40))


def test_garbage_is_not_answered(run_usb: Callable[..., None], seed: int) -> None:
    rng = random.Random(seed)
    address = 6

    def damaged(packet: bytes) -> bytes:
        k = rng.randrange(len(packet))
        return packet[:k] + bytes([packet[k] ^ 1 << rng.randrange(8)]) + packet[k + 1 :]

    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(address)
        system.to_send += b"here"
        await host.bits(200)
        for _ in range(40):
            packet = rng.choice(
                [
                    damaged(wire.token("IN", address, 1)),
                    wire.token("IN", address, 1)[: rng.choice([1, 2])],
                    wire.token("IN", address, 1) + b"\0",
                    rng.randbytes(rng.randrange(1, 9)),
                    damaged(wire.data("DATA0", b"stray")),
                    wire.data("DATA0", b"stray"),
                    wire.handshake("ACK"),
                ]
            )
            await host.send(packet)
            assert await host.listen() is None, packet.hex()
        assert system.received == b""
        assert await host.transfer_in(1) == b"here"

    run_usb(scenario)


@pytest.mark.more
def test_a_reset_in_the_middle(run_usb: Callable[..., None], seed: int) -> None:
    rng = random.Random(seed)

    async def scenario(host: UsbHost, system: System) -> None:
        for address in (1, 2, 3):
            await host.enumerate(address)
            await exchange(host, system, rng.randbytes(rng.randrange(1, 64)))
            packet = rng.choice(
                [wire.token("OUT", address, 1), wire.data("DATA1", rng.randbytes(40))]
            )
            if packet[0] != wire.token("OUT", 0, 0)[0]:
                await host.send(wire.token(rng.choice(["OUT", "SETUP"]), address, 0))
            await host.send(packet, cut=rng.randrange(8, 30))

    run_usb(scenario)


def test_short_se0_is_no_reset(run_usb: Callable[..., None]) -> None:
    """A low-speed EOP on the bus is 1.33 us of SE0; a reset is 2.5 us at least."""

    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(21)
        await host.line_low(1.5e-6)
        assert await host.control(bytes.fromhex("8008000000000100")) == b"\1"
        await host.line_low(12e-6)
        host.address = 0
        assert await host.control(bytes.fromhex("8008000000000100")) == b"\0"

    run_usb(scenario)
