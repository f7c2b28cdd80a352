"""The parameters of `engine`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace

from cfuforge.base.errors import InputError

__all__ = ["LANES", "TABLE", "TARGETS", "Configuration", "configured"]

LANES = 4
"""Bytes of a pixel, and of a filter, that are multiplied at once: those of a word."""

TABLE = 256
"""Words of a table, one for each value of a byte."""


@dataclass(frozen=True)
class Configuration:
    """The number of each unit of the engine.

    Parameters
    ----------
    width
        Bytes that the port reads or writes at once: 4 or 8.
    filters
        Output channels that are computed at once: 1, 2, 4 or 8.
    pixels
        Output pixels that are computed at once: 2, 3 or 4.
    requantisers
        Outputs that are requantised at once: 1, 2 or 4, at most `filters`.
    interval
        Cycles in which a requantiser takes one sum: 1 or 2.
    packing
        Products of a multiplier: 2, or 1 for a multiplier each.
    activations
        Bytes of a pixel's store.
    words
        Words of a filter's bank.
    records
        Output channels with a record.
    lean
        1 for the hardware that does one thing at a time, whose sizes are fixed.
    """

    width: int = 8
    filters: int = 8
    pixels: int = 4
    requantisers: int = 4
    interval: int = 1
    packing: int = 2
    activations: int = 8192
    words: int = 1024
    records: int = 256
    lean: int = 0

    def __post_init__(self) -> None:
        if self.lean:
            return
        powers = {1 << bit for bit in range(17)}
        for name, allowed in (
            ("width", {4, 8}),
            ("filters", {1, 2, 4, 8}),
            ("pixels", {2, 3, 4}),
            ("requantisers", {1, 2, 4}),
            ("interval", {1, 2}),
            ("packing", {1, 2}),
            ("activations", {each for each in powers if 1024 <= each <= 32768}),
            ("words", {each for each in powers if 256 <= each <= 8192}),
            ("records", {each for each in powers if 32 <= each <= 256}),
        ):
            value = getattr(self, name)
            if value not in allowed:
                *most, last = sorted(allowed)
                choice = f"{', '.join(map(str, most))} or {last}"
                raise InputError(f"{name} of engine must be {choice}, not {value}")
        for name in ("requantisers", "packing"):
            if getattr(self, name) > self.filters:
                raise InputError(
                    f"{name} of engine must be at most filters={self.filters}, "
                    f"not {getattr(self, name)}"
                )

    @property
    def constants(self) -> dict[str, int]:
        """The numbers that the kernels need, by name."""
        derived = {"banks": self.banks, "reach": self.reach, "elements": self.elements}
        return {**asdict(self), "lanes": LANES, "own": self.own, **derived}

    @property
    def macs(self) -> int:
        """The number of multiply-accumulates in a cycle."""
        return LANES * self.filters * self.pixels

    @property
    def parts(self) -> int:
        """The number of times that the requantisers are used for a pixel."""
        return self.filters // self.requantisers

    @property
    def slots(self) -> int:
        """The cycles in which all sums of a block are requantised."""
        return self.pixels * self.parts * self.interval

    @property
    def reach(self) -> int:
        """The bytes of a pixel that are read at once, one for each channel with its own sum."""
        return max(LANES, self.filters)

    @property
    def own(self) -> int:
        """The channels that are computed at once if each has a sum of its own."""
        return LANES if self.lean else self.filters

    @property
    def banks(self) -> int:
        """The number of filter banks: one for each filter, and two at least, for two tables."""
        return max(2, self.filters)

    @property
    def elements(self) -> int:
        """The values that the tables give at once: half of the banks hold each table."""
        return min(self.requantisers, self.banks // 2)


TARGETS = {
    "a35t": Configuration(),
    "up5k": Configuration(
        width=4,
        filters=3,
        pixels=1,
        requantisers=1,
        interval=2,
        packing=1,
        activations=4096,
        words=256,
        records=128,
        lean=1,
    ),
}
"""Configurations by what they are for: an Arty A7-35T, an iCE40UP5K."""


def configured(target: str, **changes: int) -> Configuration:
    """Return the configuration for `target`, with the changes that are not 0.

    Raises
    ------
    InputError
        When there is no such target, or a change is impossible.
    """
    if target not in TARGETS:
        raise InputError(f"target of engine must be {' or '.join(TARGETS)}, not {target!r}")
    assert set(changes) == {field.name for field in fields(Configuration)} - {"lean"}
    chosen = TARGETS[target]
    changed = {name: value for name, value in changes.items() if value}
    for name, value in changed.items():
        if chosen.lean and value != getattr(chosen, name):
            fixed = getattr(chosen, name)
            raise InputError(f"{name} of engine:target={target} must be {fixed}, not {value}")
    return replace(chosen, **changed)
