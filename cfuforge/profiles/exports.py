"""Export a profile's call tree in the formats of other viewers.

speedscope: its documentation, "File format schema", a sampled profile whose weights are cycles.
Chrome trace: the Trace Event Format's complete events ("ph": "X"), microseconds of simulated time.
All calls of one function by another in a layer are drawn as one, of their total duration.
"""

from __future__ import annotations

from typing import Any

from cfuforge.profiles.shape import Call, ProfileDocument

__all__ = ["chrome_trace", "speedscope"]


def speedscope(document: ProfileDocument) -> dict[str, Any]:
    """Return a file for speedscope: one profile, with a sample for each element of the tree."""
    calls = document["calls"]
    names = _names(calls)
    functions = dict(
        sorted(
            (name, (call["name"], call["file"])) for name, call in zip(names, calls, strict=True)
        )
    )
    frames = {name: index for index, name in enumerate(functions)}
    lines = {(each["name"], each["file"]): each["line"] for each in document["functions"]}
    stacks: list[list[int]] = []
    for name, call in zip(names, calls, strict=True):  # a caller comes before what it calls
        above = stacks[call["parent"]] if call["parent"] >= 0 else []
        stacks.append([*above, frames[name]])
    sampled = [
        (stack, call["cycles"]) for stack, call in zip(stacks, calls, strict=True) if call["cycles"]
    ]
    run = document["run"]
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": f"cfuforge {run.tools['cfuforge']}",
        "name": f"{document['model']['name']}, {run.design['spec']} on {run.soc['name']}",
        "activeProfileIndex": 0,
        "shared": {
            "frames": [
                {"name": name}
                | ({"file": at[1], "line": lines[at]} if at[1] and at in lines else {})
                for name, at in functions.items()
            ]
        },
        "profiles": [
            {
                "type": "sampled",
                "name": "cycles",
                "unit": "none",
                "startValue": 0,
                "endValue": sum(weight for _, weight in sampled),
                "samples": [stack for stack, _ in sampled],
                "weights": [weight for _, weight in sampled],
            }
        ],
    }


def chrome_trace(document: ProfileDocument) -> dict[str, Any]:
    """Return a file for Chrome's tracing page: the layers in order, with the calls in them."""
    calls = document["calls"]
    microseconds = 1e6 / document["run"].soc["clock_hz"]
    names = _names(calls)
    total = [call["cycles"] for call in calls]
    for index in range(len(calls) - 1, 0, -1):
        total[calls[index]["parent"]] += total[index]
    events: list[dict[str, Any]] = [
        {"ph": "M", "pid": 0, "tid": 0, "name": "process_name", "args": {"name": "VexRiscv"}}
    ]
    free = [0] * len(calls)  # the first cycle of each element in which nothing is drawn yet
    for index, call in enumerate(calls):
        begin, own = 0, call["cycles"]
        if call["parent"] >= 0:
            begin = free[call["parent"]]
            free[call["parent"]] += total[index]
        free[index] = begin + own  # its own cycles first
        events.append(
            {
                "ph": "X",
                "pid": 0,
                "tid": 0,
                "name": names[index],
                "ts": begin * microseconds,
                "dur": total[index] * microseconds,
                "args": {
                    "cycles": total[index],
                    "own cycles": own,
                    "calls": call["calls"],
                },
            }
        )
    return {"traceEvents": events, "displayTimeUnit": "ms"}


def _names(calls: list[Call]) -> list[str]:
    """Return each element's name, with the file if functions in several files share it."""
    files: dict[str, set[str]] = {}
    for call in calls:
        files.setdefault(call["name"], set()).add(call["file"])
    return [
        f"{call['name']}, {call['file']}"
        if len(files[call["name"]]) > 1 and call["file"]
        else call["name"]
        for call in calls
    ]
