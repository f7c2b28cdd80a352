from __future__ import annotations

import pytest

from cfuforge.base.errors import InputError
from cfuforge.cfu import Memory, Register, State, s8, s8x4, u32


def make() -> State:
    lanes = Register("lanes", s8x4, reset=(1, -1, 0, 5))
    return State([Register("count", u32, reset=7), lanes, Memory("words", s8, 3)])


def test_assignments_last_until_reset() -> None:
    state = make()
    assert (state.count, state.lanes, list(state.words)) == (7, (1, -1, 0, 5), [0, 0, 0])
    state.count = 9
    state.words[1] = -128
    state.words[::2] = [1, 2]
    assert (state.count, list(state.words)) == (9, [1, -128, 2])
    state.reset()
    assert (state.count, list(state.words)) == (7, [0, 0, 0])


def test_mistakes_are_named() -> None:
    state = make()
    with pytest.raises(InputError, match=r"state 'count' must be 0\.\.4294967295 \(u32\), not -1"):
        state.count = -1
    with pytest.raises(InputError, match=r"state words\[2\] must be -128\.\.127"):
        state.words[2] = 128
    with pytest.raises(InputError, match=r"'other' is not declared; declared are: count, lanes"):
        state.other = 1
    with pytest.raises(InputError, match=r"'other' is not declared"):
        _ = state.other
    with pytest.raises(InputError, match=r"'words' is a memory"):
        state.words = [1, 2, 3]
    with pytest.raises(InputError, match=r"'words' has exactly 3 words"):
        state.words.append(1)
    with pytest.raises(InputError, match=r"2 words of state 'words' cannot hold 1 value"):
        state.words[0:2] = [1]


def test_declarations_are_checked() -> None:
    with pytest.raises(InputError, match=r"state 'a' is declared twice"):
        State([Register("a", u32), Register("a", u32)])
    with pytest.raises(InputError, match=r"identifier without leading _, not '_a'"):
        Register("_a", u32)
    with pytest.raises(InputError, match=r"must not be called 'reset', which is a method of"):
        Register("reset", u32)
    with pytest.raises(InputError, match=r"depth of state 'm' must be at least 1"):
        Memory("m", u32, 0)
    with pytest.raises(InputError, match=r"state 'r' must be 0\.\.4294967295 \(u32\), not -1"):
        State([Register("r", u32, reset=-1)])
