"""The record of one inference."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from annotated_types import Interval
from numpy.typing import NDArray
from typing_extensions import TypedDict

from cfuforge.base.document import UNSAVED, Count, as_json, checked
from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.cfu.design import DesignFacts
from cfuforge.sw.tflite_model import Operator

__all__ = ["LayerRun", "Run", "SocFacts", "Value", "Waveform", "require_pandas"]

Value = bool | Annotated[int, Interval(ge=-(1 << 63), le=(1 << 64) - 1)] | float  # of an output


class _SocName(TypedDict):
    """The name of a SoC."""

    name: str
    """The board's; ``host`` for this machine itself."""


class SocFacts(_SocName, total=False, extra_items=Any):  # type: ignore[call-arg]  # PEP 728
    """The identity of a SoC; a simulated one also has what ``boards`` tells of its board."""

    clock_hz: Annotated[int, Interval(ge=1, le=(1 << 64) - 1)]
    """Its clock, in Hz."""
    memories: dict[str, tuple[Count, ...]]
    """By name the first address of each, and its bytes."""
    netlist: str
    """The FPGA family for which the CFU was synthesised, where its netlist was simulated."""
    port: str
    """The serial port of a board."""


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
        Bytes of memory that the kernel asked for besides its tensors.
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
        The file's size in bytes.
    """

    file: str
    views: tuple[str, ...]
    first: Count
    cycles: Count
    bytes: Count


@dataclass(frozen=True, repr=False)
class Run:
    """One inference of one model on one design, by a `cfuforge.sw.target.Target`.

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
        Bytes that the tensor arena needed; None on the host, whose pointers are larger.
    uart
        What the firmware printed.
    wall_seconds, simulated_hertz
        Host time of the simulation in seconds, and simulated clock cycles a second; those of the
        first time when the result came from the cache.
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

    design: DesignFacts
    soc: SocFacts
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
    values: Annotated[dict[int, NDArray[Any]], UNSAVED] = field(
        default_factory=dict, repr=False, compare=False
    )
    checks: Annotated[dict[int, int], UNSAVED] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __repr__(self) -> str:
        cycles = "" if self.cycles is None else f": {self.cycles:,} cycles"
        return (
            f"<Run of {len(self.layers)} layers, {self.design['spec']}, {self.soc['name']}{cycles}>"
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
        saved: dict[str, Any] = as_json(self)
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
