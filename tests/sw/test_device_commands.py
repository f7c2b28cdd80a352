"""The device's commands on the host, under AddressSanitizer: the C++ that the firmware has."""

from __future__ import annotations

import random
import re
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from cfuforge.base.cache import build_once
from cfuforge.sw import models
from cfuforge.sw.device_firmware import DEVICE, device_sources
from cfuforge.sw.kernels import kernel_include_dirs, kernel_sources
from cfuforge.sw.model_firmware import operators
from cfuforge.sw.objects import headers, runtime_folders, write_files
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.program import runtime_sources, source_key
from cfuforge.sw.tflite_model import Model
from cfuforge.sw.toolchain import Compiler, Source

HOST = Path(__file__).parent / "device" / "host.cc"
CHECKED = ("-O1", "-g", "-Wall", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
READY = "m-ready\r\n"
BOOT = f"m-timestamp-mode-performance\r\nm-lap-us-10\r\nm-init-done\r\n{READY}"
WORDS = [
    *("name", "profile", "timestamp", "help", "db", "load", "print", "infer", "results", "model"),
    *(
        "block",
        "input",
        "outputs",
        "layers",
        "checks",
        "values",
        "info",
        "reset",
        "program",
        "start",
    ),
    *("0", "1", "31", "640", "27648"),
    *("27649", "999999999", "4294967296", "-1", "00", "ff", "abc", "zz", "1024", "1a2b3c4d"),
]


@pytest.fixture(scope="session")
def device() -> Path:
    """Build the program with the host's own compiler, whose sanitizers need no package."""
    version = subprocess.run(["g++", "--version"], capture_output=True, text=True, check=True)
    compiler = Compiler(("gcc",), ("g++",), version.stdout, CHECKED, CHECKED)
    sources = [*device_sources(), *runtime_sources(), *kernel_sources(), Source(HOST)]
    folders = [DEVICE, *runtime_folders(), *kernel_include_dirs()]
    generated = {"operators.inc": operators(None)}
    key = source_key(compiler, sources, headers(folders), generated)

    def build(work: Path) -> None:
        write_files(work, generated)
        compiler.build(sources, [work, *folders], (), ("-lstdc++",), work / "device")

    return build_once("device-host", key, build) / "device"


def replies(device: Path, said: bytes) -> str:
    """Return what the device says after its boot lines."""
    done = subprocess.run([device], input=said, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    text = done.stdout.decode("ascii")
    assert text.startswith(BOOT)
    return text.removeprefix(BOOT)


def block(name: str, offset: int, data: bytes) -> bytes:
    escaped = data.replace(b"\x1b", b"\x1b\x3b").replace(b"%", b"\x1b\x05")
    return f"{name} {offset} {zlib.crc32(data):08x} ".encode() + escaped + b"%"


def loaded(data: bytes, crc: int | None = None, size: int = 1024) -> bytes:
    crc = zlib.crc32(data) if crc is None else crc
    blocks = [block("block", at, data[at : at + size]) for at in range(0, len(data), size)]
    return f"model {len(data)} {crc:08x}%".encode() + b"".join(blocks)


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("", ""),
        ("%", ""),
        (" \r\n%", ""),
        ("name", None),
        ("name%", "m-name-dut-[cfuforge]\r\n"),
        ("\r\n  name \t%", "m-name-dut-[cfuforge]\r\n"),
        ("names%", "e-[unknown command names: try help]\r\n"),
        ("n\x01me%", "e-[unknown command n.me: try help]\r\n"),
        ("\0name%", "e-[unknown command (a zero byte): try help]\r\n"),
        ("profile%", "m-profile-[CFU Forge, MLPerf Tiny device API]\r\nm-model-[none]\r\n"),
        ("db%", "e-[db needs two hex digits a byte, not 0 digits]\r\n"),
        ("db 123%", "e-[db needs two hex digits a byte, not 3 digits]\r\n"),
        ("db 1g%", "e-[db must be followed by load, print or hex digits, not 1g]\r\n"),
        ("db 00%", "e-[db has all of its 0 bytes: db load N begins again]\r\n"),
        ("db print%", ""),
        ("db load%", "e-[db load must be followed by 1 to 27648]\r\n"),
        ("db load 0%", "e-[db load must be followed by 1 to 27648]\r\n"),
        ("db load 27649%", "e-[db load must be followed by 1 to 27648]\r\n"),
        ("db load -1%", "e-[db load must be followed by 1 to 27648]\r\n"),
        ("db load 4294967297%", "e-[db load must be followed by 1 to 27648]\r\n"),
        ("db load 27648%", "m-[Expecting 27648 bytes]\r\n"),
        ("infer%", "e-[there is no model: load one]\r\n"),
        ("infer 0%", "e-[the number of inferences must be 1 to 100000, not 0]\r\n"),
        ("infer x%", "e-[the number of inferences must be 1 to 100000, not x]\r\n"),
        ("infer 1 x%", "e-[the number of warm-ups must be 0 to 100000, not x]\r\n"),
        ("infer 100001%", "e-[the number of inferences must be 1 to 100000, not 100001]\r\n"),
        ("results%", "e-[there are no results: infer first]\r\n"),
        ("checks%", "e-[there is no model: load one]\r\n"),
        ("values 0%", "e-[there is no model: load one]\r\n"),
        ("outputs%", "e-[there are no outputs: infer first]\r\n"),
        ("layers%", "e-[there is no profile: infer first]\r\n"),
        ("model%", "e-[model must be followed by its size and its CRC]\r\n"),
        ("model 1 xyz%", "e-[model must be followed by its size and its CRC]\r\n"),
        ("model 0 0%", "e-[a model must have 1 to 262112 bytes, not 0]\r\n"),
        ("model 262113 0%", "e-[a model must have 1 to 262112 bytes, not 262113]\r\n"),
        ("model 262112 0%", "m-[Expecting 262112 bytes]\r\n"),
        ("block%", "e-[a block must be OFFSET CRC BYTES]\r\n"),
        ("block 0 0%", "e-[a block must have 1 to 1024 bytes]\r\n"),
        ("block 0 0 a%", "e-[the block's CRC is not 00000000]\r\n"),
        ("block 0 e8b7be43 a%", "e-[no model is being loaded]\r\n"),
        ("input 0 e8b7be43 a%", "e-[there is no model: load one]\r\n"),
        ("reset%", "e-[there is no model: load one]\r\n"),
        ("x" * 80 + "%", "e-[unknown command xxxxxxxxxxxxxxxxxxxx: try help]\r\n"),
        ("x" * 81 + "%", "e-[a command must have at most 80 characters]\r\n"),
        ("name " + "x" * 80 + "%", "e-[a command must have at most 80 characters]\r\n"),
        ("x" * 99999 + "%", "e-[a command must have at most 80 characters]\r\n"),
        ("block 0 0 " + "x" * 1025 + "%", "e-[a block must have 1 to 1024 bytes]\r\n"),
        ("block 0 0 " + "x" * 9999 + "%", "e-[a block must have 1 to 1024 bytes]\r\n"),
    ],
)
def test_reply(device: Path, said: str, reply: str | None) -> None:
    got = replies(device, said.encode("latin-1"))
    assert got == ("" if reply is None or not said else reply + READY)


