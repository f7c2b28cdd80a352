"""A USB host at a simulated device's pads, with a clock of its own, jitter and faults."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import usb_wire as wire

BIT = 1 / 12e6
CYCLES_PER_BIT = 4
TIMEOUT_BITS = 18  # USB 2.0, 7.1.19.1: a host waits 16 to 18 bits


class StallError(Exception):
    """The device answered STALL."""


class NoAnswerError(Exception):
    """The device gave no valid answer in three tries."""


@dataclass
class Faults:
    """How often, 0 to 1, something goes wrong."""

    token_lost: float = 0  # a bit of our token is wrong
    data_lost: float = 0  # a bit of our data is wrong
    ack_lost: float = 0  # a bit of our ACK is wrong
    answer_lost: float = 0  # we do not see the device's answer


@dataclass
class Counters:
    """What was seen."""

    naks: int = 0
    retries: int = 0
    unanswered: int = 0
    duplicates: int = 0
    turnarounds: list[float] = field(default_factory=list)  # in bits, each up to 1/4 too small


class UsbHost:
    """Talk to the device at `pads` as a host does.

    The bit clock is off by `drift` (0.0025 is what USB allows) and every edge by up to `jitter`
    seconds. `gap` is the time between packets, in bits.
    """

    def __init__(
        self,
        ctx: Any,
        pads: Any,
        rng: random.Random,
        drift: float = 0.0,
        jitter: float = 0.0,
        gap: tuple[float, float] = (2, 12),
        faults: Faults | None = None,
    ) -> None:
        self._ctx, self._pads, self._rng = ctx, pads, rng
        self._bit = BIT / (1 + drift)
        self._jitter, self._gap = jitter, gap
        self.faults = faults or Faults()
        self.seen = Counters()
        self.address = 0
        self.toggles: dict[tuple[str, int], int] = {}
        self.strangers = 0.0  # how often traffic for another device comes before a transaction
        self.dribble = 0.0  # how often the last bit before EOP is twice as long
        self._level(wire.J)

    def _level(self, level: str) -> None:
        self._ctx.set(self._pads.usb_d_p_i, int(level == wire.J))
        self._ctx.set(self._pads.usb_d_n_i, int(level == wire.K))

    async def bits(self, count: float) -> None:
        """Let time pass."""
        await self._ctx.delay(count * self._bit)

    async def bus_reset(self, seconds: float = 20e-6) -> None:
        """Hold SE0; real hosts do so for 10 ms."""
        await self.line_low(seconds)
        self.address = 0
        self.toggles = {}

    async def line_low(self, seconds: float) -> None:
        """Hold SE0, then J for a while."""
        self._level(wire.SE0)
        await self._ctx.delay(seconds)
        self._level(wire.J)
        await self.bits(50)

    async def send(self, packet: bytes, damage: bool = False, cut: int | None = None) -> None:
        """Send a packet after a gap, perhaps with one bit's level turned over, or `cut` bits."""
        await self.bits(self._rng.uniform(*self._gap))
        levels = wire.to_levels(packet)[:cut]
        if self._rng.random() < self.dribble:
            levels.insert(-3, levels[-4])
        if damage:
            k = self._rng.randrange(8, len(levels) - 3)
            levels[k] = wire.K if levels[k] == wire.J else wire.J
        late = 0.0
        for level in levels:
            skew = self._rng.uniform(0, self._jitter)
            await self._ctx.delay(skew - late + 1e-15)
            late = skew
            self._level(level)
            await self._ctx.delay(self._bit - self._jitter)
            late -= self._jitter

    async def listen(self) -> bytes | None:
        """Return the device's packet, or None when none begins within the host's patience."""
        ctx, pads = self._ctx, self._pads
        samples: list[str] = []
        waited = 0
        signals = (pads.usb_d_oe, pads.usb_d_p_o, pads.usb_d_n_o)
        async for _, _, driven, d_p, d_n in ctx.tick("usb").sample(*signals):
            assert not (d_p and d_n and driven), "SE1 on the lines"
            if driven:
                samples.append({(1, 0): wire.J, (0, 1): wire.K, (0, 0): wire.SE0}[d_p, d_n])
            elif samples:
                break
            else:
                waited += 1
                if waited > TIMEOUT_BITS * CYCLES_PER_BIT:
                    return None
        # `send` ends with the J of EOP: that bit counts in both limits (USB 2.0, 7.1.18)
        self.seen.turnarounds.append(waited / CYCLES_PER_BIT + 1)
        return wire.from_levels(wire.from_samples(samples, CYCLES_PER_BIT))

    async def answer(self) -> tuple[str, bytes] | None:
        """Return the device's packet, parsed; None when there is none or a fault hides it."""
        packet = await self.listen()
        if packet is None:
            self.seen.unanswered += 1
            return None
        parsed = wire.parse(packet)
        return None if self._rng.random() < self.faults.answer_lost else parsed

    async def _token(self, pid: str, endpoint: int) -> None:
        if self._rng.random() < self.strangers:
            await self._stranger()
        lost = self._rng.random() < self.faults.token_lost
        await self.send(wire.token(pid, self.address, endpoint), lost)

    async def _stranger(self) -> None:
        """Let a transaction with another device, or the start of a frame, pass."""
        other = self._rng.choice([a for a in range(128) if a != self.address])
        endpoint = self._rng.randrange(3)
        kind = self._rng.choice(["SOF", "IN", "OUT"])
        await self.send(wire.token(kind, other, endpoint))
        if kind == "OUT":
            payload = self._rng.randbytes(self._rng.randrange(65))
            await self.send(wire.data(self._rng.choice(["DATA0", "DATA1"]), payload))
        if kind == "IN":  # the device's answer goes upstream only; the host's ACK comes to all
            await self.bits(40)
            await self.send(wire.handshake("ACK"))

    async def transfer_out(self, pid: str, endpoint: int, payload: bytes) -> str:
        """Send one data packet until it is acknowledged; return ACK, or NAK at the first one."""
        key = ("OUT", endpoint)
        for _ in range(3):
            await self._token(pid, endpoint)
            lost = self._rng.random() < self.faults.data_lost
            toggle = "DATA1" if self.toggles.get(key, 0) else "DATA0"
            await self.send(wire.data(toggle, payload), lost)
            answer = await self.answer()
            if answer is None:
                self.seen.retries += 1
                continue
            name = answer[0]
            if name == "STALL":
                raise StallError
            if name == "NAK":
                self.seen.naks += 1
                return name
            assert name == "ACK", name
            self.toggles[key] = 1 - self.toggles.get(key, 0)
            return name
        raise NoAnswerError

    async def transfer_in(self, endpoint: int) -> bytes | None:
        """Take one data packet; None for NAK."""
        key = ("IN", endpoint)
        for _ in range(3):
            await self._token("IN", endpoint)
            answer = await self.answer()
            if answer is None:
                self.seen.retries += 1
                continue
            name, payload = answer
            if name == "STALL":
                raise StallError
            if name == "NAK":
                self.seen.naks += 1
                return None
            assert name.startswith("DATA"), name
            lost = self._rng.random() < self.faults.ack_lost
            await self.send(wire.handshake("ACK"), lost)
            expected = self.toggles.get(key, 0)
            if name != f"DATA{expected}":
                self.seen.duplicates += 1
                self.seen.retries += 1
                continue
            self.toggles[key] = 1 - expected
            return payload
        raise NoAnswerError

    async def control(self, request: bytes, payload: bytes = b"") -> bytes:
        """Do a control transfer; return the data of one that reads."""
        assert len(request) == 8
        self.toggles["OUT", 0] = 0
        answer = await self.transfer_out("SETUP", 0, request)
        assert answer == "ACK", "a SETUP must be acknowledged"
        self.toggles["OUT", 0] = self.toggles["IN", 0] = 1
        length = int.from_bytes(request[6:], "little")
        if request[0] & 0x80:
            read = b""
            while len(read) < length:
                part = await self._patient(lambda: self.transfer_in(0))
                read += part
                if len(part) < 64:
                    break
            assert len(read) <= length, "more than the host asked for"
            self.toggles["OUT", 0] = 1
            await self._patient(lambda: self._acknowledged(0, b""))
            return read
        for start in range(0, length, 64):
            part = payload[start : start + 64]
            await self._patient(lambda part=part: self._acknowledged(0, part))
        self.toggles["IN", 0] = 1
        status = await self._patient(lambda: self.transfer_in(0))
        assert status == b"", "the status stage has no data"
        return b""

    async def control_fails_silently(self, request: bytes) -> bool:
        """Try a control transfer; tell whether the device did not answer at all."""
        before = self.seen.unanswered
        try:
            await self.control(request)
        except NoAnswerError:
            return self.seen.unanswered == before + 3
        return False

    async def _acknowledged(self, endpoint: int, payload: bytes) -> str | None:
        answer = await self.transfer_out("OUT", endpoint, payload)
        return None if answer == "NAK" else answer

    @staticmethod
    async def _patient(action: Any) -> Any:
        for _ in range(100):
            result = await action()
            if result is not None:
                return result
        raise NoAnswerError

    async def enumerate(self, address: int) -> tuple[bytes, bytes]:
        """Do what Linux does with a new serial device; return device and configuration."""
        await self.bus_reset()
        start = await self.control(bytes.fromhex("8006000100004000"))
        assert len(start) == 18
        await self.bus_reset()
        await self.control(bytes([0, 5, address, 0, 0, 0, 0, 0]))
        self.address = address
        await self.bits(30)
        device = await self.control(bytes.fromhex("8006000100001200"))
        head = await self.control(bytes.fromhex("8006000200000900"))
        total = int.from_bytes(head[2:4], "little")
        request = bytes.fromhex("80060002 0000") + total.to_bytes(2, "little")
        configuration = await self.control(request)
        await self.control(bytes([0, 9, configuration[5], 0, 0, 0, 0, 0]))
        self.toggles = {}
        return device, configuration
