"""A model's file may be called anything: the device's firmware has its name as a C string."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cfuforge.sw.device_firmware import c_text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kws", "kws"),
        ('a"b\\c', 'a"b\\c'),
        ("\x1b[31m\n", r"\x1b[31m\n"),
        ("größe \udc80 😀", r"gr??e \udc80 ?"),
        ("n" * 250, "n" * 26 + "?" + "n" * 13),
    ],
)
def test_the_name_is_a_c_string(name: str, expected: str, tmp_path: Path) -> None:
    source = tmp_path / "name.c"
    source.write_text(f"#include <stdio.h>\nint main(void) {{ puts({c_text(name)}); }}\n")
    subprocess.run(["gcc", "-Werror", source, "-o", tmp_path / "name"], check=True)
    said = subprocess.run([tmp_path / "name"], capture_output=True, text=True, check=True)
    assert said.stdout == f"{expected}\n"