def test_help_names_every_command(device: Path) -> None:
    lines = replies(device, b"help%").splitlines()
    commands = re.findall(r'^    {"(\w+)", ', (DEVICE / "commands.cc").read_text(), re.MULTILINE)
    assert [line.split()[0] for line in lines[1:-1]] == commands
    assert len(commands) == 18


def test_db_is_filled_and_printed(device: Path) -> None:
    said = b"db load 10%db 0001%db 02030405060708ff99%db print%db 00%"
    assert replies(device, said) == (
        f"m-[Expecting 10 bytes]\r\n{READY}{READY}m-load-done\r\n{READY}"
        f"m-buffer-00-01-02-03-04-05-06-07\r\nm-buffer-08-ff\r\n{READY}"
        f"e-[db has all of its 10 bytes: db load N begins again]\r\n{READY}"
    )


def test_an_inference(device: Path) -> None:
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    data = array.tobytes()
    said = loaded(model.data) + f"db load {len(data)}%".encode()
    said += b"".join(b"db " + data[at : at + 31].hex().encode() + b"%" for at in range(0, 490, 31))
    reply = replies(device, said + b"infer 2 1%results%outputs%")
    assert f"m-model-[kws01]\r\n{READY}" in reply
    (scores,) = Oracle(model)(array)
    values = (scores.ravel() + np.float32(128)) / np.float32(256)
    results = f"m-results-[{','.join(f'{value:.3f}' for value in values)}]\r\n"
    tail = reply.partition("m-load-done\r\n" + READY)[2]
    shown = re.sub(r"m-lap-us-\d+", "m-lap-us-T", tail)
    assert shown == (
        "m-warmup-start-1\r\nm-warmup-done\r\nm-infer-start-2\r\nm-lap-us-T\r\nm-lap-us-T\r\n"
        f"m-infer-done\r\n{results}{READY}{results}{READY}"
        f"m-output-0-{scores.tobytes().hex()}\r\n{READY}"
    )


def test_every_operators_outputs(device: Path) -> None:
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.KWS_SAMPLE)
    right = Oracle(model, keep_all=True).run_layers(array)
    said = loaded(model.data) + block("input", 0, array.tobytes()) + b"infer 1 0%layers%"
    reply = replies(device, said + b"checks%values 2%layers%outputs%values 13%")
    before = reply.partition("m-infer-done\r\n")[2].split(READY)
    _, layers, checks, values, later, outputs, refused, _ = before
    outputs_of = [each.outputs[0] for each in model.operators]
    assert checks.splitlines() == [
        f"m-check-[{index},0,{zlib.crc32(right[tensor.index].tobytes()):08x}]"
        for index, tensor in enumerate(outputs_of)
    ]
    digits = "".join(line.removeprefix("m-value-0-") for line in values.splitlines())
    assert bytes.fromhex(digits) == right[outputs_of[2].index].tobytes()
    assert later == layers  # the cycles are those of before
    assert outputs == f"m-output-0-{right[model.outputs[0].index].tobytes().hex()}\r\n"
    assert refused == "e-[values must be followed by an operator, 0 to 12]\r\n"


