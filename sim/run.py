"""What one inference was, and the comparison of a plain one with one on a CFU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, TypedDict

from numpy.typing import NDArray

from cfuforge.cfu.document import UNSAVED, Count, checked, document_text, read_document
from cfuforge.cfu.errors import EnvironmentLacksError, InputError
from cfuforge.cfu.output import write_whole
from cfuforge.sw.tflite_model import Operator

__all__ = ["Comparison", "LayerRun", "ModelFacts", "Run", "Waveform", "require_pandas"]

SCHEMA = 2
REMEDY = "write one with: cfuforge sim --json FILE"
Value = bool | Annotated[int, range(-(1 << 63), 1 << 64)] | float  # of an output


class DesignFacts(TypedDict):
    """What is known of a design."""

    name: str
    spec: str
    parameters: dict[str, Any]


class _SocName(TypedDict):
    name: str


class SocFacts(_SocName, total=False):
    """What is known of every SoC, and of some."""

    clock_hz: Annotated[int, range(1, 1 << 64)]
    netlist: str
    port: str


class ModelFacts(TypedDict):
    """Which model ran."""

    name: str
    sha256: str
    macs: Count


class InputFacts(TypedDict):
    """Which input it had."""

    name: str


class OracleFacts(TypedDict):
    """What the right outputs are, and who says so."""

    name: str
    version: str
    outputs: list[list[Value]]


class _Unchecked(TypedDict, total=False):
    schema: Annotated[int, range(SCHEMA, SCHEMA + 1)]
    design: Any  # this and the rest follow from the others
    soc: Any
    tools: Any
    outputs: Any
    speed_up: Any


class SavedComparison(_Unchecked):
    """What `Comparison.save` writes."""

    model: Annotated[dict[str, Any], ModelFacts]
    input: Annotated[dict[str, Any], InputFacts]
    oracle: Annotated[dict[str, Any], OracleFacts]
    plain: Run
    cfu: Run | None
    labels: tuple[str, ...]
    others: tuple[InputResult, ...]
    compared: Count
    wrong_layer: str


@dataclass(frozen=True)
class LayerRun:
    """One executed operator.

    Parameters
    ----------
    index
        Position in the model.
    operator
        TFLite's name, such as ``CONV_2D``.
    input_shape, filter_shape, output_shape
        Shapes, NHWC; `filter_shape` is empty for an operator without weights.
    macs
        Multiply-accumulates.
    cycles
        Clock cycles, from the CPU's own counter; None where there is no such CPU.
    kernel
        Who computed it, such as ``simd_mac/conv_s8`` or ``reference/conv_s8``; ``unnamed`` when
        the kernel did not say so (``NN_RAN``).
    scratch_bytes
        Memory that the kernel asked for besides its tensors.
    """

    index: Count
    operator: str
    input_shape: tuple[Count, ...]
    filter_shape: tuple[Count, ...]
    output_shape: tuple[Count, ...]
    macs: Count
    cycles: Count | None
    kernel: str
    scratch_bytes: Count

    @classmethod
    def of(
        cls, operator: Operator, *, cycles: int | None, kernel: str, scratch_bytes: int
    ) -> LayerRun:
        """Return what ran `operator`; no `kernel` name is ``unnamed``."""
        first, weights = [*operator.inputs, None, None][:2]
        return cls(
            index=operator.index,
            operator=operator.name,
            input_shape=first.shape if first else (),
            filter_shape=weights.shape if operator.macs and weights else (),
            output_shape=operator.outputs[0].shape,
            macs=operator.macs,
            cycles=cycles,
            kernel=kernel or "unnamed",
            scratch_bytes=scratch_bytes,
        )


@dataclass(frozen=True)
class Waveform:
    """A waveform that a run has left.

    Parameters
    ----------
    file, views
        The waveform's file; what shows it in GTKWave and in Surfer.
    first, cycles
        The first cycle in it, from the reset, and how many there are.
    bytes
        The file's size.
    """

    file: str
    views: tuple[str, ...]
    first: Count
    cycles: Count
    bytes: Count


@dataclass(frozen=True)
class Run:
    """One inference of one model on one design, by a `cfuforge.sim.protocol.Target`.

    Parameters
    ----------
    design
        Name, spec and parameters of the CFU design.
    soc
        Board, CPU variant, clock in Hz, memories; ``netlist``, an FPGA family, where the CFU was
        simulated after synthesis for it; only the name ``"host"`` on this machine itself.
    tools
        Versions of everything that made this number, compiler flags included.
    cycles
        Clock cycles of ``Invoke``; None on the host, which has no such clock.
    layers
        The operators in order; their cycles add up to `cycles` less the runtime's own.
    outputs
        Values of each output tensor, flat.
    arena_bytes
        What the tensor arena needed; None on the host, whose pointers are larger.
    uart
        What the firmware printed.
    wall_seconds, simulated_hertz
        Host time of the simulation and simulated clock cycles a second; those of the first time
        when the result came from the cache.
    simulated_cycles
        Clock cycles from reset to the end, setup included; 0 like `simulated_hertz` on the host.
    cached
        Whether the result was taken from the cache.
    waveform
        What was traced, if anything was.
    values
        What each operator's outputs were when it had ended, by the index of the tensor; empty
        where the target does not tell, and in what comes from JSON.
    checks
        In their place, the CRC-32 of each of these: what a board tells.
    """

    design: Annotated[dict[str, Any], DesignFacts]
    soc: Annotated[dict[str, Any], SocFacts]
    tools: dict[str, str]
    cycles: Count | None
    layers: tuple[LayerRun, ...]
    outputs: tuple[tuple[Value, ...], ...]
    arena_bytes: Count | None
    uart: str
    wall_seconds: float
    simulated_hertz: float = 0.0
    simulated_cycles: Count = 0
    cached: bool = False
    waveform: Waveform | None = None
    values: dict[int, NDArray[Any]] = field(
        default_factory=dict, repr=False, compare=False, metadata=UNSAVED
    )
    checks: dict[int, int] = field(
        default_factory=dict, repr=False, compare=False, metadata=UNSAVED
    )

    @property
    def tells(self) -> bool:
        """Whether its target told of every layer."""
        return bool(self.values or self.checks)

    @property
    def offloaded(self) -> tuple[LayerRun, ...]:
        """The layers that a kernel of the design computed."""
        return tuple(
            layer for layer in self.layers if layer.kernel.startswith(f"{self.design['name']}/")
        )

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes."""
        saved = asdict(replace(self, values={}, checks={}))
        del saved["values"], saved["checks"]
        return saved

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Run:
        """Return the `Run` that `to_json` made `value` from.

        Raises
        ------
        InputError
            When `value` is something else; the message names the field.
        """
        run: Run = checked(value, cls)
        return run

    def to_frame(self) -> Any:
        """Return the layers as a pandas DataFrame.

        Raises
        ------
        EnvironmentLacksError
            When pandas is not installed.
        """
        return require_pandas().DataFrame([asdict(layer) for layer in self.layers])


