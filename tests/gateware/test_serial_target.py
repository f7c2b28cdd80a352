"""A board on a serial port: the simulated one, and the ways in which a port is not one."""

from __future__ import annotations

import contextlib
import errno
import os
import pty
import select
import threading
import time
import tty
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
import serial

from cfuforge.base.errors import EnvironmentLacksError, InputError, RunError
from cfuforge.base.progress import Progress
from cfuforge.cfu.design import Design
from cfuforge.comparisons.verdict import first_difference
from cfuforge.gateware.serial_target import SerialTarget
from cfuforge.gateware.wire import DeviceError, Wire
from cfuforge.sim.pty_board import PtyBoard
from cfuforge.soc.board import board
from cfuforge.sw import models
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.graph import Quantisation
from support.operators import svdf


@contextmanager
def simulated(
    cfu: str = "simd_mac", model: Model | None = None, name: str = "sim"
) -> Iterator[PtyBoard]:
    with PtyBoard(Design.load(cfu), board(name), model) as served:
        yield served


def small_model() -> Model:
    """Return one of 3 kB that keeps a state."""
    generator = np.random.default_rng(1)
    quantisations = [Quantisation((scale,)) for scale in (0.05, 0.02, 0.01, 0.03, 0.1)]
    weights = generator.integers(-127, 128, (8, 16)).astype(np.int8)
    over_time = generator.integers(-127, 128, (8, 4)).astype(np.int16)
    return svdf(1, 2, weights, over_time, np.zeros(4, np.int32), quantisations)


@pytest.mark.more
def test_fomu_has_its_model_from_the_flash() -> None:
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    with (
        simulated(board("fomu").cfu, model, "fomu") as served,
        SerialTarget(served.port, log=lambda _: None) as target,
    ):
        assert target.info().model_bytes == len(model.data)
        run = target.run(model, [array])
    assert run.outputs == tuple(tuple(o.ravel().tolist()) for o in Oracle(model)(array))
    assert run.cycles <= 330_000
    right = Oracle(model, keep_all=True).run_layers(array)
    assert len(run.checks) == 13
    assert first_difference(model, run, right, lambda *_: pytest.fail("a check is wrong")) is None


class Sent(Progress):
    def __init__(self) -> None:
        self.shares: list[float] = []

    def share(self, done: float) -> None:
        self.shares.append(done)


def test_a_model_is_loaded_once_and_outputs_are_the_oracles() -> None:
    model = Model.read(models.KWS_MODEL)
    lines: list[str] = []
    with simulated() as served, SerialTarget(served.port, log=lines.append) as target:
        assert target.design.spec == "simd_mac:rows=4,folded=0"
        assert target.info().model == "none"
        progress = Sent()
        info = target.load(model, progress)
        assert progress.shares == sorted(progress.shares)
        assert progress.shares[-1] == 1
        assert info.model_bytes == len(model.data)
        assert info.model == "kws01"
        for path in models.kws_inputs()[8:10]:
            array = np.load(path)
            run = target.run(model, [array])
            (expected,) = Oracle(model)(array)
            assert run.outputs == (tuple(expected.ravel().tolist()),)
        assert sum("Expecting" in line for line in lines) == 1
    assert len(run.offloaded) == 10
    assert run.soc["name"] == "sim"
    assert run.arena_bytes == info.arena_used
    assert run.cycles is not None
    in_layers = sum(layer.cycles or 0 for layer in run.layers)
    assert in_layers < run.cycles < 1.01 * in_layers


def test_a_model_with_a_state_begins_anew_for_each_run() -> None:
    model = small_model()
    assert model.stateful
    array = np.random.default_rng(2).integers(-128, 128, model.inputs[0].shape).astype(np.int8)
    oracle = Oracle(model, keep_all=True)
    expected = [each.ravel().tolist() for each in oracle(array)]
    oracle.reset()
    right = oracle.run_layers(array)
    with simulated("none") as served, SerialTarget(served.port) as target:
        for _ in range(2):
            run = target.run(model, [array])
            assert [list(output) for output in run.outputs] == expected
            assert first_difference(model, run, right, target.values) is None
            (operator,) = model.operators
            values = target.values(model, operator)
            assert all((values[each] == right[each]).all() for each in values)


def test_what_the_device_refuses_is_said_and_the_next_model_works() -> None:
    model = small_model()
    damaged = bytearray(Path(models.KWS_MODEL).read_bytes())
    damaged[4:8] = b"TFL9"
    with simulated("none") as served, SerialTarget(served.port) as target:
        room = target.info().model_room
        with pytest.raises(DeviceError, match=f"must have 1 to {room} bytes, not {room + 1}$"):
            target.wire.command(f"model {room + 1} 0")
        refused = Model.read(models.KWS_MODEL)
        refused.data = bytes(damaged)
        with pytest.raises(DeviceError, match=f"{served.port}: the device says: .*TFL"):
            target.load(refused)
        assert target.info().model == "none"
        assert target.load(model).model == "other"
        with pytest.raises(InputError, match="must be int8, not float64"):
            target.run(model, [np.zeros(model.inputs[0].shape)])


