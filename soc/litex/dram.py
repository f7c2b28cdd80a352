"""DRAM with LiteDRAM: the chip, its PHY, and a model of both for simulation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import litedram.modules
import litedram.phy
from litedram.init import get_sdram_phy_init_sequence
from litedram.phy.dfi import Interface
from litedram.phy.model import BankModel, SDRAMPHYModel
from litex.gen import LiteXModule
from litex.soc.interconnect.csr import CSR, CSRStorage
from migen import Cat, If, Memory, Record, Replicate, Signal

from cfuforge.soc.board import Board

__all__ = ["SimulatedPhy", "dram_bytes", "dram_chip", "dram_phy", "firmware_macros"]

RATES = {"A7DDRPHY": "1:4", "GENSDRPHY": "1:1"}  # controller clock to DRAM clock
RIGHT_BITSLIPS = (2, 3)  # with which the simulated DDR3 reads correctly, one for each byte
RIGHT_DELAYS = ((6, 21), (9, 25))  # first and last delay with which it does, for each byte


def dram_chip(board: Board) -> Any:
    """Return LiteDRAM's description of the chip, with timings in cycles of the board's clock."""
    assert board.dram
    chip = getattr(litedram.modules, board.dram.chip)
    return chip(board.clock_hz, RATES[board.dram.phy])


def dram_bytes(board: Board) -> int:
    """Return the DRAM's size in bytes."""
    assert board.dram
    geometry = dram_chip(board).geom_settings
    words = 1 << geometry.bankbits + geometry.rowbits + geometry.colbits
    return int(words * board.dram.data_bits // 8)


def dram_phy(board: Board, pads: Record | None = None) -> Any:
    """Return the PHY on `pads`; without pads, only its settings are of use.

    The settings give the read and write phases as numbers: the registers that could change them
    keep their reset values.
    """
    assert board.dram
    if pads is None:
        geometry, bits = dram_chip(board).geom_settings, board.dram.data_bits
        pins = {"a": geometry.addressbits, "ba": geometry.bankbits, "dq": bits}
        pins |= {name: bits // 8 for name in ("dm", "dqs_p", "dqs_n")}
        one = ("clk_p", "clk_n", "ras_n", "cas_n", "we_n", "cs_n", "cke", "odt")
        pads = Record([*pins.items(), *dict.fromkeys(one, 1).items()])
    kind = getattr(litedram.phy, board.dram.phy)
    is_ddr3 = board.dram.phy == "A7DDRPHY"
    options = {"memtype": "DDR3", "nphases": 4} if is_ddr3 else {}
    phy = kind(pads, sys_clk_freq=board.clock_hz, **options)
    for name in ("rdphase", "wrphase"):
        value = getattr(phy.settings, name)
        setattr(phy.settings, name, value.reset.value if isinstance(value, Signal) else value)
    return phy


def firmware_macros(board: Board, settings: Any, registers: Mapping[str, int]) -> dict[str, str]:
    """Return what the firmware needs to initialise the DRAM, as C macros by name.

    Parameters
    ----------
    settings
        The PHY's settings.
    registers
        Address of each of LiteX's control and status registers, by LiteX's name.
    """
    chip = dram_chip(board)
    phases = [
        [
            registers[f"sdram_dfii_pi{phase}_{name}"]
            for name in ("command", "command_issue", "address", "baddress", "wrdata", "rddata")
        ]
        for phase in range(settings.nphases)
    ]
    macros = {
        "SOC_DRAM_STEPS": _initialiser(_steps(settings, chip)),
        "SOC_DRAM_CONTROL_ADDR": f"{registers['sdram_dfii_control']:#x}u",
        "SOC_DRAM_PHASES": _initialiser(phases),
        "SOC_DRAM_LAST_ROW": str((1 << chip.geom_settings.rowbits) - 1),
        "SOC_DRAM_LAST_BANK": str((1 << chip.geom_settings.bankbits) - 1),
    }
    if settings.read_leveling:
        macros |= {
            "SOC_DRAM_READ_PHASE": str(settings.rdphase),
            "SOC_DRAM_WRITE_PHASE": str(settings.wrphase),
            "SOC_DRAM_LANES": str(settings.strobes),
            "SOC_DRAM_DELAYS": str(settings.delays),
            "SOC_DRAM_BITSLIPS": str(settings.bitslips),
            "SOC_DRAM_LANE_SELECT_ADDR": f"{registers['ddrphy_dly_sel']:#x}u",
            "SOC_DRAM_DELAY_RESET_ADDR": f"{registers['ddrphy_rdly_dq_rst']:#x}u",
            "SOC_DRAM_DELAY_NEXT_ADDR": f"{registers['ddrphy_rdly_dq_inc']:#x}u",
            "SOC_DRAM_BITSLIP_RESET_ADDR": f"{registers['ddrphy_rdly_dq_bitslip_rst']:#x}u",
            "SOC_DRAM_BITSLIP_NEXT_ADDR": f"{registers['ddrphy_rdly_dq_bitslip']:#x}u",
        }
    return macros


def _steps(settings: Any, chip: Any) -> list[list[int]]:
    """Return the chip's initialisation sequence, as LiteDRAM generates it.

    Each step is an address, a bank address, a command and the cycles to wait after it. A command is
    a value of DFII's command register or, with bit 8 set, of its control register.
    """
    command_bits = {"CS": 1, "WE": 2, "CAS": 4, "RAS": 8}
    control_bits = {"SEL": 1, "CKE": 2, "ODT": 4, "RESET_N": 8}
    sequence, _ = get_sdram_phy_init_sequence(settings, chip.timing_settings)
    steps = []
    for _, address, bank, command, cycles in sequence:
        parts = [part.strip() for part in command.split("|")]
        if parts[0].startswith("DFII_CONTROL_"):
            value = sum(control_bits[part.removeprefix("DFII_CONTROL_")] for part in parts) | 0x100
        else:
            value = sum(command_bits[part.removeprefix("DFII_COMMAND_")] for part in parts)
        steps.append([address, bank, value, cycles])
    return steps


def _initialiser(rows: list[list[int]]) -> str:
    return ", ".join("{" + ", ".join(f"{value:#x}" for value in row) + "}" for row in rows)


class SimulatedPhy(LiteXModule):
    """LiteDRAM's model of PHY and chip; for DDR3, with the registers used in read training.

    The model has the latencies and banks of the real ones, but does not check timings. A byte lane
    reads correctly while its bit slip and delay are within fixed limits; otherwise all bits are
    wrong.

    Parameters
    ----------
    board
        The board; its PHY's settings are those of the real one.
    phy
        What `dram_phy` returned.
    """

    def __init__(self, board: Board, phy: Any) -> None:
        self.settings = settings = phy.settings
        self.model = SDRAMPHYModel(dram_chip(board), settings, clk_freq=board.clock_hz)
        inner = self.model.dfi
        if not settings.read_leveling:
            self.dfi = inner
            return
        self.dfi = Interface(
            len(inner.p0.address), len(inner.p0.bank), settings.nranks, len(inner.p0.rddata),
            settings.nphases,
        )  # fmt: skip
        self._train()

    @property
    def row_bytes(self) -> int:
        """Size in bytes of a row of one bank; the next row of bytes is in the next bank."""
        return int(self.settings.databits // 8 << self.model.module.geom_settings.colbits)

    def memories(self) -> list[Memory]:
        """Return the memory of each bank, in order."""
        banks = [module for _, module in self.model._submodules if isinstance(module, BankModel)]
        return [
            special
            for bank in banks
            for special in bank._fragment.specials  # not get_fragment(), which removes it
            if isinstance(special, Memory)
        ]

    def _train(self) -> None:
        settings = self.settings
        self._dly_sel = CSRStorage(settings.strobes)
        self._rdly_dq_rst = CSR()
        self._rdly_dq_inc = CSR()
        self._rdly_dq_bitslip_rst = CSR()
        self._rdly_dq_bitslip = CSR()
        bits = settings.databits // settings.strobes
        wrong = []
        for strobe in range(settings.strobes):
            delay, bitslip = Signal(max=settings.delays), Signal(max=settings.bitslips)
            selected = self._dly_sel.storage[strobe]
            self.sync += [
                If(selected & self._rdly_dq_inc.re, delay.eq(delay + 1)),
                If(selected & self._rdly_dq_rst.re, delay.eq(0)),
                If(selected & self._rdly_dq_bitslip.re, bitslip.eq(bitslip + 1)),
                If(selected & self._rdly_dq_bitslip_rst.re, bitslip.eq(0)),
            ]
            first, last = RIGHT_DELAYS[strobe]
            right = (bitslip == RIGHT_BITSLIPS[strobe]) & (delay >= first) & (delay <= last)
            wrong.append(Replicate(~right, bits))
        beats = settings.dfi_databits // settings.databits
        for outer, inner in zip(self.dfi.phases, self.model.dfi.phases, strict=True):
            self.comb += [
                outer.connect(inner, omit={"rddata", "rddata_valid"}),
                outer.rddata.eq(inner.rddata ^ Replicate(Cat(*wrong), beats)),
                outer.rddata_valid.eq(self.model.dfi.p0.rddata_valid),  # the model sets no other
            ]