@dataclass(frozen=True)
class InputResult:
    """One input of several: plain and on a CFU, beside the oracle.

    Parameters
    ----------
    name, sha256
        Of the input.
    cycles
        Of each run.
    outputs, expected
        The last run's outputs and the oracle's, flat.
    exact
        Whether every run equals the oracle, in every layer that was compared.
    """

    name: str
    sha256: str
    cycles: list[Count | None]
    outputs: list[list[Value]]
    expected: list[list[Value]]
    exact: bool

    @classmethod
    def of(
        cls,
        name: str,
        sha256: str,
        runs: Sequence[Run],
        expected: Sequence[NDArray[Any]],
        layers_match: bool,
    ) -> InputResult:
        """Return the result of `runs` on one input, of which `expected` are the right outputs."""
        flat = [output.ravel().tolist() for output in expected]
        outputs = [[list(output) for output in run.outputs] for run in runs]
        exact = layers_match and all(each == flat for each in outputs)
        return cls(name, sha256, [run.cycles for run in runs], outputs[-1], flat, exact)


@dataclass(frozen=True)
class Comparison:
    """The same inference plain and on a CFU, beside the oracle.

    Parameters
    ----------
    model, input
        Name and sha256 of each, and of the model the MACs.
    oracle
        Name and version of the oracle, and its outputs.
    plain, cfu
        The two runs; `cfu` is None when there was only one, `plain`, which on a board is one with
        the design that the board has.
    labels
        The names of the classes, or none.
    others
        What further inputs gave.
    compared
        How many values of layers were compared, of each run and input; 0 where only the outputs
        were, because the target does not tell more.
    wrong_layer
        Which layer is the first wrong one, in a sentence; empty when all is right.
    """

    model: dict[str, Any]
    input: dict[str, Any]
    oracle: dict[str, Any]
    plain: Run
    cfu: Run | None
    labels: tuple[str, ...] = ()
    others: tuple[InputResult, ...] = ()
    compared: int = 0
    wrong_layer: str = ""

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that there are, plain first."""
        return (self.plain,) if self.cfu is None else (self.plain, self.cfu)

    @property
    def speed_up(self) -> float:
        """Cycles of the plain run over those of the CFU's; 1 when either has none."""
        if self.cfu is None or not (self.plain.cycles and self.cfu.cycles):
            return 1.0
        return self.plain.cycles / self.cfu.cycles

    def matches(self, run: Run) -> bool:
        """Return whether every output value of `run` equals the oracle's."""
        return [list(output) for output in run.outputs] == list(self.oracle["outputs"])

    @property
    def exact(self) -> bool:
        """Whether every run equals the oracle, on every input, in all that was compared."""
        results = [*map(self.matches, self.runs), *(other.exact for other in self.others)]
        return all(results) and not self.wrong_layer

    def to_frame(self) -> Any:
        """Return the layers of both runs as a pandas DataFrame, as `cfuforge sim` shows them.

        Raises
        ------
        EnvironmentLacksError
            When pandas is not installed.
        """
        last = self.runs[-1]
        rows = [
            {
                "operator": layer.operator,
                "filter": "x".join(map(str, layer.filter_shape[1:3])) if layer.macs else "",
                "output": "x".join(map(str, layer.output_shape[1:] or layer.output_shape)),
                "macs": layer.macs,
                "plain": plain.cycles,
                "cfu": layer.cycles,
                "by": layer.kernel,
            }
            for plain, layer in zip(self.plain.layers, last.layers, strict=True)
        ]
        shown = rows if self.cfu else [{**row, "cfu": None} for row in rows]
        return require_pandas().DataFrame(shown)

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes: the fields, and what follows from them."""
        last = self.runs[-1]
        return {
            "schema": SCHEMA,
            "model": self.model,
            "input": self.input,
            "design": last.design,
            "soc": last.soc,
            "tools": last.tools,
            "outputs": last.outputs,
            "oracle": {**self.oracle, "outputs_match": self.exact},
            "plain": self.plain.to_json(),
            "cfu": self.cfu and self.cfu.to_json(),
            "speed_up": self.speed_up,
            "labels": list(self.labels),
            "others": [asdict(other) for other in self.others],
            "compared": self.compared,
            "wrong_layer": self.wrong_layer,
        }

    def save(self, path: str | Path) -> None:
        """Write the comparison to `path` as JSON."""
        text = document_text(self.to_json(), indent=1) + "\n"
        write_whole(path, text, "name another file with --json")

    @classmethod
    def load(cls, path: str | Path) -> Comparison:
        """Return the comparison that `save` wrote to `path`.

        Raises
        ------
        InputError
            When the file is none, or contradicts itself; the message names the field.
        """
        _, saved = read_document(path, SavedComparison, REMEDY)
        oracle = {name: item for name, item in saved["oracle"].items() if name != "outputs_match"}
        found = cls(**{each.name: saved[each.name] for each in fields(cls)} | {"oracle": oracle})
        if reason := _contradiction(found):
            raise InputError(f"{path}: {reason}; {REMEDY}")
        return found


def _contradiction(found: Comparison) -> str:
    """Return what does not fit together in a comparison, if anything does not."""
    sizes = [len(output) for output in found.oracle["outputs"]]
    last = found.runs[-1]
    for name, run in zip(("plain", "cfu"), found.runs, strict=False):
        if [len(output) for output in run.outputs] != sizes:
            return f"{name}.outputs have other sizes than oracle.outputs"
        if [each.operator for each in run.layers] != [each.operator for each in last.layers]:
            return "plain.layers have other operators than cfu.layers"
    for index, other in enumerate(found.others):
        if [[len(each) for each in some] for some in (other.outputs, other.expected)] != [
            sizes
        ] * 2:
            return f"others[{index}] has outputs of other sizes than oracle.outputs"
        if len(other.cycles) != len(found.runs):
            return f"others[{index}].cycles must have {len(found.runs)} of them"
    if found.labels and [len(found.labels)] != sizes[:1]:
        return (
            f"labels has {len(found.labels)} names, and oracle.outputs[0] another number of scores"
        )
    return ""


def require_pandas() -> Any:
    """Return the module, which only some installations have.

    Raises
    ------
    EnvironmentLacksError
        When pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise EnvironmentLacksError(
            "pandas is not installed; install it with: pip install pandas"
        ) from error
    return pandas
