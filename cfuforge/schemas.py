"""Make the JSON Schemas of all documents from their types."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import is_dataclass
from importlib import import_module
from itertools import pairwise
from typing import Any

from typing_extensions import is_typeddict

from cfuforge.base.document import NO_NUMBERS, saved_fields
from cfuforge.base.errors import InputError
from cfuforge.base.near import meant

__all__ = ["SCHEMAS", "about", "json_schema"]

SCHEMAS = {  # types by the document's field `schema`
    "sim": ("cfuforge.comparisons.shape", "ComparisonDocument"),
    "profile": ("cfuforge.profiles.shape", "ProfileDocument"),
    "check": ("cfuforge.checks.shape", "CheckDocument"),
    "bench": ("cfuforge.bench.shape", "BenchDocument"),
    "bench-boards": ("cfuforge.bench.shape", "BoardsBenchDocument"),
    "ladder": ("cfuforge.ladder.shape", "LadderDocument"),
    "inspect": ("cfuforge.inspection.shape", "InspectionDocument"),
    "bitstream": ("cfuforge.gateware.shape", "BuildDocument"),
    "app": ("cfuforge.cli.shape", "ApplicationDocument"),
    "boards": ("cfuforge.cli.shape", "BoardsDocument"),
    "cfus": ("cfuforge.cli.shape", "CfusDocument"),
    "cpus": ("cfuforge.cli.shape", "CpusDocument"),
    "cpu": ("cfuforge.cli.shape", "CpuDocument"),
}
_PARAMETER = re.compile(r"^(\w[\w, ]*)\n((?: {4}.+\n?|\n)+)", re.MULTILINE)


def about(name: str) -> str:
    """Return a one-line description of a document."""
    return _summary(_type(name))


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document `name`.

    Raises
    ------
    InputError
        When there is no such document.
    """
    if name not in SCHEMAS:
        known = ", ".join(SCHEMAS)
        raise InputError(
            f"there is no schema {name!r}{meant(name, SCHEMAS)}: the schemas are {known}"
        )
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    class Described(GenerateJsonSchema):
        """Schemas that match `cfuforge.base.document`, with docstrings as descriptions."""

        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

        def float_schema(self, schema: Any) -> dict[str, Any]:
            return {"anyOf": [super().float_schema(schema), {"enum": list(NO_NUMBERS)}]}

        def typed_dict_schema(self, schema: Any) -> dict[str, Any]:
            made = super().typed_dict_schema(schema)
            return _described(schema["cls"], made, made["required"])

        def dataclass_schema(self, schema: Any) -> dict[str, Any]:
            made = super().dataclass_schema(schema)
            return _described(schema["cls"], made, list(saved_fields(schema["cls"])))

    made = TypeAdapter(_type(name)).json_schema(schema_generator=Described)
    return {"$schema": GenerateJsonSchema.schema_dialect, "title": f"cfuforge {name}", **made}


def _type(name: str) -> Any:
    module, kind = SCHEMAS[name]
    return getattr(import_module(module), kind)


def _described(cls: Any, made: dict[str, Any], required: list[str]) -> dict[str, Any]:
    texts = _texts(cls)
    properties = {
        name: {**made["properties"][name], "description": texts[name]} for name in saved_fields(cls)
    }
    return {
        "description": _summary(cls),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": made.get("additionalProperties", False),
    }


def _texts(cls: Any) -> dict[str, str]:
    """Return the description of each field.

    It stands below *Parameters* for a dataclass, and below each field of a ``TypedDict``.
    """
    found: dict[str, str] = {}
    if is_dataclass(cls):
        for names, text in _PARAMETER.findall(inspect.getdoc(cls) or ""):
            found |= dict.fromkeys(names.split(", "), _plain(text))
        return found
    for base in filter(is_typeddict, cls.__orig_bases__):
        found |= _texts(base)
    body = ast.parse(inspect.getsource(cls)).body[0].body  # type: ignore[attr-defined]
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            found[ast.unparse(field.target)] = _plain(ast.literal_eval(text.value))
    return found


def _summary(cls: Any) -> str:
    return _plain((inspect.getdoc(cls) or "").partition("\n\n")[0])


def _plain(text: str) -> str:
    return re.sub(r"\bNone\b", "null", " ".join(text.replace("``", "`").split()))
