"""Families of FPGAs: their synthesis in yosys, and the resources that their cells take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ALONE", "FAMILIES", "LUT_RAMS", "Family"]

FLIP_FLOPS = ("", "E", "SR", "R", "SS", "S", "ESR", "ER", "ESS", "ES")
LUT_RAMS = {  # single-port ones, none of which nextpnr-xilinx can pack
    "RAM32X1S", "RAM64X1S", "RAM128X1S", "RAM256X1S", "RAM32X1S_1", "RAM64X1S_1", "RAM128X1S_1",
}  # fmt: skip


@dataclass(frozen=True)
class Family:
    """A family of FPGAs for which yosys synthesises.

    Parameters
    ----------
    synthesis
        The yosys command, common to all designs.
    resources
        The resource that each type of cell takes, and how much; other cells are not counted.
    whole, part
        Options for a whole SoC, and for a single module without pins and clock buffers.
    preparation, cleaning
        Commands before and after the synthesis of a whole SoC.
    mapping
        Our own file of modules, in this folder, each of which takes the place of a module that the
        design has.
    mapped
        Patterns of the names of those modules.
    models
        Yosys's file of simulation models of the family's cells; empty when single modules are not
        synthesised for it.
    """

    synthesis: str
    resources: Mapping[str, tuple[str, float]] = field(repr=False)
    whole: str = ""
    part: str = ""
    preparation: str = ""
    cleaning: str = ""
    mapping: str = ""
    mapped: str = ""
    models: str = ""

    def files(self) -> dict[str, str]:
        """Return the texts, by name, of the files that the scripts read beside the design's."""
        if not self.mapping:
            return {}
        text = Path(__file__).with_name(self.mapping).read_text(encoding="utf-8")
        return {self.mapping: text}

    def write_files(self, folder: Path) -> None:
        """Write `files` to `folder`."""
        for name, text in self.files().items():
            (folder / name).write_text(text, encoding="utf-8")

    def whole_script(self, sources: Sequence[str], top: str, clocks: Sequence[str], to: str) -> str:
        """Return yosys's script to synthesise a SoC to netlist `to`; `clocks` keep their names."""
        commands = [
            f"read_verilog {' '.join(sources)}",
            *(f"setattr -set keep 1 {top}/w:{net}" for net in clocks),
            self._kept,
            self.preparation,
            " ".join(filter(None, (self.synthesis, self.whole, "-top", top))),
            self._mapped,
            self.cleaning,
            "autoname",  # names cells after the nets that they drive, for the reports
            f"write_json {to}",
        ]
        return "; ".join(filter(None, commands))

    def part_script(self, source: str, top: str, then: str) -> str:
        """Return yosys's script to synthesise a single module, followed by `then`."""
        synthesis = " ".join(filter(None, (self.synthesis, self.part, "-top", top)))
        commands = (f"read_verilog {source}", self._kept, synthesis, self._mapped)
        return "; ".join(filter(None, commands)) + then

    @property
    def _kept(self) -> str:
        """Keep the modules that are mapped whole: synthesis would change their multipliers.

        A design that has none of them is no reason to warn.
        """
        quiet = 'logger -nowarn "did not match any module"'
        return self.mapping and f"{quiet}; blackbox {self.mapped}"

    @property
    def _mapped(self) -> str:
        return self.mapping and f"techmap -map {self.mapping}; clean"


FAMILIES = {
    "ecp5": Family(
        "synth_ecp5",
        resources={
            "LUT4": ("LUT", 1),
            "CCU2C": ("LUT", 2),
            "TRELLIS_DPR16X4": ("LUT", 4),
            "TRELLIS_FF": ("FF", 1),
            "DP16KD": ("BRAM", 1),
            "PDPW16KD": ("BRAM", 1),
            "MULT18X18D": ("DSP", 1),
        },
    ),
    "ice40": Family(
        "synth_ice40 -dsp",
        resources={
            "SB_LUT4": ("LUT", 1),
            **{f"SB_DFF{kind}": ("FF", 1) for kind in FLIP_FLOPS},
            **{f"SB_DFFN{kind}": ("FF", 1) for kind in FLIP_FLOPS},
            **{f"SB_RAM40_4K{kind}": ("BRAM", 1) for kind in ("", "NR", "NW", "NRNW")},
            "SB_MAC16": ("DSP", 1),
            "SB_SPRAM256KA": ("SPRAM", 1),
        },
        whole="-abc9",
        mapping="ice40_products.map",
        mapped="Cfu.cfu.machine.array.twin_* Cfu.cfu.machine.drain.scale_*",
        models="ice40/cells_sim.v",
    ),
    "xc7": Family(
        "synth_xilinx -family xc7 -flatten",
        resources={
            **{f"LUT{inputs}": ("LUT", 1) for inputs in range(1, 7)},
            **{name: ("LUT", 1) for name in ("INV", "SRL16E", "SRLC16E", "SRLC32E")},
            **{"RAM32M": ("LUT", 4), "RAM64M": ("LUT", 4), "RAM32X1D": ("LUT", 2)},
            **{"RAM64X1D": ("LUT", 2), "RAM128X1D": ("LUT", 4)},
            **{
                each: ("LUT", 4 if "256" in each else 2 if "128" in each else 1)
                for each in LUT_RAMS
            },
            **{f"FD{kind}E{edge}": ("FF", 1) for kind in "RSCP" for edge in ("", "_1")},
            **{"RAMB36E1": ("BRAM", 1), "RAMB18E1": ("BRAM", 0.5), "DSP48E1": ("DSP", 1)},
        },
        whole="-abc9",
        part="-noiopad -noclkbuf",
        # a single-port tag memory in LUTs would not be packed
        preparation='setattr -set ram_style "block" */m:tag_mem',
        cleaning="delete t:$scopeinfo",  # unknown to nextpnr-xilinx
        models="xilinx/cells_sim.v",
    ),
}
ALONE = [name for name, family in FAMILIES.items() if family.models]
