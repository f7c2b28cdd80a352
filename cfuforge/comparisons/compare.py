"""The main job: one model and input on the simulated SoC, plain and with a CFU."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cfuforge.base.errors import ForgeError, InputError
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.checks.workers import Workers
from cfuforge.comparisons.comparison import Comparison, InputResult
from cfuforge.comparisons.first_wrong import Difference
from cfuforge.comparisons.spread import Spread
from cfuforge.comparisons.verdict import ORACLE, compared, first_difference, right_values
from cfuforge.gateware.netlist import cfu_netlist, require_family
from cfuforge.inputs.files import Sample
from cfuforge.inputs.labels import class_names
from cfuforge.inputs.source import InputSource
from cfuforge.report import Report
from cfuforge.sim.host_target import HostTarget
from cfuforge.sim.target import SimTarget
from cfuforge.sim.trace.tracing import Trace
from cfuforge.soc.board import board as board_named
from cfuforge.sw import models
from cfuforge.sw.acceptance import accepted
from cfuforge.sw.oracle import Oracle, start_oracle
from cfuforge.sw.run import Run
from cfuforge.sw.target import Target
from cfuforge.sw.tflite_model import Model, Operator

__all__ = ["design_of", "run_on", "simulate", "source_of"]

Chosen = str | type[Cfu] | Design
MOST_PLACEMENTS = 100

design_of = Design.of


def simulate(
    model: Path | str | None = None,
    input: InputSource | Path | str | NDArray[Any] | None = None,
    cfu: Chosen | Sequence[Chosen] | None = None,
    board: str = "sim",
    *,
    labels: Path | str | None = None,
    after_synthesis: str | None = None,
    trace: Trace | str | None = None,
    placements: int = 1,
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
        ``NAME``, ``NAME:key=value``, ``package.module:Class``, a `Cfu` class or a `Design`, or
        several of these; by default ``simd_mac`` with the parameters for the board.
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
    placements
        Also run the first input with the firmware linked in so many orders altogether, and model
        and arena some cache lines further: the same at other places in the caches.
        `Comparison.spreads` has the cycles.
    max_cycles
        The limit of cycles of a run.
    cfu_timeout
        The cycles after which a CFU that does not answer counts as stuck.
    report
        Told about phases and progress.

    Returns
    -------
    Comparison
        All runs on the first input, what the others gave, and the oracle's outputs;
        `Comparison.exact` tells whether every value of every layer is equal.
    """
    report = report or Report()
    chosen = board_named(board)
    designs = _designs(cfu or chosen.cfu)
    if not 1 <= placements <= MOST_PLACEMENTS:
        raise InputError(f"placements must be 1 to {MOST_PLACEMENTS}, not {placements}")
    if trace and len(designs) > 1:
        raise InputError(f"a trace is of one design: name one CFU with it, not {len(designs)}")
    if after_synthesis is not None:
        require_family(after_synthesis)
    source = source_of(input, model is None)
    source.files()
    start_oracle()
    loaded = accepted(model)
    samples = list(source.samples(loaded, report.note))
    names = class_names(loaded, labels, default_model=model is None)
    wanted = Trace(trace) if isinstance(trace, str) else trace
    if wanted:
        wanted.check_model(loaded)
    built: list[tuple[Design, Path | None]] = [(Design.load("none"), None)]
    for design in designs:
        netlist = None
        if after_synthesis is not None:
            report.phase(f"synthesis of {design.name} for {after_synthesis}")
            netlist = cfu_netlist(design.verilog_file(), after_synthesis)
        built.append((design, netlist))

    def built_in(order: int) -> list[SimTarget]:
        return [
            SimTarget(
                design,
                chosen,
                say=report.phase,
                slim=loaded if chosen.little_memory else None,
                netlist=(after_synthesis, netlist) if after_synthesis and netlist else None,
                order=order,
            )
            for design, netlist in built
        ]

    targets = built_in(0)
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
                progress=report.progress,
            )
            for target in (built_in(order) if order else targets)
        ]

    comparison = _compared(loaded, samples, run, names, built, report)
    if placements == 1:
        return comparison
    elsewhere = [run(samples[0], order) for order in range(1, placements)]
    return _with_spreads(comparison, loaded, samples[0], elsewhere)


def _with_spreads(
    comparison: Comparison, model: Model, sample: Sample, elsewhere: Sequence[Sequence[Run]]
) -> Comparison:
    """Return a comparison with the same runs in other link orders, each of them compared too."""
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


def _designs(chosen: Chosen | Sequence[Chosen]) -> list[Design]:
    """Return the designs to compare with the plain one, none of them twice."""
    several = chosen if isinstance(chosen, Sequence) and not isinstance(chosen, str) else [chosen]
    designs = {(design.spec, design.kernels): design for design in map(design_of, several)}
    return [design for design in designs.values() if design.spec != "none"]


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
    return _compared(
        loaded,
        samples,
        lambda sample: [target.run(loaded, sample.arrays)],
        names,
        [(target.design, None)],
        report,
        ask=getattr(target, "values", None),
    )


def _compared(
    model: Model,
    samples: Sequence[Sample],
    run: Callable[[Sample], list[Run]],
    names: tuple[str, ...],
    built: Sequence[tuple[Design, Path | None]],
    report: Report,
    ask: Callable[[Model, Operator], Mapping[int, NDArray[Any]]] | None = None,
) -> Comparison:
    """Run each sample on one target or several, and set that beside the oracle.

    `built` are the targets' designs, and their netlists; `ask` is `first_difference`'s.
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
        # After our runtime has accepted the model: TFLM trusts what a damaged file says.
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
        report.phase("first wrong layer, on this machine")
        here = _on_this_machine(design, netlist, model, wrong_sample, difference)
        wrong[index] = f"{wrong[index]} {here}".strip()
    first = samples[0]
    return Comparison(
        model={"name": model.name, "sha256": model.sha256, "macs": model.macs},
        input={
            "name": first.name,
            "sha256": first.sha256,
            "shape": list(first.arrays[0].shape),
        },
        oracle={**ORACLE, "outputs": results[0].expected},
        plain=firsts[0],
        cfu=firsts[1] if len(firsts) > 1 else None,
        labels=names,
        further=tuple(firsts[2:]),
        others=tuple(results[1:]),
        compared=count,
        wrong_layer=" ".join(wrong),
    )


def source_of(
    given: InputSource | Path | str | NDArray[Any] | None, default_model: bool
) -> InputSource:
    """Return the inputs that the user names, or the sample; one random input of another model."""
    if isinstance(given, InputSource) and not given.empty:
        return given
    if given is not None and not isinstance(given, InputSource):
        return InputSource((given,))
    if default_model:
        return InputSource((models.KWS_SAMPLE,))
    return replace(given, count=1) if given else InputSource(count=1)


def _on_this_machine(
    design: Design, netlist: Path | None, model: Model, sample: Sample, found: Difference | None
) -> str:
    """Return what the host build, with the netlist if there is one, makes of a wrong input.

    `found` is what the target made of it.
    """
    parts = HostTarget(design, say=lambda _: None).parts
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
