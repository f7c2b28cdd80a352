"""Packets of full-speed USB as levels on the two lines, and back; nothing here knows the device."""

from __future__ import annotations

from itertools import groupby

from amaranth.lib.crc.catalog import CRC5_USB, CRC16_USB

J, K, SE0 = "J", "K", "0"
PIDS = {
    "OUT": 0x1, "IN": 0x9, "SOF": 0x5, "SETUP": 0xD, "DATA0": 0x3, "DATA1": 0xB,
    "ACK": 0x2, "NAK": 0xA, "STALL": 0xE,
}  # fmt: skip
_NAMES = {code: name for name, code in PIDS.items()}
_CRC5 = CRC5_USB(data_width=11)
_CRC16 = CRC16_USB(data_width=8)


class WireError(Exception):
    """What was on the lines is no packet."""


def token(pid: str, address: int, endpoint: int) -> bytes:
    """Return a token packet; for SOF, `address` is the frame's low 7 bits."""
    value = address | endpoint << 7
    value |= _CRC5.compute([value]) << 11
    return bytes([_pid(pid)]) + value.to_bytes(2, "little")


def data(pid: str, payload: bytes) -> bytes:
    """Return a data packet."""
    return bytes([_pid(pid)]) + payload + _CRC16.compute(payload).to_bytes(2, "little")


def handshake(pid: str) -> bytes:
    """Return a handshake packet."""
    return bytes([_pid(pid)])


def parse(packet: bytes) -> tuple[str, bytes]:
    """Return the name of a packet of the device and its payload, after all checks."""
    if not packet:
        raise WireError("packet without PID")
    code = packet[0] & 15
    if packet[0] >> 4 != code ^ 15 or code not in _NAMES:
        raise WireError(f"PID {packet[0]:#04x}")
    name = _NAMES[code]
    if name in ("DATA0", "DATA1"):
        payload, crc = packet[1:-2], packet[-2:]
        if len(packet) < 3 or _CRC16.compute(payload) != int.from_bytes(crc, "little"):
            raise WireError(f"CRC16 of {packet.hex()}")
        return name, payload
    if len(packet) != 1:
        raise WireError(f"{name} of {len(packet)} bytes")
    return name, b""


def to_levels(packet: bytes) -> list[str]:
    """Return the lines' level at each bit: SYNC, the stuffed packet, EOP and its J."""
    bits = [0] * 7 + [1]
    ones = 1
    for byte in packet:
        for k in range(8):
            bit = byte >> k & 1
            bits.append(bit)
            ones = ones + 1 if bit else 0
            if ones == 6:
                bits.append(0)
                ones = 0
    level, levels = J, []
    for bit in bits:
        level = level if bit else (K if level == J else J)
        levels.append(level)
    return [*levels, SE0, SE0, J]


def from_levels(levels: list[str]) -> bytes:
    """Return the packet in the levels of bits; all of what `to_levels` makes is required."""
    if levels[-3:] != [SE0, SE0, J] or SE0 in levels[:-3]:
        raise WireError(f"EOP is {''.join(levels[-8:])}")
    before, bits = J, []
    for level in levels[:-3]:
        bits.append(int(level == before))
        before = level
    if bits[:8] != [0] * 7 + [1]:
        raise WireError(f"SYNC is {bits[:8]}")
    kept, ones = [], 1
    for bit in bits[8:]:
        if ones == 6:
            if bit:
                raise WireError("seven ones in a row")
            ones = 0
            continue
        kept.append(bit)
        ones = ones + 1 if bit else 0
    if ones == 6:
        raise WireError("no stuffed bit at the end")
    if len(kept) % 8:
        raise WireError(f"{len(kept)} bits")
    values = [
        sum(bit << k for k, bit in enumerate(kept[i : i + 8])) for i in range(0, len(kept), 8)
    ]
    return bytes(values)


def from_samples(samples: list[str], per_bit: int) -> list[str]:
    """Return the level of each bit of a transmission that was sampled `per_bit` times a bit."""
    levels: list[str] = []
    for level, run in groupby(samples):
        bits, rest = divmod(len(list(run)), per_bit)
        if rest:
            raise WireError(f"an edge is {rest} of {per_bit} samples off")
        levels += [level] * bits
    return levels


def _pid(name: str) -> int:
    return PIDS[name] | (PIDS[name] ^ 15) << 4
