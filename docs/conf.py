"""Build the documentation with Sphinx: ``make docs``.

The source folder is the checkout, so that the folders' READMEs and the notebooks are pages where
they are, and a relative link is the same on the site and in the repository.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

from amaranth.hdl import Elaboratable

import cfuforge
import cfuforge.cfu

sys.path.insert(0, str(Path(__file__).parent))

from generated import PAGES

project = "CFU Forge"
copyright = "the authors of CFU Forge"
version = release = cfuforge.__version__
root_doc = "docs/index"
nitpicky = True
include_patterns = [
    "README.md",
    "docs/**",
    "notebooks/*.ipynb",
    "**/README.md",
    "sw/API.md",
    "CHANGELOG.md",
]
exclude_patterns = [".*", "build", "dist", "**/__pycache__"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the notebooks are stored with their outputs

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Members", "params_style"), ("Timing", "notes_style")]
default_role = "py:obj"

html_theme = "furo"
html_title = "CFU Forge"
html_copy_source = False
html_additional_pages = {"index": "redirect.html"}  # the first page is docs/index.html
templates_path = ["templates"]

_PUBLIC = {  # where a name is defined: where it is documented
    f"{value.__module__}.{name}": f"{module.__name__}.{name}"
    for module in (cfuforge, cfuforge.cfu)
    for name in module.__all__
    if hasattr(value := getattr(module, name), "__qualname__")
}


def _write_generated(app: Any, name: str, source: list[str]) -> None:
    """Append the generated text to a page's source."""
    if make := PAGES.get(name):
        source[0] = f"{source[0]}\n{make()}"


def _resolve(app: Any, env: Any, node: Any, contents: Any) -> Any:
    """Resolve a Python name by where it is documented; a name without a page stays text.

    A full path in prose must have a page, or Sphinx warns.
    """
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    if target in _PUBLIC:
        found = env.get_domain("py").resolve_xref(
            env, node["refdoc"], app.builder, node["reftype"], _PUBLIC[target], node, contents
        )
        if found is not None:
            return found
    in_prose = node["reftype"] == "obj"
    return None if in_prose and target.startswith("cfuforge.") else contents


def _keep_sentence(app: Any, what: str, name: str, obj: Any, options: Any, lines: Any) -> None:
    """Keep Napoleon from taking a property's text up to a colon for its type."""
    if what == "property":
        lines.insert(0, "")


def _signature(app: Any, what: str, name: str, obj: Any, *_: Any) -> tuple[str, None] | None:
    """Show the arguments of a component's ``__init__``, not those of its metaclass."""
    if what == "class" and issubclass(obj, Elaboratable):
        shown = inspect.signature(obj.__init__)
        some = [each.replace(annotation=each.empty) for each in shown.parameters.values()][1:]
        return str(inspect.Signature(some)), None
    return None


def setup(app: Any) -> None:
    """Connect the functions above to Sphinx's events."""
    app.connect("source-read", _write_generated)
    app.connect("autodoc-process-docstring", _keep_sentence, priority=400)
    app.connect("autodoc-process-signature", _signature)
    app.connect("missing-reference", _resolve)
