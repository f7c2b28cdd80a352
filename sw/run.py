"""The record of one inference."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from annotated_types import Interval
from numpy.typing import NDArray
from typing_extensions import TypedDict

from cfuforge.base.document import UNSAVED, Count, as_json, checked
from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.shown import counted
from cfuforge.cfu.design import DesignFacts
from cfuforge.sw.tflite_model import Operator

__all__ = ["LayerRun", "Run", "SocFacts", "Value", "Waveform", "require_pandas"]

Value = bool | Annotated[int, Interval(ge=-(1 << 63), le=(1 << 64) - 1)] | float  # in an output


class _SocName(TypedDict):
    """The name of a SoC."""

    name: str
    """Name of the board; ``host`` for the user's own machine."""


class SocFacts(_SocName, total=False, extra_items=Any):  # type: ignore[call-arg]  # PEP 728
    """The identity of a SoC; a simulated one also has the fields that ``boards`` lists."""

    clock_hz: Annotated[int, Interval(ge=1, le=(1 << 64) - 1)]
    """Clock frequency in Hz."""
    memories: dict[str, tuple[Count, ...]]
    """First address and size in bytes of each memory, by name."""
    netlist: str
    """FPGA family for which the CFU was synthesised, if its netlist was simulated."""
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
        NHWC shapes; `filter_shape` is empty for an operator without weights.
    macs
        Multiply-accumulates.
    cycles
        Clock cycles, from the CPU's own counter; None on the host.
    kernel
        The kernel that computed it, such as ``simd_mac/conv_s8`` or ``reference/conv_s8``;
        ``unnamed`` if the kernel does not name itself with ``NN_RAN``.
    scratch_bytes
        Bytes of memory that the kernel asked for besides its tensors.
    persistent_bytes
        Bytes that it keeps from the model's preparation on.
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
    persistent_bytes: Count

    @classmethod
    def of(
        cls,
        operator: Operator,
        *,
        cycles: int | None,
        kernel: str,
        scratch_bytes: int,
        persistent_bytes: int,
    ) -> LayerRun:
        """Return the record of `operator`; an empty `kernel` becomes ``unnamed``."""
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
            persistent_bytes=persistent_bytes,
        )


@dataclass(frozen=True)
class Waveform:
    """A waveform that a run wrote.

    Parameters
    ----------
    file, views
        The waveform file, and files that set up GTKWave and Surfer to show it.
    first, cycles
        The first cycle in it, counted from reset, and the number of cycles.
    bytes
        Size of the waveform file.
    """

    file: str
    views: tuple[str, ...]
    first: Count
    cycles: Count
    bytes: Count


@dataclass(frozen=True, repr=False)
class Run:
    """One inference of a model on a design, run by a `cfuforge.sw.target.Target`.

    Parameters
    ----------
    design
        Name, spec and parameters of the CFU design.
    soc
        Board, CPU variant, clock in Hz, memories; ``netlist``, an FPGA family, if the CFU was
        simulated after synthesis for it; on the host only the name ``"host"``.
    tools
        Versions of all tools that the result depends on, compiler flags included.
    cycles
        Clock cycles of ``Invoke``; None on the host, which has no such clock.
    layers
        The operators in order; their cycles add up to `cycles` minus the runtime's own.
    outputs
        Values of each output tensor, flattened.
    arena_bytes
        Bytes that the tensor arena needed; None on the host, whose pointers are larger.
    uart
        What the firmware printed.
    wall_seconds, simulated_hertz
        Host time of the simulation in seconds, and simulated clock cycles per second; a cached
        result keeps those of the original run.
    simulated_cycles
        Clock cycles from reset to the end, setup included; 0 on the host, like `simulated_hertz`.
    cached
        Whether the result was taken from the cache.
    waveform
        The waveform, if one was traced.
    values
        The outputs of each operator right after it ran, by tensor index; empty if the target does
        not report them, and in a `Run` read from JSON.
    checks
        The CRC-32 of each of these outputs, which a board reports instead of `values`.
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
        layers = counted(len(self.layers), "layer")
        return f"<Run of {layers}, {self.design['spec']}, {self.soc['name']}{cycles}>"

    @property
    def tells(self) -> bool:
        """Whether the target reported every layer's outputs."""
        return bool(self.values or self.checks)

    @property
    def offloaded(self) -> tuple[LayerRun, ...]:
        """The layers computed by the design's own kernels."""
        return tuple(
            layer for layer in self.layers if layer.kernel.startswith(f"{self.design['name']}/")
        )

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes."""
        return as_json(self)

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
    """Import pandas, which is optional, and return it.

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
