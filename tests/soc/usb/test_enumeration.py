"""Enumeration as a host does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from usb_host import UsbHost
from usb_system import System

from cfuforge.soc.usb.descriptors import configuration_descriptor, device_descriptor


@pytest.mark.parametrize("gap", [(2, 2.1), (2, 20)], ids=["shortest", "random"])
def test_enumerates(run_usb: Callable[..., None], gap: tuple[float, float]) -> None:
    """However soon the host asks again, no packet is missed and each answer is in time."""

    async def scenario(host: UsbHost, system: System) -> None:
        device, configuration = await host.enumerate(address=5)
        assert device == device_descriptor(0x1209, 0x0001)
        assert configuration == configuration_descriptor()

        assert host.seen.unanswered == 0
        assert min(host.seen.turnarounds) >= 2
        assert max(host.seen.turnarounds) <= 6.25

    run_usb(scenario, gap=gap)
