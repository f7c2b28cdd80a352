"""A report as a page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from cfuforge.cfu.shown import shown
from cfuforge.gateware.report import Report

__all__ = ["page"]

STYLE = """\
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem }
h1 { overflow-wrap: anywhere }
section { overflow-x: auto; break-inside: avoid }
table { border-collapse: collapse; margin-bottom: 1.5rem }
th, td { padding: .2rem .8rem; border-bottom: 1px solid #8884; white-space: nowrap }
th, td { text-align: right }
th:first-child, td:first-child, #clocks :last-child { text-align: left }
#clocks td:last-child { white-space: normal; min-width: 16rem }
.bad { color: #b00; font-weight: bold }
@media (prefers-color-scheme: dark) { .bad { color: #f77 } }
"""


def page(report: Report) -> str:
    """Return the HTML of a report."""
    model = shown(report.model["name"])
    title = f"{report.board.name}, CFU {shown(report.design['spec'])}, model {model}"
    names = list(report.limits)
    used, left = report.used, report.left
    by_part = [
        (part, *(f"{counts.get(name, 0):,g}" for name in names))
        for part, counts in report.used_by_part.items()
    ]
    by_part.append(("all", *(f"{used[name]:,g}" for name in names)))
    by_part.append((report.part, *(f"{report.limits[name]:,}" for name in names)))
    by_part.append(("left for a larger CFU", *(f"{left[name]:,g}" for name in names)))
    clocks = [
        (
            clock.net,
            f"{clock.wanted_hz / 1e6:g} MHz",
            f"{clock.reached_hz / 1e6:.1f} MHz",
            "met" if clock.is_met else "not met",
            "; ".join(
                [
                    *([f"{clock.path.start} to {clock.path.end}"] if clock.path else []),
                    *([f"not counted: about {clock.left_out}"] if clock.left_out else []),
                ]
            ),
        )
        for clock in report.clocks
    ]
    steps = [
        (step.name, f"{step.seconds:.1f} s", "earlier" if step.cached else "now")
        for step in report.steps
    ]
    packed = [(name, f"{u:,}", f"{e:,}") for name, (u, e) in report.packed.items() if u]
    failure = f'<p class="bad">{escape(report.failure)}</p>' if report.failure else ""
    made = f"<p>Bitstream: {escape(report.bitstream.name)}</p>" if report.bitstream else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{STYLE}</style></head><body>
<h1>{escape(title)}</h1>{failure}{made}
{_section("Resources", ["part", *names], by_part)}
{_section("Clocks", ["clock", "wanted", "reached", "", "critical path"], clocks)}
{_section("Packed", ["cell", "used", "there are"], packed)}
{_section("Time", ["step", "took", "when"], steps)}
</body></html>
"""


def _section(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(row(each, "td") for each in rows)
    table = f"<table>{row(head, 'th')}{body}</table>" if body else "<p>not reached</p>"
    return f'<section id="{title.lower()}"><h2>{title}</h2>{table}</section>'
