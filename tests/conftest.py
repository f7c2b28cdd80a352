"""What all tests share."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Tests begin with many an empty cache; yosys would be compiled for each, in minutes.
os.environ.setdefault("YOWASP_CACHE_DIR", platformdirs.user_cache_dir("YoWASP"))

# A shell's background jobs ignore Ctrl-C, and so would all that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

for profile in ("quick", "thorough"):  # --hypothesis-profile: see support/examples.py
    settings.register_profile(profile)


_HERE = Path(__file__).parent
# What `make test-quick` leaves out: folders and files of tests.
_OUTER = {"gateware", "notebooks", "packaging", "usb", "trace"}
_OUTER |= {"test_boards", "test_fomu", "test_pty_board", "test_mlperf_tiny", "test_cli_wire"}
_OUTER |= {"test_cpu_cfu", "test_cpu_firmware", "test_applications", "test_slim", "test_speed"}
_OUTER |= {"test_machine_faults", "test_advice", "test_profile", "test_bench", "test_port"}
_OUTER |= {"test_cocotb_designs", "test_cocotb_units", "test_engine_units"}  # g++ builds them


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes boards, browsers, notebooks, packages or long simulations."""
    for item in items:
        names = item.path.relative_to(_HERE).with_suffix("").parts
        if _OUTER.intersection(names) or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.outer)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium; install it with: sudo apt-get install -y chromium")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to run as root with one
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=root)
        yield started
        started.close()


@pytest.fixture(scope="session")
def what_is_cut() -> Callable[[Page], list[str]]:
    """Return what of a page is cut, or wider than its place."""
    script = Path(__file__).with_name("nothing_cut.js").read_text()
    return lambda page: page.evaluate(script)
