"""Full disks, little memory, broken compilers, wrong clocks, crowds: one line each, or it works."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.operators import copying_model

COMMAND = [sys.executable, "-m", "cfuforge"]
MODEL = """
from cfuforge.cli import app as cli
from cfuforge import start
from cfuforge.cfu.design import Design
from cfuforge.sim.cfu_model import CfuModel

def model_of(name: str) -> None:
    CfuModel(Design.load(name).verilog_file())

cli.app.command("model-of")(model_of)
start.main()
"""

Done = subprocess.CompletedProcess[str]


def model_of(name: str) -> list[str]:
    """Return the command that has yosys, Verilator and g++ make a model of a design."""
    return [sys.executable, "-c", MODEL, "model-of", name]


def run(command: list[str], *, memory: int | None = None, **variables: str | Path) -> Done:
    def limit() -> None:
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    return subprocess.run(
        command,
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def the_line(done: Done) -> str:
    """Return the one line with which a command failed."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    assert done.stderr.endswith(lines[0] + "\n")
    return lines[0]


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache that holds the model of ``none``."""
    cache = tmp_path_factory.mktemp("warm") / "cache"
    assert run(model_of("none"), CFUFORGE_CACHE=cache).returncode == 0
    return cache


@pytest.fixture
def on_disk(tmp_path: Path) -> Callable[..., Done]:
    """Run a command that sees a disk of so many kilobytes at `tmp_path`/disk."""
    disk = tmp_path / "disk"
    disk.mkdir()
    alone = ["unshare", "--mount", *(["--map-root-user"] if os.getuid() else [])]
    mount = 'mount -t tmpfs -o "size=$1k" disk "$2" || exit 99; shift 2; exec "$@"'

    def run_there(kilobytes: int, command: list[str], **variables: str | Path) -> Done:
        shell = [*alone, "sh", "-c", mount, "sh", str(kilobytes), str(disk), *command]
        done = run(shell, **variables)
        if done.returncode == 99 or done.stderr.startswith("unshare:"):
            pytest.skip(f"no disk can be mounted here: {done.stderr}")
        return done

    return run_there


@pytest.mark.parametrize(
    "kilobytes",
    [4, *(pytest.param(each, marks=pytest.mark.more) for each in (300, 800)), 1_500],
)
def test_the_disk_of_the_cache_is_full(
    on_disk: Callable[..., Done], tmp_path: Path, kilobytes: int
) -> None:
    done = on_disk(kilobytes, model_of("simd_mac"), CFUFORGE_CACHE=tmp_path / "disk")
    assert f"the disk is full: {tmp_path / 'disk'}; make room there" in the_line(done)


@pytest.mark.parametrize("kilobytes", [100, 3_000])
def test_the_disk_of_the_cache_is_full_when_zig_compiles(
    on_disk: Callable[..., Done], tmp_path: Path, kilobytes: int
) -> None:
    done = on_disk(kilobytes, [*COMMAND, "model", "inspect"], CFUFORGE_CACHE=tmp_path / "disk")
    assert f"the disk is full: {tmp_path / 'disk'}; make room there" in the_line(done)


def test_the_disk_of_temporary_files_is_full(
    on_disk: Callable[..., Done], warm: Path, tmp_path: Path
) -> None:
    cache = shutil.copytree(warm, tmp_path / "cache")
    done = on_disk(4, model_of("simd_mac"), CFUFORGE_CACHE=cache, TMPDIR=tmp_path / "disk")
    assert done.returncode == 0, done.stderr


def test_the_disk_of_a_result_is_full(on_disk: Callable[..., Done], tmp_path: Path) -> None:
    result = tmp_path / "disk" / "result.json"
    script = 'head -c 4096 /dev/zero > "$0"; "$@"; code=$?; wc -c < "$0"; exit $code'
    command = [*COMMAND, "check", "--count", "2", "--json", str(result)]
    done = on_disk(8, ["sh", "-c", script, str(result), *command])
    assert f"the disk is full: {result}" in the_line(done)
    assert done.stdout.endswith("\n4096\n")  # what was there stays


def test_the_disk_of_a_waveform_is_full(on_disk: Callable[..., Done], tmp_path: Path) -> None:
    path = tmp_path / "disk" / "x.vcd"
    model = ("--model", str(copying_model(tmp_path, 3, 4)), "--cfu", "none")
    done = on_disk(8, [*COMMAND, "sim", *model, "--trace", "layer=0", "--trace-file", str(path)])
    assert f"the disk is full: {path}; make room there" in the_line(done)


@pytest.mark.parametrize("command", [["new", "my_cfu"], ["tflm-kernels", "kernels"]])
def test_the_disk_of_a_new_folder_is_full(
    on_disk: Callable[..., Done], tmp_path: Path, command: list[str]
) -> None:
    script = 'cd "$0"; "$@"; code=$?; ls -A; exit $code'
    done = on_disk(12, ["sh", "-c", script, str(tmp_path / "disk"), *COMMAND, *command])
    assert f"the disk is full: {command[1]}; make room there" in the_line(done)
    assert done.stdout == ""  # nothing of it stays


def test_little_memory_for_anything() -> None:
    line = the_line(run([*COMMAND, "sim"], memory=60 << 20))
    assert "limited to 60 MB (ulimit -v); at least 256 MB are needed" in line


def test_little_memory_for_yosys(tmp_path: Path) -> None:
    places = {"CFUFORGE_CACHE": tmp_path / "cache", "YOWASP_CACHE_DIR": tmp_path / "yowasp"}
    line = the_line(run(model_of("none"), memory=400 << 20, **places))
    assert "out of memory; it needs about 1.5 GB" in line


ANSWERS = """#!/bin/sh
[ "$2" = --version ] || [ "$1" = version ] && echo version && exit
"""
BROKEN = {
    "fails": (ANSWERS + "echo 'zig: error: lost' >&2; exit 1", "zig: error: lost"),
    "says nothing": (ANSWERS + "exit 3", "no message, exit code 3"),
    "crashes": (ANSWERS + "kill -SEGV $$", "no message, signal 11"),
    "makes nothing": (ANSWERS + "exit 0", ".o, and does not say why"),
    "does not start": ("#!/bin/sh\nexit 1\n", "zig does not start: no message, exit code 1"),
    "is no program": ("\x7fELF but no more", "zig cannot be started: Exec format error"),
    "has no shell": ("#!/no/such/shell\n", "zig cannot be started: No such file"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_compiler(tmp_path: Path, how: str) -> None:
    text, reason = BROKEN[how]
    compiler = tmp_path / "ziglang" / "zig"
    compiler.parent.mkdir()
    compiler.with_name("__init__.py").touch()
    compiler.write_text(text)
    compiler.chmod(0o755)
    assert reason in the_line(run(model_of("none"), PYTHONPATH=tmp_path))


def test_no_home() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "HOME"}
    done = subprocess.run(
        [*COMMAND, "cache", "info"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.more
def test_a_clock_that_was_set_back(warm: Path, tmp_path: Path) -> None:
    cache = Path(shutil.copytree(warm, tmp_path / "cache"))
    before = {path for path in cache.iterdir() if path.name[0] != "."}
    for path in [cache, *cache.rglob("*")]:
        os.utime(path, (4e9, 4e9))  # the year 2096
    assert run(model_of("none"), CFUFORGE_CACHE=cache).returncode == 0
    assert {path for path in cache.iterdir() if path.name[0] != "."} == before
    other = run(model_of("simd_mac"), CFUFORGE_CACHE=cache, CFUFORGE_CACHE_GB="0.001")
    assert other.returncode == 0, other.stderr
    assert not before & {path for path in cache.glob("verilog-*")}, "unused ones go all the same"


@pytest.mark.more
def test_four_commands_at_once(warm: Path, tmp_path: Path) -> None:
    cache = Path(shutil.copytree(warm, tmp_path / "cache"))
    for model in cache.glob("model-*"):
        shutil.rmtree(model)
    environment = {**os.environ, "CFUFORGE_CACHE": str(cache)}
    running = [
        subprocess.Popen(model_of(name), env=environment, stderr=subprocess.PIPE, text=True)
        for name in ("none", "simd_mac", "none", "simd_mac")
    ]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said
    kinds = sorted(path.name.split("-")[0] for path in cache.iterdir() if path.name[0] != ".")
    assert set(kinds) >= {"guard", "libcxx", "verilated"}
    assert [kinds.count(kind) for kind in ("model", "verilog")] == [2, 2]
    assert not any(cache.glob("locks/*"))
    assert not any(cache.glob(".*"))
