"""A result's file is written whole or not at all."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cfuforge.base.errors import EnvironmentLacksError, InputError
from cfuforge.base.output import write_whole


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", "ä\n")
    finally:
        os.umask(before)
    assert (tmp_path / "new").read_text(encoding="utf-8") == "ä\n"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_another_keeps_its_own_and_links_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    file.chmod(0o600)
    link.symlink_to(file)
    write_whole(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_was_there_stays_where_the_new_does_not_fit(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("what was there")
    program = (
        "import sys; from cfuforge.base.output import write_whole; "
        "write_whole(sys.argv[1], 'x' * 9000)"
    )

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [sys.executable, "-c", program, file],
        preexec_fn=little,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    assert f"InputError: {file} cannot be written (File too large)" in done.stderr
    assert file.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [file]


def test_a_full_device() -> None:
    with pytest.raises(EnvironmentLacksError, match="the disk is full: /dev/full"):
        write_whole("/dev/full", "x")


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written \(No such file or directory\); name"):
        write_whole(tmp_path / "none" / "x", "x")
