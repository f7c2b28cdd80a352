"""Fuzz the parsers in Python: every file of ``parsers/`` is one, with its seeds."""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from byte_mutator import mutate
from parser_worker import Worker, load_target, targets

__all__ = ["Campaign", "fuzz"]

HERE = Path(__file__).parent
FINDINGS = HERE / "parser_findings"
EXECUTIONS = 100_000
LARGEST_CORPUS = 1000
MOST_FINDINGS = 20  # of a target, after which it is left


@dataclass
class Campaign:
    """What was found of a target.

    Parameters
    ----------
    name
        The target's.
    executions, refused
        How many there were, and of how many the file was refused.
    slowest
        Seconds of processor time of the longest one.
    findings
        The files, by what was wrong.
    """

    name: str
    executions: int = 0
    refused: int = 0
    slowest: float = 0.0
    findings: dict[str, Path] = field(default_factory=dict)


def fuzz(target: Path, executions: int, seed: int, work: Path) -> Campaign:
    """Run a target on its seeds, on what was found before, and on changed files.

    A file that is refused for another reason than those before is changed further.
    """
    campaign = Campaign(target.stem)
    rng = random.Random(f"{seed}/{target.stem}")
    found = [path.read_bytes() for path in sorted(FINDINGS.glob(f"{target.stem}-*"))]
    seeds = load_target(target).seeds()
    corpus, reasons = list(seeds), set[str]()
    waiting = [*seeds, *found]
    with Worker(target) as worker:
        while campaign.executions < executions or waiting:
            data = waiting.pop(0) if waiting else mutate(rng.choice(corpus), corpus, rng)
            outcome = worker.run(data)
            campaign.slowest = max(campaign.slowest, outcome.seconds)
            campaign.executions += 1
            campaign.refused += bool(outcome.said)
            if outcome.said not in reasons and len(corpus) < LARGEST_CORPUS:
                reasons.add(outcome.said)
                corpus.append(data)
            if outcome.finding:
                _keep(campaign, outcome.finding, data, work)
                if len(campaign.findings) >= MOST_FINDINGS:
                    break
    return campaign


def _keep(campaign: Campaign, finding: str, data: bytes, work: Path) -> None:
    """Keep a file of each kind of finding: the same lines of the program are one kind."""
    places = re.findall(r'File "[^"]*", line \d+, in \w+', finding)
    kind = "\n".join(places[-3:]) or re.sub(r"/\S+|\d+", "#", finding)
    if kind in campaign.findings:
        return
    work.mkdir(parents=True, exist_ok=True)
    path = work / f"{campaign.name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    campaign.findings[kind] = path
    print(f"{path}:\n{finding.rstrip()}", flush=True)


def replay(path: Path) -> bool:
    """Run a finding's target on it; return whether something is wrong."""
    name = path.name.rpartition("-")[0]
    with Worker(HERE / "parsers" / f"{name}.py") as worker:
        outcome = worker.run(path.read_bytes())
    print(outcome.finding or f"nothing is wrong; {outcome.said or 'taken'}")
    return bool(outcome.finding)


def main() -> int:
    """Return 0 when there was no finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=EXECUTIONS, help="of all targets")
    parser.add_argument("--seed", type=int, help="by default another one in every run")
    parser.add_argument("--target", action="append", help="only this one; may be repeated")
    parser.add_argument("--work", type=Path, default=HERE.parents[1] / "build" / "fuzz-parsers")
    parser.add_argument("--replay", type=Path, help="run only this finding")
    given = parser.parse_args()
    if given.replay:
        return replay(given.replay)
    seed = random.SystemRandom().randrange(1 << 32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    chosen = [path for path in targets() if path.stem in (given.target or [path.stem])]
    if not chosen:
        parser.error(f"--target must be one of {', '.join(path.stem for path in targets())}")
    bad = False
    for target in chosen:
        began = time.monotonic()
        campaign = fuzz(target, given.executions // len(chosen), seed, given.work)
        print(
            f"{campaign.name}: {campaign.executions:,} executions in "
            f"{time.monotonic() - began:,.0f} s, {campaign.refused:,} files refused, the slowest "
            f"{campaign.slowest:.2f} s; {len(campaign.findings)} findings",
            flush=True,
        )
        for path in campaign.findings.values():
            print(f"finding: {path}; again with --replay {path}", file=sys.stderr)
        bad |= bool(campaign.findings)
    return bad


if __name__ == "__main__":
    sys.exit(main())
