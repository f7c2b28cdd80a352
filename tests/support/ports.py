"""The CFU that ``cfuforge new --port`` makes, with kernels that use its memory port."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.cli.scaffold import scaffold

__all__ = ["kernel_that", "summer"]

KERNEL = """
#include "cfu.h"
#include "memory_port.h"
#include "nn.h"

nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output) {
  %s
  const nn_status status = nn_conv_s8_reference(
      ctx, params, quant, input_dims, input, filter_dims, filter, bias, output_dims, output);
  NN_RAN(ctx, "conv_s8");
  return status;
}
"""


@cache
def _folder() -> Path:
    return scaffold(Path(mkdtemp(prefix="cfuforge-port-")) / "summer", port=True)


def summer(kernels: dict[str, str] | None = None) -> Design:
    """Return the design, by default with its own kernels."""
    design = Design.load(str(_folder()))
    if kernels is None:
        return design
    module: ModuleType = sys.modules["summer"]
    cfu: Any = module.__dict__["Summer"]
    assert issubclass(cfu, Cfu)
    return Design(cfu, kernels=kernels)


def kernel_that(statements: str) -> dict[str, str]:
    """Return kernels whose CONV_2D executes `statements` and then the plain kernel."""
    return {"conv_s8.c": KERNEL % statements}
