"""Convert printed tables and lines to HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from rich.table import Column, Table
from rich.text import Text

from cfuforge.base.shown import sentence, visible
from cfuforge.cli.terminal import PlainConsole

__all__ = ["WIDE", "html"]

WIDE = PlainConsole(width=200)
"""A console with room for every column."""


def html(tables: Iterable[Table], lines: Iterable[str | Text]) -> str:
    """Return tables, and the lines below them, as HTML."""
    parts = [_table(table) for table in tables]
    parts += [_paragraph(line) for line in lines]
    return "\n".join(parts)


def _table(table: Table) -> str:
    columns = table.columns
    rows = zip(*(column.cells for column in columns), strict=True)
    lines = ["<table>"]
    if table.title:
        lines.append(f'<caption style="text-align:left">{_text(table.title)}</caption>')
    lines.append(f"<thead>{_row('th', columns, [each.header for each in columns])}</thead>")
    lines.append(f"<tbody>{''.join(_row('td', columns, row) for row in rows)}</tbody>")
    if table.show_footer:
        lines.append(f"<tfoot>{_row('th', columns, [each.footer for each in columns])}</tfoot>")
    return "\n".join([*lines, "</table>"])


def _row(tag: str, columns: Iterable[Column], cells: Iterable[object]) -> str:
    filled = (
        f'<{tag} style="text-align:{column.justify}">{_text(cell)}</{tag}>'
        for column, cell in zip(columns, cells, strict=True)
    )
    return f"<tr>{''.join(filled)}</tr>"


def _paragraph(line: str | Text) -> str:
    is_alarm = isinstance(line, Text) and "bold" in str(line.style)
    text = _text(line)
    return f'<p><strong style="color:#c00">{text}</strong></p>' if is_alarm else f"<p>{text}</p>"


def _text(value: object) -> str:
    """Return outside text, escaped; a `Text` keeps its lines."""
    if isinstance(value, Text):
        return escape(visible(value.plain)).replace("\n", "<br/>")
    return escape(sentence(value))
