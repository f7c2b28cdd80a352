"""The main job: one model and input on the simulated SoC, plain and with a CFU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.cfu.errors import ForgeError
from cfuforge.gateware.netlist import cfu_netlist
from cfuforge.input_source import InputSource
from cfuforge.inputs import Sample
from cfuforge.labels import class_names
from cfuforge.report import Report
from cfuforge.sim.host_target import HostTarget
from cfuforge.sim.protocol import Target
from cfuforge.sim.run import Comparison, InputResult, Run
from cfuforge.sim.target import SimTarget
from cfuforge.sim.tracing import Trace
from cfuforge.soc.board import board as board_named
from cfuforge.sw import models
from cfuforge.sw.acceptance import accepted
from cfuforge.sw.oracle import Oracle, start_oracle
from cfuforge.sw.tflite_model import Model
from cfuforge.workers import Workers

__all__ = ["design_of", "run_on", "simulate", "source_of"]

design_of = Design.of


def simulate(
    model: Path | str | None = None,
    input: InputSource | Path | str | NDArray[Any] | None = None,
    cfu: str | type[Cfu] | Design | None = None,
    board: str = "sim",
    *,
    labels: Path | str | None = None,
    after_synthesis: str | None = None,
    trace: Trace | str | None = None,
    max_cycles: int | None = None,
    cfu_timeout: int = 100_000,
    report: Report | None = None,
) -> Comparison:
    """Run inferences plain and on a CFU, and compare both with TensorFlow Lite Micro.

    Parameters
    ----------
    model
        A ``.tflite`` file; by default the project's own keyword-spotting model.
    input
        A file, a folder, an array, or an `InputSource` for several of them and for how files are
        read; by default a sample of the default model, and seeded random numbers for any other.
    cfu
        ``NAME``, ``NAME:key=value``, ``package.module:Class``, a `Cfu` class or a `Design`; by
        default ``simd_mac`` with the parameters for the board.
    board
        The board whose SoC is simulated.
    labels
        A text file with the name of a class in each line.
    after_synthesis
        ``"ice40"`` or ``"xc7"``: simulate the CFU's netlist, of that FPGA's cells, and not its RTL.
    trace
        A waveform to write of the run with the CFU, on the first input: ``layer=7``,
        ``pc=conv_s8``, its third call ``pc=conv_s8#3``, cycles ``1000:2000``, or a `Trace` with the
        name of a file; by default it goes to ``build/trace/``. `Run.waveform` tells where it is.
    max_cycles
        Give up a run after so many cycles.
    cfu_timeout
        Give up after so many cycles without an answer of the CFU.
    report
        Told about phases and progress.

    Returns
    -------
    Comparison
        Both runs on the first input, what the others gave, and the oracle's outputs;
        `Comparison.exact` tells whether all outputs are equal.
    """
    report = report or Report()
    start_oracle()
    chosen = board_named(board)
    design = design_of(cfu or chosen.cfu)
    loaded = accepted(model)
    samples = list(source_of(input, model is None).samples(loaded, report.note))
    names = class_names(loaded, labels, default_model=model is None)
    netlist = None
    if after_synthesis is not None:
        report.phase(f"synthesis of {design.name} for {after_synthesis}")
        netlist = after_synthesis, cfu_netlist(design.verilog_file(), after_synthesis)
    targets = {
        each: SimTarget(
            design if each == design.spec else Design.load(each),
            chosen,
            say=report.phase,
            slim=loaded if chosen.little_memory else None,
            netlist=netlist if each == design.spec else None,
        )
        for each in dict.fromkeys(("none", design.spec))
    }
    wanted = Trace(trace) if isinstance(trace, str) else trace
    if wanted:
        wanted.check(loaded, targets[design.spec].firmware)
    runs = [
        [
            target.run(
                loaded,
                sample.arrays,
                max_cycles=max_cycles,
                patience=cfu_timeout,
                trace=wanted if each == design.spec and sample is samples[0] else None,
                progress=report.progress,
            )
            for sample in samples
        ]
        for each, target in targets.items()
    ]
    cfu_file = netlist[1] if netlist else None
    return _compared(loaded, samples, runs, names, design, report, cfu_file)


def run_on(
    target: Target,
    model: Path | str | None = None,
    input: InputSource | Path | str | NDArray[Any] | None = None,
    *,
    labels: Path | str | None = None,
    report: Report | None = None,
) -> Comparison:
    """Run inferences on one target, such as a board, and compare with TensorFlow Lite Micro.

    Parameters
    ----------
    target
        What runs them.
    model, input, labels, report
        As in `simulate`.

    Returns
    -------
    Comparison
        The run on the first input as `Comparison.plain`, and the rest as `simulate` returns it.
    """
    report = report or Report()
    start_oracle()
    loaded = accepted(model)
    samples = list(source_of(input, model is None).samples(loaded, report.note))
    names = class_names(loaded, labels, default_model=model is None)
    runs = [target.run(loaded, sample.arrays) for sample in samples]
    return _compared(loaded, samples, [runs], names, target.design, report)


def _compared(
    model: Model,
    samples: Sequence[Sample],
    runs: Sequence[Sequence[Run]],
    names: tuple[str, ...],
    design: Design,
    report: Report,
    netlist: Path | None = None,
) -> Comparison:
    """Set one or two targets' runs beside the oracle; each has run all samples."""
    # After our runtime has accepted the model: TFLM trusts what a damaged file says.
    oracle = Oracle(model)
    results = []
    for number, sample in enumerate(samples):
        if model.stateful:
            oracle.reset()
        pair = [each[number] for each in runs]
        results.append(InputResult.of(sample.name, sample.sha256, pair, oracle(*sample.arrays)))
    first, firsts = samples[0], [each[0] for each in runs]
    comparison = Comparison(
        model={"name": model.name, "sha256": model.sha256, "macs": model.macs},
        input={
            "name": first.name,
            "sha256": first.sha256,
            "shape": list(first.arrays[0].shape),
        },
        oracle={
            "name": "tflite-micro",
            "version": version("tflite-micro"),
            "outputs": results[0].expected,
        },
        plain=firsts[0],
        cfu=firsts[1] if len(firsts) > 1 else None,
        labels=names,
        others=tuple(results[1:]),
    )
    if comparison.exact:
        return comparison
    wrong = next(number for number, result in enumerate(results) if not result.exact)
    report.phase("first wrong layer, on this machine")
    return replace(comparison, wrong_layer=_wrong_layer(design, model, samples[wrong], netlist))


def source_of(
    given: InputSource | Path | str | NDArray[Any] | None, default_model: bool
) -> InputSource:
    """Return the inputs that the user names, or the sample; one random input of another model."""
    if isinstance(given, InputSource) and not given.empty:
        return given
    if given is not None and not isinstance(given, InputSource):
        return InputSource((given,))
    if default_model:
        return InputSource((models.kws_inputs()[models.KWS_LABELS.index("yes")],))
    return replace(given, count=1) if given else InputSource(count=1)


def _wrong_layer(design: Design, model: Model, sample: Sample, netlist: Path | None) -> str:
    """Return where the host build, with the netlist if there is one, differs from the oracle."""
    parts = HostTarget(design, say=lambda _: None).parts
    if netlist:
        parts = replace(parts, verilog=netlist)
    try:
        with Workers(1, parts, model, timeout=600.0) as workers:
            answers = [answer for _, _, answer in workers.check([sample])]
    except ForgeError as error:
        return f"on this machine, {error}"
    if answers[0].difference is not None:
        return f"The first wrong layer of {sample.name} is {answers[0].difference}."
    return (
        f"On this machine, with the Verilated CFU alone, {sample.name} is right: what differs is "
        "between CPU and CFU, or in code that only RISC-V compiles."
    )
