"""The CPU variants in LiteX: their classes, and the source of their Verilog."""

from __future__ import annotations

from typing import Any

from litex.build.generic_platform import GenericPlatform
from litex.soc.cores.cpu import CPUS as LITEX_CPUS
from litex.soc.cores.cpu.vexriscv.core import VexRiscv
from litex.soc.interconnect import wishbone
from migen import ClockSignal, Instance, ResetSignal, Signal

from cfuforge.soc.cpu import CPUS, Core, Cpu
from cfuforge.soc.cpu_verilog import cpu_verilog

__all__ = ["cpu_arguments"]


class LiteXGeneratedVexRiscv(VexRiscv):
    """A generated VexRiscv for LiteX: like LiteX's own, but without interrupts.

    Parameters
    ----------
    platform
        The platform to which the Verilog is added.
    variant
        Name of the CPU variant.
    """

    name = "generated_vexriscv"
    variants = tuple(name for name, cpu in CPUS.items() if cpu.core is Core.GENERATED)

    def __init__(self, platform: GenericPlatform, variant: str) -> None:
        super().__init__(platform, variant)
        self.use_external_variant(str(cpu_verilog(CPUS[variant])))
        if not CPUS[variant].options.all_csrs:
            del self.cpu_params["i_externalInterruptArray"]
            self.cpu_params["i_externalInterrupt"] = 0
        if not CPUS[variant].options.instruction_cache:
            self._share_bus()

    def _share_bus(self) -> None:
        """Let an access of the data bus in between two fetches.

        Without a cache the next fetch follows at once and ``cyc`` stays high. LiteX's arbiter takes
        that for one long access: a store could wait forever while the CPU loops.
        """
        cyc, stb, waits = Signal(), Signal(), Signal()
        self.cpu_params |= {"o_iBusWishbone_CYC": cyc, "o_iBusWishbone_STB": stb}
        self.comb += [self.ibus.cyc.eq(cyc & ~waits), self.ibus.stb.eq(stb & ~waits)]
        self.sync += waits.eq(self.dbus.cyc & ~self.dbus.ack & (waits | self.ibus.ack))

    @property
    def gcc_flags(self) -> str:
        """The flags with which LiteX would compile its own software."""
        return f"-march={CPUS[self.variant].isa} -mabi=ilp32"


class LiteXSmallCpu(VexRiscv):
    """`SmallCpu` for LiteX: VexRiscv's memory map and CFU port, one bus, no interrupts.

    Parameters
    ----------
    platform
        The platform to which the Verilog is added.
    variant
        Name of the CPU variant.
    """

    name = "small_cpu"
    human_name = "SmallCpu"
    variants = tuple(name for name, cpu in CPUS.items() if cpu.core is Core.SMALL)

    def __init__(self, platform: GenericPlatform, variant: str) -> None:
        self.platform = platform
        self.variant = variant
        self.reset = Signal()
        self.bus = bus = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.periph_buses = [bus]
        self.memory_buses: list[Any] = []
        self.cpu_params = {
            "i_clk": ClockSignal("sys"),
            "i_reset": ResetSignal("sys") | self.reset,
            "o_dBusWishbone_ADR": bus.adr,
            "o_dBusWishbone_DAT_MOSI": bus.dat_w,
            "o_dBusWishbone_SEL": bus.sel,
            "o_dBusWishbone_CYC": bus.cyc,
            "o_dBusWishbone_STB": bus.stb,
            "o_dBusWishbone_WE": bus.we,
            "i_dBusWishbone_DAT_MISO": bus.dat_r,
            "i_dBusWishbone_ACK": bus.ack,
            "i_dBusWishbone_ERR": bus.err,
        }

    @property
    def gcc_flags(self) -> str:
        """The flags with which LiteX would compile its own software."""
        return f"-march={CPUS[self.variant].isa} -mabi=ilp32"

    def set_reset_address(self, reset_address: int) -> None:
        """Remember the reset address, which is part of the CPU's Verilog."""
        self.reset_address = reset_address

    def add_soc_components(self, soc: Any) -> None:
        """Add nothing: there are no caches to tell software about."""

    def do_finalize(self) -> None:
        """Add the Verilog and the instances of the core and of its CFU."""
        self.platform.add_source(str(cpu_verilog(CPUS[self.variant], self.reset_address)))
        self.specials += Instance("SmallCpu", **self.cpu_params)
        self.specials += Instance("Cfu", **self.cfu_params)


CLASSES = {
    Core.PACKAGED: VexRiscv,
    Core.GENERATED: LiteXGeneratedVexRiscv,
    Core.SMALL: LiteXSmallCpu,
}
LITEX_CPUS.update({kind.name: kind for kind in CLASSES.values()})


def cpu_arguments(cpu: Cpu) -> dict[str, str]:
    """Return the arguments that select this CPU in LiteX's ``SoCCore``."""
    return {"cpu_type": CLASSES[cpu.core].name, "cpu_variant": cpu.name}
