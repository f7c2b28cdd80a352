"""No accelerator: the baseline for every other design."""

from cfuforge.cfu.component import Cfu

__all__ = ["NoCfu"]


class NoCfu(Cfu):
    """A CFU without instructions: it answers every function id with 0."""

    name = "none"
