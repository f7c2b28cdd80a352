"""Names of classes, and the true classes of inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfuforge import Model
from cfuforge.base.errors import InputError
from cfuforge.inputs.labels import Accuracy, read_labels, true_classes
from cfuforge.sw import models

LABELS = ("cat", "dog", "frog")


def test_labels_are_one_a_line(tmp_path: Path) -> None:
    model, path = Model.read(models.KWS_MODEL), tmp_path / "labels.txt"
    path.write_text("\n".join(models.KWS_LABELS) + "\n\n")
    assert read_labels(path, model) == models.KWS_LABELS
    path.write_text("yes\nno\n")
    with pytest.raises(InputError, match="names 2 classes, but kws has 12 scores"):
        read_labels(path, model)
    path.write_text("x\n" * 12)
    with pytest.raises(InputError, match="each class once"):
        read_labels(path, model)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not a text file"):
        read_labels(path, model)
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path / "nowhere", model)


def test_classes_by_folder(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("cat/1.png", "2/x.png", "dog/deep/1.png")]
    assert list(true_classes(paths, [tmp_path], None, LABELS).values()) == [0, 2, 1]
    assert true_classes([tmp_path / "1.png"], [tmp_path], None, LABELS) == {}
    assert true_classes([tmp_path / "a/1.png"], [tmp_path], None, LABELS) == {}
    with pytest.raises(
        InputError, match="the sub-folder 'hog' is not one of the classes cat, dog, frog"
    ):
        true_classes([*paths, tmp_path / "hog/1.png"], [tmp_path], None, LABELS)


@pytest.mark.parametrize(("name", "mark"), [("truth.csv", ","), ("truth.tsv", "\t")])
def test_classes_by_file(tmp_path: Path, name: str, mark: str) -> None:
    truth = tmp_path / name
    lines = [("file", "label"), ("a/1.png", "dog"), ("./2.png", "0"), ("", "")]
    truth.write_text("\n".join(mark.join(line) for line in lines[:3]) + "\n\n")
    paths = [tmp_path / "a" / "1.png", tmp_path / "b" / "2.png"]
    assert list(true_classes(paths, [tmp_path], truth, LABELS).values()) == [1, 0]
    with pytest.raises(InputError, match=r"has no line for .*3\.png: write 3\.png,CLASS"):
        true_classes([tmp_path / "3.png"], [tmp_path], truth, LABELS)
    truth.write_text(f"1.png{mark}hog\n")
    with pytest.raises(InputError, match=r"must be one of cat, dog, frog, not 'hog'"):
        true_classes([tmp_path / "1.png"], [tmp_path], truth, LABELS)
    truth.write_text("1.png\n")
    with pytest.raises(InputError, match="line 1, must be file,label"):
        true_classes([tmp_path / "1.png"], [tmp_path], truth, LABELS)


def test_a_model_with_one_output_has_no_classes(tmp_path: Path) -> None:
    assert true_classes([tmp_path / "0" / "x"], [tmp_path], None, ("0",)) == {}
    with pytest.raises(InputError, match="no accuracy"):
        true_classes([tmp_path / "x"], [tmp_path], tmp_path / "truth.csv", ("0",))


def test_accuracy() -> None:
    accuracy = Accuracy.of([(0, 0), (0, 2), (2, 2), (2, 2)], LABELS)
    assert (accuracy.right, accuracy.total) == (3, 4)
    assert accuracy.confusion == ((1, 0, 1), (0, 0, 0), (0, 0, 2))
    assert accuracy.facts["top_1"] == 0.75
