"""The cache: built once whatever happens, and never half."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cfuforge.base.cache import build_once, cache_dir, cache_limit, clear, code, digest, entries
from cfuforge.base.errors import EnvironmentLacksError

KEY = digest("key")

TWO_AT_ONCE = """
import sys, time
from cfuforge.base.cache import build_once

def build(work):
    (work / "began").write_text("x")
    with open(sys.argv[1], "a") as log:
        log.write("built\\n")
    time.sleep(1)
    (work / "whole").write_text("x")

assert (build_once("thing", "0" * 32, build) / "whole").exists()
"""


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fill(work: Path) -> None:
    (work / "x").write_bytes(bytes(100))


def test_it_builds_once() -> None:
    calls = []
    for _ in range(3):
        folder = build_once("thing", digest("a"), lambda work: calls.append(fill(work)))
        assert (folder / "x").stat().st_size == 100
    assert len(calls) == 1
    manifest = (folder.parent / "manifest.json").stat().st_size
    assert entries() == {folder.parent.name: 100 + manifest}


def test_a_failed_build_leaves_nothing() -> None:
    def fail(work: Path) -> None:
        fill(work)
        raise ValueError("half done")

    with pytest.raises(ValueError, match="half done"):
        build_once("thing", KEY, fail)
    assert entries() == {}
    assert (build_once("thing", KEY, fill) / "x").exists()


def test_two_at_once_build_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TWO_AT_ONCE, str(tmp_path / "log")]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert (tmp_path / "log").read_text() == "built\n"


def test_digests_follow_the_content(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_text("1")
    other.write_text("1")
    same = digest(path, 1)
    assert same == digest(other, 1)
    assert same != digest(other, 2)
    assert digest("ab", "c") != digest("a", "bc")
    other.write_text("2")
    assert same != digest(other, 1)


def test_code_is_what_a_python_file_does(tmp_path: Path) -> None:
    path = tmp_path / "a.py"

    def of(text: str) -> str:
        path.write_text(text)
        return code(path)

    plain = of('"""One."""\n\ndef f():\n    """Two."""\n    return 1\n')
    assert plain == of('"""Another."""\ndef f():  # a comment\n\n    return 1')
    assert plain != of("def f():\n    return 2\n")
    assert plain != of('def f():\n    return "1"\n')


def test_clear(empty_cache: Path) -> None:
    build_once("thing", KEY, fill)
    (empty_cache / "zig").mkdir()
    (empty_cache / "letters").mkdir()
    (empty_cache / "thing-of-beauty").write_text("not ours")
    clear()
    assert entries() == {}
    names = sorted(path.name for path in empty_cache.iterdir() if path.name[0] != ".")
    assert names == ["guard", "letters", "locks", "thing-of-beauty"]


def run_python(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


SLEEPS = """
import sys, time
from cfuforge.base.cache import build_once, digest

def build(work):
    (work / "half").write_bytes(bytes(1000))
    print("building", flush=True)
    time.sleep(100)

