"""Run a model on the simulated SoC, plain and with a CFU, and compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cfuforge.base.errors import ForgeError, InputError
from cfuforge.base.git import commit
from cfuforge.base.progress import SILENT, Progress
from cfuforge.cfu.design import Design
from cfuforge.checks.workers import Workers
from cfuforge.comparisons.comparison import Comparison
from cfuforge.comparisons.first_wrong import Difference
from cfuforge.comparisons.shape import InputResult
from cfuforge.comparisons.spread import Spread
from cfuforge.comparisons.verdict import ORACLE, compared, first_difference, right_values
from cfuforge.defaults import (
    BoardChoice,
    CfuChoice,
    InputChoice,
    ModelChoice,
    board_and_designs,
    build_target,
    model_or_sample,
    source_or_sample,
)
from cfuforge.gateware.netlist import require_family, synthesise_cfu
from cfuforge.inputs.files import Sample
from cfuforge.inputs.labels import class_names
from cfuforge.sim.host_target import HostTarget
from cfuforge.sim.target import SimTarget
from cfuforge.sim.trace.tracing import Trace
from cfuforge.soc.board import DEFAULT_BOARD
from cfuforge.sw.oracle import Oracle, start_oracle
from cfuforge.sw.run import Run
from cfuforge.sw.target import Target
from cfuforge.sw.tflite_model import Model, Operator

__all__ = ["run_on", "simulate"]

MOST_PLACEMENTS = 100


def simulate(
    model: ModelChoice = None,
    inputs: InputChoice = None,
    cfu: CfuChoice | Sequence[CfuChoice] | None = None,
    board: BoardChoice = DEFAULT_BOARD,
    *,
    labels: Path | str | None = None,
    after_synthesis: str | None = None,
    trace: Trace | str | None = None,
    placements: int = 1,
    max_cycles: int | None = None,
    cfu_timeout: int = 100_000,
    progress: Progress = SILENT,
) -> Comparison:
    """Run inferences plain and on a CFU, and compare both with TensorFlow Lite Micro.

    Parameters
    ----------
    model
        A ``.tflite`` file; by default the project's own keyword-spotting model.
    inputs
        A file, a folder, an array, several of them, or an `InputSource`, which says how to read
        files; by default a sample of the default model, and seeded random numbers for any other.
    cfu
        ``NAME``, ``NAME:key=value``, ``package.module:Class``, a `Cfu` class or a `Design`, or
        several of these; by default ``simd_mac`` with the parameters for the board.
    board
        The board whose SoC is simulated, or its name.
    labels
        A text file with the name of one class per line.
    after_synthesis
        ``"ice40"`` or ``"xc7"``: simulate the CFU's netlist of that FPGA's cells instead of its
        RTL.
    trace
        Write a waveform of the run with the CFU on the first input: ``layer=7``, ``pc=conv_s8``,
        its third call ``pc=conv_s8#3``, cycles ``1000:2000``, or a `Trace`, which can name a file;
        by default it goes to ``build/trace/``. `Run.waveform` has its path.
    placements
        Run the first input with this many link orders of the firmware in total, model and arena
        also moved by some cache lines, so that all lies elsewhere in the caches.
        `Comparison.spreads` has the cycles.
    max_cycles
        The most cycles that a run may take.
    cfu_timeout
        The number of cycles after which a CFU that does not respond counts as stuck.
    progress
        Receives the progress.

    Returns
    -------
    Comparison
        All runs on the first input, the results of the others, and the oracle's outputs;
        `Comparison.exact` says whether every value of every layer is equal.
    """
    chosen, named = board_and_designs(board, cfu)
    designs = [each for each in named if each.spec != "none"]
    if not 1 <= placements <= MOST_PLACEMENTS:
        raise InputError(f"placements must be 1 to {MOST_PLACEMENTS}, not {placements}")
    if trace and len(designs) > 1:
        raise InputError(f"a trace needs one design: name one CFU, not {len(designs)}")
    if after_synthesis is not None:
        require_family(after_synthesis)
    source = source_or_sample(inputs, model)
    source.files()
    start_oracle()
    loaded = model_or_sample(model)
    samples = list(source.samples(loaded, progress))
    names = class_names(loaded, labels, default_model=model is None)
    wanted = Trace(trace) if isinstance(trace, str) else trace
    if wanted:
        wanted.check_model(loaded)
    built: list[tuple[Design, Path | None]] = [(Design.load("none"), None)]
    for design in designs:
        netlist = None
        if after_synthesis is not None:
            progress.phase(f"synthesis of {design.name} for {after_synthesis}")
            netlist = synthesise_cfu(design.verilog_file(), after_synthesis)
        built.append((design, netlist))

    def build_targets(order: int) -> list[SimTarget]:
        return [
            build_target(
                design,
                chosen,
                loaded,
                progress,
                netlist=(after_synthesis, netlist) if after_synthesis and netlist else None,
                order=order,
            )
            for design, netlist in built
        ]

    targets = build_targets(0)
    if wanted:
        wanted.check(loaded, targets[-1].firmware)

    def run(sample: Sample, order: int = 0) -> list[Run]:
        return [
            target.run(
                loaded,
                sample.arrays,
                max_cycles=max_cycles,
                patience=cfu_timeout,
                trace=wanted if target is targets[-1] and sample is samples[0] else None,
            )
            for target in (build_targets(order) if order else targets)
        ]

    comparison = _run_and_compare(loaded, samples, run, names, built, progress)
    if placements == 1:
        return comparison
    elsewhere = [run(samples[0], order) for order in range(1, placements)]
    return _with_spreads(comparison, loaded, samples[0], elsewhere)


def _with_spreads(
    comparison: Comparison, model: Model, sample: Sample, elsewhere: Sequence[Sequence[Run]]
) -> Comparison:
    """Return a comparison with the same runs in other link orders too, each compared as well."""
    right = right_values(Oracle(model, keep_all=True), sample.arrays)
    wrong = [comparison.wrong_layer] if comparison.wrong_layer else []
    for order, runs in enumerate(elsewhere, 1):
        for run in runs:
            if not comparison.wrong_layer and (found := first_difference(model, run, right)):
                who = run.design["spec"]
                wrong.append(f"In link order {order} the first wrong layer with {who} is {found}.")
    orders = zip(comparison.runs, *elsewhere, strict=True)
    spreads = tuple(Spread.of(runs) for runs in orders)
    return replace(comparison, spreads=spreads, wrong_layer=" ".join(wrong))


def run_on(
    target: Target,
    model: ModelChoice = None,
    inputs: InputChoice = None,
    *,
    labels: Path | str | None = None,
    progress: Progress = SILENT,
) -> Comparison:
    """Run inferences on one target, such as a board, and compare with TensorFlow Lite Micro.

    Parameters
    ----------
    target
        The target that runs them.
    model, inputs, labels, progress
        As in `simulate`.

    Returns
    -------
    Comparison
        The run on the first input is `Comparison.plain`; the rest is as `simulate` returns it.
    """
    start_oracle()
    loaded = model_or_sample(model)
    samples = list(source_or_sample(inputs, model).samples(loaded, progress))
    names = class_names(loaded, labels, default_model=model is None)
    return _run_and_compare(
        loaded,
        samples,
        lambda sample: [target.run(loaded, sample.arrays)],
        names,
        [(target.design, None)],
        progress,
        ask=getattr(target, "values", None),
    )


def _run_and_compare(
    model: Model,
    samples: Sequence[Sample],
    run: Callable[[Sample], list[Run]],
    names: tuple[str, ...],
    built: Sequence[tuple[Design, Path | None]],
    progress: Progress,
    ask: Callable[[Model, Operator], Mapping[int, NDArray[Any]]] | None = None,
) -> Comparison:
    """Run each sample on one or more targets, and compare with the oracle.

    `built` are the targets' designs with their netlists; `ask` is passed to `first_difference`.
    """
    firsts: list[Run] = []
    results: list[InputResult] = []
    wrong: list[str] = []
    count = 0
    at_fault: list[tuple[Design, Path | None, Difference | None]] = []
    oracle: Oracle | None = None
    for sample in samples:
        runs = run(sample)
        firsts = firsts or runs
        # After our runtime has accepted the model: TFLM trusts even a damaged file.
        oracle = oracle or Oracle(model, keep_all=True)
        right = right_values(oracle, sample.arrays)
        found = [first_difference(model, each, right, ask) for each in runs]
        expected = [right[tensor.index] for tensor in model.outputs]
        result = InputResult.of(sample.name, sample.sha256, runs, expected, not any(found))
        results.append(result)
        count = min(compared(model, each) for each in runs)
        if at_fault or result.exact:
            continue
        wrong_sample = sample
        for (design, netlist), each, difference in zip(built, runs, found, strict=True):
            if difference and all(difference != earlier for *_, earlier in at_fault):
                who = each.design["spec"]
                wrong.append(f"The first wrong layer of {sample.name} with {who} is {difference}.")
                at_fault.append((design, netlist, difference))
        if not at_fault:
            wrong.append("")
            at_fault.append((*built[-1], None))
    for index, (design, netlist, difference) in enumerate(at_fault):
        progress.phase("first wrong layer, on this machine")
        here = _try_on_this_machine(design, netlist, model, wrong_sample, difference)
        wrong[index] = f"{wrong[index]} {here}".strip()
    return Comparison(
        model=model.facts,
        input=samples[0].facts,
        oracle={**ORACLE, "outputs": results[0].expected},
        plain=firsts[0],
        cfu=firsts[1] if len(firsts) > 1 else None,
        labels=names,
        further=tuple(firsts[2:]),
        others=tuple(results[1:]),
        compared=count,
        wrong_layer=" ".join(wrong),
        git=commit(),
    )


def _try_on_this_machine(
    design: Design, netlist: Path | None, model: Model, sample: Sample, found: Difference | None
) -> str:
    """Say what the host build, with the netlist if there is one, computes for a wrong input.

    `found` is the target's result.
    """
    parts = HostTarget(design).parts
    if netlist:
        parts = replace(parts, verilog=netlist)
    try:
        with Workers(1, parts, model, timeout=600.0) as workers:
            answers = [answer for _, _, answer in workers.check([(sample,)])]
    except ForgeError as error:
        return f"On this machine, {error}."
    here = answers[0].difference
    if here is not None:
        same = "It is so on this machine too; `check` tells whether hardware or kernel is wrong."
        return same if here == found else f"On this machine it is {here}."
    return (
        f"On this machine, with the Verilated CFU alone, {sample.name} is right: what differs is "
        "between CPU and CFU, or in code that only RISC-V compiles."
    )
