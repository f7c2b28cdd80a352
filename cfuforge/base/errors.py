"""The errors that a user can do something about; the command line prints them as one line."""

from __future__ import annotations

from cfuforge.base.shown import sentence


class ForgeError(Exception):
    """A mistake or a lack that the message explains in one line, with its remedy.

    Attributes
    ----------
    lines
        Code to copy, which the command line prints below the message; often none.
    """

    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return sentence(super().__str__())

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows of it: what the command line prints."""
        return [f"error: {self}"]


class InputError(ForgeError):
    """A value, file or class that the user gave cannot be used."""


class EnvironmentLacksError(ForgeError):
    """The machine lacks something; the message ends with the command that installs it."""


class RunError(ForgeError):
    """The simulated program went wrong: a trap, a CFU that does not answer, no end in sight."""
