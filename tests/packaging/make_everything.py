"""Make Verilog, firmware or a bitstream, and write it to a folder: ``make_everything.py WHAT TO``.

Uses nothing but the package, so that any interpreter that has what that needs can run it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from cfuforge.cfu.design import Design
from cfuforge.soc.board import BOARDS, board
from cfuforge.soc.generate import generate
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.model_firmware import model_firmware
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.program import build
from cfuforge.sw.tflite_model import Model

DESIGNS = ("none", "simd_mac", "simd_mac:folded=1")


def verilog(to: Path) -> None:
    """Write the Verilog of all boards and designs."""
    for spec in DESIGNS:
        design = Design.load(spec)
        (to / f"{spec}.il").write_text(design.rtlil())
        shutil.copy(design.verilog_file(), to / f"{spec}.v")
    for each in BOARDS.values():
        for hardware in (False, True) if each.fpga else (False,):
            soc = generate(each, hardware)
            for path in (*soc.verilog, soc.verilog[0].with_name("soc.json")):
                shutil.copy(path, to / f"{each.name}-{hardware}-{path.name}")


def firmware(to: Path) -> None:
    """Write the firmware with all operators, and a model's own."""
    soc, design = generate(board("sim")), Design.load("simd_mac")
    for name, model in (("general", None), ("slim", Model.read(KWS_MODEL))):
        shutil.copy(build(model_firmware(name, model), soc, KernelSet.of(design)), to)


def bitstream(to: Path) -> None:
    """Write Fomu's bitstream, and the image with firmware and model."""
    from cfuforge.gateware.bitstream import build_bitstream
    from cfuforge.sim.target import SimTarget

    fomu = board("fomu")
    design, model = Design.load(fomu.cfu), Model.read(KWS_MODEL)
    arena_bytes = SimTarget(design, fomu, slim=model).arena_bytes
    report = build_bitstream(design, fomu, model, to / "build", arena_bytes)
    for path in (report.bitstream, report.dfu):
        assert path
        shutil.move(path, to)
    shutil.rmtree(to / "build")


if __name__ == "__main__":
    {"verilog": verilog, "firmware": firmware, "bitstream": bitstream}[sys.argv[1]](
        Path(sys.argv[2])
    )
