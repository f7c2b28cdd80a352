"""Designs whose kernels keep what depends on the model alone."""

from __future__ import annotations

import re
from pathlib import Path

from cfuforge.cfu import Cfu
from cfuforge.cfu.design import Design
from cfuforge.sw.kernels import NN, KernelSet

__all__ = ["PREPARED", "folding", "keeping_kernel"]

_CONV = Path(__file__).parents[1] / "sw" / "keeping" / "conv_s8.c"
_DECLARED = re.findall(r"^nn_status (nn_\w+)\((.*?)\);", (NN / "nn.h").read_text(), re.M | re.S)
PREPARED = [name for name, _ in _DECLARED if name.endswith("_prepare")]
"""The prepare functions that a design may define."""

_KEEPING = """
#include "nn.h"
static const char kept[20] = "what {name} keeps";
nn_status {name}_prepare({prepare}) {{
  static const char zeros[20];
  if (!ctx->persistent) {{
    ctx->persistent_size = 20;
    return NN_OK;
  }}
  if ((uintptr_t)ctx->persistent % 16 || ctx->persistent_size != 20) return NN_UNSUPPORTED;
  if (__builtin_memcmp(ctx->persistent, zeros, 20)) return NN_UNSUPPORTED;
  __builtin_memcpy(ctx->persistent, kept, 20);
  return NN_OK;
}}
nn_status {name}({kernel}) {{
  const nn_context given = *ctx;
  const nn_status status = {name}_reference({arguments});
  if (!given.persistent) return given.persistent_size ? NN_UNSUPPORTED : status;
  if (given.persistent_size != 20) return NN_UNSUPPORTED;
  if (__builtin_memcmp(given.persistent, kept, 20)) return NN_UNSUPPORTED;
  NN_RAN(ctx, "kept");
  return status;
}}
"""


class Folding(Cfu):
    """A CFU without instructions."""


def folding(fault: int = 0) -> Design:
    """Return a design whose CONV_2D keeps ``bias - zero point * sum`` of each filter.

    Parameters
    ----------
    fault
        1: its prepare function fails; 2: it asks for 1 GB, 4: for -4 bytes; 3: the kernel writes to
        what it keeps.
    """
    return Design(Folding, kernels={"conv_s8.c": f"#define FAULT {fault}\n{_CONV.read_text()}"})


def keeping_kernel(folder: Path, prepare: str) -> KernelSet:
    """Write a kernel that keeps 20 bytes, and says that it ran as ``kept`` if it gets them.

    Parameters
    ----------
    prepare
        One of `PREPARED`.
    """
    declared = dict(_DECLARED)
    name = prepare.removesuffix("_prepare")
    arguments = ", ".join(re.findall(r"(\w+)(?:,|$)", declared[name]))
    text = _KEEPING.format(
        name=name, prepare=declared[prepare], kernel=declared[name], arguments=arguments
    )
    (folder / f"{name.removeprefix('nn_')}.c").write_text(text)
    return KernelSet("test", folder)
