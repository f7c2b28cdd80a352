"""The firmware as an ELF file, and the sources it is made of."""

import ctypes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile

from cfuforge.base.errors import InputError
from cfuforge.cfu.design import Design
from cfuforge.sim.mailbox import (
    MAGIC,
    VERSION,
    ArenaAllocator,
    EvalTensor,
    KernelMemory,
    Layer,
    Mailbox,
    MicroContext,
    ScratchRequest,
    Status,
)
from cfuforge.sw import objects
from cfuforge.sw.device_firmware import DEVICE, build_device_firmware
from cfuforge.sw.host_runtime import build_host_runtime
from cfuforge.sw.kernels import SMALL, KernelSet, kernel_include_dirs, kernel_sources
from cfuforge.sw.model_firmware import firmware_compiler, model_firmware, operators
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.program import build, runtime_sources
from cfuforge.sw.tflite_model import Model
from cfuforge.sw.toolchain import RV32IM, Source, host_compiler, rv32_compiler

SOC_HEADER = """#define SOC_NAME "test"
#define SOC_CLOCK_HZ 1000000u
#define SOC_FINISH_ADDR 0xf0000000u
#define SOC_UART_RXTX_ADDR 0xf0001000u
#define SOC_UART_TXFULL_ADDR 0xf0001004u
#define SOC_UART_RXEMPTY_ADDR 0xf0001008u
#define SOC_UART_EV_PENDING_ADDR 0xf0001010u
"""
REGIONS = "MEMORY { main_ram (rwx) : ORIGIN = 0x40000000, LENGTH = 0x01000000 }\n"
REGIONS += 'REGION_ALIAS("code", main_ram)\n'
SOC = SimpleNamespace(
    name="test", header=SOC_HEADER, regions=REGIONS, isa=RV32IM, small_kernels=True
)
APPLICATION = objects.FIRMWARE / "application"
RAM = range(0x40000000, 0x41000000)


def firmware(kernels: Path | None = None, header: str = "") -> Path:
    return build(model_firmware("test"), SOC, KernelSet("mine", kernels, header))


class Elf:
    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            elf = ELFFile(file)
            self.sections = {each.name: dict(each.header) for each in elf.iter_sections()}
            self.data = elf.get_section_by_name(".data").data()
            symbols = list(elf.get_section_by_name(".symtab").iter_symbols())
            self.symbols = {each.name: each["st_value"] for each in symbols if each.name}
            self.undefined = [each.name for each in symbols if each["st_shndx"] == "SHN_UNDEF"]
            self.line_files = set()
            self.types: dict[str, Any] = {}
            for unit in elf.get_dwarf_info().iter_CUs():
                lines = elf.get_dwarf_info().line_program_for_CU(unit)
                self.line_files |= {entry.name for entry in lines.header.file_entry}
                for die in unit.iter_DIEs():
                    name = die.attributes.get("DW_AT_name")
                    is_declared = "DW_AT_declaration" in die.attributes  # and no more
                    if name and die.tag in TYPES and not is_declared:
                        self.types[name.value.decode()] = [
                            (child.attributes["DW_AT_name"].value.decode(), place.value)
                            for child in die.iter_children()
                            if "DW_AT_name" in child.attributes
                            and child.tag in MEMBERS
                            and "DW_AT_external" not in child.attributes  # static
                            and (
                                place := child.attributes.get("DW_AT_data_member_location")
                                or child.attributes.get("DW_AT_const_value")
                            )
                        ]


TYPES = ("DW_TAG_structure_type", "DW_TAG_class_type", "DW_TAG_enumeration_type")
MEMBERS = ("DW_TAG_member", "DW_TAG_enumerator")


@pytest.fixture(scope="module")
def elf() -> Elf:
    return Elf(firmware())


def test_starts_where_the_cpu_does(elf: Elf) -> None:
    assert elf.symbols["_start"] == RAM.start


def test_is_complete_and_in_main_ram(elf: Elf) -> None:
    weak = {"nn_lookup_s8_prepare"}  # no design has it
    assert [name for name in elf.undefined if name and name not in weak] == []
    placed = [s for s in elf.sections.values() if s["sh_flags"] & 2 and s["sh_size"]]  # SHF_ALLOC
    assert all(section["sh_addr"] in RAM for section in placed)
    end = max(section["sh_addr"] + section["sh_size"] for section in placed)
    assert end <= elf.symbols["_end"] < RAM.start + (1 << 20)
    assert elf.symbols["_end"] % 16 == 0


def test_has_a_stack_in_a_fixed_place(elf: Elf) -> None:
    assert elf.symbols["_stack_top"] - elf.symbols["_trap_stack_top"] >= 16 << 10
    assert elf.symbols["_stack_top"] == 0x40005000


def test_functions_start_on_cache_lines(elf: Elf) -> None:
    names = [name for name in elf.symbols if name.startswith("nn_")]
    assert len(names) >= 5
    assert [name for name in names if elf.symbols[name] % 32] == []


def test_has_line_numbers(elf: Elf) -> None:
    assert {b"conv_s8.c", b"main.cc", b"crt0.S"} <= elf.line_files


