"""CPU variants as data, and the Verilog that they stand for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cfuforge.base.errors import EnvironmentLacksError, ForgeError, InputError
from cfuforge.cli import app as cli
from cfuforge.gateware.ice40_area import ice40_area
from cfuforge.soc.board import BOARDS
from cfuforge.soc.cpu import CPUS, Core, cpu
from cfuforge.soc.cpu_verilog import cpu_module, cpu_verilog, mended
from cfuforge.soc.vexriscv import generate as vexriscv_generate
from cfuforge.soc.vexriscv.generate import generate_vexriscv, vexriscv_package
from support.documents import valid

NO_JVM = [name for name, cpu in CPUS.items() if cpu.core is not Core.GENERATED]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["cfuforge", "cpu", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit_:
        cli.run()
    return int(exit_.value.code or 0)


def test_every_board_has_a_cpu_that_there_is() -> None:
    assert {cpu(board.cpu_variant).name for board in BOARDS.values()} <= set(CPUS)


def test_an_unknown_cpu_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"one of full\+cfu, .*, not 'fast'"):
        cpu("fast")


def test_instruction_sets() -> None:
    assert {name: cpu.isa for name, cpu in CPUS.items()} == {
        "full+cfu": "rv32im_zicsr",
        "lite+cfu": "rv32i_zicsr_zmmul",
        "minimal+cfu": "rv32i_zicsr",
        "small+mul+cfu": "rv32i_zicsr_zmmul",
        "small+cfu": "rv32i_zicsr",
    }


@pytest.mark.parametrize("name", NO_JVM)
def test_verilog_that_needs_no_jvm(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    text = cpu_verilog(cpu(name), 0x2000_0000).read_text()
    assert re.search(rf"^module {cpu_module(cpu(name))}\b", text, re.MULTILINE)


def test_without_java_and_maven_one_line_names_their_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert run(monkeypatch, "generate", "lite+cfu") == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: generating VexRiscv needs default-jre-headless and maven; "
        "install with: sudo apt-get install -y default-jre-headless maven"
    )


def test_what_maven_says_comes_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "mvn"
    tool.parent.mkdir()
    tool.write_text(
        "#!/bin/sh\necho '[ERROR] Could not find artifact a:b:jar:1 in central -> x'; exit 1"
    )
    tool.chmod(0o755)
    (tool.parent / "java").symlink_to(tool)
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tool.parent}:/bin")
    with pytest.raises(EnvironmentLacksError, match="Could not find artifact a:b:jar:1 in central"):
        generate_vexriscv(CPUS["lite+cfu"].options)
    assert not list((tmp_path / "cache").glob("generator-*[!k]"))


def test_generated_with_the_options_of_the_packaged_one_it_is_the_packaged_one() -> None:
    try:
        generated = generate_vexriscv(CPUS["full+cfu"].options)
    except EnvironmentLacksError as error:
        pytest.skip(str(error))
    packaged = vexriscv_package() / "VexRiscv_FullCfu.v"
    assert _without_names(generated) == _without_names(packaged)


def test_the_cfu_port_is_mended_where_it_is_known() -> None:
    packaged = (vexriscv_package() / "VexRiscv_FullCfu.v").read_text()
    changed = set(mended(packaged).splitlines()) - set(packaged.splitlines())
    assert changed == {"      if(CfuPlugin_bus_cmd_ready || execute_CfuPlugin_fired) begin"}
    assert mended("module Other; endmodule") == "module Other; endmodule"
    with pytest.raises(ForgeError, match="a CFU port that cfuforge does not know"):
        mended(packaged.replace("if(CfuPlugin_bus_cmd_ready)", "if(ready)"))


def _without_names(verilog: Path) -> str:
    """Return the Verilog without comments and the numbers that SpinalHDL's releases differ in."""
    text = re.sub(r"//.*", "", verilog.read_text())
    return re.sub(r"(HAD_BRANCHED|(?:Misc|Utils)_l)\d+", r"\1", text).strip()


def test_the_source_that_is_compiled_is_the_packages() -> None:
    names = {path.name for path in vexriscv_generate._vexriscv_sources()}
    assert {"VexRiscv.scala", "CfuPlugin.scala", "GenCoreDefault.scala"} <= names


def test_list_and_describe_tell_the_same_in_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list", "--json", tmp_path / "list.json") == 0
    listed = valid(tmp_path / "list.json")
    assert list(listed["cpus"]) == list(CPUS)
    assert run(monkeypatch, "describe", "full+cfu", "--json", tmp_path / "one.json") == 0
    assert valid(tmp_path / "one.json")["cpu"] == listed["cpus"]["full+cfu"]
    text = capsys.readouterr().out
    assert "4,096 bytes instructions, 4,096 bytes data" in text
    assert "breakpoints (EBREAK is an illegal instruction)" in text


def test_generate_copies_the_verilog(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cpu.v"
    arguments = ("generate", "small+cfu", "--output", path, "--reset-address", "0x20040000")
    assert run(monkeypatch, *arguments) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert path.read_text() == cpu_verilog(CPUS["small+cfu"], 0x2004_0000).read_text()


@pytest.mark.parametrize("address", ["0x3", "here", "-4", "0x100000000"])
def test_generate_refuses_a_bad_reset_address(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "generate", "small+cfu", f"--reset-address={address}") == 1
    assert "--reset-address must be" in capsys.readouterr().err


@pytest.mark.more
def test_the_small_cpu_leaves_three_quarters_of_an_ice40up5k() -> None:
    def area(name: str) -> int:
        return ice40_area(cpu_verilog(cpu(name)), cpu_module(cpu(name))).logic_cells

    assert area("small+cfu") < 5280 / 4
    assert area("small+cfu") < area("small+mul+cfu") < area("full+cfu")
