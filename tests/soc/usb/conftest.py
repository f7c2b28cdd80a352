"""What the tests of the USB device share: a device, its host and the SoC's side of the streams."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from amaranth.sim import Simulator

from cfuforge.soc.usb.usb_serial import UsbSerial

sys.path.insert(0, str(Path(__file__).parent))

from usb_host import UsbHost
from usb_system import System

VENDOR_ID, PRODUCT_ID = 0x1209, 0x0001
STRINGS = "CFU Forge", "CFU Forge serial"


@pytest.fixture
def seed() -> int:
    """The seed of a random test: CFUFORGE_SEED replays one."""
    chosen = int(os.environ.get("CFUFORGE_SEED") or random.randrange(1 << 32))
    print(f"replay with CFUFORGE_SEED={chosen}")
    return chosen


Scenario = Callable[[UsbHost, System], Awaitable[None]]


@pytest.fixture
def run_usb(seed: int) -> Callable[..., None]:
    """Run a scenario with a host, whose arguments may be given, and the SoC's side."""

    def run(scenario: Scenario, **arguments: Any) -> None:
        rng = random.Random(seed)
        device = UsbSerial(VENDOR_ID, PRODUCT_ID, *STRINGS)
        system = System(device, rng)
        finished = []

        async def host(ctx: Any) -> None:
            await scenario(UsbHost(ctx, device, rng, **arguments), system)
            finished.append(True)

        simulator = Simulator(device)
        simulator.add_clock(1 / 48e6, domain="usb", phase=rng.random() / 48e6)
        simulator.add_clock(1 / 12e6, domain="sync", phase=rng.random() / 12e6)
        simulator.add_testbench(host)
        simulator.add_testbench(system.take, background=True)
        simulator.add_testbench(system.offer, background=True)
        if os.environ.get("USB_VCD"):
            with simulator.write_vcd(os.environ["USB_VCD"]):
                simulator.run()
        else:
            simulator.run()
        assert finished, "the scenario did not end"

    return run
