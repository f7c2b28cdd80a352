"""Models that are known by name, and how long TFLM's own kernels take for them."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TFLM_BUILD", "Known", "known"]

TFLM_BUILD = "GCC 12 -O2"
"""The fastest build of TFLM's reference kernels, whose cycles are those of `Known`."""


class Known(NamedTuple):
    """A model's usual name, and the cycles of TFLM's reference kernels on board `sim`."""

    title: str
    tflm: int | None
    """Measured once, to three digits; None if it was not."""


_KNOWN = {  # by MACs and number of operators, since weights do not change the cycles
    (2_656_768, 13): Known("keyword spotting", 63_700_000),
    (7_489_664, 31): Known("visual wake words", 161_000_000),
    (12_501_632, 16): Known("image classification", 178_000_000),
    (264_192, 10): Known("anomaly detection", 3_270_000),
    (826_368, 11): Known("streaming wake word", None),
    (7_157_888, 31): Known("person_detect", 153_000_000),
    (29_597_360, 68): Known("MobileNetV2 160 0.35", 833_000_000),
}


def known(macs: int, operators: int) -> Known | None:
    """Return what is known of a model with so many MACs and operators."""
    return _KNOWN.get((macs, operators))
