"""The tables of READMEs that say what boards do; as a program, write them anew: ``make boards``."""

from __future__ import annotations

import re
from pathlib import Path

from cfuforge.bench.boards_table import COLUMNS

__all__ = ["PAGE", "README", "SOC_README", "page_rows", "renewed_cycles", "renewed_speeds"]

ROOT = Path(__file__).parents[2]
README, SOC_README = ROOT / "README.md", ROOT / "soc" / "README.md"
PAGE = ROOT / "docs" / "reference" / "speed.md"
SPEEDS = re.compile(r"^\| cycles, ms, inferences/s.*\n\| ---.*\n(?:\|.*\n)*", re.MULTILINE)
CYCLES = re.compile(r"^\| with `engine` \| KWS .*\n\|---.*\n(?:\|.*\n)*", re.MULTILINE)
SHORT = {  # titles in soc/README
    "KWS": "keyword spotting",
    "VWW": "visual wake words",
    "IC": "image classification",
    "AD": "anomaly detection",
    "SWW": "streaming wake word",
    "MobileNetV2": "MobileNetV2 160 0.35",
}
UNKNOWN = "tflm_"  # models that are only known by the name of their file are left out

Row = dict[str, str]


def page_rows(page: str) -> list[Row]:
    """Return the rows of the page that ``cfuforge bench --board`` has written, by column.

    Of two files of a model, the first counts, which is the sample model.
    """
    lines = [line for line in page.splitlines() if line.startswith("| ")][2:]
    cells = ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines)
    rows = [dict(zip(COLUMNS, each, strict=True)) for each in cells]
    known = [row for row in rows if not row["model"].startswith(UNKNOWN)]
    return list({(row["model"], row["board"]): row for row in reversed(known)}.values())[::-1]


def renewed_speeds(readme: str, rows: list[Row]) -> str:
    """Return README's text with its table of models and boards as the page has it."""
    clocks = {row["board"]: row["MHz"] for row in rows}
    heads = [f"`{board}`, {mhz} MHz" for board, mhz in clocks.items()]
    lines = [["cycles, ms, inferences/s", *heads], ["---", *["---:"] * len(heads)]]
    for model in dict.fromkeys(row["model"] for row in rows):
        found = {row["board"]: row for row in rows if row["model"] == model}
        lines.append([model, *(_speed(found.get(board, {})) for board in clocks)])
    return _replaced(readme, SPEEDS, lines)


def renewed_cycles(readme: str, rows: list[Row]) -> str:
    """Return the text of soc/README with its table of thousands of cycles as the page has it."""
    lines = [["with `engine`", *SHORT], ["---"] * (len(SHORT) + 1)]
    for board in ("sim", "arty", "ulx3s"):
        found = {row["model"]: row for row in rows if row["board"] == board}
        lines.append(
            [f"`{board}`", *(_thousands(found.get(title, {})) for title in SHORT.values())]
        )
    return _replaced(readme, CYCLES, lines).replace("| --- |", "|---|").replace(" --- |", "---|")


def _speed(row: Row) -> str:
    if not row.get("cycles"):
        return ""
    cycles = int(row["cycles"].replace(",", ""))
    count = f"{cycles / 1e6:.3g}M" if cycles >= 1e6 else f"{cycles / 1e3:.3g}k"
    ms = float(row["ms"].replace(",", ""))
    time = f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"
    return f"{count}, {time}, {row['inferences a second'].replace(',', '')}"  # narrow


def _thousands(row: Row) -> str:
    if not row.get("cycles"):
        return ""
    in_dram = row["arena"] == "main_ram" and row["board"] != "sim"
    count = round(int(row["cycles"].replace(",", "")) / 1e3)
    return f"{count:,}{', DRAM' if in_dram else ''}"


def _replaced(readme: str, part: re.Pattern[str], lines: list[list[str]]) -> str:
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    readme, count = part.subn(lambda _: text, readme)
    if count != 1:
        raise ValueError(f"the README has {count} parts like {part.pattern!r}, not 1")
    return readme


if __name__ == "__main__":
    found = page_rows(PAGE.read_text())
    README.write_text(renewed_speeds(README.read_text(), found))
    if {*SHORT.values()} <= {row["model"] for row in found}:
        SOC_README.write_text(renewed_cycles(SOC_README.read_text(), found))
