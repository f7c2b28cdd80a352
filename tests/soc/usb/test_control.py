"""The control endpoint: every request that is known, and STALL for those that are not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import usb_wire as wire
from usb_host import StallError, UsbHost
from usb_protocol.types.descriptors import standard
from usb_system import System

ADDRESS = 77


def request(kind: int, code: int, value: int = 0, index: int = 0, length: int = 0) -> bytes:
    words = b"".join(word.to_bytes(2, "little") for word in (value, index, length))
    return bytes([kind, code]) + words


def is_known(kind: int, code: int, value: int) -> bool:
    """Say what the device must serve, read from the specifications and not from its program."""
    low, high = value & 255, value >> 8
    return {
        (0x80, 6): high in (1, 2) or (high == 3 and low <= 2),
        (0x00, 5): True,
        (0x00, 9): low <= 1,
        (0x80, 8): True,
        (0x81, 10): True,
        (0x02, 1): low == 0,
        (0x21, 0x20): True,
        (0xA1, 0x21): True,
        (0x21, 0x22): True,
    }.get((kind, code), code == 0 and kind in (0x80, 0x81, 0x82, 0x83))


def test_strings(run_usb: Callable[..., None]) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(ADDRESS)
        assert await host.control(request(0x80, 6, 0x300, 0, 255)) == bytes([4, 3, 9, 4])
        for index, text in ((1, "CFU Forge"), (2, "CFU Forge serial")):
            read = await host.control(request(0x80, 6, 0x300 | index, 0x409, 255))
            assert standard.StringDescriptor.parse(read).bString == text
            assert await host.control(request(0x80, 6, 0x300 | index, 0x409, 2)) == read[:2]

    run_usb(scenario)


def test_standard_requests(run_usb: Callable[..., None]) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(ADDRESS)
        assert await host.control(request(0x80, 8, length=1)) == b"\1"
        await host.control(request(0x00, 9, value=0))
        assert await host.control(request(0x80, 8, length=1)) == b"\0"
        with pytest.raises(StallError):
            await host.control(request(0x00, 9, value=2))
        await host.control(request(0x00, 9, value=1))
        assert await host.control(request(0x80, 8, length=1)) == b"\1"
        for kind in (0x80, 0x81, 0x82):
            assert await host.control(request(kind, 0, length=2)) == b"\0\0"
        assert await host.control(request(0x81, 10, length=1)) == b"\0"
        for length in (1, 18, 63, 64, 65, 66, 67, 68, 128, 255, 256, 0x4000):
            read = await host.control(request(0x80, 6, 0x200, 0, length))
            assert len(read) == min(length, 67)

    run_usb(scenario)


def test_line_coding(run_usb: Callable[..., None]) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(ADDRESS)
        get = request(0xA1, 0x21, length=7)
        assert await host.control(get) == (115200).to_bytes(4, "little") + bytes([0, 0, 8])
        coding = (9600).to_bytes(4, "little") + bytes([2, 1, 7])
        await host.control(request(0x21, 0x20, length=7), coding)
        await host.control(request(0x21, 0x22, value=3))
        assert await host.control(request(0x80, 6, 0x100, 0, 18))
        assert await host.control(get) == coding

    run_usb(scenario)


@pytest.mark.more
def test_unknown_requests_stall(run_usb: Callable[..., None], seed: int) -> None:
    rng = random.Random(seed)

    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(ADDRESS)
        stalled = 0
        while stalled < 60:
            kind = rng.choice([0x00, 0x01, 0x02, 0x21, 0x40, 0x80, 0x81, 0x82, 0xA1, 0xC0])
            code = rng.choice([*range(12), 0x20, 0x21, 0x22, 0x23, rng.randrange(256)])
            value = rng.choice([0, 1, 2, 0x100, 0x200, 0x303, 0x600, rng.randrange(1 << 16)])
            if is_known(kind, code, value):
                continue
            length = rng.choice([0, 1, 7, 64]) or kind >> 7
            with pytest.raises(StallError):
                await host.control(request(kind, code, value, length=length), bytes(length))
            stalled += 1
        assert await host.control(request(0x80, 8, length=1)) == b"\1"

    run_usb(scenario)


def test_address_changes_after_the_status_stage(run_usb: Callable[..., None]) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        await host.bus_reset()
        await host.control(request(0, 5, value=ADDRESS))
        assert await host.control_fails_silently(request(0x80, 8, length=1))
        host.address = ADDRESS
        assert await host.control(request(0x80, 8, length=1)) == b"\0"
        # A SET_ADDRESS that is given up before its status stage changes nothing.
        assert await host.transfer_out("SETUP", 0, request(0, 5, value=3)) == "ACK"
        assert await host.control(request(0x80, 8, length=1)) == b"\0"
        await host.bus_reset()
        assert await host.control(request(0x80, 8, length=1)) == b"\0"

    run_usb(scenario)


def test_clear_feature_restarts_the_toggle(run_usb: Callable[..., None]) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(ADDRESS)
        for endpoint in (0x01, 0x81, 0x82, 0x00):
            assert await host.transfer_out("OUT", 1, b"ab") == "ACK"
            await host.bits(1500)
            system.to_send += b"xyz"
            await host.bits(1500)
            assert await host.transfer_in(1) == b"xyz"
            await host.control(request(0x02, 1, 0, endpoint))
            if endpoint == 0x01:
                host.toggles["OUT", 1] = 0
            if endpoint == 0x81:
                host.toggles["IN", 1] = 0
        assert system.received == b"ab" * 4

    run_usb(scenario)


def test_notifications_are_never_ready(run_usb: Callable[..., None]) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(ADDRESS)
        for _ in range(5):
            assert await host.transfer_in(2) is None
        assert max(host.seen.turnarounds) <= 6.25

    run_usb(scenario)


@pytest.mark.parametrize("endpoint", [3, 4, 15])
def test_other_endpoints_are_silent(run_usb: Callable[..., None], endpoint: int) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        await host.enumerate(ADDRESS)
        for pid in ("IN", "OUT"):
            await host.send(wire.token(pid, ADDRESS, endpoint))
            if pid == "OUT":
                await host.send(wire.data("DATA0", b"lost"))
            assert await host.listen() is None

    run_usb(scenario)
