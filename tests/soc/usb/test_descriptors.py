"""The descriptors as an independent parser understands them."""

from __future__ import annotations

import pytest
from usb_protocol.types.descriptors import cdc, standard

from cfuforge.base.errors import InputError
from cfuforge.soc.usb.descriptors import (
    configuration_descriptor,
    device_descriptor,
    string_descriptor,
)
from cfuforge.soc.usb.serial_program import serial_program

FORMATS = {
    (2, None): standard.ConfigurationDescriptor,
    (4, None): standard.InterfaceDescriptor,
    (5, None): standard.EndpointDescriptor,
    (0x24, 0): cdc.HeaderDescriptor,
    (0x24, 1): cdc.CallManagementFunctionalDescriptor,
    (0x24, 2): cdc.ACMFunctionalDescriptor,
    (0x24, 6): cdc.UnionFunctionalDescriptor,
}


def parts() -> list:
    rest, found = configuration_descriptor(), []
    while rest:
        part, rest = rest[: rest[0]], rest[rest[0] :]
        assert len(part) == part[0]
        subtype = part[2] if part[1] == 0x24 else None
        found.append(FORMATS[part[1], subtype].parse(part))
    return found


def test_device() -> None:
    device = standard.DeviceDescriptor.parse(device_descriptor(0x1209, 0x5BF0))
    assert (device.idVendor, device.idProduct) == (0x1209, 0x5BF0)
    assert device.bDeviceClass == 2
    assert device.bMaxPacketSize0 == 64
    assert device.bNumConfigurations == 1


def test_configuration() -> None:
    found = parts()
    head = found[0]
    assert head.wTotalLength == len(configuration_descriptor())
    interfaces = [p for p in found if p.bDescriptorType == 4]
    assert head.bNumInterfaces == len(interfaces) == 2
    assert [i.bInterfaceNumber for i in interfaces] == [0, 1]
    assert [(i.bInterfaceClass, i.bInterfaceSubclass) for i in interfaces] == [(2, 2), (10, 0)]
    assert [i.bNumEndpoints for i in interfaces] == [1, 2]
    (union,) = [p for p in found if hasattr(p, "bControlInterface")]
    assert (union.bControlInterface, union.bSubordinateInterface0) == (0, 1)
    endpoints = [p for p in found if p.bDescriptorType == 5]
    assert [(e.bEndpointAddress, e.bmAttributes, e.wMaxPacketSize) for e in endpoints] == [
        (0x82, 3, 8),
        (0x01, 2, 64),
        (0x81, 2, 64),
    ]


def test_string() -> None:
    parsed = standard.StringDescriptor.parse(string_descriptor("Grüße"))
    assert parsed.bString == "Grüße"


@pytest.mark.parametrize(
    ("ids", "strings", "message"),
    [
        ((0x10000, 1), ("a", "b"), "vendor_id must be 0 to 0xffff, not 65536"),
        ((1, -1), ("a", "b"), "product_id must be 0 to 0xffff, not -1"),
        ((1, 2), ("a", "b" * 63), "must have at most 62 characters, not 'b"),
        ((1, 2), ("a" * 60, "b" * 62), "shorten the strings"),
    ],
)
def test_refuses_what_does_not_fit(
    ids: tuple[int, int], strings: tuple[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        serial_program(*ids, *strings)
