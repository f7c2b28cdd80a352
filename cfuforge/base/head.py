"""The head of every JSON document: its version and origin."""

from __future__ import annotations

from importlib.metadata import version

from typing_extensions import TypedDict

from cfuforge.base.document import SCHEMA_VERSION, SchemaVersion
from cfuforge.base.git import Commit, commit

__all__ = ["Head", "head", "head_now"]


class Head(TypedDict):
    """The first fields of a document."""

    schema_version: SchemaVersion
    """Version of all documents of this cfuforge; it changes with any field."""
    tools: dict[str, str]
    """Versions of cfuforge and of every tool that the document depends on, by name."""
    git: Commit | None
    """State of the working folder if it is in a git repository; otherwise null."""


def head(tools: dict[str, str], git: Commit | None) -> Head:
    """Return the head of a document."""
    return {"schema_version": SCHEMA_VERSION, "tools": tools, "git": git}


def head_now(tools: dict[str, str] | None = None) -> Head:
    """Return the head of a document made just now, by `tools` or by cfuforge alone."""
    return head(tools or {"cfuforge": version("cfuforge")}, commit())
