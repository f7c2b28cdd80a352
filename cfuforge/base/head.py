"""The beginning that all JSON documents have: their version, and what they come from."""

from __future__ import annotations

from importlib.metadata import version

from typing_extensions import TypedDict

from cfuforge.base.document import SCHEMA_VERSION, SchemaVersion
from cfuforge.base.git import Commit, commit

__all__ = ["Head", "head", "head_now"]


class Head(TypedDict):
    """The beginning of a document."""

    schema_version: SchemaVersion
    """The version of all documents of this cfuforge; it changes when a field of one does."""
    tools: dict[str, str]
    """The versions of cfuforge and of all that decides what is in the document, by name."""
    git: Commit | None
    """The state of the working folder, if it is in a git repository; else null."""


def head(tools: dict[str, str], git: Commit | None) -> Head:
    """Return a head."""
    return {"schema_version": SCHEMA_VERSION, "tools": tools, "git": git}


def head_now(tools: dict[str, str] | None = None) -> Head:
    """Return the head of what `tools` have just made, or else cfuforge alone."""
    return head(tools or {"cfuforge": version("cfuforge")}, commit())
