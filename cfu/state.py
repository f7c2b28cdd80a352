"""The architectural state of a CFU, as the references of its instructions see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from cfuforge.base.errors import InputError
from cfuforge.base.shown import counted
from cfuforge.cfu.port_memory import PortMemory
from cfuforge.cfu.shapes import check_shape, decode, encode

__all__ = ["Declaration", "Memory", "Register", "State"]


@dataclass(frozen=True)
class Register:
    """A register of a CFU's state.

    Parameters
    ----------
    name
        A Python identifier; references write ``state.name = value``.
    shape
        A scalar or `ArrayLayout` of at most 32 bits, such as `s32` or `s8x4`.
    doc
        What it holds, in one line.
    reset
        The value after reset.
    """

    name: str
    shape: Any
    doc: str = ""
    reset: Any = 0

    def __post_init__(self) -> None:
        _check_declaration(self.name, self.shape)


@dataclass(frozen=True)
class Memory:
    """A memory of `depth` words of the same shape; references write ``state.name[i] = value``.

    The other parameters are as in `Register`; every word resets to `reset`.
    """

    name: str
    shape: Any
    depth: int
    doc: str = ""
    reset: Any = 0

    def __post_init__(self) -> None:
        _check_declaration(self.name, self.shape)
        if self.depth < 1:
            raise InputError(f"the depth of state {self.name!r} must be at least 1")


Declaration: TypeAlias = "Register | Memory"


def _check_declaration(name: str, shape: Any) -> None:
    if not name.isidentifier() or name.startswith("_"):
        raise InputError(f"a state name must be an identifier without leading _, not {name!r}")
    if hasattr(State, name):
        raise InputError(f"a state must not be called {name!r}, which is a method of every state")
    check_shape(shape, f"state {name!r}")


class State:
    """The values of declared state; an assignment out of range raises `InputError`.

    A register is an attribute, a memory an attribute that is indexed. Nothing else can be assigned,
    so that a reference cannot keep undeclared state. With a memory port, ``memory`` is what the
    port reaches: ``state.memory.read(address, size)`` and ``state.memory.write(address, data)``.
    """

    def __init__(
        self, declarations: Sequence[Declaration], memory: PortMemory | None = None
    ) -> None:
        object.__setattr__(self, "_declarations", {item.name: item for item in declarations})
        object.__setattr__(self, "_port_memory", memory)
        if memory:
            if "memory" in self._declarations:
                raise InputError(
                    "a state must not be called 'memory', which is what the CFU's memory port "
                    "reaches; call it 'my_memory'"
                )
            object.__setattr__(self, "memory", memory)
        if len(self._declarations) != len(declarations):
            names = [item.name for item in declarations]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"state {twice!r} is declared twice")
        self.reset()

    def reset(self) -> None:
        """Set all state to its reset values."""
        if self._port_memory:
            self._port_memory.reset()
        for item in self._declarations.values():
            reset = decode(item.shape, item.reset) if item.reset == 0 else item.reset
            if isinstance(item, Memory):
                object.__setattr__(self, item.name, _Words(item, [reset] * item.depth))
            else:
                setattr(self, item.name, reset)

    def __getattr__(self, name: str) -> Any:
        known = ", ".join(self._declarations) or "none"
        raise InputError(f"state {name!r} is not declared; declared are: {known}")

    def __setattr__(self, name: str, value: Any) -> None:
        item = self._declarations.get(name)
        if item is None:
            known = ", ".join(self._declarations) or "none"
            raise InputError(f"state {name!r} is not declared; declared are: {known}")
        if isinstance(item, Memory):
            raise InputError(f"state {name!r} is a memory: assign {name}[i], not the whole")
        object.__setattr__(self, name, _checked(item, value, f"state {name!r}"))

    def __repr__(self) -> str:
        return f"State({', '.join(f'{name}={getattr(self, name)}' for name in self._declarations)})"


class _Words(list[Any]):
    """The words of a memory: a list of fixed length that checks what is assigned."""

    def __init__(self, item: Memory, values: Iterable[Any]) -> None:
        self._item = item
        super().__init__(_checked(item, value, f"state {item.name!r}") for value in values)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            positions = range(*index.indices(len(self)))
            values = list(value)
            if len(values) != len(positions):
                raise InputError(
                    f"{counted(len(positions), 'word')} of state {self._item.name!r} cannot hold "
                    f"{counted(len(values), 'value')}"
                )
            for position, one in zip(positions, values, strict=True):
                self[position] = one
        else:
            what = f"state {self._item.name}[{index}]"
            super().__setitem__(index, _checked(self._item, value, what))

    def _fixed(self, *_: Any) -> Any:
        raise InputError(f"state {self._item.name!r} has exactly {self._item.depth} words")

    append = extend = insert = pop = remove = clear = __delitem__ = _fixed


def _checked(item: Declaration, value: Any, what: str) -> Any:
    return decode(item.shape, encode(item.shape, value, what))
