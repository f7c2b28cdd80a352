"""Programs in TFLM's form, on the host: what they print is what TFLM computes."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import cfuforge.sw
from cfuforge.base.errors import InputError
from cfuforge.sw import models
from cfuforge.sw.application import Application, build_host_application
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model

APPLICATIONS = Path(cfuforge.sw.__file__).parent / "applications"
EVERYTHING = Path(__file__).parent / "application"


def run(name: str, data: Mapping[str, Path]) -> str:
    program = build_host_application(Application([APPLICATIONS / name], data))
    return subprocess.run([program], capture_output=True, text=True, check=True).stdout


def test_hello_world_computes_what_tflm_computes(shared_models: Path) -> None:
    path = shared_models / "tflm_hello_world_int8.tflite"
    printed = run("hello_world", {"g_hello_world_model_data": path})
    pairs = re.findall(r"x = (.*), y = (.*) \(int8 (.*) -> (.*)\)", printed)
    model = Model.read(path)
    oracle, output = Oracle(model), model.outputs[0]
    assert len({given for _, _, given, _ in pairs}) == len(pairs) == 20
    for _, y, given, answer in pairs:
        (expected,) = oracle(np.array([[int(given)]], np.int8))
        assert int(answer) == expected.item()
        assert y == f"{(int(answer) - output.zero_point) * output.scale:.3f}"


def test_person_detection_computes_what_tflm_computes(shared_models: Path) -> None:
    path = shared_models / "tflm_person_detect_int8.tflite"
    pictures = [
        shared_models / "inputs/person_detect" / f"{n}.npy" for n in ("person", "no_person")
    ]
    data = {"g_person_data": pictures[0], "g_no_person_data": pictures[1]}
    printed = run("person_detection", {"g_person_detect_model_data": path, **data})
    oracle = Oracle(Model.read(path))
    scores = [oracle(np.load(picture))[0].ravel().tolist() for picture in pictures]
    found = re.findall(r"^person (.*), no person (.*): (.*)$", printed, re.MULTILINE)
    assert [[int(no), int(yes)] for yes, no, _ in found] == scores
    assert found[0][2] == "somebody is there"
    assert re.search(r"^CONV_2D,\d+$", printed, re.MULTILINE)
    total = [int(ticks) for ticks in re.findall(r"^total,(\d+)$", printed, re.MULTILINE)]
    assert len(total) == 2
    assert min(total) > 0


def test_micro_speech_computes_what_tflm_computes(shared_models: Path, tmp_path: Path) -> None:
    path = shared_models / "tflm_micro_speech_int8.tflite"
    features = np.random.default_rng(5).integers(-128, 128, (5, 1960), np.int8)
    np.save(tmp_path / "features.npy", features)
    data = {"g_micro_speech_features": tmp_path / "features.npy"}
    printed = run("micro_speech", {"g_micro_speech_model_data": path, **data})
    labels, oracle = ("silence", "unknown", "yes", "no"), Oracle(Model.read(path))
    expected = []
    for second, values in enumerate(features):
        scores = oracle(values.reshape(1, 1960))[0].ravel()
        text = " ".join(map(str, scores.tolist()))
        expected.append(f"second {second}: {labels[np.argmax(scores)]} ({text})")
    assert [line for line in printed.splitlines() if line.startswith("second")] == expected
    assert [line.split(",")[1] for line in printed.splitlines() if re.match(r"\d,", line)] == [
        *("RESHAPE", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "SOFTMAX"),
    ]


def test_everything_that_the_api_covers() -> None:
    sample = models.kws_inputs()[0]
    data = {"g_kws": models.KWS_MODEL, "g_kws_input": sample}
    program = build_host_application(Application([EVERYTHING], data))
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode == 7  # what its main returns after all checks
    scores = Oracle(Model.read(models.KWS_MODEL))(np.load(sample).reshape(1, 49, 10, 1))[0].ravel()
    assert done.stdout.splitlines()[-1] == "scores " + " ".join(map(str, scores.tolist()))


def test_a_folder_that_is_no_application_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="absent is not a folder of C and C\\+\\+ sources, nor one"
    ):
        build_host_application(Application([tmp_path / "absent"], {}))
    with pytest.raises(InputError, match="has no source files"):
        build_host_application(Application([tmp_path], {}))


def test_data_are_refused_that_have_no_name_or_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must have the name of a C array, not 'a-b'"):
        build_host_application(Application([EVERYTHING], {"a-b": models.KWS_MODEL}))
    with pytest.raises(InputError, match=r"data g_kws: .*absent cannot be read"):
        build_host_application(Application([EVERYTHING], {"g_kws": tmp_path / "absent"}))


def test_what_does_not_compile_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "main.cc").write_text("int main() { return nothing; }\n")
    with pytest.raises(InputError, match=r"main.cc does not compile: .*nothing"):
        build_host_application(Application([tmp_path], {}))


def test_the_headers_bring_what_tflms_bring(tmp_path: Path) -> None:
    """TFLM's own examples include no header for these macros and the schema."""
    (tmp_path / "main.cc").write_text("""
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

extern const unsigned char g_model[];

class Nothing {
  TF_LITE_REMOVE_VIRTUAL_DELETE
};

int main() {
  const tflite::Model *model = tflite::GetModel(g_model);
  TFLITE_CHECK_EQ(model->version(), TFLITE_SCHEMA_VERSION);
  tflite::MicroMutableOpResolver<1> resolver;
  TF_LITE_ENSURE_STATUS(resolver.AddSoftmax());
  MicroPrintf("%d", resolver.GetRegistrationLength());
  return kTfLiteOk;
}
""")
    program = build_host_application(Application([tmp_path], {"g_model": models.KWS_MODEL}))
    assert subprocess.run([program], capture_output=True, text=True, check=True).stdout == "1\n"


def test_source_files_instead_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "apart").mkdir()
    (tmp_path / "half.h").write_text("int half(int);\n")
    (tmp_path / "apart" / "half.c").write_text(
        '#include "half.h"\nint half(int x) { return x / 2; }\n'
    )
    (tmp_path / "main.c").write_text(
        '#include "half.h"\n#include "board.h"\n'
        "int main(void) { board_wait(1); return half(8) * (board_cycles() > 1000000); }\n"
    )
    (tmp_path / "other.c").write_text("int main(void) { return 1; }\n")
    files = [tmp_path / "main.c", tmp_path / "apart" / "half.c"]
    program = build_host_application(Application(files))
    assert subprocess.run([program], check=False).returncode == 4
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(InputError, match=r"notes.txt is not a folder of C and C\+\+ sources, nor"):
        Application([tmp_path / "notes.txt"])
