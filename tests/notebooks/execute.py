"""Run notebooks; as a program, keep what they say: ``make notebook-outputs``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib.font_manager  # noqa: F401 - makes its cache: a slow machine's kernel speaks of it
import nbformat
from nbclient import NotebookClient

__all__ = ["executed"]


def executed(path: Path) -> Any:
    """Return a notebook as it is after all its cells have run, without times."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.metadata.pop("execution", None)
    NotebookClient(
        notebook,
        timeout=900,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:]:
        nbformat.write(executed(Path(name)), name)
