"""The JSON Schemas of documents: published, described, and of one version."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import ValidationError

from cfuforge.base.document import SCHEMA_VERSION
from cfuforge.cli.choices import complete_schema
from cfuforge.schemas import SCHEMAS, about, json_schema
from support.documents import judge, valid


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield each schema of an object with declared fields."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        schema = list(schema.values())
    for each in schema if isinstance(schema, list) else ():
        yield from objects(each)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_says_what_every_field_is(name: str) -> None:
    schema = json_schema(name)
    judge(name).check_schema(schema)
    assert schema["properties"]["schema"]["const"] == name
    version = schema["properties"]["schema_version"]
    assert version["minimum"] == version["maximum"] == SCHEMA_VERSION
    assert {"schema", "schema_version", "tools", "git"} <= set(schema["required"])
    for each in objects(schema):
        assert each["description"].endswith(".")
        for field, said in each["properties"].items():
            assert said["description"].endswith("."), field
            assert "None" not in said["description"], field


def test_the_command_prints_what_there_is(
    command: Callable[..., int],
    refused: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command("schema") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[3:-1]] == list(SCHEMAS)
    assert all(any(about(name)[:20] in line for line in lines) for name in SCHEMAS)
    assert command("schema", "profile") == 0
    assert json.loads(capsys.readouterr().out) == json_schema("profile")
    assert "no schema 'profil' (did you mean profile?): the schemas are" in refused(
        "schema", "profil"
    )
    assert [name for name, _ in complete_schema()] == list(SCHEMAS)


def test_a_broken_document_is_not_valid(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("cpu", "describe", "full+cfu", "--json", "-") == 0
    document = valid(capsys.readouterr().out)
    for changes in (
        {"schema_version": SCHEMA_VERSION - 1},
        {"schema": "cpus"},
        {"git": {"commit": 1, "changed": False}},
        {"cpu": {**document["cpu"], "csrs": [-1]}},
        {"more": 1},
    ):
        assert list(judge("cpu").iter_errors({**document, **changes})), changes
    del document["tools"]
    with pytest.raises(ValidationError, match="'tools' is a required property"):
        valid(document)