@pytest.mark.long
@pytest.mark.parametrize("cfu", ["simd_mac", "engine"])
def test_a_board_with_dram_whose_firmware_is_made_for_one_model(cfu: str) -> None:
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    lines: list[str] = []
    with (
        simulated(cfu, model, "arty") as served,
        SerialTarget(served.port, log=lines.append) as target,
    ):
        info = target.info()
        assert info.has(model)
        assert (info.board, info.clock_hz) == ("arty", 75_000_000)
        (room,) = {int(line[13:]) for line in lines if line.startswith("m-arena-room-")}
        assert info.arena_used <= room
        assert (room < 160 << 10) == (cfu == "simd_mac")  # in block RAM; beside engine, in DRAM
        first = target.run(model, [array])
        (expected,) = Oracle(model)(array)
        assert first.outputs == (tuple(expected.ravel().tolist()),)
        assert len(first.offloaded) == (10 if cfu == "simd_mac" else 11)
        refusal = r"SVDF \(operator 0\) is not supported \(the firmware is made for kws\)$"
        with pytest.raises(DeviceError, match=refusal):
            target.load(small_model())
        assert target.info().model == "none"
        again = target.run(model, [array])
        assert again.outputs == first.outputs
        assert again.cycles == pytest.approx(first.cycles, rel=0.01)


def test_a_firmware_that_has_no_room() -> None:
    with pytest.raises(InputError, match="with all operators and CFU none does not fit into"):
        PtyBoard(Design.load("none"), board("arty"))


def test_the_design_must_be_the_expected_one() -> None:
    with (
        simulated("none") as served,
        pytest.raises(InputError, match=r"has CFU none, not simd_mac:rows=4,folded=0$"),
    ):
        SerialTarget(served.port, Design.load("simd_mac"))


def test_a_board_that_is_switched_off_in_the_middle() -> None:
    model = Model.read(models.KWS_MODEL)
    served = PtyBoard(Design.load("none"), board("sim"))
    served.start()

    class Stopping(Progress):
        def share(self, done: float) -> None:
            if done * len(model.data) == 3072:
                served.stop()

    with (
        SerialTarget(served.port) as target,
        pytest.raises(RunError, match=rf"{served.port} has gone away: is the cable"),
    ):
        target.load(model, Stopping())


@contextmanager
def behind_a_port(serve: Callable[[int], None]) -> Iterator[str]:
    """A port behind which `serve` reads and writes a file until the port is closed."""
    master, slave = pty.openpty()
    tty.setraw(slave)

    def until_closed() -> None:
        with contextlib.suppress(OSError):
            serve(master)

    thread = threading.Thread(target=until_closed)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.close(slave)
        thread.join()
        os.close(master)


def send(master: int, data: bytes) -> None:
    """Write all of `data`, or raise OSError when nobody has the port open any more."""
    poll = select.poll()
    poll.register(master, select.POLLOUT)
    while data:
        for _, event in poll.poll():
            if event & select.POLLHUP:
                raise OSError
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(master, data) :]


def pretended(
    answer: bytes, replies: Mapping[bytes, bytes] | None = None
) -> AbstractContextManager[str]:
    """A port whose device answers everything with `answer`, and first with one of `replies`."""

    def serve(master: int) -> None:
        while command := os.read(master, 4096):
            os.set_blocking(master, False)
            send(master, (replies or {}).get(command.split(b"%")[0], b"") + answer)
            os.set_blocking(master, True)

    return behind_a_port(serve)


