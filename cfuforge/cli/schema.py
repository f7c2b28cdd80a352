"""``cfuforge schema``."""

from __future__ import annotations

from typing import Annotated

import typer

from cfuforge.base.document import document_text
from cfuforge.cli.choices import complete_schema
from cfuforge.cli.terminal import out
from cfuforge.tables import new_table

__all__ = ["print_schema"]


def print_schema(
    name: Annotated[
        str | None,
        typer.Argument(
            help="The name that a document has in its field `schema`",
            show_default="list them",
            autocompletion=complete_schema,
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of a document that --json writes: its fields, units and ranges."""
    from cfuforge.schemas import SCHEMAS, about, json_schema

    if name:
        print(document_text(json_schema(name), indent=2))
        return
    table = new_table()
    table.add_column("schema", no_wrap=True)
    table.add_column("what it is")
    for each in SCHEMAS:
        table.add_row(each, about(each))
    out.print(table)
