"""Errors that a user can act on; the command line prints them as one line."""

from __future__ import annotations

from cfuforge.base.shown import sentence


class ForgeError(Exception):
    """An error that the message explains in one line, with its remedy.

    Attributes
    ----------
    lines
        Code to copy, printed below the message by the command line; often empty.
    """

    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return sentence(super().__str__())

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows, the same as the command line prints."""
        return [f"error: {self}"]


class InputError(ForgeError):
    """A value, file or class that the user gave cannot be used."""


class EnvironmentLacksError(ForgeError):
    """The machine lacks something; the message ends with the command that installs it."""


class RunError(ForgeError):
    """The simulated program failed: a trap, a CFU that does not respond, too many cycles."""
