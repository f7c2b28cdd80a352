"""What a notebook shows of results and errors; cells of C."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("IPython", reason="notebooks are an extra: pip install cfuforge[notebook]")

from IPython.core.interactiveshell import InteractiveShell
from rich.table import Table
from rich.text import Text
from traitlets.config import Config

import cfuforge
from cfuforge import Comparison, Profile, check, inspect, simulate
from cfuforge.base.errors import EnvironmentLacksError, InputError, RunError
from cfuforge.comparisons.charts import COLOURS
from cfuforge.html import html
from cfuforge.profiles.cause_groups import GROUPS
from cfuforge.sim.account.counting import Cause
from support.operators import softmax


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "soft.tflite"
    path.write_bytes(softmax((1, 2), 1.0, 0, 1.0).data)
    return path


@pytest.fixture(scope="module")
def found(model: Path) -> Comparison:
    return simulate(model, cfu=["simd_mac", "simd_mac:rows=2"])


@pytest.fixture(scope="module")
def profile(model: Path) -> Profile:
    return cfuforge.profile(model, cfu="none")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    config = Config(
        {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    )
    return InteractiveShell(config=config)


def cells(text: str) -> list[str]:
    """Return the texts of all cells of an HTML, which must be well-formed."""
    root = ElementTree.fromstring(f"<div>{text}</div>")
    return ["".join(each.itertext()) for tag in ("th", "td", "p") for each in root.iter(tag)]


def test_a_comparison(found: Comparison) -> None:
    shown = cells(found._repr_html_())
    for run in found.runs:
        assert f"{run.cycles:,}" in shown
        assert f"{run.layers[0].cycles:,}" in shown
    assert "0" in shown
    assert "SOFTMAX" in shown
    assert shown[-1].startswith("All 2 values of the 1 layer equal tflite-micro's in every run")
    assert repr(found) == (
        f"<Comparison soft, exact, cycles: plain C {found.plain.cycles:,}, "
        f"simd_mac:rows=4 {found.runs[1].cycles:,}, simd_mac:rows=2 {found.runs[2].cycles:,}>"
    )
    assert repr(found.plain) == f"<Run of 1 layer, none, sim: {found.plain.cycles:,} cycles>"


def test_a_profile(profile: Profile) -> None:
    shown = cells(profile._repr_html_())
    assert f"{profile.cycles:,}" in shown
    assert "0 SOFTMAX" in shown
    assert "All 2 values of its layers are TFLM's." in shown
    assert repr(profile) == f"<Profile none on board sim: {profile.cycles:,} cycles, exact>"


def test_other_reports(model: Path) -> None:
    report, inspection = check(model, cfu="none"), inspect(model)
    assert repr(report).startswith("<CheckReport soft, none: 1")
    assert "SOFTMAX" in cells(report._repr_html_())
    assert repr(inspection) == "<Inspection of soft: 1 operator, 0 MACs, runs>"
    assert "The 1 operator runs." in cells(inspection._repr_html_())


def test_nothing_in_a_table_is_markup() -> None:
    table = Table(title="<script>&", show_footer=True)
    table.add_column(Text("a\n<b>"))
    table.add_row("<i>\x1b[31m")
    text = html([table], ["<u>", Text("<s>", "bold red")])
    assert set(cells(text)) >= {r"<i>\x1b[31m", "<u>", "<s>"}
    assert "<script>" not in text


def test_charts(found: Comparison, profile: Profile, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (bars,) = found.plot().axes
    widths = [sorted(bar.get_width() for bar in group) for group in bars.containers]
    assert widths == [[run.layers[0].cycles / 1e6] for run in found.runs]
    assert [each.get_text() for each in bars.get_yticklabels()] == ["0 SOFTMAX"]
    figure = profile.plot()
    (bars,) = figure.axes
    ends = [bar.get_x() + bar.get_width() for bar in bars.containers[-1]]
    assert [1e3 * end for end in ends] == pytest.approx(
        [layer["cycles"] for layer in profile.document["layers"]]
    )
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_every_cause_is_in_one_group() -> None:
    assert sorted(cause for causes in GROUPS.values() for cause in causes) == list(Cause)
    assert len(GROUPS) == len(set(COLOURS))


@pytest.mark.parametrize("kind", [InputError, RunError, EnvironmentLacksError])
def test_an_error_is_one_line(
    kind: type[Exception], shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["kind"] = kind
    shell.run_cell("def f(): raise kind('the kernel\\x1b does not compile') from ValueError()\nf()")
    assert capsys.readouterr().out == "error: the kernel\\x1b does not compile\n"


def test_a_mistake_in_c_is_one_line(
    model: Path, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_line_magic("load_ext", "cfuforge")
    shell.user_ns["model"] = model
    shell.run_cell("%%kernel softmax_s8.c\nint nn_softmax_s8(void) { return forgotten; }\n")
    shell.run_cell(
        "from cfuforge import Design, simulate\n"
        "from cfuforge.cfu import Cfu\n"
        "class Mine(Cfu):\n    pass\n"
        "simulate(model, cfu=Design(Mine, kernels=kernels))"
    )
    (line,) = capsys.readouterr().out.splitlines()
    assert "softmax_s8.c:1" in line
    assert "forgotten" in line


def test_kernels_are_kept_by_their_file_names(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_line_magic("load_ext", "cfuforge")
    shell.run_cell("%%kernel conv_s8.c\nint x = {0};\n")
    shell.run_cell("%%kernel size.h\n#define SIZE 2\n")
    shell.run_cell("%%kernel size.h mine\n#define SIZE 3\n")
    assert shell.user_ns["kernels"] == {
        "conv_s8.c": "int x = {0};\n",
        "size.h": "#define SIZE 2\n",
    }
    assert shell.user_ns["mine"] == {"size.h": "#define SIZE 3\n"}
    assert capsys.readouterr().out == ""
    for line, reason in (
        ("", "%%kernel needs a file name"),
        ("conv_s8.py", "a kernel needs a file name such as 'conv_s8.c', not 'conv_s8.py'"),
        ("conv_s8.c print", "print is not a dictionary"),
    ):
        shell.user_ns["print"] = 1
        shell.run_cell(f"%%kernel {line}\nint x;\n")
        (said,) = capsys.readouterr().out.splitlines()
        assert said.startswith("error: ")
        assert reason in said
