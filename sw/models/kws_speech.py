"""Synthesise the speech that the keyword model is trained and tested on.

espeak-ng speaks the words, in different voices for training, validation and test; numpy puts each
word somewhere in a second of background noise.
"""

import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.models import KWS_LABELS
from cfuforge.sw.models import features as ft

__all__ = [
    *("TEST_OTHERS", "TEST_VARIANTS", "TRAIN_OTHERS", "TRAIN_VARIANTS", "VALIDATION_VARIANTS"),
    *("Recording", "Speech", "TrainingError", "clips", "espeak_version", "speak"),
]

Floats = NDArray[np.float64]
Speech = dict[str, list[tuple[str, Floats]]]  # lists of (word, samples), by voice
Recording = NDArray[np.int16]  # one second at 16 kHz

ACCENTS = (
    *("en-us", "en-us-nyc", "en-gb", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd"),
    *("en-gb-x-rp", "en-029"),
)
# A voice is an accent with a variant. Training never uses a test or validation variant.
TRAIN_VARIANTS = (
    *("m1", "m2", "m3", "m5", "m6", "m8", "f1", "f2", "f4", "klatt", "klatt3", "Andy", "Annie"),
    *("Gene", "Lee", "Marco", "Michael", "Nguyen", "adam", "anika", "antonio", "belinda"),
    *("caleb", "david", "edward", "linda", "max", "norbert", "pablo", "quincy", "sandro"),
    *("travis", "victor"),
)
VALIDATION_VARIANTS = ("Hugo", "aunty", "john")
TEST_VARIANTS = ("m4", "m7", "f3", "f5", "Andrea", "Diogo", "benjamin", "paul", "robert", "steph3")

KEYWORDS = KWS_LABELS[:10]
TRAIN_OTHERS = """
bed bird cat dog happy house tree wow one two three four five seven eight nine backward learn apple
water table window garden music paper orange yellow green black white mother brother people doctor
morning evening summer winter river mountain city money coffee butter open close start begin high
low fast slow big small hot cold though toe so call dawn town gown brown sound lift laugh bet gut
cup pup light night ride of awful often soft loft john gone step shop top stock yet guess mess used
goat code grow don not nor note snow star car far hand head foot
"""
# Words of the class unknown in the test set: none of them is used in training.
TEST_OTHERS = """
sheila marvin zero six follow forward visual tennis pencil candle flower bottle kitchen winner
sister moon bread chair lamp drive sing forest bridge market hello
"""

SPEEDS = (100, 210)  # words per minute
PITCHES = (15, 90)  # on espeak-ng's scale of 0 to 99
BACKGROUNDS = ("white", "pink", "hum", "babble")


class TrainingError(RuntimeError):
    """A failed training: a tool is missing, or the result is not good enough."""


def espeak_version() -> str:
    """Return the version of espeak-ng, after checking that it has all variants."""
    if shutil.which("espeak-ng") is None:
        raise TrainingError("espeak-ng is not on PATH; install it: apt install espeak-ng")
    text = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True).stdout
    match = re.search(r"\d+(\.\d+)+", text)
    known = subprocess.run(["espeak-ng", "--voices=variant"], capture_output=True, text=True).stdout
    for variant in (*TRAIN_VARIANTS, *VALIDATION_VARIANTS, *TEST_VARIANTS):
        if f"!v/{variant} " not in known:  # espeak-ng itself would silently ignore it
            raise TrainingError(f"espeak-ng has no variant {variant!r}; use version 1.51 or later")
    return match.group() if match else "unknown"


def say(word: str, voice: str, speed: int, pitch: int, path: Path) -> Floats:
    """Return one spoken word at 16 kHz, trimmed of silence and normalised to a peak of 1."""
    options = ["-z", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(path)]
    done = subprocess.run(["espeak-ng", *options, word], capture_output=True, text=True)
    if done.returncode:
        raise TrainingError(f"espeak-ng cannot say {word!r} as {voice}: {done.stderr.strip()}")
    samples = ft.resample(*ft.read_pcm(path))
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    word_only: Floats = samples[loud[0] : loud[-1] + 1] / np.abs(samples).max()
    return word_only


