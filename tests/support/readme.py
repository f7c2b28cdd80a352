"""The parts of READMEs that runs print; as a program, write them anew: ``make numbers``."""

from __future__ import annotations

import io
import re
import textwrap
from pathlib import Path

from cfuforge import simulate
from cfuforge.bench.table import COLUMNS
from cfuforge.cli.terminal import PlainConsole
from cfuforge.comparisons.table import print_comparison
from cfuforge.ladder.ladder import climb
from cfuforge.ladder.table import markdown

__all__ = ["CFU_README", "PAGE", "README", "renewed", "renewed_ladder"]

ROOT = Path(__file__).parents[2]
README, PAGE = ROOT / "README.md", ROOT / "docs" / "reference" / "bench.md"
CFU_README = ROOT / "cfu" / "README.md"
WIDTH = 96  # characters of a line, without its indentation
SAMPLE = "keyword spotting"
RUN = re.compile(r"^    kws on board sim, .*\n(?:(?:    .*)?\n)+?(?=\S)", re.MULTILINE)
LADDER = re.compile(r"^\| design \| what is new.*\n\| ---.*\n(?:\|.*\n)*", re.MULTILINE)
OTHERS = re.compile(r"^\| other models.*\n\| ---.*\n(?:\|.*\n)*", re.MULTILINE)


def renewed(readme: str) -> str:
    """Return README's text with the run and the table of other models as they are today."""
    for part, text in ((RUN, _run()), (OTHERS, _others())):
        readme = _replaced(readme, part, text)
    return readme


def renewed_ladder(readme: str) -> str:
    """Return the text of cfu/README with the ladder as it is today."""
    return _replaced(readme, LADDER, markdown(climb()[1]))


def _replaced(readme: str, part: re.Pattern[str], text: str) -> str:
    readme, count = part.subn(lambda _: text, readme)
    if count != 1:
        raise ValueError(f"the README has {count} parts like {part.pattern!r}, not 1")
    return readme


def _run() -> str:
    """Return what ``make sim CFU=engine`` prints, without this machine's speed."""
    file = io.StringIO()
    print_comparison(simulate(cfu="engine"), PlainConsole(file=file, width=WIDTH))
    lines = [line.rstrip() for line in file.getvalue().rstrip().splitlines()[:-1]]
    folded = [
        part
        for line in lines
        for part in (textwrap.wrap(line, WIDTH) if len(line) > WIDTH else [line])
    ]
    return textwrap.indent("\n".join(folded), "    ").rstrip() + "\n\n"


def _others() -> str:
    """Return the table of the other models, from the page that ``cfuforge bench`` has written."""
    lines = [
        (
            "other models, cycles",
            "`engine`",
            "`simd_mac`",
            "plain C",
            "over TFLM's kernels",
            "over plain C",
        ),
        ("---", *["---:"] * 5),
    ]
    for text in PAGE.read_text().splitlines():
        row = dict(zip(COLUMNS, (cell.strip() for cell in text.split("|")[1:-1]), strict=False))
        if row and row["what"] not in ("", "what", "---", SAMPLE):
            kept = (row[name] for name in ("engine", "simd_mac", "plain C"))
            lines.append((row["what"], *kept, row["over TFLM"], row["over plain"]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text()))
    CFU_README.write_text(renewed_ladder(CFU_README.read_text()))
