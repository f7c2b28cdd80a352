"""Which outputs of `engine` change in the same cycle as an input."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cfuforge.base.yowasp import run_yowasp
from cfuforge.cfu import Design

REGISTERS = "$dff,$dffe,$sdff,$sdffe,$sdffce,$mem_v2"
BEFORE = "proc; flatten; opt -full; memory -nomap; opt; opt_dff"


@pytest.mark.more
def test_only_the_function_reaches_an_output_and_nothing_a_multiplier(tmp_path: Path) -> None:
    verilog = Design.load("engine").verilog_file()
    shutil.copy(verilog, tmp_path / "cfu.v")
    header = re.search(r"^module Cfu\((.*?)\);(.*?)^endmodule", verilog.read_text(), re.M | re.S)
    assert header
    inputs = set(re.findall(r"^  input (?:\[.*?\] )?(\w+);", header[2], re.M)) - {"clk"}
    assert {"cmd_valid", "memory_response_data", "memory_request_ready"} < inputs
    looks = [
        f"log INPUT {name}; select -list Cfu/w:{name} %co*:-{REGISTERS} Cfu/{what} %i"
        for name in sorted(inputs)
        for what in ("o:*", "t:$mul")
    ]
    script = f"read_verilog cfu.v; hierarchy -top Cfu; {BEFORE}; {'; '.join(looks)}"
    text, _ = run_yowasp(tmp_path, "yosys", ["-p", script])
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("INPUT "):
            name = line.split()[1]
        elif name and line.startswith("Cfu/"):
            found.setdefault(name, []).append(line)
    assert found == {"cmd_payload_function_id": ["Cfu/cmd_ready"]}