def speak(
    version: str,
    variants: tuple[str, ...],
    others: str,
    takes: int,
    others_per_take: int,
    seed: int,
    cache: Path,
) -> Speech:
    """Synthesise `takes` utterances of each keyword, and some of `others`, in every voice.

    Each utterance has its own speed and pitch. Each voice is one file in `cache`, named by a hash
    of everything that determines its content.

    Parameters
    ----------
    version
        The version of espeak-ng.
    variants
        Voice variants, each of which speaks with every accent.
    others
        Words that are not keywords, each used at most once per voice.
    takes
        Utterances of each keyword in each voice.
    others_per_take
        Number of words from `others` for each take of the ten keywords.
    seed
        Random seed for words, speeds and pitches.
    cache
        An existing folder.
    """
    recipe = zlib.crc32(
        repr((version, KEYWORDS, others, takes, others_per_take, SPEEDS, PITCHES, seed)).encode()
    )
    spoken: Speech = {}
    voices = [f"{accent}+{variant}" for accent in ACCENTS for variant in variants]
    for number, voice in enumerate(voices, 1):
        path = cache / f"{voice}-{recipe:08x}.npz"
        if not path.exists():
            rng = np.random.default_rng([seed, zlib.crc32(voice.encode())])
            words = [
                *KEYWORDS * takes,
                *rng.choice(others.split(), others_per_take * takes, replace=False),
            ]
            utterances = {}
            for index, word in enumerate(words):
                speed, pitch = int(rng.integers(*SPEEDS)), int(rng.integers(*PITCHES))
                samples = say(str(word), voice, speed, pitch, cache / "clip.wav")
                utterances[f"{index} {word}"] = np.rint(samples * 32767).astype(np.int16)
            partial = path.with_name("partial.npz")
            np.savez(partial, **utterances)  # type: ignore[arg-type]
            partial.rename(path)
        with np.load(path) as stored:
            spoken[voice] = [(key.split()[1], stored[key] / 32767.0) for key in stored.files]
        print(f"\rspeech: voice {number} of {len(voices)}: {voice:30}", end="", flush=True)
    print()
    return spoken


def background(rng: np.random.Generator, kind: str, voices: list[Floats]) -> Floats:
    """Return one second of noise with an RMS value of 1."""
    if kind == "hum":
        time = np.arange(ft.CLIP) / ft.SAMPLE_RATE
        harmonics = np.arange(1, 12)[:, None]
        level = rng.uniform(0, 1, harmonics.shape) / harmonics
        phase = rng.uniform(0, 2 * np.pi, harmonics.shape)
        mains = rng.choice([50, 60]) * rng.uniform(0.99, 1.01)
        noise = (level * np.sin(2 * np.pi * mains * harmonics * time + phase)).sum(axis=0)
        noise += rng.uniform(0, 0.05) * rng.standard_normal(ft.CLIP)
    elif kind == "babble":  # many talkers, backwards
        noise = np.zeros(ft.CLIP)
        for index in rng.integers(len(voices), size=24):
            talker = voices[index][::-1][: ft.CLIP]
            noise += np.roll(np.pad(talker, (0, ft.CLIP - len(talker))), rng.integers(ft.CLIP))
    else:
        spectrum = np.fft.rfft(rng.standard_normal(ft.CLIP))
        if kind == "pink":
            spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20))
        noise = np.fft.irfft(spectrum, ft.CLIP)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), np.float64)


def clip(rng: np.random.Generator, word: Floats | None, voices: list[Floats]) -> Recording:
    """Return a 16-bit recording of one second: a word or silence, with a background.

    The word has a random position, gain and spectral tilt. One recording in seven has no
    background; in the others it is 5 to 40 dB below the word.
    """
    noise = background(rng, str(rng.choice(BACKGROUNDS)), voices) if rng.random() > 1 / 7 else 0.0
    second = np.zeros(ft.CLIP)
    if word is None:
        level = 10 ** rng.uniform(-4.5, -1.5)
    else:
        tilted = word - rng.uniform(-0.3, 0.7) * np.concatenate([[0.0], word[:-1]])
        tilted *= 10 ** rng.uniform(-1.2, -0.05) / np.abs(tilted).max()
        tilted = tilted[: ft.CLIP]
        start = rng.integers(ft.CLIP - len(tilted) + 1)
        second[start : start + len(tilted)] = tilted
        level = np.sqrt(np.mean(tilted**2)) * 10 ** (-rng.uniform(5, 40) / 20)
    second += level * noise
    return np.rint(np.clip(second * 32767, -32768, 32767)).astype(np.int16)


def clips(spoken: Speech, copies: int, seed: int) -> Iterator[tuple[int, Recording]]:
    """Yield pairs (class, recording): all words `copies` times, each time followed by silence."""
    rng = np.random.default_rng([seed, copies, len(spoken)])
    words = [pair for pairs in spoken.values() for pair in pairs]
    voices = [samples for _, samples in words]
    silence, unknown = KWS_LABELS.index("silence"), KWS_LABELS.index("unknown")
    for _ in range(copies):
        for word, samples in words:
            label = KWS_LABELS.index(word) if word in KEYWORDS else unknown
            yield label, clip(rng, samples, voices)
        for _ in range(len(words) // 11):
            yield silence, clip(rng, None, voices)
