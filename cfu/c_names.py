"""Check that the names of instructions, operands and parameters can be used in ``cfu.h``."""

from __future__ import annotations

import re

from cfuforge.base.errors import InputError

__all__ = ["check_name", "check_parameter_name"]

_C = (
    "alignas alignof asm auto bool break case char const constexpr continue default do double else "
    "enum extern false float for goto if inline int long nullptr register restrict return short "
    "signed sizeof static static_assert struct switch thread_local true typedef typeof "
    "typeof_unqual union unsigned void volatile while"
)
_CXX = (
    "and and_eq bitand bitor catch char8_t char16_t char32_t class co_await co_return co_yield "
    "compl concept consteval constinit const_cast decltype delete dynamic_cast explicit export "
    "friend mutable namespace new noexcept not not_eq operator or or_eq private protected public "
    "reinterpret_cast requires static_cast template this throw try typeid typename using virtual "
    "wchar_t xor xor_eq"
)
# Names that cfu.h, nn.h and <stdint.h> declare or compilers define.
_OURS = re.compile(
    r"(?i:cfu|cfuforge|nn)_\w*|u?int\w*_t|[A-Z]\w*_(MAX|MIN|C|WIDTH)|NULL|linux|unix|i386"
)
_FUNCTIONS = re.compile(r"host_op|\w+_index_is_out_of_range")  # after cfu_
_MACROS = ("name", "inline")  # after CFU_


def check_name(name: str, what: str) -> None:
    """Raise unless `name` can name `what`: ``an instruction``, ``an operand`` or ``an index``.

    Raises
    ------
    InputError
        When it is not a C identifier, is a keyword, or is a name that ``cfu.h`` itself uses.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise InputError(f"the name of {what} must be a C identifier, not {name!r}")
    language = "C" if name in _C.split() else "C++" if name in _CXX.split() else ""
    if what == "an instruction":
        keyword, ours = language == "C", _FUNCTIONS.fullmatch(name)
        shown = f"{name!r}, whose function would be cfu_{name}"
    else:
        keyword, ours = bool(language), _OURS.fullmatch(name)
        shown = f"{name!r}"
    if keyword:
        raise InputError(
            f"the name of {what} must not be {name!r}, a keyword of {language}; call it '{name}_'"
        )
    if ours:
        raise InputError(
            f"the name of {what} must not be {shown}: C code for kernels already uses this name; "
            f"call it 'my_{name}'"
        )


def check_parameter_name(name: str) -> None:
    """Raise when a CFU parameter's macro ``CFU_<NAME>`` is one that ``cfu.h`` itself defines."""
    if name.lower() in _MACROS:
        raise InputError(
            f"the parameter of a CFU must not be called {name!r}: cfu.h has a CFU_{name.upper()} "
            f"already; call it 'my_{name}'"
        )
