"""The consoles of the command line: others' text is text there, and cannot be more."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from cfuforge.base.errors import ForgeError, InputError
from cfuforge.base.shown import sentence, visible

__all__ = ["Commands", "PlainConsole", "err", "out", "print_error", "restore", "with_options"]

OPTIONS = {  # by the parameters that messages of the library name, such as ``dtype=``
    "data": "--data",
    "design": "--cfu",
    "dtype": "--dtype",
    "folder": "--build-dir",
    "max_cycles": "--max-cycles",
    "model": "--model",
    "resize": "--resize",
    "scale_to": "--scale-to",
    "timeout": "--timeout",
    "truth": "--truth",
}
_PARAMETER = re.compile(rf"(?<![^\s(])({'|'.join(OPTIONS)})=(?:True)?(?![^\s,;.:)])")


def with_options(message: str) -> str:
    """Return a message of the library with the options to type where it names its parameters."""
    return _PARAMETER.sub(lambda found: OPTIONS[found[1]], message)


class PlainConsole(Console):
    """A console to which a string, also in a table, is a sentence: no markup in it, on one line.

    `cfuforge.base.shown` says what becomes of it. A `Text` can have styles and several lines, but
    nothing that is not printable either.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return `text` as it is shown."""
        return super().render_str(sentence(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Return the segments of `renderable`, with escapes for what is not printable."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(self._seen(segment.text), segment.style)

    def _seen(self, text: str) -> str:
        text = visible(text)
        if text.isascii():
            return text
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)


class Commands(TyperGroup):
    """Commands whose usage errors may name what others have named, such as a file.

    An option that takes one value is an error when it is given twice, and not its last value.
    """

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Return what the arguments say."""
        try:
            return super().make_context(*arguments, **options)
        except TyperException as error:
            error.message = visible(error.message)
            raise

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the arguments begin with, and the rest of them."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, TyperCommand) and not ctx.resilient_parsing:
            with suppress(TyperException):  # which the command raises itself
                _, _, given = command.make_parser(ctx).parse_args(args=list(rest))
                for option in given:
                    if option.param_type_name == "option" and not option.multiple:
                        self._require_once(option, given.count(option))
        return name, command, rest

    @staticmethod
    def _require_once(option: Any, count: int) -> None:
        if count > 1 and not option.is_flag:
            raise InputError(f"{max(option.opts, key=len)} takes one value, not {count}")

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TyperException as error:
            error.message = visible(error.message)
            raise


def print_error(error: ForgeError, with_traceback: bool = False) -> None:
    """Print an error: one line and what code is to follow, or all of how it came about."""
    if with_traceback:
        err.print(Text("".join(traceback.format_exception(error))), soft_wrap=True)
    else:
        message = Text.assemble(("error: ", "bold red"), with_options(str(error)))
        err.print(message, soft_wrap=True)
        for line in error.lines:
            err.print(f"    {line}", soft_wrap=True)


out = PlainConsole(width=None if sys.stdout.isatty() else 200)
err = PlainConsole(stderr=True)


def restore() -> None:
    """Show the cursor again, which a progress bar hides."""
    if err.is_terminal:
        err.show_cursor(True)