def test_a_block_that_is_damaged_is_refused_and_can_be_sent_again(device: Path) -> None:
    data = bytes(range(256)) * 8
    first, second = data[:1024], data[1024:]
    said = f"model 2048 {zlib.crc32(data):08x}%".encode()
    damaged = block("block", 0, first).replace(b"\x07", b"\x06")
    gap = block("block", 1025, second[1:])
    said += damaged + gap + block("block", 0, first) + block("block", 0, first)
    lines = replies(device, said + block("block", 1024, second)).splitlines()
    assert lines[2] == f"e-[the block's CRC is not {zlib.crc32(first):08x}]"
    assert (
        lines[4]
        == "e-[a block of 1023 bytes at 1025 does not follow the 0 of 2048 bytes that are there]"
    )
    assert lines[6:8] == ["m-ready", "m-ready"]
    assert lines[8].startswith("e-[")  # these bytes are no model
    assert "TFL3" in lines[8]


def test_a_model_that_is_damaged_is_refused(device: Path) -> None:
    data = Path(models.KWS_MODEL).read_bytes()
    said = loaded(data, crc=1)
    assert f"e-[the model's CRC is not 00000001]\r\n{READY}" in replies(device, said + b"name%")
    generator = random.Random(7)
    for _ in range(5):
        damaged = bytearray(data)
        for _ in range(100):
            damaged[generator.randrange(len(data))] = generator.randrange(256)
        damaged[20:24] = b"\xff\xff\xff\xff"
        reply = replies(device, loaded(bytes(damaged)) + loaded(data) + b"infer%")
        assert "e-[" in reply
        assert f"m-model-[kws01]\r\n{READY}e-[the buffer has 0 of 0 bytes" in reply


def test_a_load_that_ends_in_the_middle(device: Path) -> None:
    data = Path(models.KWS_MODEL).read_bytes()
    whole = loaded(data)
    for cut in (20, 300, 1500, len(whole) - 1):
        reply = replies(device, whole[:cut] + b"%" + b"name%" + whole)
        assert f"m-name-dut-[cfuforge]\r\n{READY}" in reply
        assert reply.endswith(f"m-model-[kws01]\r\n{READY}")


def garbage(generator: random.Random, valid: bytes) -> bytes:
    """Return a line of random bytes, of random words, overlong, or a part of a good command."""
    kind = generator.randrange(5)
    if kind == 0:
        return generator.randbytes(generator.randrange(40)) + b"%"
    if kind == 1:
        return generator.randbytes(generator.randrange(3000)) + b"%"
    if kind == 2:
        words = generator.choices(WORDS, k=generator.randrange(5))
        return " ".join(words).encode() + b"%"
    if kind == 3:
        cut = sorted(generator.randrange(len(valid)) for _ in range(2))
        return valid[cut[0] : min(cut[1], cut[0] + 2000)] + b"%"
    return block(generator.choice(["block", "input"]), generator.choice([0, 1, 490]), b"%\x1b" * 99)


@pytest.mark.parametrize("seed", range(4))
def test_garbage_does_no_harm(device: Path, seed: int) -> None:
    generator = random.Random(seed)
    data = Path(models.KWS_MODEL).read_bytes()
    valid = loaded(data)
    said = b"".join(garbage(generator, valid) for _ in range(3000))
    # what the garbage may have begun ends with %
    reply = replies(device, said + b"%" + valid + b"name%")
    assert reply.endswith(f"m-model-[kws01]\r\n{READY}m-name-dut-[cfuforge]\r\n{READY}")
    assert reply.count(READY) == (said + valid).count(b"%") + 2


def test_a_program_is_checked_and_started_once(device: Path) -> None:
    program = bytes([7]) + bytes(2000)
    crc = zlib.crc32(program)
    blocks = [block("block", at, program[at : at + 1024]) for at in (0, 1024)]
    damaged = blocks[1].replace(b"\0\0", b"\0\1", 1)
    said = [b"start 1%", b"program 2001 %08x%%" % crc, blocks[0], damaged, blocks[1]]
    said += [b"start 12345678%", b"start 1%", b"program 2001 1%", *blocks, b"start 1%"]
    none = "e-[there is no program: load one]"
    assert [
        line for line in replies(device, b"".join(said)).split("\r\n") if line != "m-ready"
    ] == [
        *(
            none,
            "m-[Expecting 2001 bytes]",
            f"e-[the block's CRC is not {zlib.crc32(program[1024:]):08x}]",
        ),
        *("m-program-loaded", "m-program-12345678-started", "m-program-12345678-returned 7", none),
        *("m-[Expecting 2001 bytes]", "e-[the program's CRC is wrong: load it again]", none, ""),
    ]
    assert "e-[a program must have 1 to 262144 bytes, not 262145]" in replies(
        device, b"program 262145 0%"
    )
