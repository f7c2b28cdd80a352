"""Where a listing finds sources: in its folders, and nowhere else, whatever a program claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from cfuforge.sim.account.listing import Listing


@pytest.fixture
def listing(tmp_path: Path) -> Listing:
    (tmp_path / "kernels" / "below").mkdir(parents=True)
    (tmp_path / "kernels" / "conv_s8.c").touch()
    (tmp_path / "kernels" / "below" / "a.h").touch()
    (tmp_path / "secret").touch()
    (tmp_path / "kernels" / "link").symlink_to(tmp_path / "secret")
    return Listing(cast(Any, None), [], {"mine": tmp_path / "kernels"})


@pytest.mark.parametrize("file", ["mine/conv_s8.c", "mine/below/a.h", "mine/below/../conv_s8.c"])
def test_a_file_of_its_folders(listing: Listing, file: str) -> None:
    found = listing.path(file)
    assert found
    assert found.is_file()


@pytest.mark.parametrize(
    "file",
    [
        *("", "/", "..", "mine", "mine/", "mine/below", "mine/other.c", "other/conv_s8.c"),
        *("mine/../secret", "mine/link", "/etc/passwd", "mine//etc/passwd", "../secret"),
        *("mine/below/../../secret", "mine/" + 70_000 * "x", "mine/a\0b", "mine/\udc80"),
    ],
    ids=range(17),
)
def test_no_other_file(listing: Listing, file: str) -> None:
    assert listing.path(file) is None
