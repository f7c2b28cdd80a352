"""The SoC's side of the streams in Amaranth's simulator."""

from __future__ import annotations

import random
from typing import Any

from cfuforge.soc.usb.usb_serial import UsbSerial


class System:
    """The SoC's side: takes and offers bytes at random."""

    def __init__(self, device: UsbSerial, rng: random.Random) -> None:
        self.device, self._rng = device, rng
        self.received = bytearray()
        self.to_send = bytearray()
        self.take_rate = self.offer_rate = 1.0

    async def take(self, ctx: Any) -> None:
        rx = self.device.rx
        while True:
            ctx.set(rx.ready, self._rng.random() < self.take_rate)
            _, _, valid, ready, payload = await ctx.tick().sample(rx.valid, rx.ready, rx.payload)
            if valid and ready:
                self.received.append(payload)

    async def offer(self, ctx: Any) -> None:
        tx = self.device.tx
        while True:
            if not self.to_send or self._rng.random() >= self.offer_rate:
                await ctx.tick()
                continue
            ctx.set(tx.payload, self.to_send[0])
            ctx.set(tx.valid, 1)
            await ctx.tick().until(tx.ready)
            del self.to_send[0]
            ctx.set(tx.valid, 0)
            ctx.set(tx.payload, self._rng.randrange(256))
