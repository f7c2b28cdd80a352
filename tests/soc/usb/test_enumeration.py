"""Enumeration as a host does it."""

from __future__ import annotations

from collections.abc import Callable

from usb_host import UsbHost
from usb_system import System

from cfuforge.soc.usb.descriptors import configuration_descriptor, device_descriptor


def test_enumerates(run_usb: Callable[..., None]) -> None:
    async def scenario(host: UsbHost, system: System) -> None:
        device, configuration = await host.enumerate(address=5)
        assert device == device_descriptor(0x1209, 0x0001)
        assert configuration == configuration_descriptor()

    run_usb(scenario)
