"""Turn one second of speech into the keyword model's int8 input, with numpy alone.

The features are mel-frequency cepstra: 30 ms windows every 20 ms, 40 triangular mel filters,
``log1p`` of the energy above a fixed floor (so that silence is exactly zero), the first 10
coefficients of an orthonormal DCT-II.
"""

import io
import math
import wave
from functools import lru_cache
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["mel_energies", "mfcc", "quantize", "read_pcm", "read_wav", "resample", "wav_to_input"]

SAMPLE_RATE = 16_000  # Hz
CLIP = SAMPLE_RATE  # samples: one second
WINDOW = 480  # samples: 30 ms
STRIDE = 320  # samples: 20 ms
FRAMES = 1 + (CLIP - WINDOW) // STRIDE
FFT = 512  # samples: the next power of two above WINDOW
MEL_BANDS = 40
MEL_RANGE = (60.0, 7600.0)  # Hz
CEPSTRA = 10
FLOOR = 1e-8  # mel energy that counts as silence; a full-scale sine has about 0.3

_CHUNKS = 1000  # chunks of a file before its samples
_START = 1 << 22  # bytes of a file to read for its first second
RATES = (1_000, 384_000)  # Hz, accepted in a WAV file
ZERO_CROSSINGS = 24  # zero crossings of the resampling filter's sinc on each side
_PHASES = 1000  # phases of the filter at a time: odd rates have 16,000
ROLL_OFF = 0.94  # of the lower Nyquist frequency: leaves room for the transition band

Floats = NDArray[np.float64]


def read_pcm(path: str | PathLike[str], seconds: float = math.inf) -> tuple[Floats, int]:
    """Read a 16-bit PCM WAV file at its own rate; two channels are averaged.

    Parameters
    ----------
    path
        The file.
    seconds
        Read no more than this.

    Returns
    -------
    samples : ndarray of float64, shape (n,)
        In [-1, 1).
    rate : int
        In Hz.

    Raises
    ------
    ValueError
        The file is not a WAV file, or not one of this kind.
    """
    path = Path(path)
    with path.open("rb") as file:
        data = file.read(-1 if seconds == math.inf else _START)
    remedy = f"convert it: ffmpeg -i {path.name} -ac 1 -ar {SAMPLE_RATE} -c:a pcm_s16le new.wav"
    try:
        _require_data(data)
        with wave.open(io.BytesIO(data)) as wav:
            channels, width, rate, frames = wav.getparams()[:4]
            _require_pcm(path, channels, width, rate, remedy)
            wanted = frames if seconds == math.inf else math.ceil(seconds * rate)
            raw = wav.readframes(min(frames, wanted))
    except ValueError:
        raise
    except Exception as error:  # a damaged file can raise anything in wave
        reason = str(error) or "its header is damaged"
        raise ValueError(f"{path} must be a PCM WAV file ({reason}); {remedy}") from None
    usable = len(raw) // (2 * channels)
    if not usable:
        raise ValueError(f"{path} must have at least one sample, not 0; record it again")
    pcm = np.frombuffer(raw, "<i2", usable * channels).reshape(usable, channels)
    return pcm.mean(axis=1) / 32768.0, rate


def _require_data(data: bytes) -> None:
    """Raise unless the samples come after at most a few other chunks."""
    position = 12
    for _ in range(_CHUNKS):
        if position >= len(data) or data[position : position + 4] == b"data":
            return
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + size + size % 2
    raise wave.Error(f"no samples in its first {_CHUNKS} chunks")


def _require_pcm(path: Path, channels: int, width: int, rate: int, remedy: str) -> None:
    if width != 2:
        raise ValueError(f"{path} must have 16 bits per sample, not {8 * width}; {remedy}")
    if channels not in (1, 2):
        raise ValueError(f"{path} must have 1 or 2 channels, not {channels}; {remedy}")
    if not RATES[0] <= rate <= RATES[1]:
        low, high = RATES
        raise ValueError(f"{path} must be sampled at {low} to {high} Hz, not {rate}; {remedy}")


@lru_cache(maxsize=1)
def _resampling_filter(up: int, down: int) -> tuple[NDArray[np.int64], Floats]:
    """Return tap offsets and the weights of each of the `up` phases (windowed sinc)."""
    cutoff = ROLL_OFF * min(1.0, up / down)
    half = math.ceil(ZERO_CROSSINGS / cutoff)
    offsets = np.arange(1 - half, half + 1)
    phase = (np.arange(up) * down % up) / up
    weights = np.empty((up, len(offsets)))
    for first in range(0, up, _PHASES):
        distance = offsets[None, :] - phase[first : first + _PHASES, None]
        window = np.cos(np.pi / 2 * np.clip(distance / half, -1.0, 1.0)) ** 2
        some = np.sinc(cutoff * distance) * window
        weights[first : first + _PHASES] = some / some.sum(axis=1, keepdims=True)
    return offsets, weights


