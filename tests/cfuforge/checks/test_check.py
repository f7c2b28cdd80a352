"""`cfuforge check`: what it finds, and how a design that goes wrong ends."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from cfuforge.cfu.design import Design
from cfuforge.cfu.resolve import find_class
from cfuforge.checks import workers
from cfuforge.checks.check import check
from cfuforge.checks.table import print_check
from cfuforge.cli.terminal import PlainConsole
from cfuforge.inputs.source import InputSource
from cfuforge.sw import models
from support.documents import valid


def test_the_samples_are_exact_and_classified(command, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "check.json"
    assert command("check", "--cfu", "none", "--json", path) == 0
    text = capsys.readouterr().out
    value = valid(path)

    assert "All 144 output values of 12 inputs, and all layers, equal tflite-micro" in text
    assert "Right class: 12 of 12 inputs, 100.0% (top 1)." in text
    assert re.search(r"12 inputs in [\d.]+ s: [\d,]+ a minute", text)
    assert value["oracle"]["outputs_match"] is True
    assert value["accuracy"]["right"] == value["accuracy"]["total"] == 12
    assert np.array_equal(value["accuracy"]["confusion"], np.eye(12))
    assert [each["true_class"] for each in value["inputs"]] == list(range(12))
    assert [each["name"] for each in value["inputs"]] == [p.name for p in models.kws_inputs()]
    assert {layer["kernel"].partition("/")[0] for layer in value["layers"]} == {"reference"}
    assert all(layer["cycles"] is None for layer in value["layers"])


def test_a_design_with_the_verilated_cfu() -> None:
    found = check(cfu="simd_mac", inputs=InputSource(count=2, corners=True))
    assert found.exact
    assert found.instructions > 100_000
    names = [each.name for each in found.inputs]
    assert names == [
        *("all least (-128)", "all largest (127)", "all zero point (-60)"),
        *("random (seed 0)", "random (seed 1)"),
    ]
    own = [layer.kernel.startswith("simd_mac/") for layer in found.layers]
    assert own == [bool(layer.macs) for layer in found.layers]


def test_a_wrong_kernel_is_found_and_its_layer_named(faulty, command, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "check.json"
    assert command("check", "--cfu", "faulty:fault=6", "--json", path) == 1
    text = capsys.readouterr().out
    assert "The layers or outputs of 12 of 12 inputs differ from tflite-micro" in text
    assert re.search(
        r"operator 2 CONV_2D by faulty/conv_s8, output '.+': 1 of 8,000 values differ, "
        r"first at \[0, 0, 1, 6\]: (-?\d+) expected, (-?\d+) got",
        text,
    )
    assert "computed 4 of the 10 layers with MACs; not 0 CONV_2D, 1 DEPTHWISE_CONV_2D" in text
    assert text.count("operator 2 CONV_2D by") == 1  # it is the same with all inputs
    assert re.search(r"the same with 11 more: go_1\.npy \(\d+ wrong output values?\), ", text)
    assert "as its reference does: look at the kernel" in text
    compared = valid(path)["hardware_and_reference"]
    assert compared["compared_instructions"] > 0
    assert compared["disagreement"] is None
    for each in valid(path)["inputs"]:
        layer = each["first_wrong_layer"]
        assert (layer["operator"], layer["index"]) == (2, [0, 0, 1, 6])
        assert abs(layer["expected"] - layer["got"]) == 1


OF_NO_LAYER = """#include "cfu.h"
#include "nn.h"
nn_status nn_max_pool_s8(nn_context *ctx, const nn_pool_params *params, const nn_dims *input_dims,
                         const int8_t *input, const nn_dims *output_dims, int8_t *output) {
  cfu_work(0, 1);
  return nn_max_pool_s8_reference(ctx, params, input_dims, input, output_dims, output);
}
"""


@pytest.mark.parametrize("kernels", [{}, {"max_pool_s8.c": OF_NO_LAYER}], ids=["none", "unused"])
def test_a_cfu_that_no_kernel_uses_is_not_called_checked(
    kernels: dict[str, str], faulty: None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = check(cfu=Design(find_class("faulty"), kernels=kernels), inputs=InputSource(count=1))
    print_check(found, PlainConsole(width=100))
    assert "No kernel used an instruction of faulty: the CFU was not checked." in (
        capsys.readouterr().out
    )
    assert found.to_json()["cfu_instructions"] == found.instructions == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            0,
            r"CFU faulty did not answer work\[2\] in operator 0 CONV_2D within 100,000 cycles: "
            r"rsp_valid stays low",
        ),
        (
            2,
            r"operator 0 CONV_2D by a kernel of faulty wrote address 0x1, in nn_conv_s8\(\), "
            r".* input is down_0.npy",
        ),
        (4, r"with the kernels of faulty did not finish input down_0.npy within 3 s; a larger"),
    ],
)
def test_a_fault_ends_in_one_line(faulty, refused, fault: int, words: str) -> None:  # type: ignore[no-untyped-def]
    arguments = ("check", "--cfu", f"faulty:fault={fault}", "--jobs", 1)
    assert re.search(words, refused(*arguments, "--timeout", 3 if fault == 4 else 60))


def test_an_endless_kernel_is_told_of_while_it_runs(  # type: ignore[no-untyped-def]
    faulty, command, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "QUIET", 1.0)
    assert command("check", "--cfu", "faulty:fault=4", "--jobs", 1, "--timeout", 3) == 1
    note = "No input has ended for 1 s: down_0.npy is still running, and is stopped after 3 s "
    assert f"{note}(--timeout).\n" in capsys.readouterr().err


def test_of_several_processes_the_first_input_is_told(faulty, refused) -> None:  # type: ignore[no-untyped-def]
    line = refused("check", "--cfu", "faulty:fault=2", "--jobs", 2)
    assert line.endswith("; the input is down_0.npy")


def test_a_refused_model_is_named(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "cut.tflite"
    path.write_bytes(models.KWS_MODEL.read_bytes()[:20_000])
    assert str(path) in refused("check", "--model", path)
    assert "does not exist" in refused("check", "--inputs", tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert f"the folder {empty} holds no .npy" in refused("check", "--inputs", empty)
    assert "no folder" in refused("check", "--json", tmp_path / "a" / "b.json")


def test_accuracy_by_sub_folders_and_by_a_file(command, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for label, sample in (("yes", 9), ("no", 3), ("up", 3)):  # the last is wrong
        folder = tmp_path / "inputs" / label
        folder.mkdir(parents=True)
        (folder / "a.npy").write_bytes(models.kws_inputs()[sample].read_bytes())
    labels = tmp_path / "labels.txt"
    labels.write_text("\n".join(models.KWS_LABELS) + "\n")
    arguments = ("check", "--model", models.KWS_MODEL, "--cfu", "none", "--labels", labels)
    arguments += ("--inputs", tmp_path / "inputs")
    assert command(*arguments) == 0
    text = capsys.readouterr().out
    assert "Right class: 2 of 3 inputs, 66.7% (top 1)." in text
    assert "true class (row), largest score (column)" in text
    truth = tmp_path / "truth.csv"
    truth.write_text("file,label\nyes/a.npy,yes\nno/a.npy,3\nup/a.npy,no\n")
    assert command(*arguments, "--truth", truth) == 0
    assert "Right class: 3 of 3 inputs, 100.0% (top 1)." in capsys.readouterr().out


def test_hardware_that_is_not_its_reference_is_told(  # type: ignore[no-untyped-def]
    faulty, command, capsys, tmp_path, monkeypatch
) -> None:
    path, waveform = tmp_path / "check.json", tmp_path / "build/trace/faulty-disagreement.vcd"
    monkeypatch.syspath_prepend(Path.cwd())
    monkeypatch.chdir(tmp_path)
    arguments = ("--cfu", "faulty:fault=13", "--count", 1, "--json", path)
    assert command("check", *arguments) == 1
    lines = capsys.readouterr().out.splitlines()
    start = "The hardware of faulty is not what its reference says; 1 command shows it:"
    first = lines.index(start)
    assert lines[first + 1].startswith("  work[")
    assert "x=0 " in lines[first + 1]
    assert lines[first + 2] == "The last must answer y=0   (0x00000000)"
    assert lines[first + 3] == "          and answers y=8   (0x00000008)"
    assert "that the kernels gave for random (seed 0)" in lines[first + 4]
    assert waveform.stat().st_size > 0
    found = valid(path)["hardware_and_reference"]["disagreement"]
    assert found["program"][0][1:] == [0, 0]
    assert found["waveform"] == "build/trace/faulty-disagreement.vcd"
