"""A user needs no checkout: the wheel, in an empty environment, makes and runs a CFU of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source") / "x"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "__pycache__"))
    command = [*(sys.executable, "-m", "build", "--wheel", "--no-isolation"), str(source)]
    subprocess.run([*command, "--outdir", str(folder)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_what_the_wheel_holds(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0].split("-")[0] for name in names} == {"cfuforge"}
    for wanted in [
        "cfuforge/template/__init__.py.in",
        "cfuforge/template/kernels/conv_s8.c",
        "cfuforge/cfu/designs/simd_mac/kernels/conv_s8.c",
        "cfuforge/sim/harness.cpp",
        "cfuforge/sim/cfu_harness.v",
        "cfuforge/sw/nn/nn.h",
        "cfuforge/sw/firmware/crt0.S",
        "cfuforge/sw/firmware/link.ld",
        "cfuforge/sw/models/kws.tflite",
        "cfuforge/sw/models/kws/yes_9.npy",
    ]:
        assert wanted in names
    for source in ["sw", "sim", "cfu", "soc", "cfuforge"]:
        package = "cfuforge" if source == "cfuforge" else f"cfuforge/{source}"
        for path in (ROOT / source).rglob("*"):
            inside = path.relative_to(ROOT / source)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            if path.is_file() and not hidden and path.suffix != ".md":
                assert f"{package}/{inside}" in names


def test_new_test_and_sim_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    constraint = ["--constraint", str(ROOT / "requirements.lock")]
    subprocess.run([*install, *constraint, str(wheel)], check=True)

    work = tmp_path / "elsewhere"
    work.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def run(*command: str) -> str:
        done = subprocess.run(
            [str(python), *command],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run("-c", "import cfuforge.sw as sw; print(sw.__file__)")
    assert str(tmp_path) in where
    run("-m", "cfuforge", "new", "spark")
    assert sorted(path.name for path in (work / "spark").iterdir()) == [
        "README.md",
        "__init__.py",
        "kernels",
        "test_spark.py",
    ]
    run("-m", "unittest", "spark.test_spark")
    table = run("-m", "cfuforge", "sim", "--cfu", "spark")
    assert "CONV_2D 1x1" in table
    assert "spark" in table
    assert "bit for bit" in table