build_once("thing", digest("slow"), build)
"""


def test_what_a_killed_build_left_is_swept_at_the_next_start(empty_cache: Path) -> None:
    killed = run_python(SLEEPS)
    lives = run_python(SLEEPS.replace("slow", "slower"))
    assert killed.stdout
    assert lives.stdout
    assert killed.stdout.readline() == lives.stdout.readline() == "building\n"
    killed.kill()
    killed.communicate()
    assert len(list(empty_cache.glob(".building-*"))) == 2
    cached_elsewhere = run_python(
        "from cfuforge.base.cache import build_once; build_once('a', '0' * 32, lambda work: None)"
    )
    cached_elsewhere.communicate()
    (left,) = empty_cache.glob(".building-*")
    assert f"-{lives.pid}-" in left.name
    lives.kill()
    lives.communicate()


def test_clear_beside_a_build_and_what_others_use(empty_cache: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from cfuforge.base.cache import build_once, digest

used = build_once("used", digest("u"), lambda work: (work / "x").write_text("whole"))

def build(work):
    (work / "half").write_text("x")
    print("building", flush=True)
    sys.stdin.readline()

made = build_once("made", digest("m"), build)
assert (used / "x").read_text() == "whole"
assert (made / "half").exists()
print("done", flush=True)
"""
    beside = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert beside.stdout
    assert beside.stdout.readline() == "building\n"
    build_once("thing", KEY, fill)
    assert [name.partition("-")[0] for name in clear()] == ["used"]
    assert beside.communicate("\n") == ("done\n", None)
    assert len(clear()) == 0


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_link(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def foreign(path: Path) -> None:
    path.with_name("foreign").write_text("?")


def not_utf8(path: Path) -> None:
    path.write_bytes(b"\xff\xfe{")


def deep(path: Path) -> None:
    path.write_text("[" * 100_000)


DAMAGES = [zeroed, halved, Path.unlink, a_folder, a_pipe, a_link, foreign, not_utf8, deep]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("where", ["whole", "below/whole", "../manifest.json"])
def test_a_damaged_entry_is_built_anew(damage: Callable[[Path], None], where: str) -> None:
    program = """
import sys
import time
from collections.abc import Callable
from pathlib import Path
from cfuforge.base.cache import build_once, folders

def build(work):
    (work / "below").mkdir()
    for name in ("whole", "below/whole"):
        (work / name).write_text("the text")
    print("built")

list(folders("thing"))
folder = build_once("thing", "0" * 32, build)
print(folder, *(path.read_text() for path in (folder / "whole", folder / "below/whole")), sep="|")
"""
    built, line = run_python(program).communicate()[0].splitlines()
    assert built == "built"
    assert line.endswith("|the text|the text")
    assert run_python(program).communicate()[0].splitlines() == [line]
    damage(Path(line.partition("|")[0]) / where)
    assert run_python(program).communicate()[0].splitlines() == ["built", line]
    assert run_python(program).communicate()[0].splitlines() == [line]


@pytest.mark.parametrize("foreign_kind", [Path.touch, Path.mkdir])
@pytest.mark.parametrize(
    "name", ["guard", "locks", f"thing-{KEY}", "logs", "locks/thing", ".using-x"]
)
def test_foreign_things_in_its_place(
    empty_cache: Path, name: str, foreign_kind: Callable[[Path], None]
) -> None:
    place = empty_cache / (f"{name}-{KEY}" if name == "locks/thing" else name)
    place.parent.mkdir(parents=True)
    foreign_kind(place)
    assert (build_once("thing", KEY, fill) / "x").exists()
    clear()
    assert entries() == {}


def test_the_least_recently_used_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE_GB", str(3.5e6 / 2**30))
    program = """
import sys
from cfuforge.base.cache import build_once, digest
for name in sys.argv[1:]:
    build_once("thing", digest(name), lambda work: (work / "x").write_bytes(bytes(1_000_000)))
"""
    for names in ("a", "b", "c"):
        run_python(program, names).communicate()
        time.sleep(0.02)
    run_python(program, "a").communicate()  # used once more
    run_python(program, "d").communicate()
    left = {name for name in "abcd" if f"thing-{digest(name)}" in entries()}
    assert left == {"a", "c", "d"}


@pytest.mark.parametrize("text", ["0", "-1", "nan", "many", "1e400"])
def test_a_limit_that_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE_GB", text)
    with pytest.raises(EnvironmentLacksError, match=f"CFUFORGE_CACHE_GB must be .*{text!r}"):
        cache_limit()


def test_no_home_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CFUFORGE_CACHE")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: Path("~/.cache") / name)
    with pytest.raises(EnvironmentLacksError, match="set CFUFORGE_CACHE"):
        build_once("thing", KEY, fill)


def test_a_relative_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CFUFORGE_CACHE", "near")
    assert cache_dir() == tmp_path / "near"


def test_unwritable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(EnvironmentLacksError, match="set CFUFORGE_CACHE"):
        build_once("thing", KEY, fill)


def test_the_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CFUFORGE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "cfuforge"
