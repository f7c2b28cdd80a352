"""The types of documents that only the command line writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.gateware.ice40_area import Ice40Area
from cfuforge.soc.board import Board
from cfuforge.soc.cpu import Options

__all__ = [
    "ApplicationDocument",
    "BoardsDocument",
    "CfuFacts",
    "CfusDocument",
    "CpuDocument",
    "CpuFacts",
    "CpusDocument",
    "DataFile",
]


class DataFile(TypedDict):
    """A file that is part of the application, as a C array."""

    file: str
    """Name of the file."""
    sha256: str
    """SHA-256 of the file, in hexadecimal."""


class ApplicationDocument(Head):
    """An application's run on the simulated SoC: written by ``cfuforge app``."""

    schema: Literal["app"]
    """The type of this document."""
    application: str
    """Name of the application's folder."""
    data: dict[str, DataFile]
    """Its data files, by the name of the C array; the model is one of them."""
    design: str
    """The design, as for ``--cfu``."""
    board: str
    """The board's name."""
    returned: int
    """The value that ``main`` returned."""
    cycles: Count
    """Clock cycles from reset to the return of ``main``."""
    uart: str
    """Everything that it printed."""


class BoardsDocument(Head):
    """The boards: written by ``cfuforge board list``."""

    schema: Literal["boards"]
    """The type of this document."""
    boards: Mapping[str, Board]
    """The boards, by name."""


class _CfuText(TypedDict):
    """The description of a design, from its module."""

    description: str
    """First line of the module's docstring."""
    in_this_folder: bool
    """Whether it is in the working folder, rather than part of CFU Forge."""


class CfuFacts(_CfuText, total=False):
    """A design; only CFU Forge's own have all fields, because others are not imported."""

    parameters: dict[str, bool | int | str]
    """Default of each parameter, by name."""
    instructions: list[str]
    """Names of the instructions."""


class CfusDocument(Head):
    """The available designs: written by ``cfuforge cfu list``."""

    schema: Literal["cfus"]
    """The type of this document."""
    cfus: dict[str, CfuFacts]
    """The designs, by name."""


class CpuFacts(TypedDict):
    """A CPU variant."""

    name: str
    """Name, as in a board's ``cpu``."""
    description: str
    """A description of one line."""
    core: str
    """The origin of the Verilog."""
    isa: str
    """Instruction set, as compilers name it."""
    options: Options
    """Options with which it is generated."""
    csrs: list[Count]
    """Numbers of the control and status registers."""
    cfu_switch: bool
    """Whether CFU instructions trap until bit 31 of CSR 0xbc0 is set."""
    lacks: list[str]
    """Features of other CPUs that it lacks, in words."""
    needs_jvm: bool
    """Whether generating it needs a JVM, to run a Scala program."""
    ready: bool
    """Whether the Verilog is available."""


class CpusDocument(Head):
    """The CPU variants: written by ``cfuforge cpu list``."""

    schema: Literal["cpus"]
    """The type of this document."""
    cpus: dict[str, CpuFacts]
    """The variants, by name."""


class CpuDocument(Head):
    """A CPU variant: written by ``cfuforge cpu describe``."""

    schema: Literal["cpu"]
    """The type of this document."""
    cpu: CpuFacts
    """The variant."""
    ice40up5k: Ice40Area | None
    """Resources that it takes in an iCE40UP5K; null without ``--area``."""
