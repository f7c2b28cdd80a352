"""The Verilated engine on this machine, asked how long it has run."""

from __future__ import annotations

import ctypes
from itertools import pairwise

from cfuforge.cfu.design import Design
from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.kernels import KernelSet
from support.random_models import Case

__all__ = ["EngineClock"]

_ARENA = 1 << 24
_OP = ctypes.CFUNCTYPE(ctypes.c_uint32, *[ctypes.c_uint32] * 3)


class EngineClock:
    """Run models' layers, and count the cycles in which the engine runs.

    Parameters
    ----------
    design
        An engine that counts them.
    """

    def __init__(self, design: Design) -> None:
        ids = {each.name: each.function_ids[0] for each in design.instructions}
        cfu = CfuModel(design.verilog_file(), memory_width=design.memory_width)
        operation = ctypes.CFUNCTYPE(ctypes.c_uint32, *[ctypes.c_uint32] * 3)(cfu.address)
        self._kernels, self._ran = KernelSet.of(design), 0

        def running() -> int:
            return int(operation(ids["count"], 0, 0))

        def answer(function_id: int, rs1: int, rs2: int) -> int:
            if function_id != ids["wait"]:
                return int(operation(function_id, rs1, rs2))
            found = int(operation(function_id, rs1, rs2))
            self._ran = running()
            return found

        self._cfu, self._entry = cfu, _OP(answer)

    def __call__(self, case: Case) -> list[int]:
        """Return the cycles of each layer."""
        runtime = HostRuntime(
            case.model,
            arena_size=_ARENA,
            kernels=self._kernels,
            cfu_op=ctypes.cast(self._entry, ctypes.c_void_p).value,
            low=True,
        )
        runtime.fit()
        ends = [self._ran]
        runtime(*case.inputs, ended=lambda _: ends.append(self._ran))
        self._cfu.check()
        return [(end - begin) % (1 << 32) for begin, end in pairwise(ends)]
