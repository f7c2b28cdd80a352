"""What `engine` may take of an Artix-7."""

from __future__ import annotations

import pytest

from cfuforge import area

MOST = {"LUT": 10_000, "BRAM": 16, "DSP": 80}


@pytest.mark.more
def test_engine_fits_an_arty_beside_the_soc() -> None:
    found = area("engine", "xc7")
    assert {name: found[name] for name in MOST if found[name] > MOST[name]} == {}
