"""``cfuforge new``: make a folder for a CFU of the user's own."""

from __future__ import annotations

import importlib.util
import keyword
from pathlib import Path
from string import Template

from cfuforge.base.errors import InputError
from cfuforge.base.output import new_folder
from cfuforge.cfu.designs import builtin_designs

__all__ = ["scaffold"]

TEMPLATE = Path(__file__).with_name("template")
PORT_TEMPLATE = Path(__file__).with_name("port_template")


def scaffold(folder: Path, port: bool = False) -> Path:
    """Make `folder` with a CFU, a kernel, a test and a README, and return it.

    With `port`, the CFU has a memory port of its own.

    Raises
    ------
    InputError
        When the name cannot be imported or hides another module, or the folder exists or cannot be
        written.
    EnvironmentLacksError
        When the disk is full.
    """
    name = folder.name
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        raise InputError(f"the name must be a Python identifier such as my_cfu, not {name!r}")
    if name in builtin_designs():
        raise InputError(f"{name!r} is a design that comes with cfuforge; choose another name")
    if folder.exists():
        raise InputError(f"{folder} already exists; choose another name")
    if importlib.util.find_spec(name) is not None:
        raise InputError(f"a Python module {name!r} already exists; choose another name")
    template = PORT_TEMPLATE if port else TEMPLATE
    names = {"name": name, "Class": "".join(part.capitalize() for part in name.split("_"))}
    with new_folder(folder):
        for source in sorted(template.rglob("*")):
            if source.is_file():
                target = folder / source.relative_to(template)
                if source.suffix == ".in":
                    target = target.with_suffix("")
                if target.name == "test.py":
                    target = target.with_name(f"test_{name}.py")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(
                    Template(source.read_text(encoding="utf-8")).substitute(names), encoding="utf-8"
                )
    return folder
