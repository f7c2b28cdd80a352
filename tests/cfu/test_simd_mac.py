"""simd_mac: what its instructions mean, and the timing that its docstring gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfuforge.base.errors import InputError
from cfuforge.cfu import Design
from cfuforge.cfu.arithmetic import requantise
from cfuforge.cfu.designs.simd_mac import SimdMac

Run = Callable[..., tuple[list[int], int]]
IDS = {item.name: item.function_ids for item in SimdMac().instructions}
LATENCY = 46  # cycles that the folded one takes for a row without shifts
INT8 = st.integers(-128, 127)


def word(lanes: Any) -> int:
    return int.from_bytes(np.asarray(lanes, dtype=np.int8).tobytes(), "little")


def command(name: str, index: int = 0, rs1: int = 0, rs2: int = 0) -> tuple[int, int, int]:
    return IDS[name][index], rs1 & 0xFFFF_FFFF, rs2 & 0xFFFF_FFFF


@settings(deadline=None)
@given(st.data())
def test_a_matrix_product_and_its_outputs(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    depth = data.draw(st.integers(1, 6))
    offset, zero = data.draw(st.integers(-127, 128)), data.draw(INT8)
    low, high = sorted([data.draw(INT8), data.draw(INT8)])
    x, w = rng.integers(-128, 128, (4, 4 * depth)), rng.integers(-128, 128, (4, 4 * depth))
    bias = rng.integers(-50000, 50000, 4)
    multiplier, shift = rng.integers(2**30, 2**31, 4), rng.integers(-14, 2, 4)

    reference = SimdMac().reference()
    run = lambda *what: reference.execute(*command(*what))  # noqa: E731
    run("set_offsets", 0, offset, zero)
    run("set_activation", 0, low, high)
    for k in range(4):
        run("set_quant", k, int(multiplier[k]), int(shift[k]))
        run("set_bias", k, int(bias[k]))
    for step in range(depth):
        part = slice(4 * step, 4 * step + 4)
        for r in range(4):
            for k in range(4):
                run("dot", 4 * r + k, word(x[r, part]), word(w[k, part]))
    sums = (x + offset) @ w.T + bias
    accumulators = [run("read_acc", i) for i in range(16)]
    assert accumulators == [int(value) & 0xFFFF_FFFF for value in sums.flatten()]
    outputs = requantise(sums, multiplier, shift, zero, low, high)
    for r in range(4):
        run("requantise", r)
        assert run("read", r) == word(outputs[r])
    assert reference.state.acc == [int(bias[i % 4]) for i in range(16)]


@given(st.lists(INT8, min_size=4, max_size=4), st.lists(INT8, min_size=4, max_size=4))
def test_mul_is_lane_by_lane(x: list[int], w: list[int]) -> None:
    reference = SimdMac(1).reference()
    reference.execute(*command("set_offsets", 0, -3))
    for _ in range(3):
        reference.execute(*command("mul", 0, word(x), word(w)))
    assert reference.state.acc == [3 * (a - 3) * b for a, b in zip(x, w, strict=True)]


def cycles_of(run_program: Run, *commands: tuple[int, int, int], folded: bool = False) -> int:
    """Return the cycles beyond one a command, up to the last answer."""
    return run_program(SimdMac(4, folded), list(commands))[1] - len(commands) - (not folded)


def test_timing(run_program: Run) -> None:
    dots = [command("dot", 5, 0x01020304, 0x05060708)] * 20
    assert cycles_of(run_program, *dots) == 0
    assert cycles_of(run_program, *[command("mul", 2, 1, 2)] * 20) == 0
    # requantise: one in four cycles; dot and mul go on at once, also on the row just taken
    assert cycles_of(run_program, command("requantise", 0), command("requantise", 1)) == 3
    rows = [command("requantise", r) for r in range(4)]
    assert cycles_of(run_program, *rows) == 9
    assert cycles_of(run_program, command("requantise", 0), command("dot", 1)) == 0
    assert cycles_of(run_program, command("requantise", 0), *dots, command("mul", 0)) == 0
    # read, and a second requantise of the same row, wait until the outputs are complete
    latency = 18
    assert cycles_of(run_program, command("requantise", 0), command("read", 0)) == latency - 1
    again = [command("requantise", 0)] * 2
    assert cycles_of(run_program, *again) == latency - 1
    assert cycles_of(run_program, command("requantise", 0), command("read", 1)) == 0
    for setter in ("set_offsets", "set_activation", "set_quant", "set_bias"):
        waits = cycles_of(run_program, command("requantise", 0), command(setter))
        assert waits == latency - 1
        assert cycles_of(run_program, command("dot"), command(setter)) == 4
    assert cycles_of(run_program, command("dot"), command("read_acc")) == 4


def test_folded_timing(run_program: Run) -> None:
    cycles = lambda *commands: cycles_of(run_program, *commands, folded=True)  # noqa: E731
    dot, mul = command("dot", 5, 0x01020304, 0x05060708), command("mul", 2, 1, 2)
    assert cycles(*[dot] * 20) == 19  # every other cycle
    assert cycles(*[dot, mul] * 10) == 19
    # requantise is taken at once; dot and mul go on, also on the row just taken
    assert cycles(*[command("requantise", r) for r in range(4)]) == 0
    assert cycles(command("requantise", 0), dot, command("mul", 0), dot) == 2
    assert cycles(command("read", 0)) == 1
    assert cycles(command("requantise", 0), command("read", 1)) == 1
    # read, and a second requantise of the same row, wait until the outputs are complete
    one = cycles(command("requantise", 0), command("read", 0))
    assert one <= LATENCY + 3  # when the row is looked for last
    assert cycles(*[command("requantise", 0)] * 2) in range(LATENCY - 4, LATENCY + 4)
    rows = [command("requantise", r) for r in range(4)]
    assert cycles(*rows, *[command("read", r) for r in range(4)]) <= 4 * LATENCY + 4
    assert cycles(dot, command("set_bias")) <= 2 + 4 * 4 + 6
    assert cycles(dot, command("read_acc")) <= 2 + 8
    for setter in ("set_offsets", "set_activation", "set_quant"):
        assert cycles(dot, command(setter)) == 2


def test_rows() -> None:
    assert {len(SimdMac(rows).instructions[4].function_ids) for rows in (1, 2, 4)} == {4, 8, 16}
    with pytest.raises(InputError, match=r"rows of simd_mac must be 1, 2 or 4, not 3"):
        Design.load("simd_mac:rows=3")
