"""CFU Forge: co-design machine-learning accelerators for small FPGAs.

The names that a notebook needs::

    from cfuforge import simulate
    comparison = simulate(cfu="simd_mac")
    comparison.cfu.to_frame()
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cfuforge.cfu.design import Design
    from cfuforge.checks.check import CheckReport, check
    from cfuforge.comparisons.compare import run_on, simulate
    from cfuforge.comparisons.comparison import Comparison
    from cfuforge.gateware.area import area
    from cfuforge.gateware.serial_target import SerialTarget
    from cfuforge.inputs.source import InputSource
    from cfuforge.inspection.inspect import inspect_model
    from cfuforge.notebook import load_ipython_extension
    from cfuforge.profiles.profile import Profile
    from cfuforge.profiles.profiling import profile_run
    from cfuforge.sim.host_target import HostTarget
    from cfuforge.sim.target import SimTarget
    from cfuforge.sim.trace.tracing import Trace
    from cfuforge.soc.board import Board, board
    from cfuforge.sw.run import LayerRun, Run
    from cfuforge.sw.target import Target
    from cfuforge.sw.tflite_model import Model

    __version__: str

_HOME = {
    "Board": "cfuforge.soc.board",
    "CheckReport": "cfuforge.checks.check",
    "Comparison": "cfuforge.comparisons.comparison",
    "Design": "cfuforge.cfu.design",
    "HostTarget": "cfuforge.sim.host_target",
    "InputSource": "cfuforge.inputs.source",
    "LayerRun": "cfuforge.sw.run",
    "Model": "cfuforge.sw.tflite_model",
    "Run": "cfuforge.sw.run",
    "SerialTarget": "cfuforge.gateware.serial_target",
    "SimTarget": "cfuforge.sim.target",
    "Target": "cfuforge.sw.target",
    "Trace": "cfuforge.sim.trace.tracing",
    "area": "cfuforge.gateware.area",
    "board": "cfuforge.soc.board",
    "inspect_model": "cfuforge.inspection.inspect",
    "load_ipython_extension": "cfuforge.notebook",
    "Profile": "cfuforge.profiles.profile",
    "profile_run": "cfuforge.profiles.profiling",
    "check": "cfuforge.checks.check",
    "run_on": "cfuforge.comparisons.compare",
    "simulate": "cfuforge.comparisons.compare",
}

__all__ = [
    "Board",
    "CheckReport",
    "Comparison",
    "Design",
    "HostTarget",
    "InputSource",
    "LayerRun",
    "Model",
    "Profile",
    "Run",
    "SerialTarget",
    "SimTarget",
    "Target",
    "Trace",
    "__version__",
    "area",
    "board",
    "check",
    "inspect_model",
    "load_ipython_extension",
    "profile_run",
    "run_on",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import cfuforge.cfu`` stays light."""
    if name == "__version__":
        return globals().setdefault(name, importlib.metadata.version("cfuforge"))
    if name not in _HOME:
        raise AttributeError(f"module 'cfuforge' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """Return the public names, imported or not: editors complete them."""
    return __all__
