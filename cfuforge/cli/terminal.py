"""The consoles of the command line, which never interpret outside text as markup."""

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

OPTIONS = {  # options, by the parameters that library messages name, such as ``dtype=``
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
    """Return a library message with command-line options in place of parameter names."""
    return _PARAMETER.sub(lambda found: OPTIONS[found[1]], message)


class PlainConsole(Console):
    """A console that prints a string, also in a table, on one line and without markup.

    `cfuforge.base.shown` defines how. A `Text` can have styles and several lines, but unprintable
    characters are escaped too.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return `text` as shown."""
        return super().render_str(sentence(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Return the segments of `renderable`, with unprintable characters escaped."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(self._seen(segment.text), segment.style)

    def _seen(self, text: str) -> str:
        text = visible(text)
        if text.isascii():
            return text
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)


class Commands(TyperGroup):
    """Commands whose usage errors may contain outside text, such as a file name.

    Giving a single-valued option twice is an error; the last value does not win.
    """

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Parse the arguments."""
        try:
            return super().make_context(*arguments, **options)
        except TyperException as error:
            error.message = visible(error.message)
            raise

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the arguments begin with, and the other arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, TyperCommand) and not ctx.resilient_parsing:
            with suppress(TyperException):  # raised by the command itself
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
    """Print an error: one line and code to copy, or the whole traceback."""
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
    """Show the cursor again, which progress bars hide."""
    if err.is_terminal:
        err.show_cursor(True)
