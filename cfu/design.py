"""`Design`: a CFU with its parameters and kernels, loaded from a spec such as a name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from cfuforge.base.cache import build_once, digest
from cfuforge.base.errors import ForgeError, InputError
from cfuforge.base.users_line import what_and_where
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.designs import builtin_designs
from cfuforge.cfu.disassembly import disassemble, function_name
from cfuforge.cfu.documentation import markdown
from cfuforge.cfu.header import c_header
from cfuforge.cfu.instruction import Instruction
from cfuforge.cfu.parameters import parse_parameters, refinements
from cfuforge.cfu.prediction import Predictor
from cfuforge.cfu.resolve import canonical, find_class, split_spec
from cfuforge.cfu.verilog import Hardware, hardware, verilog_file

__all__ = ["Design", "DesignFacts", "checked_kernels"]

_NAME = r"[^\W\d_][\w.-]{0,63}"
RESERVED = ("reference", "unnamed")  # names in reports for kernels of no design


class DesignFacts(TypedDict):
    """The identity of a design."""

    name: str
    """The CFU's short name."""
    spec: str
    """The spec that loads it again."""
    parameters: dict[str, Any]
    """Every parameter, by name."""


class Design:
    """A CFU class with its parameters, and the folder of C kernels that use it.

    Parameters
    ----------
    cls
        A subclass of `Cfu`.
    parameters
        Values for the arguments of its ``__init__``; the others keep their defaults.
    where
        How to find the class again, the first part of `spec`; by default ``module:Class``.
    kernels
        C source by file name, such as ``{"conv_s8.c": "..."}``; by default the files in the class's
        folder of kernels, see `kernels`.

    Attributes
    ----------
    name : str
        The CFU's short name.
    spec : str
        The canonical spec, with every parameter but keyword-only ones that keep their defaults;
        `load` turns it into this design again.
    parameters : dict
        Every parameter, by name.

    Raises
    ------
    InputError
        When the class is not a CFU or does not accept a parameter or its value, or when a kernel
        is not text or has no valid file name.
    """

    def __init__(
        self,
        cls: type[Cfu],
        parameters: dict[str, Any] | None = None,
        where: str | None = None,
        *,
        kernels: Mapping[str, str] | None = None,
    ) -> None:
        if not (isinstance(cls, type) and issubclass(cls, Cfu)) or cls is Cfu:
            raise InputError(f"a CFU must be a subclass of cfuforge.cfu.Cfu, not {cls!r}")
        if not isinstance(cls.name, str) or not re.fullmatch(_NAME, cls.name):
            raise InputError(
                f"the name of CFU class {cls.__name__} must be a word such as 'simd_mac', at most "
                f"64 letters, digits, '_', '-' and '.', not {cls.name!r}"
            )
        if cls.name in RESERVED:
            raise InputError(
                f"a CFU must not be called {cls.name!r}, the name of kernels that belong to no "
                "design; give its class another name"
            )
        self._class = cls
        self._where = where or f"{cls.__module__}:{cls.__qualname__}"
        self.parameters = parse_parameters(cls, parameters or {})
        self._texts = None if kernels is None else checked_kernels(kernels)
        # Found now, since another module may later replace this one under the same name.
        bases = cls.__mro__[: cls.__mro__.index(Cfu)]
        self._places = [(each, _folder_of(each)) for each in bases]
        self._first = self.cfu()  # raises here, not later, when the class rejects a value

    @classmethod
    def load(cls, spec: str) -> Design:
        """Load a design by its spec.

        Parameters
        ----------
        spec
            ``NAME`` of a built-in design; ``package.module:Class``; or only a module, which must
            define exactly one `Cfu`. A module may also be in the current folder, or be given by its
            path: ``./my_cfu``, ``my_cfu/``, ``designs/mac.py``. Any of these may be followed by
            ``:key=value,key=value``.

        Raises
        ------
        InputError
            When there is no such design, or it does not accept the parameters.
        """
        where, parameters = split_spec(spec)
        found = find_class(where)
        return cls(found, parameters, canonical(where))

    @classmethod
    def builtin(cls, spec: str) -> Design:
        """Load a built-in design by a spec from an untrusted source.

        No other module is imported, whatever `spec` says.

        Raises
        ------
        InputError
            When there is no such design, or it does not accept the parameters.
        """
        where, _ = split_spec(spec)
        if where not in builtin_designs():
            raise InputError(f"{where!r} is not one of CFU Forge's: {', '.join(builtin_designs())}")
        return cls.load(spec)

    @classmethod
    def of(cls, cfu: str | type[Cfu] | Design) -> Design:
        """Return the design that `cfu` names or is; a class gets its default parameters."""
        if isinstance(cfu, Design):
            return cfu
        return cls.load(cfu) if isinstance(cfu, str) else cls(cfu)

    @property
    def name(self) -> str:
        """The CFU's short name."""
        return self._class.name

    @property
    def spec(self) -> str:
        """The canonical spec of this design."""
        usual = refinements(self._class)
        values = ",".join(
            f"{key}={_text(value)}"
            for key, value in self.parameters.items()
            if key not in usual or usual[key] != value
        )
        return f"{self._where}:{values}" if values else self._where

    @property
    def identity(self) -> DesignFacts:
        """Name, spec and parameters, as they appear in reports."""
        return {"name": self.name, "spec": self.spec, "parameters": self.parameters}

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """The CFU's instructions."""
        return tuple(self._first.instructions)

    @property
    def activities(self) -> tuple[str, ...]:
        """What the CFU can do in a cycle while the CPU waits; see `Cfu`."""
        return tuple(self._first.activities)

    @property
    def memory_width(self) -> int:
        """Width in bytes of the CFU's memory port; 0 for none."""
        return self._first.memory_width

    @property
    def predictor(self) -> Predictor | None:
        """What predicts the CFU's time for a layer, if it has that; see `Cfu`."""
        return self._first.predictor()

    @property
    def kernels(self) -> Path | None:
        """The folder of C kernels: the class's `Cfu.kernels`, or ``kernels`` beside its module.

        A relative path starts at the module's folder. A subclass inherits the kernels. Kernels
        given as text are written to the cache.

        Raises
        ------
        InputError
            When the class names a folder that does not exist.
        """
        if self._texts is not None:
            return _folder(self._texts)
        for cls, beside in self._places:
            named = cls.__dict__.get("kernels")
            folder = beside / (named or "kernels")
            if named is not None and not folder.is_dir():
                raise InputError(f"{cls.__name__}.kernels must be a folder, not {folder}")
            if folder.is_dir():
                return folder
        return None

    def cfu(self) -> Cfu:
        """Return a new instance of the CFU.

        Raises
        ------
        InputError
            When the class rejects its parameters.
        """
        try:
            return self._class(**self.parameters)
        except ForgeError:
            raise
        except ValueError as error:  # how a class rejects a parameter
            raise InputError(f"CFU {self.spec} cannot be made: {error}") from error
        except Exception as error:
            raise InputError(f"CFU {self.spec} cannot be made: {what_and_where(error)}") from error

    def header(self) -> str:
        """Return the text of ``cfu.h``."""
        reads_memory = self.memory_width > 0
        macros = {**self.parameters, **self._first.constants}
        return c_header(
            self.name,
            self.instructions,
            macros,
            structs=self._first.structs,
            reads_memory=reads_memory,
        )

    def documentation(self) -> str:
        """Return the instruction and state tables in Markdown, under the class's docstring."""
        doc = inspect.getdoc(self._class) or ""
        table = markdown(self.instructions, self._first.state)
        port = f"It has a memory port of {self.memory_width} bytes.\n\n"
        return f"# {self.name}\n\n{doc}\n\n{port if self.memory_width else ''}{table}"

    def disassemble(self, word: int) -> str | None:
        """Return the assembly of an instruction word; None when it is not for the CFU."""
        return disassemble(self.instructions, word)

    def function_name(self, function_id: int) -> str:
        """Return the instruction's name with its index, such as ``dot[5]``."""
        return function_name(self.instructions, function_id)

    def rtlil(self) -> str:
        """Return the RTLIL of module ``Cfu``, which depends only on the hardware.

        Raises
        ------
        InputError
            When the class's hardware cannot be built; the message names the line.
        """
        return self._hardware().rtlil

    def verilog_file(self) -> Path:
        """Return the Verilog file of module ``Cfu``, from the cache when it is unchanged.

        Raises
        ------
        InputError
            When the class's hardware cannot be built, or part of it would never be clocked.
        """
        return verilog_file(self._hardware())

    def verilog(self) -> str:
        """Return the text of `verilog_file`."""
        return self.verilog_file().read_text(encoding="utf-8")

    def _hardware(self) -> Hardware:
        cfu = self.cfu()
        try:
            return hardware(cfu)
        except ForgeError:
            raise
        except Exception as error:
            message = f"the hardware of CFU {self.spec} cannot be built: {what_and_where(error)}"
            raise InputError(message) from error

    def __repr__(self) -> str:
        return f"Design.load({self.spec!r})"


def checked_kernels(kernels: Mapping[str, str]) -> dict[str, str]:
    """Return the kernels' source by file name.

    Raises
    ------
    InputError
        When one is not text, or its name is not that of a source file.
    """
    for name, text in kernels.items():
        if not isinstance(name, str) or not re.fullmatch(r"\w+\.(c|cc|cpp|cxx|s|S|h)", name):
            raise InputError(f"a kernel needs a file name such as 'conv_s8.c', not {name!r}")
        if not isinstance(text, str):
            raise InputError(f"kernel {name!r} must be its C text, a str, not {text!r}")
    return dict(kernels)


def _folder(texts: Mapping[str, str]) -> Path:
    def write(work: Path) -> None:
        for name, text in texts.items():
            (work / name).write_text(text, encoding="utf-8")

    return build_once("kernels", digest(texts), write)


def _folder_of(cls: type) -> Path:
    """Return the folder of a class's module; in a notebook or at a prompt, the current one."""
    try:
        return Path(inspect.getfile(cls)).resolve().parent
    except (TypeError, OSError):
        return Path.cwd()


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
