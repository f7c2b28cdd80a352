"""Files of JSON from others: what is not as declared is one line that names file and field."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from typing_extensions import TypedDict

from cfuforge.base.document import (
    SCHEMA_VERSION,
    UNSAVED,
    Count,
    SchemaVersion,
    as_json,
    checked,
    document_text,
    read_document,
)
from cfuforge.base.errors import InputError


class Facts(TypedDict, extra_items=Any):
    name: str


class _Maybe(TypedDict, total=False):
    note: str


class Page(_Maybe):
    schema: Literal["page"]
    schema_version: SchemaVersion
    title: str


@dataclass(frozen=True)
class End:
    share: float


@dataclass(frozen=True)
class Row:
    label: str
    counts: tuple[Count, ...]
    share: float
    is_last: bool = False
    end: End | None = None


@dataclass(frozen=True)
class Book:
    facts: Facts
    rows: tuple[Row, ...]
    pages: dict[str, Page]
    kept: Annotated[object, UNSAVED] = None


ROW = {"label": "a", "counts": [1, 2], "share": 1}
PAGE = {"schema": "page", "schema_version": SCHEMA_VERSION, "title": "t"}
BOOK = {"facts": {"name": "n", "more": [None]}, "rows": [ROW], "pages": {"p": PAGE}}


def test_what_is_as_declared() -> None:
    value = {**BOOK, "rows": [{**ROW, "share": "-Infinity", "is_last": True, "end": {"share": 1}}]}
    row = Row("a", (1, 2), float("-inf"), True, End(1))
    book = Book(BOOK["facts"], (row,), {"p": PAGE})
    assert checked(value, Book) == book
    assert checked(as_json(Book(**{**vars(book), "kept": object()})), Book) == book


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rows": {}}, "rows must be a list, not an object"),
        ({"rows": [ROW, 1]}, "rows[1] must be an object, not 1"),
        ({"rows": [{**ROW, "label": None}]}, "rows[0].label must be a text, not null"),
        ({"rows": [{**ROW, "counts": [1, "2"]}]}, 'rows[0].counts[1] must be an integer, not "2"'),
        ({"rows": [{**ROW, "counts": [True]}]}, "rows[0].counts[0] must be an integer, not true"),
        ({"rows": [{**ROW, "counts": [0.5]}]}, "rows[0].counts[0] must be an integer, not 0.5"),
        (
            {"rows": [{**ROW, "counts": [-1]}]},
            f"rows[0].counts[0] must be 0 to {2**64 - 1}, not -1",
        ),
        ({"rows": [{**ROW, "counts": [10**4000]}]}, f"must be 0 to {2**64 - 1}, not 1000000000"),
        ({"rows": [{**ROW, "share": "much"}]}, 'rows[0].share must be a number, not "much"'),
        ({"rows": [{**ROW, "share": 10**400}]}, "rows[0].share must be a number, not 1000"),
        ({"rows": [{**ROW, "is_last": 1}]}, "rows[0].is_last must be true or false, not 1"),
        (
            {"rows": [{**ROW, "end": {"share": []}}]},
            "rows[0].end.share must be a number, not a list",
        ),
        ({"rows": [{**ROW, "\x1b[31m\n": 1}]}, r"rows[0] has '\x1b[31m\n', which is unknown here"),
        ({"rows": [{"label": "a", "share": 1}]}, "rows[0] has no 'counts'"),
        ({"rows": [{**ROW, "label": 5 * ["\x1b"]}]}, "rows[0].label must be a text, not a list"),
        ({"facts": {}}, "facts has no 'name'"),
        ({"facts": {"name": 1}}, "facts.name must be a text, not 1"),
        ({"kept": 1}, "has 'kept', which is unknown here"),
        ({"pages": {"p": {**PAGE, "schema": "x"}}}, 'pages.p.schema must be "page", not "x"'),
        (
            {"pages": {"p": {**PAGE, "schema_version": 9, "new": 1}}},
            f"pages.p has schema version 9, but this cfuforge reads {SCHEMA_VERSION}",
        ),
        (
            {"pages": {"p": {"schema": 3}}},
            f"pages.p has schema version 3, but this cfuforge reads {SCHEMA_VERSION}",
        ),
        ({"pages": {"p": {**PAGE, "schema_version": "4"}}}, 'must be an integer, not "4"'),
        ({"pages": {"p": {**PAGE, "note": 1}}}, "pages.p.note must be a text, not 1"),
        ({"pages": {"q" * 70_000: 1}}, "must be an object, not 1"),
    ],
)
def test_what_is_not(changes: dict[str, Any], reason: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({**BOOK, **changes}))
    with pytest.raises(InputError) as caught:
        read_document(tmp_path / "x.json", Book, "write another")
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}/x.json: ")
    assert text.endswith("; write another")
    assert reason in text
    assert text.isprintable()
    assert len(text) < 500


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not JSON: Expecting value: line 1 column 1"),
        (b"\xff{}", "is not a text file: invalid start byte at byte 0"),
        (b"\xef\xbb\xbf{}", "is not JSON: Unexpected UTF-8 BOM"),
        (b"{}".decode().encode("utf-16"), "is not a text file"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"a":' * 100_000, "is nested too deeply"),
        (b'{"facts":' + b"[" * 40 + b"]" * 40 + b"}", "is nested too deeply"),
        (b'{"rows": NaN}', "is not JSON: NaN is no number"),
        (b"[-Infinity]", "is not JSON: -Infinity is no number"),
        (b"[1e999]", "is not JSON: 1e999 is not a number that this machine has"),
        (b"9" * 6000, "is not JSON: Exceeds the limit"),
        (b'{"a": 1, "a": 2}', "is not JSON: an object has 'a' twice"),
        (b"null", "must be an object, not null"),
        (b"[" + b"[]," * 500_000 + b"[]]", "has more than 400,000 lists and objects"),
        (b"[" + b"1," * 3_000_000 + b"1]", "has more than 2,000,000 values"),
        (b'"' + b"a" * (25 << 20) + b'"', "has 26,214,402 bytes; at most 25,165,824 are read"),
        (b'"' + b"a" * (20 << 20) + b'"', 'must be an object, not "aaa'),
    ],
)
def test_files_that_are_none(data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(data)
    began = time.process_time()
    with pytest.raises(InputError, match=f"x.json:? {re.escape(reason)}"):
        read_document(tmp_path / "x.json", Book, "write another")
    assert time.process_time() - began < 5


def test_what_is_no_file_at_all(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, reason in (
        ("none", "cannot be read: No such file"),
        (".", "is a folder, not a file"),
        ("fifo", "is a pipe, not a file"),
        ("\0", "cannot be read: a name has no null character"),
    ):
        with pytest.raises(InputError, match=reason):
            read_document(tmp_path / name, Book, "write another")
    with pytest.raises(InputError, match="/dev/zero is a device, not a file"):
        read_document("/dev/zero", Book, "write another")


def test_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x.json").open("wb") as file:
        file.truncate(8 << 30)
    with pytest.raises(InputError, match="at most 25,165,824 are read"):
        read_document(tmp_path / "x.json", Book, "write another")


def test_numbers_that_json_lacks_are_texts() -> None:
    nan, inf = float("nan"), float("inf")
    value = {"a": [nan, (inf, -inf)], "b": 0.5}
    text = document_text(value)
    assert text == '{"a": ["NaN", ["Infinity", "-Infinity"]], "b": 0.5}'
    assert checked(json.loads(text)["a"][1], tuple[float, ...]) == (inf, -inf)
