"""Train the keyword-spotting model on synthesised speech, and write it to this folder.

Run ``python -m cfuforge.sw.models.train_kws``. It takes about 15 minutes on one core, and needs two
tools that using the model does not:

- espeak-ng (trained with 1.51): ``apt install espeak-ng``
- TensorFlow (trained with 2.21.0): ``pip install tensorflow-cpu==2.21.0``
"""

import argparse
import hashlib
import importlib
import json
import sys
import tempfile
import wave
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.models import KWS_FACTS, KWS_LABELS, KWS_MODEL, KWS_WAV, kws_inputs
from cfuforge.sw.models import features as ft
from cfuforge.sw.models.kws_speech import (
    TEST_OTHERS,
    TEST_VARIANTS,
    TRAIN_OTHERS,
    TRAIN_VARIANTS,
    VALIDATION_VARIANTS,
    Recording,
    Speech,
    TrainingError,
    clips,
    espeak_version,
    speak,
)

COUNTS = ("takes", "copies", "epochs", "batch")  # options that must be at least 1
MOST_TAKES = len(TEST_OTHERS.split())  # every take needs a new word of the class unknown
MINIMUM_ACCURACY = 0.90


def need(module: str, install: str) -> ModuleType:
    """Import a module that only training needs, or say how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"{module} cannot be imported ({error}); install it: {install}"
        raise TrainingError(message) from error


def examples(
    spoken: Speech, copies: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the features of `clips`, shape (n, 49, 10, 1), and their classes."""
    inputs, labels = [], []
    for label, pcm in clips(spoken, copies, seed):
        inputs.append(ft.mfcc(pcm / 32768.0).astype(np.float32)[..., None])
        labels.append(label)
        if len(labels) % 500 == 0:
            print(f"\rfeatures: {len(labels)} clips", end="", flush=True)
    print(f"\rfeatures: {len(labels)} clips")
    return np.stack(inputs), np.array(labels)


def network(tf: Any) -> Any:
    """Return the untrained network: the layers and shapes of MLPerf Tiny's DS-CNN."""
    layers = tf.keras.layers

    def normalised(x: Any, layer: Any) -> Any:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(layer(x)))

    inputs = tf.keras.Input((ft.FRAMES, ft.CEPSTRA, 1))
    convolution = layers.Conv2D(64, (10, 4), strides=2, padding="same", use_bias=False)
    x = layers.Dropout(0.2)(normalised(inputs, convolution))
    for _ in range(4):
        x = normalised(x, layers.DepthwiseConv2D(3, padding="same", use_bias=False))
        x = normalised(x, layers.Conv2D(64, 1, padding="same", use_bias=False))
    x = layers.AveragePooling2D((25, 5))(layers.Dropout(0.2)(x))
    # layers.Flatten would ask for the batch size: three more operators in the .tflite file.
    x = layers.Lambda(lambda pooled: tf.reshape(pooled, (-1, 64)), output_shape=(64,))(x)
    return tf.keras.Model(inputs, layers.Dense(len(KWS_LABELS), activation="softmax")(x))


