"""Files that the user names, and what only looks like one."""

import os
import re
from pathlib import Path

import pytest

from cfuforge.base.errors import InputError
from cfuforge.base.files import file_size, files_below, read_bytes, read_start, read_text
from cfuforge.base.shown import sentence


def refused(path: Path, most: int = 10, what: str = "input") -> str:
    with pytest.raises(InputError) as caught:
        read_bytes(path, most, what, "; make it smaller")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"0123456789")
    assert file_size(path, "input") == 10
    assert read_bytes(path, 10, "input") == b"0123456789"
    assert read_text(path, 10, "") == "0123456789"
    assert read_start(path, 3, "input") == b"012"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(1 << 42)
    assert refused(path) == (
        f"input {path} has 4,398,046,511,104 bytes; at most 10 are read; make it smaller"
    )


def test_a_file_that_does_not_tell_its_size() -> None:
    assert "has more than 10 bytes" in refused(Path("/proc/self/environ"))


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, said in (
        (pipe, "is a pipe, not a file"),
        (Path("/dev/zero"), "is a device, not a file"),
        (tmp_path, "is a folder, not a file"),
        (tmp_path / "absent", "cannot be read: No such file or directory"),
        (loop, "cannot be read: Too many levels of symbolic links"),
        (tmp_path / "a\0b", "cannot be read: a name has no null character"),
        (tmp_path / ("x" * 300), "cannot be read: File name too long"),
    ):
        assert refused(path) == sentence(f"input {path} {said}")
        assert refused(path, what="") == sentence(f"{path} {said}")


def test_folders_that_cannot_be_read() -> None:
    assert all(path.suffix == ".npy" for path in files_below(Path("/proc/self"), ".npy".__eq__))
    with pytest.raises(InputError, match=r"^the folder /proc/self/absent cannot be read: No such"):
        files_below(Path("/proc/self/absent"), ".npy".__eq__)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=f"^labels {re.escape(str(path))} is not a text file: "):
        read_text(path, 10, "labels")
