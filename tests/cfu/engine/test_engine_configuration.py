"""The parameters of `engine`: what a spec chooses, what the kernels learn, what is impossible."""

from __future__ import annotations

import re

import pytest

from cfuforge.base.errors import InputError
from cfuforge.cfu.design import Design
from cfuforge.cfu.designs.engine import Engine
from cfuforge.cfu.designs.engine.commands import STRUCTS
from cfuforge.cfu.designs.engine.configuration import Configuration


def configuration_of(spec: str) -> Configuration:
    found = Design.load(spec).cfu()
    assert isinstance(found, Engine)
    return found.configuration


def test_a_spec_changes_what_it_names() -> None:
    assert configuration_of("engine") == configuration_of("engine:target=a35t") == Configuration()
    assert Design.load("engine:target=a35t").spec == "engine"
    assert Design.load("engine:packing=1,filters=4").spec == "engine:filters=4,packing=1"
    changed = configuration_of("engine:requantisers=1,packing=1")
    assert changed == Configuration(requantisers=1, packing=1)


def test_the_kernels_learn_the_sizes() -> None:
    header = Design.load("engine:filters=4,activations=2048").header()
    for line in ("CFU_FILTERS 4", "CFU_ACTIVATIONS 2048", "CFU_PIXELS 4", 'CFU_TARGET "a35t"'):
        assert header.count(f"#define {line}\n") == 1
    assert header.count("#define CFU_FILTERS") == 1


def test_the_kernels_write_commands_as_the_hardware_reads_them() -> None:
    header = Design.load("engine").header()
    for name, layout in STRUCTS.items():
        text = header[: header.index(f"}} cfu_{name};")].rpartition("typedef struct {")[2]
        at, found = 0, {}
        for field, bits in re.findall(r"int32_t ?(\w*) : (\d+);", text):
            found[field] = (at, int(bits))
            at += int(bits)
        assert at == layout.size
        for field, where in layout:
            if not field.startswith("_"):
                assert found[field] == (where.offset, where.width)
    for line in ("CFU_SET 3", "CFU_TO_TABLE 3"):
        assert f"#define {line}\n" in header


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("target=a100t", "target of engine must be a35t.*, not 'a100t'"),
        ("filters=3", "filters of engine must be .* or 8, not 3"),
        ("pixels=5", "pixels of engine must be 2, 3 or 4, not 5"),
        ("filters=2", "requantisers of engine must be at most filters=2, not 4"),
        ("activations=3000", "activations of engine must be 1024, .* or 32768, not 3000"),
        ("target=up5k,words=512", "words of engine:target=up5k must be 256, not 512"),
        ("words=-1", "words of engine must be 256, .* or 8192, not -1"),
    ],
)
def test_impossible_parameters(spec: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Design.load(f"engine:{spec}")