def train(tf: Any, spoken: Speech, heldout: Speech, options: argparse.Namespace) -> Any:
    """Return the network after a fixed number of epochs; the held-out clips only show progress."""
    inputs, labels = examples(spoken, options.copies, options.seed)
    steps = options.epochs * -(-len(labels) // options.batch)
    model = network(tf)
    model.compile(
        optimizer=tf.keras.optimizers.AdamW(
            tf.keras.optimizers.schedules.CosineDecay(2e-3, steps), weight_decay=1e-3
        ),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(
        inputs,
        labels,
        batch_size=options.batch,
        epochs=options.epochs,
        validation_data=examples(heldout, 1, options.seed),
        verbose=2,
    )
    return model


def convert(tf: Any, model: Any, samples: NDArray[np.float32]) -> bytes:
    """Return the int8 .tflite model; `samples` calibrate its scales."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    # One weight scale for the whole dense layer, as in MLPerf Tiny's model.
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def evaluate(runtime: Any, model: bytes, recordings: list[tuple[int, Recording]]) -> Any:
    """Run every recording through TFLM.

    Returns
    -------
    scale, zero_point
        Of the model's input.
    inputs : ndarray of int8, shape (n, 1, 49, 10, 1)
    classes : ndarray of int, shape (n,)
        The class that the model predicts.
    """
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=100_000)
    quantisation = interpreter.get_input_details(0)["quantization_parameters"]
    scale, zero = float(quantisation["scales"][0]), int(quantisation["zero_points"][0])
    inputs, classes = [], []
    for _, pcm in recordings:
        inputs.append(ft.quantize(ft.mfcc(pcm / 32768.0), scale, zero))
        interpreter.set_input(inputs[-1], 0)
        interpreter.invoke()
        classes.append(int(interpreter.get_output(0).argmax()))
    return scale, zero, np.stack(inputs), np.array(classes)


def far_from_ties(pcm: Recording, scale: float) -> bool:
    """Return whether no feature is so near a rounding tie that another machine may differ."""
    level = ft.mfcc(pcm / 32768.0) / scale
    return bool(np.all(np.abs(level - np.floor(level) - 0.5) > 1e-4))


def write_samples(
    folder: Path,
    recordings: list[tuple[int, Recording]],
    inputs: NDArray[np.int8],
    classes: NDArray[np.int64],
    scale: float,
) -> None:
    """Write one correctly recognised input per class, each in another voice, and one recording."""
    folder.mkdir(parents=True, exist_ok=True)
    for label, path in enumerate(kws_inputs()):
        good = [
            index
            for index, (truth, pcm) in enumerate(recordings)
            if truth == label == classes[index] and far_from_ties(pcm, scale)
        ]
        if not good:
            raise TrainingError(
                f"no held-out clip of {KWS_LABELS[label]!r} is recognised; train longer (--epochs)"
            )
        index = good[len(good) * label // len(KWS_LABELS)]
        np.save(folder / path.name, inputs[index])
        if path.stem == KWS_WAV.stem:
            with wave.open(str(folder / KWS_WAV.name), "wb") as wav:
                wav.setparams((1, 2, ft.SAMPLE_RATE, ft.CLIP, "NONE", ""))
                wav.writeframes(recordings[index][1].astype("<i2").tobytes())


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m cfuforge.sw.models.train_kws",
        description="Synthesise speech, train the keyword model, test it with TFLM, write it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "cfuforge-kws",
        help="folder for the synthesised speech, used again by the next run",
    )
    parser.add_argument("--out", type=Path, default=KWS_MODEL.parent, help="folder for the results")
    parser.add_argument("--seed", type=int, default=1, help="of speech, noise and training")
    parser.add_argument("--takes", type=int, default=2, help="utterances per word and voice")
    parser.add_argument("--copies", type=int, default=4, help="noisy clips per utterance")
    parser.add_argument("--epochs", type=int, default=18, help="passes over all clips")
    parser.add_argument("--batch", type=int, default=128, help="clips per training step")
    options = parser.parse_args()
    for name in COUNTS:
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1, not {getattr(options, name)}")
    if options.takes > MOST_TAKES:
        parser.error(f"--takes must be at most {MOST_TAKES}, not {options.takes}")
    return options


def run(options: argparse.Namespace) -> None:
    """Synthesise, train, convert, evaluate and write the model."""
    version = espeak_version()
    runtime = need("tflite_micro", "pip install tflite-micro==0.dev20261023182759").runtime
    tf = need("tensorflow", "pip install tensorflow-cpu==2.21.0")
    tf.keras.utils.set_random_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)

    def speech(variants: tuple[str, ...], others: str, share: int) -> Speech:
        return speak(version, variants, others, options.takes, share, options.seed, options.work)

    spoken = speech(TRAIN_VARIANTS, TRAIN_OTHERS, 4)
    heldout = speech(VALIDATION_VARIANTS, TRAIN_OTHERS, 1)
    test = speech(TEST_VARIANTS, TEST_OTHERS, 1)

    model = train(tf, spoken, heldout, options)
    calibration, _ = examples(spoken, 1, options.seed + 1)
    rng = np.random.default_rng(options.seed)
    data = convert(tf, model, calibration[rng.choice(len(calibration), 500, replace=False)])

    recordings = list(clips(test, 1, options.seed + 2))
    scale, zero, inputs, classes = evaluate(runtime, data, recordings)
    truth = np.array([label for label, _ in recordings])
    accuracy = float(np.mean(classes == truth))
    print(f"int8, TFLM: {accuracy:.2%} of {len(truth)} clips of {len(test)} held-out voices")
    if accuracy < MINIMUM_ACCURACY:
        raise TrainingError(
            f"the accuracy must be at least {MINIMUM_ACCURACY:.0%}; nothing was written"
        )

    write_samples(options.out / "kws", recordings, inputs, classes, scale)
    (options.out / KWS_MODEL.name).write_bytes(data)
    facts = {
        "labels": KWS_LABELS,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "input_scale": scale,
        "input_zero_point": zero,
        "test": {
            "runtime": "tflite-micro, int8",
            "accuracy": round(accuracy, 4),
            "clips": len(truth),
            "voices": len(test),
            "per_class": {
                label: round(float(np.mean(classes[truth == index] == index)), 4)
                for index, label in enumerate(KWS_LABELS)
            },
        },
        "training": {
            "speech": f"espeak-ng {version}",
            "tensorflow": tf.__version__,
            "numpy": np.__version__,
            "voices": len(spoken),
            "utterances": sum(map(len, spoken.values())),
            **{name: getattr(options, name) for name in COUNTS},
            "seed": options.seed,
        },
    }
    (options.out / KWS_FACTS.name).write_text(json.dumps(facts, indent=2) + "\n")
    print(f"written: {options.out / KWS_MODEL.name}, {len(data)} bytes, and its samples and facts")


def main() -> None:
    """Run the command; an error is one line and exit status 1."""
    try:
        run(arguments())
    except (TrainingError, OSError) as error:
        sys.exit(f"train_kws: {error}")


if __name__ == "__main__":
    main()
