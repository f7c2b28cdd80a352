"""The documentation builds without a warning, its links lead somewhere, and it needs no network."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from amaranth.lib.data import Layout
from typer.main import get_command

import cfuforge
import cfuforge.cfu
from cfuforge.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
FETCHED = {  # what a browser loads with the page
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}


class Links(HTMLParser):
    """The links of a page, and the places in it that a link can name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names = {""}
        self.links: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id" or (tag, name) == ("a", "name"):
                self.names.add(value or "")
            elif (tag, name) in FETCHED or (tag, name) == ("a", "href"):
                self.links.append((tag, value or ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sphinx", reason="Sphinx is not installed; make docs installs it")
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs"]
    command += ["-d", str(folder / "doctrees"), ".", str(folder / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Links]:
    return {path: Links(path.read_text()) for path in sorted(site.rglob("*.html"))}


def test_every_link_within_the_site_leads_somewhere(pages: dict[Path, Links]) -> None:
    broken = defaultdict(list)
    for path, page in pages.items():
        for _, link in page.links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            file = (path.parent / unquote(url.path)).resolve() if url.path else path
            names = pages[file].names if file in pages else {unquote(url.fragment)}
            if not file.is_file() or unquote(url.fragment) not in names:
                broken[path.name].append(link)
    assert not broken
    assert sum(len(page.links) for page in pages.values()) > 2_000


def test_nothing_is_fetched_from_the_network(site: Path, pages: dict[Path, Links]) -> None:
    for path, page in pages.items():
        for tag, link in page.links:
            url = urlsplit(link)
            if tag != "a":
                assert url.scheme in ("", "data"), f"{path}: {link}"
                assert not url.netloc, f"{path}: {link}"
    for path in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import\s+)['\"]?(?:https?:)?//", path.read_text()), path


def test_every_public_name_is_described(pages: dict[Path, Links]) -> None:
    described = set().union(*(page.names for page in pages.values()))
    for module, elsewhere in ((cfuforge, {"Design"}), (cfuforge.cfu, set[str]())):
        for name in set(module.__all__) - elsewhere:
            if callable(getattr(module, name)) and not isinstance(getattr(module, name), Layout):
                assert f"{module.__name__}.{name}" in described


def test_the_commands_that_pages_name_exist() -> None:
    texts = [path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]]
    lines = re.findall(r"(?:^    |&& )cfuforge ([^&\n]*)", "\n".join(texts), re.MULTILINE)
    assert len(lines) > 30
    for line in lines:
        words = shlex.split(line, comments=True)
        command: Any = get_command(app)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_the_pages_that_are_generated_hold_what_a_program_knows(site: Path) -> None:
    reference = site / "docs" / "reference"
    assert "cfuforge-bitstream" in (reference / "command-line.html").read_text()
    assert "LFE5U-85F" in (reference / "boards.html").read_text()
    assert "waiting for loaded values" in (reference / "causes.html").read_text()
    assert "#json-layerrun" in (reference / "json.html").read_text()
    assert "requantise[r]" in (reference / "instructions.html").read_text()
