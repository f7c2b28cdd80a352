"""JSON Schemas as tables: every document, and every part that documents share."""

from __future__ import annotations

from typing import Any

from cfuforge.base.document import NO_NUMBERS
from cfuforge.schemas import SCHEMAS, about, json_schema

__all__ = ["documents"]


def documents() -> str:
    """Return a section for each document, then one for each part, in Markdown."""
    schemas = {name: json_schema(name) for name in SCHEMAS}
    parts = {name: part for schema in schemas.values() for name, part in schema["$defs"].items()}
    text = "".join(_section(f"## {name}\n\n{about(name)}", schemas[name]) for name in schemas)
    text += "\n## Parts\n"
    for name, part in sorted(parts.items()):
        head = f"({_label(name)})=\n### {name}\n\n{part.get('description', '')}"
        text += _section(head, part)
    return text


def _section(head: str, schema: dict[str, Any]) -> str:
    rows = [
        f"| `{field}` | {_type(said)} | {said['description']} |\n"
        for field, said in schema.get("properties", {}).items()
    ]
    table = "| field | type | meaning |\n| --- | --- | --- |\n" + "".join(rows) if rows else ""
    return f"\n{head}\n\n{table}"


def _type(schema: dict[str, Any]) -> str:
    """Return a schema's type in words; one of the parts as a link."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{_label(name)})"
    if choices := schema.get("anyOf"):
        return " or ".join(_type(each) for each in choices if each != {"enum": list(NO_NUMBERS)})
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema.get("enum") or [schema["const"]])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type(schema['items'])}" if "items" in schema else "list"
    values = schema.get("additionalProperties")
    if kind == "object" and isinstance(values, dict):
        return f"by name: {_type(values)}"
    return kind


def _label(name: str) -> str:
    return f"json-{name.lower()}"
