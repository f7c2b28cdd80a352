"""`SmallCpu` as a Verilog module with VexRiscv's port names, as LiteX connects them."""

from __future__ import annotations

from amaranth.back import rtlil
from amaranth.hdl import ClockDomain, Module, Signal

from cfuforge.cfu.verilog import rtlil_to_verilog
from cfuforge.soc.small_cpu.cpu import SmallCpu

__all__ = ["small_cpu_verilog"]


def small_cpu_verilog(*, reset_address: int, multiply: bool) -> str:
    """Return the Verilog of module ``SmallCpu``.

    Its ports are ``clk``, ``reset`` (synchronous, active high), and those of VexRiscv's data bus
    (``dBusWishbone_ADR`` ...) and CFU plugin (``CfuPlugin_bus_cmd_valid`` ...).

    Parameters
    ----------
    reset_address, multiply
        As `SmallCpu` takes them.
    """
    m = Module()
    m.domains.sync = domain = ClockDomain("sync")
    domain.clk, domain.rst = Signal(name="clk"), Signal(name="reset")
    m.submodules.core = core = SmallCpu(reset_address=reset_address, multiply=multiply)
    bus, cmd, rsp = core.bus, core.cmd, core.rsp
    outputs = {
        "dBusWishbone_ADR": bus.adr,
        "dBusWishbone_DAT_MOSI": bus.dat_w,
        "dBusWishbone_SEL": bus.sel,
        "dBusWishbone_CYC": bus.cyc,
        "dBusWishbone_STB": bus.stb,
        "dBusWishbone_WE": bus.we,
        "CfuPlugin_bus_cmd_valid": cmd.valid,
        "CfuPlugin_bus_cmd_payload_function_id": cmd.payload.function_id,
        "CfuPlugin_bus_cmd_payload_inputs_0": cmd.payload.inputs_0,
        "CfuPlugin_bus_cmd_payload_inputs_1": cmd.payload.inputs_1,
        "CfuPlugin_bus_rsp_ready": rsp.ready,
    }
    inputs = {
        "dBusWishbone_DAT_MISO": bus.dat_r,
        "dBusWishbone_ACK": bus.ack,
        "dBusWishbone_ERR": bus.err,
        "CfuPlugin_bus_cmd_ready": cmd.ready,
        "CfuPlugin_bus_rsp_valid": rsp.valid,
        "CfuPlugin_bus_rsp_payload_outputs_0": rsp.payload,
    }
    observed = ("pc", "instruction", "retire", "cfu_refuses", "cfu_in_flight", "cfu_answers")
    ports = {"clk": domain.clk, "reset": domain.rst}
    for name, value in (outputs | inputs).items():
        ports[name] = port = Signal(value.shape(), name=name)
        m.d.comb += port.eq(value) if name in outputs else value.eq(port)
    for name in observed:  # what the simulator observes gets a name at the top
        value = getattr(core, name)
        m.d.comb += Signal(value.shape(), name=name).eq(value)
    named = {name: (signal, None) for name, signal in ports.items()}
    text = str(rtlil.convert(m, name="SmallCpu", ports=named, emit_src=False))
    return rtlil_to_verilog(text).read_text()
