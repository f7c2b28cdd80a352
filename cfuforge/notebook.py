"""The IPython extension: ``%load_ext cfuforge`` enables C cells, ``%%kernel conv_s8.c``."""

from __future__ import annotations

from typing import Any

from cfuforge.base.errors import InputError
from cfuforge.cfu.design import checked_kernels

__all__ = ["load_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Add the cell magic ``%%kernel`` to an IPython shell.

    Its arguments are a file name, such as ``conv_s8.c``, and optionally the name of a dictionary,
    ``kernels`` by default. The cell's text is stored in that notebook variable under the file name,
    ready for ``Design(MyCfu, kernels=kernels)``. JupyterLab highlights the cell as C if
    ``cfuforge/lab`` is installed; ``make notebooks`` and the wheel do that.
    """

    def kernel(line: str, cell: str) -> None:
        """%%kernel FILE [VARIABLE]: store this C text as FILE in the dictionary ``kernels``."""
        words = line.split()
        if len(words) not in (1, 2):
            raise InputError(
                f"%%kernel needs a file name, and perhaps a variable, such as %%kernel conv_s8.c, "
                f"not {line!r}"
            )
        file, variable = words[0], words[1] if len(words) > 1 else "kernels"
        texts = shell.user_ns.setdefault(variable, {})
        if not isinstance(texts, dict):
            raise InputError(f"%%kernel {line}: {variable} is not a dictionary, but {texts!r}")
        texts |= checked_kernels({file: cell})

    shell.register_magic_function(kernel, "cell", "kernel")
