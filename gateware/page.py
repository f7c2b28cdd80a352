"""A report as a page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from cfuforge.gateware.report import Report

__all__ = ["page"]

STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin-bottom: 1.5rem }
th, td { padding: .2rem .8rem; border-bottom: 1px solid #8884; text-align: right }
th:first-child, td:first-child { text-align: left }
.bad { color: #b00; font-weight: bold }
meter { width: 8rem }
"""


def page(report: Report) -> str:
    """Return the HTML of a report."""
    title = f"{report.board.name}, CFU {report.design['spec']}, model {report.model['name']}"
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
            f"{clock.path.start} to {clock.path.end}" if clock.path else "",
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
<style>{STYLE}</style></head><body>
<h1>{escape(title)}</h1>{failure}{made}
<h2>Resources</h2>{_table(["part", *names], by_part)}
<h2>Clocks</h2>{_table(["clock", "wanted", "reached", "", "critical path"], clocks)}
<h2>Packed</h2>{_table(["cell", "used", "there are"], packed)}
<h2>Time</h2>{_table(["step", "took", "when"], steps)}
</body></html>
"""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(row(each, "td") for each in rows)
    return f"<table>{row(head, 'th')}{body}</table>" if body else "<p>not reached</p>"