def resample(samples: Floats, rate: int) -> Floats:
    """Convert to 16 kHz with a polyphase windowed-sinc filter.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        The signal; zero is assumed before and after it.
    rate
        Its sample rate in Hz.

    Returns
    -------
    ndarray of float64, shape (ceil(n * 16000 / rate),)
    """
    if rate == SAMPLE_RATE:
        return np.asarray(samples, np.float64)
    divisor = math.gcd(rate, SAMPLE_RATE)
    up, down = SAMPLE_RATE // divisor, rate // divisor
    offsets, weights = _resampling_filter(up, down)
    count = -(-len(samples) * up // down)
    position = np.arange(count) * down // up
    reach = len(offsets)
    padded = np.pad(np.asarray(samples, np.float64), reach)
    result = np.zeros(count)
    phase = np.arange(count) % up
    for tap, offset in enumerate(offsets):
        result += weights[phase, tap] * padded[position + offset + reach]
    return result


def read_wav(path: str | PathLike[str]) -> Floats:
    """Read the first second of a WAV file at 16 kHz; a shorter file is padded with silence.

    Parameters
    ----------
    path
        A 16-bit PCM file, mono or stereo, at 1 to 384 kHz.

    Returns
    -------
    ndarray of float64, shape (16000,)
        In [-1, 1), except for overshoot of the resampling filter.

    Raises
    ------
    ValueError
        The file is not a WAV file, or not one of this kind.
    """
    samples, rate = read_pcm(path, seconds=1.0)
    samples = resample(samples, rate)[:CLIP]
    return np.pad(samples, (0, CLIP - len(samples)))


def _mel(hertz: ArrayLike) -> Floats:
    """Return frequencies on the mel scale."""
    return 2595.0 * np.log10(1.0 + np.asarray(hertz, np.float64) / 700.0)


def mel_centres() -> Floats:
    """Return the centre frequency of each mel band, in Hz, shape (40,)."""
    edges = np.linspace(_mel(MEL_RANGE[0]), _mel(MEL_RANGE[1]), MEL_BANDS + 2, dtype=np.float64)
    centres: Floats = 700.0 * (10.0 ** (edges[1:-1] / 2595.0) - 1.0)
    return centres


@lru_cache(maxsize=1)
def _mel_filters() -> Floats:
    """Return the triangular filters, shape (FFT bins, mel bands), each with peak 1."""
    step = (_mel(MEL_RANGE[1]) - _mel(MEL_RANGE[0])) / (MEL_BANDS + 1)
    bins = _mel(np.arange(FFT // 2 + 1) * (SAMPLE_RATE / FFT))
    return np.maximum(0.0, 1.0 - np.abs(bins[:, None] - _mel(mel_centres())) / step)


@lru_cache(maxsize=1)
def _dct() -> Floats:
    """Return the first columns of the orthonormal DCT-II, shape (mel bands, cepstra)."""
    angle = np.pi / MEL_BANDS * np.outer(np.arange(MEL_BANDS) + 0.5, np.arange(CEPSTRA))
    matrix: Floats = np.sqrt(2.0 / MEL_BANDS) * np.cos(angle)
    matrix[:, 0] /= math.sqrt(2.0)
    return matrix


def mel_energies(samples: Floats) -> Floats:
    """Return the energy in each mel band of each 30 ms window.

    Parameters
    ----------
    samples : ndarray, shape (16000,)
        One second at 16 kHz, in [-1, 1].

    Returns
    -------
    ndarray of float64, shape (49, 40)
        A full-scale sine has about 0.3 in its band.
    """
    if np.shape(samples) != (CLIP,):
        raise ValueError(
            f"samples must have shape ({CLIP},), one second, not {np.shape(samples)}; use read_wav"
        )
    starts = np.arange(FRAMES)[:, None] * STRIDE
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)
    frames = np.asarray(samples, np.float64)[starts + np.arange(WINDOW)] * (window / window.sum())
    energies: Floats = np.abs(np.fft.rfft(frames, FFT)) ** 2 @ _mel_filters()
    return energies


def mfcc(samples: Floats) -> Floats:
    """Return the mel-frequency cepstra of one second of speech.

    Parameters
    ----------
    samples : ndarray, shape (16000,)
        One second at 16 kHz, in [-1, 1].

    Returns
    -------
    ndarray of float64, shape (49, 10)
        Digital silence gives zeros.
    """
    return np.log1p(mel_energies(samples) / FLOOR) @ _dct()


def quantize(features: Floats, scale: float, zero_point: int) -> NDArray[np.int8]:
    """Quantise features to a model input: ``round(x / scale) + zero_point``, saturated.

    Parameters
    ----------
    features : ndarray, shape (49, 10)
        From `mfcc`.
    scale, zero_point
        Of the model's input tensor.

    Returns
    -------
    ndarray of int8, shape (1, 49, 10, 1)
    """
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(f"scale must be a positive number, not {scale!r}: take the input tensor's")
    levels = np.clip(np.rint(np.asarray(features, np.float64) / scale) + zero_point, -128, 127)
    return np.asarray(levels.reshape(1, FRAMES, CEPSTRA, 1), np.int8)


def wav_to_input(path: str | PathLike[str], scale: float, zero_point: int) -> NDArray[np.int8]:
    """Turn a WAV file into an input of the keyword model.

    Parameters
    ----------
    path
        A 16-bit PCM file; only its first second is used.
    scale, zero_point
        Of the model's input tensor.

    Returns
    -------
    ndarray of int8, shape (1, 49, 10, 1)

    Raises
    ------
    ValueError
        The file cannot be used, or `scale` is not positive.
    """
    return quantize(mfcc(read_wav(path)), scale, zero_point)