def babbling(data: bytes, pause: float = 0.0) -> AbstractContextManager[str]:
    """A port whose device sends `data` without an end, once it was asked something."""

    def serve(master: int) -> None:
        os.read(master, 4096)
        os.set_blocking(master, False)
        while True:
            send(master, data)
            time.sleep(pause)

    return behind_a_port(serve)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"", "it sent nothing"),
        (b"login: ", "the last line it sent is 'login: ', not m-ready"),
        (b"$GPGGA,1\r\n", r"the last line it sent is '\$GPGGA,1', not m-ready"),
        (b"\xff\xfe\r\n", r"the last line it sent is '.*xff.*xfe', not m-ready"),
    ],
)
def test_something_else_at_the_port(
    answer: bytes, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfuforge.gateware.wire._SILENCE", 0.5)
    with (
        pretended(answer) as port,
        pytest.raises(RunError, match=f"{port}: no reply to '%' within 0.5 s; {what}: is it the"),
    ):
        Wire(port)


def test_another_version_of_the_firmware() -> None:
    with (
        pretended(b"m-board-[x]\r\nm-ready\r\n") as port,
        pytest.raises(RunError, match="the reply to info lacks 'cfu'"),
    ):
        SerialTarget(port)


INFO = {
    "board": "[sim]",
    "cfu": "[none]",
    "clock-hz": "100000000",
    "block-bytes": "1024",
    "model-room": "1000000",
    "model": "[none]",
}


def info(**said: str) -> bytes:
    """Return a reply to info that says this besides."""
    lines = {**INFO, **{name.replace("_", "-"): value for name, value in said.items()}}
    return b"".join(f"m-{name}-{value}\r\n".encode() for name, value in lines.items()) + READY


READY = b"m-ready\r\n"
MANY = 6000 * "9"


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"clock_hz": "0"}, "says clock-hz '0', which must be 1 to 4294967295"),
        ({"clock_hz": MANY}, r"says clock-hz '9+…9+', which must be 1 to 4294967295"),
        ({"block_bytes": "0"}, "says block-bytes '0', which must be 1 to 65536"),
        ({"block_bytes": "-5"}, "says block-bytes '-5', which must be"),
        ({"block_bytes": MANY}, r"says block-bytes '9+…9+', which must be"),
        ({"model_room": "1" + 20 * "0"}, "says model-room '10+', which must be 0 to 4294967295"),
        ({"model_crc": "xyz"}, "says model-crc 'xyz', which must be"),
        ({"arena_used": "99999999999"}, "says arena-used '99999999999', which must be"),
        ({"board": "[]"}, "says board '', which must be a name of 1 to 250 characters"),
        ({"board": f"[{MANY}]"}, r"says board '9+…9+', which must be a name"),
        ({"board": "[\x1b[31m]"}, r"says board '.x1b.31m', which must be a name"),
        ({"cfu": "[none]\r\nm-cfu-[simd_mac]"}, "says 'cfu' twice"),
        ({"cfu": 15_000 * "-a" + "]]"}, r"says cfu '-a-a-a.*]', which must be a name"),
        ({"cfu": 15_000 * "a-" + "]]"}, r"says cfu 'a-a-a.*]', which must be a name|lacks 'cfu'"),
    ],
)
def test_a_device_that_says_what_cannot_be(said: dict[str, str], what: str) -> None:
    with (
        pretended(info(**said)) as port,
        pytest.raises(RunError, match=rf"^{port}: the reply to info {what}[^\n]*firmware\?$"),
    ):
        SerialTarget(port)


@pytest.mark.parametrize("spec", ["evil", "evil:Cfu", "evil.deep:Cfu:rows=2", "simd_mac.evil", ""])
def test_no_code_runs_because_a_device_names_it(
    spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("evil.py", "simd_mac.py", "none.py"):
        (tmp_path / path).write_text("raise SystemExit('this code must not run')")
    monkeypatch.chdir(tmp_path)
    expected = (
        "which must be a name" if not spec else rf"its CFU is '{spec}' .*name it with design="
    )
    with (
        pretended(info(cfu=f"[{spec}]")) as port,
        pytest.raises((InputError, RunError), match=rf"{port}.*{expected}"),
    ):
        SerialTarget(port)


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ("simd_mac:rows=3", "must be 1, 2 or 4, not 3"),
        (f"simd_mac:rows={200 * '9'}", "must be 1, 2 or 4, not 999"),
        ("simd_mac:evil=1", "has no parameter 'evil'"),
    ],
)
def test_a_design_with_parameters_that_it_does_not_take(spec: str, what: str) -> None:
    with (
        pretended(info(cfu=f"[{spec}]")) as port,
        pytest.raises(InputError, match=f"the board on {port} says that its CFU is .*{what}"),
    ):
        SerialTarget(port)


def test_a_design_with_parameters_that_it_takes() -> None:
    with pretended(info(cfu="[simd_mac:rows=2]")) as port, SerialTarget(port) as target:
        assert target.design.parameters == {"rows": 2, "folded": False}


