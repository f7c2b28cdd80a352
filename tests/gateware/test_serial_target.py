"""A board on a serial port: the simulated one, and the ways in which a port is not one."""

from __future__ import annotations

import errno
import os
import pty
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import serial

from cfuforge.cfu.design import Design
from cfuforge.cfu.errors import EnvironmentLacksError, InputError, RunError
from cfuforge.gateware.serial_target import SerialTarget
from cfuforge.gateware.wire import DeviceError, Wire
from cfuforge.sim.pty_board import PtyBoard
from cfuforge.soc.board import board
from cfuforge.sw import models
from cfuforge.sw.graph import Quantisation
from cfuforge.sw.one_operator_svdf import svdf
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model


@contextmanager
def simulated(
    cfu: str = "simd_mac", model: Model | None = None, name: str = "sim"
) -> Iterator[PtyBoard]:
    with PtyBoard(Design.load(cfu), board(name), model, say=lambda _: None) as served:
        yield served


def small_model() -> Model:
    """Return one of 3 kB that keeps a state."""
    generator = np.random.default_rng(1)
    quantisations = [Quantisation((scale,)) for scale in (0.05, 0.02, 0.01, 0.03, 0.1)]
    weights = generator.integers(-127, 128, (8, 16)).astype(np.int8)
    over_time = generator.integers(-127, 128, (8, 4)).astype(np.int16)
    return svdf(1, 2, weights, over_time, np.zeros(4, np.int32), quantisations)


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
    assert run.cycles <= 5_000_000


def test_a_model_is_loaded_once_and_outputs_are_the_oracles() -> None:
    model = Model.read(models.KWS_MODEL)
    lines: list[str] = []
    with simulated() as served, SerialTarget(served.port, log=lines.append) as target:
        assert target.design.spec == "simd_mac:rows=4,folded=0"
        assert target.info().model == "none"
        sent: list[int] = []
        info = target.load(model, sent.append)
        assert sent[-1] == len(model.data) == info.model_bytes
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
    oracle = Oracle(model)
    expected = [each.ravel().tolist() for each in oracle(array)]
    with simulated("none") as served, SerialTarget(served.port) as target:
        for _ in range(2):
            run = target.run(model, [array])
            assert [list(output) for output in run.outputs] == expected


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


def test_a_board_with_dram_whose_firmware_is_made_for_one_model() -> None:
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    lines: list[str] = []
    with (
        simulated(model=model, name="arty") as served,
        SerialTarget(served.port, log=lines.append) as target,
    ):
        info = target.info()
        assert info.has(model)
        assert (info.board, info.clock_hz) == ("arty", 75_000_000)
        (room,) = {int(line[13:]) for line in lines if line.startswith("m-arena-room-")}
        assert info.arena_used <= room < 160 << 10  # in block RAM
        first = target.run(model, [array])
        (expected,) = Oracle(model)(array)
        assert first.outputs == (tuple(expected.ravel().tolist()),)
        assert len(first.offloaded) == 10
        refusal = r"SVDF \(operator 0\) is not supported \(the firmware is made for kws\)$"
        with pytest.raises(DeviceError, match=refusal):
            target.load(small_model())
        assert target.info().model == "none"
        again = target.run(model, [array])
        assert again.outputs == first.outputs
        assert again.cycles == pytest.approx(first.cycles, rel=0.01)


def test_a_firmware_that_has_no_room() -> None:
    with pytest.raises(InputError, match="with all operators and CFU none does not fit into"):
        PtyBoard(Design.load("none"), board("arty"), say=lambda _: None)


def test_the_design_must_be_the_expected_one() -> None:
    with (
        simulated("none") as served,
        pytest.raises(InputError, match=r"has CFU none, not simd_mac:rows=4,folded=0$"),
    ):
        SerialTarget(served.port, Design.load("simd_mac"))


def test_a_board_that_is_switched_off_in_the_middle() -> None:
    model = Model.read(models.KWS_MODEL)
    served = PtyBoard(Design.load("none"), board("sim"), say=lambda _: None)
    served.start()
    with (
        SerialTarget(served.port) as target,
        pytest.raises(RunError, match=rf"{served.port} has gone away: is the cable"),
    ):
        target.load(model, lambda sent: served.stop() if sent == 3072 else None)


@contextmanager
def pretended(answer: bytes) -> Iterator[str]:
    """A port whose device answers everything with `answer`."""
    master, slave = pty.openpty()
    tty.setraw(slave)

    def serve() -> None:
        try:
            while os.read(master, 4096):
                os.write(master, answer)
        except OSError:
            return

    thread = threading.Thread(target=serve)
    thread.start()
    yield os.ttyname(slave)
    os.close(slave)
    thread.join()
    os.close(master)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"", "it says nothing"),
        (b"login: ", "the last it said is 'login: ', not m-ready"),
        (b"$GPGGA,1\r\n", r"the last it said is '\$GPGGA,1', not m-ready"),
        (b"\xff\xfe\r\n", r"the last it said is '.*xff.*xfe', not m-ready"),
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
        EnvironmentLacksError, match=rf"by the group {group}; .*usermod -aG {group} \$USER"
    ):
        Wire(str(file))
