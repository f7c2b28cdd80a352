"""Fuzz the loader and the runtime: `make fuzz`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzzer import build_fuzzer, find_clang
from line_coverage import measure_coverage, print_coverage
from seeds import write_seeds

from cfuforge.base.errors import ForgeError

HERE = Path(__file__).parent
FINDINGS = HERE / "findings"
SHARE_OF_LARGE = 1 / 16  # of the executions start from the real models, which are slow
SECONDS_OF_ONE = 10  # after which an execution hangs
MEGABYTES = 3000
SANITIZERS = {
    # The runtime has no heap that could leak; short backtraces and a small quarantine are faster.
    "ASAN_OPTIONS": "detect_leaks=0:malloc_context_size=4:quarantine_size_mb=16",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


@dataclass(frozen=True)
class Amount:
    """How long to fuzz; None where the other one decides.

    Parameters
    ----------
    executions
        Of the fuzzer's target.
    seconds
        Of wall-clock time.
    """

    executions: int | None
    seconds: int | None

    def share(self, part: float) -> list[str]:
        """Return libFuzzer's options for a part of it."""
        if self.executions is not None:
            return [f"-runs={max(1, round(self.executions * part))}"]
        return [f"-max_total_time={max(1, round((self.seconds or 1) * part))}"]


class Campaign:
    """Runs of one fuzzer, whose counts add up.

    Parameters
    ----------
    fuzzer
        The program.
    work
        A folder for corpus, findings and counts.
    """

    def __init__(self, fuzzer: Path, work: Path) -> None:
        self.counts: Counter[str] = Counter()
        self.findings: list[Path] = []
        self.seconds = 0.0
        self._fuzzer, self._work = fuzzer, work
        for name in ("small", "large", "findings"):
            (work / name).mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str | Path) -> None:
        """Run libFuzzer with these options and folders; what it finds is kept."""
        counts = self._work / "counts.json"
        counts.unlink(missing_ok=True)
        before = set(self._artifacts())
        command = [str(self._fuzzer), f"-timeout={SECONDS_OF_ONE}", f"-rss_limit_mb={MEGABYTES}"]
        command += [f"-artifact_prefix={self._work / 'findings'}/", "-detect_leaks=0"]
        start = time.monotonic()
        done = subprocess.run(
            [*command, *map(str, arguments)],
            env={**os.environ, **SANITIZERS, "FUZZ_COUNTS": str(counts)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        self.seconds += time.monotonic() - start
        if counts.is_file():
            self.counts.update(json.loads(counts.read_text()))
        self.findings += sorted(set(self._artifacts()) - before)
        if done.returncode:
            (self._work / "log").write_text(done.stdout)
            print(_what_went_wrong(done.stdout), f"(all of it: {self._work / 'log'})", sep="\n")
            if not self.findings:  # one of the given files, which is where it was
                self.findings.append(self._work / "log")

    def _artifacts(self) -> list[Path]:
        return [*(self._work / "findings").iterdir()]


def _what_went_wrong(output: str) -> str:
    telling = ("FINDING", "runtime error", "ERROR:", "SUMMARY")
    lines = [line for line in output.splitlines() if any(word in line for word in telling)]
    return "\n".join(lines[:4]) or output[-500:]


def fuzz(amount: Amount, work: Path, *, coverage: bool) -> dict[str, Any]:
    """Fuzz, and return what a report needs."""
    clang = find_clang()
    campaign = Campaign(build_fuzzer(clang), work)
    seeds = write_seeds(work)
    known = sorted(FINDINGS.glob("*"))
    campaign.run("-runs=0", *known)
    for name, part in (("small", 1 - SHARE_OF_LARGE), ("large", SHARE_OF_LARGE)):
        if not campaign.findings:
            campaign.run(*amount.share(part), work / name, seeds / name)
    counts = campaign.counts
    report: dict[str, Any] = {
        **counts,
        "seconds": round(campaign.seconds, 1),
        "executions_per_second": round(counts["executions"] / campaign.seconds),
        "findings": [str(path) for path in campaign.findings],
    }
    print(
        f"{counts['executions']:,} executions in {campaign.seconds:,.0f} s "
        f"({report['executions_per_second']:,} a second): {counts['loaded']:,} files loaded, "
        f"{counts['small_arenas']:,} arenas too small, {counts['allocated']:,} models accepted, "
        f"{counts['inferences']:,} inferences; {len(campaign.findings)} findings"
    )
    if coverage and not campaign.findings:
        corpora = [folder / name for folder in (work, seeds) for name in ("small", "large")]
        lines = measure_coverage(clang, build_fuzzer(clang, coverage=True), [*corpora, FINDINGS])
        report["coverage"] = lines
        print_coverage(lines)
    return report


def main() -> int:
    """Return 0 when there was no finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, help="how many; without, --seconds")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--work", type=Path, default=HERE.parents[1] / "build" / "fuzz")
    parser.add_argument("--json", type=Path, help="write the report there")
    parser.add_argument("--no-coverage", action="store_true")
    parser.add_argument("--replay", type=Path, help="run only this finding")
    given = parser.parse_args()
    try:
        if given.replay:
            campaign = Campaign(build_fuzzer(find_clang()), given.work)
            campaign.run(given.replay)
            return bool(campaign.findings)
        amount = Amount(given.executions, None if given.executions else given.seconds)
        report = fuzz(amount, given.work, coverage=not given.no_coverage)
    except ForgeError as error:
        print(error, file=sys.stderr)
        return 1
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")
    for path in report["findings"]:
        print(f"finding: {path}; again with: make fuzz REPLAY={path}", file=sys.stderr)
    return bool(report["findings"])


if __name__ == "__main__":
    sys.exit(main())
