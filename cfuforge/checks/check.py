"""Run many inputs through a design on the host, each compared with TensorFlow Lite Micro."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from cfuforge.base.document import as_json
from cfuforge.base.head import head_now
from cfuforge.base.progress import SILENT, Progress
from cfuforge.base.shown import counted
from cfuforge.cfu.design import Design, DesignFacts
from cfuforge.checks.one_input import Answer
from cfuforge.checks.sequences import inferences, sequences
from cfuforge.checks.shape import CheckDocument, InputAnswer
from cfuforge.checks.workers import Workers, cores
from cfuforge.comparisons.verdict import ORACLE, OracleName
from cfuforge.defaults import CfuChoice, InputChoice, ModelChoice, model_or_sample, source_of
from cfuforge.inputs.files import Sample
from cfuforge.inputs.labels import Accuracy, class_count, class_names, largest, true_classes
from cfuforge.inputs.source import InputSource
from cfuforge.sim.host_target import HostTarget
from cfuforge.sim.recorder import Agreement, compare_with_reference
from cfuforge.sw import models
from cfuforge.sw.run import LayerRun
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["CheckReport", "CheckedInput", "check"]

_RANDOM = 10  # random inputs if none are named
MOST_RIGHT, MOST_WRONG = 20_000, 1_000_000  # instructions that the reference executes too


NOT_COMPARED = Agreement(0)


@dataclass(frozen=True)
class CheckedInput:
    """One input: its name and hash, the answer, and the true class if known."""

    name: str
    sha256: str
    answer: Answer
    true_class: int | None

    @property
    def facts(self) -> InputAnswer:
        """The fields of a JSON document."""
        answer = self.answer
        return {
            "name": self.name,
            "sha256": self.sha256,
            "wrong_values": answer.wrong,
            "first_wrong_layer": answer.difference,
            "largest": largest(answer.outputs[0]),
            "true_class": self.true_class,
            "outputs": [output.ravel().tolist() for output in answer.outputs],
        }


@dataclass(frozen=True, repr=False)
class CheckReport:
    """The result of `check`.

    Parameters
    ----------
    model, design, oracle, tools
        What was checked, against which oracle, with which tool versions.
    inputs
        The inputs, in the order in which they were named.
    labels
        Names of the classes; empty when the user gave none.
    accuracy
        Accuracy on the inputs whose true class is known; None if there are none.
    inferences
        Inferences compared per input without a reset: its own, then those of the next inputs.
    seconds, processes
        Time for all inputs in seconds, and number of parallel processes.
    agreement
        Whether the CFU's hardware and its reference agree on the kernels' first instructions, for
        the first wrong input, or else the first input.
    """

    model: ModelFacts
    design: DesignFacts
    oracle: OracleName
    tools: dict[str, str]
    inputs: tuple[CheckedInput, ...]
    labels: tuple[str, ...]
    accuracy: Accuracy | None
    inferences: int
    seconds: float
    processes: int
    agreement: Agreement = NOT_COMPARED

    def __repr__(self) -> str:
        judged = "exact" if self.exact else f"{len(self.mismatches)} of them wrong"
        about = f"{self.model['name']}, {self.design['spec']}"
        return f"<CheckReport {about}: {counted(len(self.inputs), 'input')}, {judged}>"

    def _repr_html_(self) -> str:
        from cfuforge.checks.table import check_html

        return check_html(self)

    @property
    def mismatches(self) -> tuple[CheckedInput, ...]:
        """The inputs with a wrong output value or a wrong layer."""
        return tuple(each for each in self.inputs if not each.answer.exact)

    @property
    def exact(self) -> bool:
        """Whether every output and every layer of every input equals the oracle's."""
        return not self.mismatches

    @property
    def instructions(self) -> int:
        """The number of instructions that the CFU executed for all inputs."""
        return sum(each.answer.instructions for each in self.inputs)

    @property
    def layers(self) -> tuple[LayerRun, ...]:
        """A record of each operator's run."""
        return self.inputs[0].answer.layers

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes."""
        found = self.agreement.disagreement
        document: CheckDocument = {
            "schema": "check",
            **head_now(self.tools),
            "model": self.model,
            "design": self.design,
            "oracle": {**self.oracle, "outputs_match": self.exact},
            "cfu_instructions": self.instructions,
            "layers": self.layers,
            "inputs": [each.facts for each in self.inputs],
            "mismatches": len(self.mismatches),
            "labels": self.labels,
            "hardware_and_reference": {
                "compared_instructions": self.agreement.compared,
                "disagreement": found.facts if found else None,
                "reference_failed": self.agreement.failed,
            },
            "accuracy": self.accuracy.facts if self.accuracy else None,
            "inferences": self.inferences,
            "seconds": self.seconds,
            "processes": self.processes,
            "inputs_per_second": len(self.inputs) / self.seconds,
        }
        return as_json(document)


def check(
    model: ModelChoice = None,
    inputs: InputChoice = None,
    cfu: CfuChoice = "simd_mac",
    *,
    labels: Path | str | None = None,
    truth: Path | str | None = None,
    jobs: int | None = None,
    timeout: float = 600.0,
    sanitize: bool = False,
    progress: Progress = SILENT,
) -> CheckReport:
    """Run inputs through a design's kernels and its Verilated CFU, and compare with TFLM.

    Parameters
    ----------
    model
        A ``.tflite`` file; by default the project's own keyword-spotting model.
    inputs
        As in `cfuforge.simulate`; an `InputSource` can add random inputs and corners. By default
        the default model's samples; for any other model ten random inputs and the corners.
    cfu
        A design as in `cfuforge.simulate`; ``none`` checks the plain kernels.
    labels
        A text file with the name of one class per line.
    truth
        A CSV or TSV file of ``file,label`` lines; by default the names of subfolders.
    jobs
        Number of processes; by default one per processor.
    timeout
        Seconds that one input may take.
    sanitize
        Run the kernels with AddressSanitizer, which finds reads and writes outside a layer's own
        memory, in the arena too.
    progress
        Receives the progress.

    Raises
    ------
    InputError
        When the model, an input or a label cannot be used.
    RunError
        When the CFU does not respond, or the kernels touch others' memory, crash or hang.
    EnvironmentLacksError
        When `sanitize` is set, and g++ has no AddressSanitizer.
    """
    design = Design.of(cfu)
    source = source_of(inputs)
    source.files()
    loaded = model_or_sample(model)
    ours = model is None and source.empty
    if ours:
        source = InputSource(models.kws_inputs())
    elif source.empty:
        source = InputSource(count=_RANDOM, corners=True)
        progress.note(f"No input is named: {_RANDOM} random ones, and the corners of the range.")
    names = class_names(loaded, labels, default_model=model is None)
    numbered = names or tuple(map(str, range(class_count(loaded))))
    if ours and truth is None:
        classes = {path: index for index, path in enumerate(source.files())}
    else:
        classes = true_classes(
            source.files(), source.paths, Path(truth) if truth else None, numbered
        )
    total = source.total()
    source.check(loaded)
    target = HostTarget(design, progress=progress, sanitize=sanitize)
    progress.phase(f"check {loaded.name} with {design.name}")
    processes = max(1, min(jobs or cores(), total))
    checked = {}
    told: dict[bool, tuple[int, Sample]] = {}  # the first sample and the first wrong one
    with Workers(processes, target.parts, loaded, timeout, progress) as workers:
        started = time.perf_counter()
        samples = source.samples(loaded, progress)
        for number, sample, answer in workers.check(sequences(samples, inferences(loaded))):
            true = classes.get(sample.path) if sample.path else None
            told[answer.exact] = min(
                told.get(answer.exact, (number, sample)), (number, sample), key=itemgetter(0)
            )
            checked[number] = CheckedInput(sample.name, sample.sha256, answer, true)
            progress.inputs(len(checked), total, time.perf_counter() - started)
        seconds = time.perf_counter() - started
    _, sample = told.get(False) or told[True]
    agreed = compare_with_reference(
        design,
        target.parts,
        loaded,
        sample.arrays,
        sample.name,
        MOST_WRONG if False in told else MOST_RIGHT,
        timeout,
    )
    results = tuple(checked[number] for number in sorted(checked))
    return CheckReport(
        model=loaded.facts,
        design=design.identity,
        oracle=ORACLE,
        tools=target.tools(),
        inputs=results,
        labels=names,
        accuracy=_accuracy(results, numbered),
        inferences=inferences(loaded),
        seconds=seconds,
        processes=processes,
        agreement=agreed,
    )


def _accuracy(inputs: Sequence[CheckedInput], labels: Sequence[str]) -> Accuracy | None:
    pairs = [
        (each.true_class, largest(each.answer.outputs[0]))
        for each in inputs
        if each.true_class is not None
    ]
    return Accuracy.of(pairs, labels) if pairs else None
