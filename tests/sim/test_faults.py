"""What goes wrong on the simulated SoC ends in one line that says what and where."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from cfuforge.base.errors import InputError, RunError
from cfuforge.cfu.design import Design
from cfuforge.sim.target import SimTarget
from cfuforge.soc.board import board
from cfuforge.sw import models
from cfuforge.sw.run import Run
from cfuforge.sw.tflite_model import Model
from support.kws import first_layers

CASES = {
    0: r"CFU faulty did not answer cfu work\[2\] \w+, \w+, \w+ at pc 0x4000\w+ in nn_conv_s8\(\) "
    r"within 5,000 cycles: rsp_valid stays low",
    1: r"CFU faulty did not take cfu work\[2\] \w+, \w+, \w+ at pc 0x4000\w+ in nn_conv_s8\(\) "
    r"within 5,000 cycles: cmd_ready stays low",
    2: r"the firmware trapped: store address misaligned \(mcause 0x6, mtval 0x1\) "
    r"at pc 0x4000\w+ in nn_conv_s8\(\)",
    3: r"the firmware trapped: illegal instruction \(mcause 0x2, mtval 0xffffffff\) "
    r"at pc 0x4000\w+ in nn_conv_s8\(\)",
    4: r"the firmware did not finish within 2,000,000 cycles; it is at pc 0x4000\w+ in "
    r"nn_conv_s8\(\); a larger max_cycles= lets it run longer",
}


def run(
    fault: int, monkeypatch: pytest.MonkeyPatch, model: Model | None = None, **options: int
) -> Run:
    monkeypatch.chdir(Path(__file__).parent)
    target = SimTarget(Design.load(f"faulty:fault={fault}"), board("sim"))
    model = model or Model.read(models.KWS_MODEL)
    return target.run(model, [np.load(models.kws_inputs()[9])], patience=5_000, **options)


@pytest.mark.parametrize("fault", CASES)
def test_fault(fault: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunError) as caught:
        run(fault, monkeypatch, max_cycles=2_000_000)
    assert re.fullmatch(CASES[fault], str(caught.value))


STRAYS = {
    8: r"byte 8 of its input, tensor 0 '[^']{,40}', byte 8 behind its output",
    9: r"byte 3 of its input, tensor 0 '[^']{,40}', byte 3 behind its output",
    10: r"byte 0 of its constant, tensor \d+ '.*', byte [\d,]+ of the model",
    11: r"where nothing of the layer's is",
    12: r"byte 1,040,576 behind its output",
}


@pytest.mark.parametrize("fault", STRAYS)
def test_a_layer_that_writes_what_is_not_its_own(
    fault: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RunError) as caught:
        run(fault, monkeypatch)
    where = r", at or just before pc 0x4000\w+ in nn_conv_s8\(\); a kernel may write"
    assert re.match(
        f"operator 0 CONV_2D wrote to 0x40\\w{{6}}, {STRAYS[fault]}{where}", str(caught.value)
    )


def test_a_stray_write_ends_an_account_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent)
    target = SimTarget(Design.load("faulty:fault=12"), board("sim"))
    inputs = [np.load(models.kws_inputs()[9])]
    with pytest.raises(RunError, match=r"operator 0 CONV_2D wrote to 0x40\w{6}, byte 1,040,576"):
        target.account(Model.read(models.KWS_MODEL), inputs, lambda segment: None)


def test_a_layer_that_overwrites_what_the_host_counts_by(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = r"the count of layers became 9, not 1, at operator 0 CONV_2D: its kernel has"
    with pytest.raises(RunError, match=reason):
        run(14, monkeypatch)


def test_without_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(5, monkeypatch, first_layers(1)).layers[0].kernel == "reference/conv_s8"


def test_a_model_too_large_for_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model.read(models.KWS_MODEL)
    model.data += bytes(16 << 20)
    inputs = [np.load(models.kws_inputs()[9])]
    target = SimTarget(Design.load("none"), board("sim"))
    monkeypatch.delattr("cfuforge.sim.target.Simulator")  # none is built for it
    for attempt in (
        lambda: target.run(model, inputs),
        lambda: target.account(model, inputs, lambda _: None),
        lambda: target.arena_bytes(model),
    ):
        with pytest.raises(
            InputError, match=r"kws is too large for main RAM, 15,\d{3},\d{3} bytes: "
        ):
            attempt()


def test_a_firmware_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(__file__).parent / "faulty" / "kernels" / "conv_s8.c"
    (tmp_path / "vast" / "kernels").mkdir(parents=True)
    text = source.read_text().replace(
        "nn_status nn_conv_s8(",
        "volatile char vast[2 << 20];\n\nnn_status nn_conv_s8(",
    )
    used = text.replace("if (cfu_work(2, 5) != 5)", "if (vast[params->stride.h] != 0)")
    (tmp_path / "vast" / "kernels" / "conv_s8.c").write_text(used)
    (tmp_path / "vast" / "__init__.py").write_text(
        "from cfuforge.cfu import Cfu\n\n\nclass Vast(Cfu):\n    pass\n"
    )
    monkeypatch.chdir(tmp_path)
    target = SimTarget(Design.load("vast"), board("sim"))
    with pytest.raises(InputError, match=r"the firmware with vast needs 2,\d+,\d+ bytes, of which"):
        target.run(Model.read(models.KWS_MODEL), [np.load(models.kws_inputs()[9])])
