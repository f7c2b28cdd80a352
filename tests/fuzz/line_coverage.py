"""Which lines of the loader and the runtime the fuzzer's corpus reaches."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fuzzer import Clang

__all__ = ["measure_coverage", "print_coverage"]

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ("sw/tflm", "sw/nn")


def measure_coverage(clang: Clang, fuzzer: Path, corpora: Sequence[Path]) -> dict[str, list[int]]:
    """Run every file of the corpora once.

    Parameters
    ----------
    fuzzer
        Built with coverage.
    corpora
        Folders.

    Returns
    -------
    dict
        The lines that ran and the lines that there are, for each file.
    """
    with tempfile.TemporaryDirectory() as folder:
        raw, merged = Path(folder) / "raw", Path(folder) / "merged"
        environment = {**os.environ, "LLVM_PROFILE_FILE": str(raw)}
        command = [str(fuzzer), "-runs=0", *map(str, corpora)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        merge = [clang.tool("llvm-profdata"), "merge", "-sparse", str(raw), "-o", str(merged)]
        subprocess.run(merge, check=True)
        export = [clang.tool("llvm-cov"), "export", "-summary-only", f"-instr-profile={merged}"]
        done = subprocess.run([*export, str(fuzzer)], check=True, capture_output=True, text=True)
    lines: dict[str, list[int]] = {}
    for file in json.loads(done.stdout)["data"][0]["files"]:
        path = Path(file["filename"])
        name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else ""
        if name.startswith(MEASURED):
            summary = file["summary"]["lines"]
            lines[name] = [summary["covered"], summary["count"]]
    return lines


def print_coverage(lines: dict[str, list[int]]) -> None:
    """Print the share of lines that ran, of each file and of each folder."""
    for name, (covered, count) in sorted(lines.items()):
        if covered < count:
            print(f"  {covered / count:6.1%}  {covered:4} of {count:4} lines  {name}")
    for folder in MEASURED:
        inside = [pair for name, pair in lines.items() if name.startswith(folder)]
        covered, count = (sum(pair[i] for pair in inside) for i in (0, 1))
        print(f"  {covered / count:6.1%}  {covered:4} of {count:4} lines  {folder}, all files")
