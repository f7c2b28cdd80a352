"""The project's own keyword-spotting model, with sample inputs and feature code.

The paths below are valid in a checkout and in an installed wheel alike.
"""

from pathlib import Path

__all__ = ["KWS_FACTS", "KWS_LABELS", "KWS_MODEL", "KWS_SAMPLE", "KWS_WAV", "kws_inputs"]

_ROOT = Path(__file__).resolve().parent

KWS_LABELS: tuple[str, ...] = (
    *("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes"),
    *("silence", "unknown"),
)
"""The model's classes; a label's position is its class index (MLPerf Tiny's order)."""

KWS_MODEL: Path = _ROOT / "kws.tflite"
"""The int8 model: input (1, 49, 10, 1), output (1, 12)."""

KWS_FACTS: Path = _ROOT / "kws.json"
"""Accuracy, checksum and training facts of `KWS_MODEL`."""

KWS_SAMPLE: Path = _ROOT / "kws" / "right_6.npy"
"""The input where the user names none: two of its scores are neither the least nor the largest."""

KWS_WAV: Path = _ROOT / "kws" / "yes_9.wav"
"""One second of speech (16 kHz, 16-bit, mono) whose features are ``kws/yes_9.npy``."""


def kws_inputs() -> list[Path]:
    """Return one sample input per class, in class order.

    Returns
    -------
    list of Path
        ``<label>_<class index>.npy``, each an int8 array of shape (1, 49, 10, 1).
    """
    return [_ROOT / "kws" / f"{label}_{index}.npy" for index, label in enumerate(KWS_LABELS)]
