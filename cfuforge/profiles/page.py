"""Write profiles as a self-contained HTML page."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any, TypeVar

from plotly.offline import get_plotlyjs

from cfuforge.base.document import SCHEMA_VERSION, as_json, document_text
from cfuforge.base.errors import InputError
from cfuforge.base.page_style import page_style
from cfuforge.base.shown import shown
from cfuforge.profiles.shape import ProfileDocument
from cfuforge.soc.board import BOARDS
from cfuforge.sw.models import KWS_MODEL

__all__ = ["profile_page"]

_T = TypeVar("_T")
_LONGEST = 400  # characters of a name or of a source line
_PAGE = Path(__file__).with_name("assets")
_SCRIPTS = (  # in order of dependency
    *("format", "address", "causes", "data", "view", "charts", "cost", "layer", "layers"),
    *("layer_bars", "roofline", "calls", "code", "memory", "main"),
)


def profile_page(documents: Sequence[ProfileDocument]) -> str:
    """Return the HTML of one profile, or of several beside each other.

    Parameters
    ----------
    documents
        The `cfuforge.Profile.document` of each, all of one model. The others are compared with the
        first, which is the plain run if there is one.

    Raises
    ------
    InputError
        When there is none, one has another schema version, or they are of several models.
    """
    if not documents:
        raise InputError("a page needs at least one profile")
    for document in documents:
        if document["schema_version"] != SCHEMA_VERSION:
            raise InputError(
                f"a profile has schema version {document['schema_version']!r}, the page shows "
                f"{SCHEMA_VERSION}: make it again with cfuforge profile --json"
            )
    models = {document["model"]["sha256"]: document["model"]["name"] for document in documents}
    if len(models) > 1:
        raise InputError(
            f"profiles of {' and '.join(models.values())} cannot be compared: name runs of one "
            "model"
        )
    specs = [document["run"].design["spec"] for document in documents]
    heading = shown(f"{documents[0]['model']['name']}: where the cycles go", _LONGEST)
    return Template(_text("page.html")).substitute(
        title=escape(shown(f"{heading}, {' beside '.join(dict.fromkeys(specs))}", _LONGEST)),
        heading=escape(heading),
        made=escape(shown(_command(documents), _LONGEST)),
        base=page_style(),
        style=_text("style.css"),
        plotly=get_plotlyjs(),
        script="\n".join(_text(f"{name}.js") for name in _SCRIPTS),
        data=_in_script([_seen(as_json(_packed(document))) for document in documents]),
    )


def _command(documents: Sequence[ProfileDocument]) -> str:
    """Return the command that makes this page."""
    about = documents[-1]["model"]
    sample = about["sha256"] == sha256(KWS_MODEL.read_bytes()).hexdigest()
    model = [] if sample else ["--model", f"{about['name']}.tflite"]
    *others, last = (document["run"] for document in documents)
    against = [part for run in others for part in ("--against", run.design["spec"])]
    name, hertz = last.soc["name"], last.soc["clock_hz"]
    known = BOARDS.get(name)
    clock = [] if known and known.clock_hz == hertz else ["--clock", f"{hertz / 1e6:.12g}MHz"]
    which = ["--cfu", last.design["spec"], *against, "--board", name, *clock]
    return shlex.join(["cfuforge", "profile", *model, *which, "--page", "page.html"])


def _text(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _in_script(value: Any) -> str:
    """Return JSON that is safe inside a script element."""
    text = document_text(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c")


def _packed(document: ProfileDocument) -> dict[str, Any]:
    """Return the document with its instructions as rows, which ``assets/data.js`` unpacks.

    A row has address, index of the function, text, number of the file, line, number of the inlined
    functions, then any number of layer, cause, cycles.
    """
    files = _numbers(each["file"] for each in document["instructions"])
    inlined = _numbers(tuple(each["inlined"]) for each in document["instructions"])
    rows = [
        [
            each["address"],
            each["function_index"],
            each["text"],
            files[each["file"]],
            each["line"],
            inlined[tuple(each["inlined"])],
            *(number for row in each["by_layer"] for number in row),
        ]
        for each in document["instructions"]
    ]
    run = {name: getattr(document["run"], name) for name in ("design", "soc", "tools", "cycles")}
    return {
        **document,
        "run": run,
        "instructions": rows,
        "files": list(files),
        "inlined": list(inlined),
    }


def _seen(value: Any) -> Any:
    """Return `value` with its texts made safe to show."""
    if isinstance(value, str):
        return shown(value.expandtabs(), _LONGEST)
    if isinstance(value, dict):
        return {_seen(name): _seen(item) for name, item in value.items()}
    return [_seen(item) for item in value] if isinstance(value, list | tuple) else value


def _numbers(values: Iterable[_T]) -> dict[_T, int]:
    return {value: number for number, value in enumerate(dict.fromkeys(values))}
