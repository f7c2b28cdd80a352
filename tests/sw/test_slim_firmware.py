"""The slim firmware: how large it is, and what is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from cfuforge.soc.board import board
from cfuforge.soc.generate import generate
from cfuforge.sw.kernels import PLAIN
from cfuforge.sw.model_firmware import model_firmware
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.program import build
from cfuforge.sw.tflite_model import Model

MLPERF = Path(__file__).parents[2] / ".." / "shared" / "models" / "mlperf_kws_dscnn_int8.tflite"
LIMIT = 24_000  # bytes of code and constants


def elf_sections(model: Path, only: int = 0) -> dict[str, bytes]:
    soc = generate(board("sim"))
    slim = build(model_firmware("slim", Model.read(model)), soc, PLAIN)
    with slim.open("rb") as file:
        return {
            section.name: section.data()
            for section in ELFFile(file).iter_sections()
            if section["sh_flags"] & only == only and section["sh_type"] != "SHT_NOBITS"
        }


def loaded(model: Path) -> dict[str, bytes]:
    return elf_sections(model, SH_FLAGS.SHF_ALLOC)


@pytest.mark.parametrize("path", [KWS_MODEL, MLPERF], ids=["ours", "mlperf"])
def test_size(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"{path} is not there: the real models are not part of the repository")
    sizes = {name: len(data) for name, data in loaded(path).items()}
    print(sizes)
    assert {".start", ".text", ".rodata", ".data"} <= set(sizes)
    assert sizes.pop(".data") <= 128
    assert sum(sizes.values()) <= LIMIT


def test_has_the_operators_of_its_model_alone() -> None:
    names = elf_sections(KWS_MODEL)[".texts"]
    assert b"reference/conv_s8\0" in names
    assert b"reference/softmax_s8\0" in names
    assert b"reference/add_s8\0" not in names
    assert b"reference/max_pool_s8\0" not in names


def test_no_text_is_loaded() -> None:
    for name, data in loaded(KWS_MODEL).items():
        assert not re.search(rb"[A-Za-z]{4} [a-z]{2,}", data), name
