"""The runs in the cache: one that is damaged is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cfuforge import LayerRun, Run
from cfuforge.base.cache import build_once, digest
from cfuforge.inspection.measured import find_measured


def store(design: str, clock_hz: int = 100_000_000) -> Path:
    layer = LayerRun(0, "RELU", (1, 2), (), (1, 2), 0, 9, "none/relu", 0, 0)
    facts = {"name": design, "spec": design, "parameters": {}}
    run = Run(
        facts, {"name": "sim", "clock_hz": clock_hz}, {}, 9, (layer,), ((1, 2),), 100, "", 1.0
    )

    def write(work: Path) -> None:
        (work / "run.json").write_text(json.dumps(run.to_json()))
        (work / "about.json").write_text(json.dumps({"model": "m", "model_sha256": "abc"}))

    return build_once("run", digest(design, clock_hz), write)


@pytest.mark.parametrize("name", ["run.json", "about.json"])
@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[]", b"\0" * 99, b"{", b"[" * 99_999, b'{"cycles": "many"}', None]
)
def test_an_entry_that_is_damaged(
    name: str, damage: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path))
    store("none")
    assert [each.design for each in find_measured("abc")] == ["none"]
    folder = store("damaged")
    assert len(find_measured("abc")) == 2
    if damage is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(damage)
    assert [each.design for each in find_measured("abc")] == ["none"]
    assert find_measured("other") == []


def test_each_clock_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path))
    for hertz in (60_000_000, 75_000_000):
        store("none", hertz)
    assert {each.clock_hz for each in find_measured("abc")} == {60_000_000, 75_000_000}
