"""Profiles and comparisons from others, and all that is made of them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from cfuforge.base.document import SCHEMA_VERSION
from cfuforge.base.errors import InputError
from cfuforge.cli.terminal import PlainConsole
from cfuforge.comparisons.comparison import Comparison
from cfuforge.comparisons.table import print_comparison
from cfuforge.profiles.document import CAUSES
from cfuforge.profiles.profile import Profile
from cfuforge.profiles.table import print_profile
from cfuforge.sw.run import LayerRun, Run

MODEL = {"name": "kws", "sha256": "0", "bytes": 99, "macs": 7200}
INPUT = {"name": "x.npy", "sha256": "0", "shape": [1, 5, 5, 4]}


def comparison() -> Comparison:
    def run(design: str, cycles: int) -> Run:
        shapes = ((1, 5, 5, 4), (8, 3, 3, 4), (1, 5, 5, 8))
        layers = tuple(
            LayerRun(index, "CONV_2D", *shapes, 7200, cycles - 9, f"{design}/conv_s8", 64, 0)
            for index in range(2)
        )
        described = {"name": design, "spec": f"{design}:rows=2", "parameters": {"rows": 2}}
        soc = {"name": "sim", "clock_hz": 100_000_000, "memories": {"main_ram": [1 << 30, 1 << 24]}}
        tools = {"cfuforge": "0.1.0"}
        return Run(described, soc, tools, cycles, layers, ((1, 2),), 9, "said\n", 1.0, 1e6, 99)

    oracle = {"name": "tflite-micro", "version": "1", "outputs": [[1, 2]]}
    return Comparison(MODEL, INPUT, oracle, run("none", 900), run("fast", 300), ("yes", "no"))


def profile() -> dict[str, Any]:
    causes = [100, *(len(CAUSES) - 1) * [0]]
    advice = {"rule": "jumps", "cost": "jumps", "text": "jumps; it removes 5 %", "removable": 5}
    advice["remedy"] = "it removes"
    run = json.loads(json.dumps(comparison().plain.to_json())) | {"cycles": 200}
    layer = {
        **{"index": 0, "operator": "CONV_2D", "text": "CONV_2D 3x3", "kernel": "none/conv_s8"},
        **{"macs": 7200, "cycles": 100, "causes": causes, "memory_bytes": 7, "cfu_bytes": 8},
        **{"cfu": {"dot": {"retired": 1, "busy": 2, "hazard": 3}}, "advice": [advice]},
    }
    function = {"name": "nn::conv", "file": "sw/nn/conv.c", "line": 3}
    place = {"function": "nn::conv", "function_index": 0, "text": "lw a0, 0(a1)", "inlined": ["f"]}
    counts = {"cycles": 200, "causes": [200, *causes[1:]]}
    by_layer = {"by_layer": [[at, n, c] for at in (0, -1) for n, c in enumerate(causes)]}
    by_layer["by_layer"].append([0, 0, 200 - 2 * causes[0]])
    buffer = {"name": "t", "scratch": False, "offset": 0, "size": 16, "first": 0, "last": 0}
    part = {"name": "model", "begin": 1 << 30, "bytes": 99}
    return {
        **{"schema": "profile", "schema_version": SCHEMA_VERSION, "tools": {}, "git": None},
        "run": run,
        "model": MODEL,
        "input": INPUT,
        "oracle": {"name": "tflm", "version": "1", "compared": 8000, "wrong_layer": ""},
        "causes": [
            {"name": cause.name.lower(), "text": text, "retired": cause < 7}
            for cause, text in CAUSES.items()
        ],
        "layers": [layer, {**layer, "index": -1, "text": "between the layers", "advice": []}],
        "functions": [{**function, **counts}],
        "instructions": [
            {"address": 1 << 30, "file": "sw/nn/conv.c", "line": 3, **place, **counts, **by_layer}
        ],
        "sources": {"sw/nn/conv.c": {"first": 1, "lines": ["int conv() {", "\treturn 0;", "}"]}},
        "calls": [
            {"parent": -1, "name": "inference", "file": "", "cycles": 0, "calls": 1},
            {"parent": 0, "name": "0 CONV_2D", "file": "a.c", "cycles": 200, "calls": 1},
        ],
        "memory": {
            "regions": [{"name": "main_ram", "origin": 1 << 30, "size": 1 << 24, "parts": [part]}],
            "arena": [buffer],
            "arena_bytes": 16,
        },
        "ceilings": {"multipliers": 1, "cfu_bytes": 12, "memory_bytes": 4},
    }


def seeds() -> list[bytes]:
    saved = comparison().to_json()
    several = json.loads(json.dumps(saved))
    other = {"name": "y.npy", "sha256": "1", "cycles": [1, None], "exact": True}
    several["others"] = [{**other, "outputs": [[1, 2]], "expected": [[1, 2]]}]
    several["plain"]["cycles"] = several["plain"]["arena_bytes"] = None
    return [json.dumps(each).encode() for each in (saved, several, profile())]


def run(data: bytes, folder: Path) -> None:
    path = folder / "x.json"
    path.write_bytes(data)
    console = PlainConsole(file=io.StringIO(), width=100)
    try:
        profile = Profile.load(path)
    except InputError:
        found = Comparison.load(path)
        print_comparison(found, console)
        assert found.speed_up >= 0
        found.to_frame()
        found.save(path)
        assert Comparison.load(path) == found
        return
    print_profile(profile, console)
    profile.to_frame()
    profile.save(path)
    profile.save_page(folder / "x.html", [profile])
    profile.save_speedscope(path)
    profile.save_chrome_trace(path)
