"""The names that ``from cfuforge import ...`` gives: each is imported when it is first used."""

from .cfu.design import Design as Design
from .checks.check import CheckReport as CheckReport
from .checks.check import check as check
from .comparisons.compare import run_on as run_on
from .comparisons.compare import simulate as simulate
from .comparisons.comparison import Comparison as Comparison
from .gateware.area import area as area
from .gateware.serial_target import SerialTarget as SerialTarget
from .inputs.source import InputSource as InputSource
from .inspection.inspect import inspect as inspect
from .notebook import load_ipython_extension as load_ipython_extension
from .profiles.profile import Profile as Profile
from .profiles.profiling import profile as profile
from .sim.host_target import HostTarget as HostTarget
from .sim.target import SimTarget as SimTarget
from .sim.trace.tracing import Trace as Trace
from .soc.board import Board as Board
from .soc.board import board as board
from .sw.run import LayerRun as LayerRun
from .sw.run import Run as Run
from .sw.target import Target as Target
from .sw.tflite_model import Model as Model
from .version import __version__ as __version__