def test_mailbox_is_initialised(elf: Elf) -> None:
    place = elf.symbols["mailbox"] - elf.sections[".data"]["sh_addr"]
    box = Mailbox.from_buffer_copy(elf.data[place : place + ctypes.sizeof(Mailbox)])
    assert (box.magic, box.version, box.status) == (MAGIC, VERSION, Status.RUNNING)


@pytest.mark.parametrize(
    ("name", "mirror"),
    [
        ("mailbox", Mailbox),
        ("mailbox_layer", Layer),
        ("TfLiteEvalTensor", EvalTensor),
        ("ScratchRequest", ScratchRequest),
        ("KernelMemory", KernelMemory),
        ("ArenaAllocator", ArenaAllocator),
        ("MicroContext", MicroContext),
    ],
)
def test_mailbox_layout_is_that_of_the_host(elf: Elf, name: str, mirror: Any) -> None:
    expected = [(field, getattr(mirror, field).offset) for field, _ in mirror._fields_]
    assert elf.types[name] == expected


def test_mailbox_status_is_that_of_the_host(elf: Elf) -> None:
    statuses = {name: value for name, value in vars(Status).items() if name.isupper()}
    assert elf.types["mailbox_status"] == [(f"MAILBOX_{n}", v) for n, v in statuses.items()]


def test_is_cached_by_content(tmp_path: Path) -> None:
    assert firmware() == firmware()
    assert firmware(header="/* another */") != firmware()
    text = (kernel_sources()[0].path.parent / "softmax_s8.c").read_text()
    (tmp_path / "softmax_s8.c").write_text(text)
    first = firmware(tmp_path)
    assert first != firmware()
    (tmp_path / "softmax_s8.c").write_text(text + "/* changed */\n")
    assert firmware(tmp_path) != first


def test_a_design_replaces_a_kernel_and_keeps_the_plain_one(tmp_path: Path) -> None:
    (tmp_path / "softmax_s8.c").write_text(
        '#include "nn.h"\n'
        "nn_status nn_softmax_s8(nn_context *ctx, const nn_softmax_params *params, int32_t rows,\n"
        "                        int32_t row_size, const int8_t *input, int8_t *output) {\n"
        "  return nn_softmax_s8_reference(ctx, params, rows, row_size, input, output);\n"
        "}\n"
    )
    symbols = Elf(firmware(tmp_path)).symbols
    assert {"nn_softmax_s8", "nn_softmax_s8_reference"} <= set(symbols)
    assert build_host_runtime(KernelSet("mine", tmp_path)).exists()


def test_the_device_firmware_of_one_model_is_half_the_size() -> None:
    model = Model.read(KWS_MODEL)
    sizes = []
    for only in (None, model):
        built = build_device_firmware(SOC, Design.load("none"), only).path
        sections = Elf(built).sections
        sizes.append(sum(sections[name]["sh_size"] for name in (".text", ".rodata")))
    assert sizes[1] < sizes[0] / 2


def test_a_kernel_that_does_not_compile(tmp_path: Path) -> None:
    (tmp_path / "softmax_s8.c").write_text("int f(void) { return gone(); }\n")
    with pytest.raises(InputError, match=r"^softmax_s8\.c does not compile: .*:1:22: error: "):
        firmware(tmp_path)


def test_compiler_is_reported() -> None:
    assert firmware_compiler().startswith("zig ")
    assert " -O3 " in firmware_compiler()


def runtime_and_kernels() -> list[Source]:
    return [*runtime_sources(), *kernel_sources(), *map(Source, sorted(SMALL.glob("*.c")))]


@pytest.mark.more
def test_no_warnings_for_the_soc(tmp_path: Path) -> None:
    generated = {"soc.h": SOC_HEADER, "cfu.h": "", "operators.inc": operators(None)}
    generated["design.h"] = '#define DESIGN_SPEC "none"\n#define FIRMWARE_MODEL ""\n'
    objects.write_files(tmp_path, generated)
    headers = [
        tmp_path,
        objects.FIRMWARE,
        DEVICE,
        *objects.runtime_folders(),
        *kernel_include_dirs(),
    ]
    folders = [objects.FIRMWARE, objects.FIRMWARE / "slim", APPLICATION, DEVICE]
    own = [path for folder in folders for path in sorted(folder.glob("*.c*"))]
    own.remove(APPLICATION / "host.cc")
    for source in [*map(Source, own), *runtime_and_kernels()]:
        strict = Source(source.path, source.defines, ("-Werror", "-Wshadow"))
        rv32_compiler().compile(strict, headers, (), tmp_path / "x.o")


@pytest.mark.more
def test_no_warnings_for_the_host(tmp_path: Path) -> None:
    headers = [*objects.runtime_folders(), *kernel_include_dirs()]
    own = [objects.TFLM / "host_api.cc", APPLICATION / "host.cc"]
    for source in [*map(Source, own), *runtime_and_kernels()]:
        strict = Source(source.path, source.defines, ("-Werror", "-Wshadow"))
        host_compiler().compile(strict, headers, (), tmp_path / "x.o")
