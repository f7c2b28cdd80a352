"""``make notebooks`` serves JupyterLab on loopback, for root too, and colours cells of C."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
SLOW = 120_000  # ms, where other tests take the processors


def answer(address: str) -> bytes:
    """Return the page; the server tells its address a moment before it listens."""
    for _ in range(60):
        with suppress(urllib.error.URLError), urllib.request.urlopen(address, timeout=60) as page:
            return bytes(page.read())
        time.sleep(0.5)
    raise AssertionError(f"{address} does not answer")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Start what the Makefile starts, in a folder with a notebook, and return its address."""
    recipe = re.search(
        r"^\t\$\(BIN\)/jupyter lab (.*) notebooks$", (ROOT / "Makefile").read_text(), re.M
    )
    assert recipe
    cells = [
        nbformat.v4.new_code_cell("x = [int(1)]"),
        nbformat.v4.new_code_cell("%%kernel conv_s8.c\nstatic const int x = 1;"),
    ]
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    about["language_info"] = {"name": "python", "mimetype": "text/x-python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=about)
    nbformat.write(notebook, tmp_path / "x.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = f"--port={free.getsockname()[1]}"
    command = [sys.executable, "-m", "jupyterlab", *recipe[1].split(), str(tmp_path), port]
    environment = {name: os.environ[name] for name in ("LANG", "PATH") if name in os.environ}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**environment, "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    try:
        lines = iter(process.stdout.readline, "")
        yield next(found[0] for line in lines if (found := re.search(r"http://127\S+", line)))
    finally:
        process.kill()  # one that has only begun to listen would not hear SIGTERM
        process.communicate()


def test_make_notebooks_answers(lab: str) -> None:
    assert b"JupyterLab" in answer(lab)


@pytest.mark.skipif(
    CHROMIUM is None,
    reason="there is no chromium; install it with: sudo apt-get install -y chromium",
)
def test_a_kernel_cell_is_coloured_as_c(lab: str) -> None:
    answer(lab)
    with ThreadPoolExecutor() as other:  # in this thread a notebook may have left a running loop
        other.submit(look_at_cells, lab.replace("/lab?", "/lab/tree/x.ipynb?")).result()


def look_at_cells(address: str) -> None:
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to run as root with one
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=root)
        page = browser.new_page()
        page.goto(address, timeout=SLOW)
        editors = page.locator(".jp-CodeCell .cm-content")
        expect(editors).to_have_count(2, timeout=SLOW)
        python, kernel = editors.all()
        expect(kernel).to_have_attribute("data-language", "cpp", timeout=SLOW)
        expect(python).to_have_attribute("data-language", "python", timeout=SLOW)
        python.click()
        page.keyboard.press("Control+Home")
        page.keyboard.type("%%kernel y.h\n")
        expect(python).to_have_attribute("data-language", "cpp", timeout=SLOW)
        browser.close()
