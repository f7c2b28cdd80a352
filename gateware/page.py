"""A report as a self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from cfuforge.base.page_style import page_style
from cfuforge.base.shown import shown
from cfuforge.gateware.report import BuildReport
from cfuforge.gateware.timing import Clock

__all__ = ["page"]

STYLE = """\
:root { color-scheme: light dark }
main table { width: 100% }
th:first-child, td:first-child, #clocks :last-child { text-align: left }
td:first-child, #clocks td:last-child { white-space: normal; overflow-wrap: anywhere; min-width: 7rem }
#packed table, #time table { width: auto }
.bars { display: grid; grid-template-columns: auto minmax(6rem, 1fr) auto; gap: .45rem .9rem; align-items: center;
  max-width: 60rem; font-variant-numeric: tabular-nums }
.bars > * { min-width: 0 }
.track { display: flex; height: 1.1rem; background: var(--heat-0); border: 1px solid var(--line); border-radius: 3px; overflow: hidden }
.track i { border-right: 1px solid var(--page) }
.over { border-color: var(--bad) }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .8rem 0 0; padding: 0; list-style: none; font-size: .85rem }
.key i { display: inline-block; width: .75em; height: .75em; margin-right: .4em; border-radius: 2px }
@media (max-width: 640px) {
  .bars { grid-template-columns: 3.2rem minmax(0, 1fr) }
  .bars span { grid-column: 2; margin-top: -.4rem; font-size: .85rem }
  table { font-size: .76rem }
  th, td { padding: .25rem .2rem }
  td:first-child, #clocks td:last-child { min-width: 4.2rem }
}
@media print { section { break-inside: avoid } }
"""  # noqa: E501
_TONES = ("result", "data", "wait", "jump", "access", "fetch")  # distinct for the colour-blind
_ALONE = 5  # parts of the SoC with their own colour; the others share one


def page(report: BuildReport) -> str:
    """Return the HTML of a report."""
    software = f"model {report.model['name']}" if report.model else f"program {report.program}"
    title = f"{report.board.name}, CFU {shown(report.design['spec'])}, {shown(software)}"
    packed = [(name, f"{u:,}", f"{e:,}") for name, (u, e) in report.packed.items() if u]
    steps = [
        (step.name, f"{step.seconds:.1f}", "earlier" if step.cached else "now")
        for step in report.steps
    ]
    failure = f'<p class="bad">{escape(report.failure)}</p>' if report.failure else ""
    made = f"Bitstream: {report.bitstream.name}. " if report.bitstream else ""
    resources = _table(["part", *report.limits], _by_part(report))
    clocks = ["clock", "wanted", "reached", "", "critical path"]
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{page_style()}{STYLE}</style></head><body>
<header><h1>{escape(title)}</h1>
<p class="lead">{escape(made)}{escape(f"FPGA: {report.part}.")}</p></header>
<main>
<section id="inference"><h2>An inference</h2>{failure}{_inference(report)}</section>
{_section("Resources", _bars(report) + resources if report.used_by_part else "")}
{_section("Clocks", _table(clocks, map(_clock, report.clocks)))}
{_section("Packed", _table(["cell", "used", "available"], packed))}
{_section("Time", _table(["step", "seconds", "when"], steps))}
</main></body></html>
"""


def _inference(report: BuildReport) -> str:
    """Return the HTML of an inference's time on the board, if known, beside LUTs and clock."""
    facts = {}
    note = ""
    if report.milliseconds is not None and report.per_second is not None:
        facts = {
            "cycles": f"{report.cycles:,}",
            f"ms at {report.board.clock_hz / 1e6:g} MHz": f"{report.milliseconds:.2f}",
            "inferences a second": f"{report.per_second:.3g}",
        }
    else:
        note = (
            '<p class="note">How long one takes is not known: cfuforge sim --board '
            f"{escape(report.board.name)} tells.</p>"
        )
    if report.used_by_part:
        facts[f"LUT of {report.limits['LUT']:,}"] = f"{report.used['LUT']:,g}"
    if report.clocks:
        system = report.clocks[0]
        facts["MHz that the clock may have"] = f"{system.reached_hz / 1e6:.1f}"
    rows = (f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    return f'{note}<dl class="facts">{"".join(rows)}</dl>'


def _by_part(report: BuildReport) -> list[Sequence[str]]:
    rows: dict[str, Mapping[str, float]] = {
        **report.used_by_part,
        "all": report.used,
        report.part: report.limits,
        "left for a larger CFU": report.left,
    }
    return [
        (name, *(f"{counts.get(each, 0):,g}" for each in report.limits))
        for name, counts in rows.items()
    ]


def _bars(report: BuildReport) -> str:
    """Return a bar for each resource, which shows the share of each part of the SoC."""
    parts = list(report.used_by_part)
    alone = parts[:_ALONE]
    names = [*alone, *(["other parts"] if len(parts) > _ALONE else [])]
    bars = []
    for resource, limit in report.limits.items():
        used = report.used[resource]
        counts = [report.used_by_part[part].get(resource, 0) for part in alone]
        counts.append(used - sum(counts))
        whole = max(limit, used, 1)
        shares = "".join(
            f'<i style="width: {100 * count / whole:.2f}%; background: var(--{tone})" '
            f'title="{escape(name)}: {count:,g}"></i>'
            for name, count, tone in zip(names, counts, _TONES, strict=False)
            if count
        )
        over = ' class="track over"' if used > limit else ' class="track"'
        share = f"{100 * used / limit:.0f} %" if limit else "none there"
        bars.append(
            f"<b>{escape(resource)}</b><div{over}>{shares}</div>"
            f"<span>{used:,g} of {limit:,}, {share}</span>"
        )
    key = "".join(
        f'<li><i style="background: var(--{tone})"></i>{escape(name)}</li>'
        for name, tone in zip(names, _TONES, strict=False)
    )
    return f'<div class="bars">{"".join(bars)}</div><ul class="key">{key}</ul>'


def _clock(clock: Clock) -> Sequence[str]:
    path = [f"{clock.path.start} to {clock.path.end}"] if clock.path else []
    remark = [clock.remark] if clock.remark else []
    return (
        clock.net,
        f"{clock.wanted_hz / 1e6:g} MHz",
        f"{clock.reached_hz / 1e6:.1f} MHz",
        "met" if clock.is_met else "not met",
        "; ".join([*path, *remark]),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(row(each, "td") for each in rows)
    if not body:
        return ""
    return (
        f'<div class="scroll" tabindex="0"><table><thead>{row(head, "th")}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _section(title: str, content: str) -> str:
    content = content or '<p class="note">not reached</p>'
    return f'<section id="{title.lower()}"><h2>{title}</h2>{content}</section>'
