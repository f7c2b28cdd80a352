"""Profiles that several tests look at."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from filelock import FileLock

from cfuforge import Profile, profile


@pytest.fixture(scope="session")
def kws_profile(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Profile]:
    """Profile keyword spotting on a design, once for all of pytest's processes."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    def made(cfu: str) -> Profile:
        path = folder / f"profile-{cfu}.json"
        with FileLock(f"{path}.lock"):
            if not path.exists():
                profile(cfu=cfu).save(path)
        return Profile.load(path)

    return made
