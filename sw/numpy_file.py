"""Read ``.npy`` and ``.npz`` files, checking the headers before any value is read."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.errors import ForgeError, InputError
from cfuforge.base.files import read_bytes

__all__ = ["HEADER", "Check", "read_npy", "read_npz"]

HEADER = 1 << 16
"""The most bytes that may precede an array's values in a file."""

Check = Callable[[tuple[int, ...], "np.dtype[Any]"], None]
"""A function that raises if an array of this shape and type is not accepted."""

_PLAIN = "biuf"  # numpy's kinds of type: bool, integers, real numbers


def read_npy(path: Path, most: int, what: str, check: Check, remedy: str = "") -> NDArray[Any]:
    """Return the array in a ``.npy`` file.

    Parameters
    ----------
    path, what, remedy
        As in `cfuforge.base.files.file_size`.
    most
        The largest accepted size of the values in bytes.
    check
        Called before the values are read.

    Raises
    ------
    InputError
        When the file is too large, is not of this format, or holds something other than numbers.
    """
    data = read_bytes(path, HEADER + most, what, remedy)
    with _refused(path, what):
        return _array(data, check)


def read_npz(
    path: Path, most: int, what: str, checks: Callable[[list[str]], list[Check]], remedy: str = ""
) -> list[NDArray[Any]]:
    """Return the arrays in a ``.npz`` file, in the file's order.

    Parameters
    ----------
    path, what, remedy
        As in `cfuforge.base.files.file_size`.
    most
        The largest accepted size of each array's values in bytes.
    checks
        Given the arrays' names, returns a check for each, called before its values are read; raises
        if there are too many or too few.

    Raises
    ------
    InputError
        When the file or an array is too large, is not of this format, or holds something other than
        numbers.
    """
    largest = HEADER + most
    data = read_bytes(path, 2 * largest, what, remedy)
    with _refused(path, what), zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        named = [member.filename.removesuffix(".npy") for member in members]
        arrays = []
        for member, name, check in zip(members, named, checks(named), strict=True):
            if member.file_size > largest:
                raise InputError(
                    f"{what} {path} has an array {name!r:.80} of {member.file_size:,} bytes; at "
                    f"most {largest:,} are read{remedy}"
                )
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"its compression method, {member.compress_type}, is not numpy's")
            with archive.open(member) as file:
                arrays.append(_array(file.read(largest), check))
        return arrays


@contextmanager
def _refused(path: Path, what: str) -> Iterator[None]:
    """Turn any error of numpy's and zipfile's readers into an `InputError`."""
    try:
        yield
    except ForgeError:
        raise
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{what} {path} is not a {path.suffix} file: {reason:.200}") from error


def _array(data: bytes, check: Check) -> NDArray[Any]:
    file, numpy_format = io.BytesIO(data), cast(Any, np.lib.format)  # untyped
    version = numpy_format.read_magic(file)
    if version == (1, 0):
        shape, fortran, kind = numpy_format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, fortran, kind = numpy_format.read_array_header_2_0(file)
    else:
        raise ValueError(f"its version is {version}, which is for arrays of records")
    if kind.kind not in _PLAIN or kind.names or kind.subdtype:
        raise ValueError(f"it holds {kind!s:.80}, not numbers")
    check(shape, kind)
    size = math.prod(shape) * kind.itemsize
    there = len(data) - file.tell()
    if not 0 <= size <= there:
        raise ValueError(f"its values need {size:,} bytes, of which {there:,} are there")
    values = np.frombuffer(data, kind, math.prod(shape), file.tell())
    return values.reshape(shape, order="F" if fortran else "C").copy()
