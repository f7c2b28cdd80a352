"""Validate JSON documents with jsonschema."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from cfuforge.schemas import json_schema

__all__ = ["INPUT", "MODEL", "judge", "valid"]

MODEL = {"name": "m", "sha256": "0", "bytes": 1, "macs": 0}
INPUT = {"name": "x", "sha256": "0", "shape": [1, 2]}


@cache
def judge(name: str) -> Draft202012Validator:
    """Return a validator for the schema `name`."""
    schema = json_schema(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def valid(document: Path | str | dict[str, Any]) -> dict[str, Any]:
    """Validate a document, given as such, as a file or as a text, and return it."""
    if isinstance(document, Path):
        document = document.read_text(encoding="utf-8")
    value = json.loads(document if isinstance(document, str) else json.dumps(document))
    judge(value["schema"]).validate(value)
    return dict(value)
