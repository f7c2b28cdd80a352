"""``make notebooks`` serves JupyterLab on loopback, for root too, and where there is no browser."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


def answer(address: str) -> bytes:
    """Return the page; the server tells its address a moment before it listens."""
    for _ in range(60):
        with suppress(urllib.error.URLError), urllib.request.urlopen(address, timeout=60) as page:
            return bytes(page.read())
        time.sleep(0.5)
    raise AssertionError(f"{address} does not answer")


def test_make_notebooks_answers(tmp_path: Path) -> None:
    recipe = re.search(r"^\t\$\(BIN\)/jupyter lab (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert recipe
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = f"--port={free.getsockname()[1]}"
    command = [sys.executable, "-m", "jupyterlab", *recipe[1].split(), port]
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
        address = next(found[0] for line in lines if (found := re.search(r"http://127\S+", line)))
        assert b"JupyterLab" in answer(address)
    finally:
        process.terminate()
        process.communicate()
