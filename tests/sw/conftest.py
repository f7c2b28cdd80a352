"""What the tests of sw/ share: the kernels on the host, and the models and inputs to try."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfuforge.sw.host import HostKernels

SHARED = Path(__file__).parents[2] / ".." / "shared" / "models"


@pytest.fixture(scope="session")
def plain_kernels() -> HostKernels:
    return HostKernels()


@pytest.fixture(scope="session")
def shared_models() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: the real models are not part of the repository")
    return SHARED
