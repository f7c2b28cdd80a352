"""Everything that needs no tool, in under ten seconds: the first test to run after a change."""

from __future__ import annotations

import io
import json
import types
from pathlib import Path

import numpy as np
from amaranth.hdl import Module

from cfuforge import Board, Comparison, Design, LayerRun, Model, Run, board
from cfuforge.cfu import Cfu, Instruction, Operand, Ports, random_program, s8x4, s32
from cfuforge.cfu.arithmetic import requantise
from cfuforge.cli.scaffold import scaffold
from cfuforge.cli.terminal import PlainConsole
from cfuforge.comparisons.table import print_comparison
from cfuforge.inputs.files import InputReader
from cfuforge.inputs.made_up import random_sample
from cfuforge.sw import models
from cfuforge.sw.oracle import Oracle


class Sum4(Cfu):
    """Add the four bytes of a word."""

    instructions = (
        Instruction(
            "sum4",
            funct3=1,
            rs1=Operand("x", s8x4),
            rd=Operand("sum", s32),
            doc="Add.",
            reference=lambda state, x: sum(x),
        ),
    )

    def hardware(self, m: Module, ports: Ports) -> None:
        ports["sum4"].answer(m, sum(ports["sum4"].rs1))


def test_a_cfu_from_declaration_to_text() -> None:
    design = Design(Sum4)
    assert design.cfu().reference().execute(1, 0x01FF_0203, 0) == 5
    assert "int32_t cfu_sum4(" in design.header()
    assert design.disassemble(design.instructions[0].word(rd=10, rs1=11)) == "cfu sum4 a0, a1, zero"
    assert "| `sum4` |" in design.documentation()
    assert "module \\Cfu" in design.rtlil()
    assert len(random_program(design.instructions, 100, seed=3)) == 100


def test_the_designs_that_come_along() -> None:
    assert Design.load("none").instructions == ()
    assert Design.load("simd_mac:rows=2").parameters == {"rows": 2, "folded": False}
    assert requantise(1 << 20, 1 << 30, -10, 3, -128, 127) == 127


def test_the_sample_model_and_its_inputs() -> None:
    model = Model.read(models.KWS_MODEL)
    assert model.macs == 2_656_768
    read = InputReader(model).read
    for index, path in enumerate(models.kws_inputs()):
        (scores,) = Oracle(model)(*read(path).arrays)
        assert np.argmax(scores) == index
    spoken = read(models.KWS_WAV).arrays[0]
    assert (spoken == read(models.kws_inputs()[9]).arrays[0]).all()
    assert random_sample(model).arrays[0].shape == (1, 49, 10, 1)


def test_a_comparison_is_saved_loaded_and_printed(tmp_path: Path) -> None:
    assert isinstance(board("sim"), Board)

    def run(design: str, cycles: int) -> Run:
        shapes = ((1, 5, 5, 4), (8, 3, 3, 4), (1, 5, 5, 8))
        layer = LayerRun(0, "CONV_2D", *shapes, 7200, cycles - 9, f"{design}/conv_s8", 64, 0)
        described = {"name": design, "spec": design, "parameters": {}}
        return Run(described, {"name": "sim"}, {}, cycles, (layer,), ((1, 2),), 9, "", 1.0, 1e6, 99)

    oracle = {"name": "oracle", "version": "1", "outputs": [[1, 2]]}
    plain, fast = run("reference", 100_000), run("fast", 25_000)
    model = {"name": "m", "sha256": "0", "bytes": 1, "macs": 7200}
    given = {"name": "x", "sha256": "0", "shape": [1, 5, 5, 4]}
    comparison = Comparison(model, given, oracle, plain, fast)
    comparison.save(tmp_path / "x.json")
    assert Comparison.load(tmp_path / "x.json") == comparison
    assert json.loads((tmp_path / "x.json").read_text())["speed_up"] == 4.0

    text = io.StringIO()
    print_comparison(comparison, PlainConsole(file=text, width=100))
    assert "CONV_2D 3x3" in text.getvalue()
    assert "4.0x" in text.getvalue()
    wrong = Comparison(model, given, {**oracle, "outputs": [[1, 3]]}, plain, fast)
    assert not wrong.exact
    print_comparison(wrong, PlainConsole(file=text, width=100))
    assert "DIFFER" in text.getvalue().upper()


def test_a_new_cfu(tmp_path: Path) -> None:
    folder = scaffold(tmp_path / "spark_one")
    assert "class SparkOne(Cfu):" in (folder / "__init__.py").read_text()
    assert "$" not in "".join(p.read_text() for p in folder.rglob("*") if p.is_file())


def test_the_names_of_a_notebook_are_no_modules() -> None:
    import cfuforge

    for name in cfuforge.__all__:
        home = getattr(cfuforge, name)  # imports what could take the name
        assert getattr(cfuforge, name) is home
        assert not isinstance(home, types.ModuleType), name
