"""The example of cfu/README.md is what it says it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cfuforge.cfu import Design, random_program

README = Path(__file__).parents[2] / "cfu" / "README.md"


def test_the_smallest_cfu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_program: Callable[..., object], seed: int
) -> None:
    if not README.is_file():
        pytest.skip("cfu/README.md is only in a checkout")
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    assert len(code.splitlines()) <= 30
    (tmp_path / "readme_cfu.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    design = Design.load("readme_cfu")
    program = random_program(design.instructions, 100, seed)
    answers, _ = run_program(design.cfu(), program, 0.3, 0.3)  # type: ignore[misc]
    assert answers == design.cfu().reference().run(program)
    assert "CFU_INLINE int32_t cfu_sum4(uint32_t x)" in design.header()