@pytest.mark.parametrize(
    ("babble", "what"),
    [
        (b"x" * 4000, "has more than"),
        (b"m-busy-[1 cycles]\r\n" * 200, "has more than"),
        (b"\r\n" * 2000, "has more than|within 5 s"),
        (b"m-x\r\n" * 500, "has more than"),
    ],
)
def test_a_device_that_does_not_stop(
    babble: bytes, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfuforge.gateware.wire._LEFT", 200_000)
    began = time.monotonic()
    with (
        babbling(babble) as port,
        pytest.raises(RunError, match=f"^{port}: .*({what}).*does the board run the device"),
    ):
        Wire(port)
    assert time.monotonic() - began < 20


def test_a_device_that_is_ready_and_does_not_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfuforge.gateware.wire._SILENCE", 1.0)
    with (
        babbling(READY) as port,
        pytest.raises(RunError, match=f"^{port}: does not stop sending for 1 s; the last"),
    ):
        Wire(port)


def test_a_reply_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfuforge.gateware.wire._LONGEST", 1.0)
    with (
        babbling(b"m-busy-[1 cycles]\r\n", pause=0.1) as port,
        pytest.raises(RunError, match="the reply to '%' has no end after 1 s"),
    ):
        Wire(port)


KWS_LAYERS = b"".join(
    b"m-layer-[%d,%s,plain,1,0,0]\r\n" % (operator.index, operator.name.encode())
    for operator in Model.read(models.KWS_MODEL).operators
)
ZEROS = b"m-output-0-" + 12 * b"00" + b"\r\n"
KWS = {b"layers": KWS_LAYERS + b"m-cycles-1\r\n", b"outputs": ZEROS}
CHECKS = b"".join(b"m-check-[%d,0,0123abcd]\r\n" % index for index in range(13))


@pytest.mark.parametrize(
    ("replies", "what"),
    [
        ({}, "the reply to layers is not m-cycles-N; the last line is ''"),
        (
            {b"layers": b"m-cycles-1\r\n"},
            "the reply to layers is not m-layer-.* of each of the 13 layers; the last line is 'm-c",
        ),
        (
            {b"layers": KWS_LAYERS + b"m-cycles-" + MANY.encode() + b"\r\n"},
            r"the reply to layers is not m-cycles-N; the last line is 'm-cycles-9+…9+'",
        ),
        (
            {b"layers": KWS_LAYERS.replace(b",1,", b",99999999999,") + b"m-cycles-1\r\n"},
            "the reply to layers is not m-layer-",
        ),
        (
            {b"layers": KWS_LAYERS.replace(b"[3,", b"[99999,") + b"m-cycles-1\r\n"},
            "the reply to layers is not m-layer-",
        ),
        (
            {b"layers": KWS_LAYERS + b"m-cycles-1\r\n", b"outputs": b"m-output-99999-00\r\n"},
            r"the reply to outputs is not m-output-\[0 to 0\]-HEX, with 12 bytes in all; the last "
            "line is 'm-output-99999-00'",
        ),
        (
            {b"layers": KWS_LAYERS + b"m-cycles-1\r\n", b"outputs": ZEROS + ZEROS},
            "the reply to outputs is not .* with 12 bytes in all; the last line is 'm-output-0-",
        ),
        (
            {b"layers": KWS_LAYERS + b"m-cycles-1\r\n", b"outputs": ZEROS * 3000},
            "the reply to 'outputs' has more than",
        ),
        (
            KWS,
            r"the reply to checks is not m-check-\[...\] of each of the 13 outputs; the last ",
        ),
        ({**KWS, b"checks": CHECKS[:-25]}, "the reply to checks is not m-check-"),
        ({**KWS, b"checks": CHECKS + CHECKS}, "the reply to checks is not m-check-"),
        ({**KWS, b"checks": CHECKS.replace(b"[3,0", b"[3,1")}, "the reply to checks is not m-che"),
        ({**KWS, b"checks": CHECKS.replace(b"0123", b"%s")}, "the reply to checks is not m-check-"),
        ({**KWS, b"checks": CHECKS * 3000}, "the reply to 'checks' has more than"),
    ],
)
def test_answers_that_do_not_fit_the_model(replies: dict[bytes, bytes], what: str) -> None:
    model = Model.read(models.KWS_MODEL)
    there = info(
        model_bytes=str(len(model.data)), model_crc=f"{zlib.crc32(model.data):08x}", model="[kws01]"
    )
    with (
        pretended(READY, {b"info": there[: -len(READY)], **replies}) as port,
        SerialTarget(port) as target,
        pytest.raises(RunError, match=f"^{port}: {what}"),
    ):
        target.run(model, [np.load(models.kws_inputs()[9])])


def test_ports_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"^there is no /dev/ttyACM77; name the port"):
        Wire("/dev/ttyACM77")
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match=f"^{file} cannot be opened as a serial port: "):
        Wire(str(file))
    with (
        pretended(b"m-ready\r\n") as port,
        Wire(port),
        pytest.raises(InputError, match=f"^{port} is used by another program; close that one$"),
    ):
        Wire(port)

    def forbidden(*_: object, **__: object) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port")

    monkeypatch.setattr(serial, "Serial", forbidden)
    group = file.group()
    with pytest.raises(
        EnvironmentLacksError, match=rf"members of the group {group}; .*usermod -aG {group} \$USER"
    ):
        Wire(str(file))
