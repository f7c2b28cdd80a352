from __future__ import annotations

from pathlib import Path

import pytest

from cfuforge.base.errors import InputError
from cfuforge.cfu import Cfu, Design

CFU = """
from cfuforge.cfu import Cfu


class {name}(Cfu):
    def __init__(self, width: int = 8, fast: bool = False, mode: str = "a"):
        if width > 32:
            raise ValueError(f"width must be at most 32, not {{width}}")
        super().__init__()
        self.width = width
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_designs_that_come_along() -> None:
    none, mac = Design.load("none"), Design.load("simd_mac:rows=2")
    assert (none.name, none.spec, none.parameters, none.kernels) == ("none", "none", {}, None)
    assert (mac.name, mac.spec) == ("simd_mac", "simd_mac:rows=2,folded=0")
    assert mac.parameters == {"rows": 2, "folded": False}
    assert len(mac.instructions) == 9
    assert Design.load("simd_mac").spec == "simd_mac:rows=4,folded=0"
    assert Design.load(mac.spec).spec == mac.spec
    assert '#define CFU_NAME "simd_mac"' in mac.header()
    assert "#define CFU_ROWS 2" in mac.header()
    assert mac.function_name(5 << 3 | 1) == "dot[5]"


def test_a_users_folder(here: Path) -> None:
    folder = here / "users_cfu"
    (folder / "kernels").mkdir(parents=True)
    (folder / "__init__.py").write_text("from users_cfu.hardware import UserCfu\n")
    (folder / "hardware.py").write_text(CFU.format(name="UserCfu"))
    for spec in ("users_cfu", "users_cfu:UserCfu", "users_cfu.hardware"):
        design = Design.load(f"{spec}:width=0x10,fast=yes")
        assert (design.name, design.kernels) == ("user_cfu", folder / "kernels")
        assert design.parameters == {"width": 16, "fast": True, "mode": "a"}
        assert design.spec == f"{spec}:width=16,fast=1,mode=a"
        assert Design.load(design.spec).parameters == design.parameters
    assert "#define CFU_FAST 1" in design.header()


def test_a_path_names_a_module(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = here / "out there" / "placed_cfu"
    (package / "kernels").mkdir(parents=True)
    (package / "__init__.py").write_text("from placed_cfu.hardware import PlacedCfu\n")
    (package / "hardware.py").write_text(CFU.format(name="PlacedCfu"))
    (here / "out there" / "single_cfu.py").write_text(CFU.format(name="SingleCfu"))
    places = ("placed_cfu", "placed_cfu/", "placed_cfu/__init__.py", "placed_cfu/hardware.py")
    for place in (*places, "placed_cfu:PlacedCfu"):
        for spec in (f"./out there/{place}", f"{here}/out there/{place}"):
            design = Design.load(f"{spec}:width=9")
            assert (design.name, design.kernels) == ("placed_cfu", package / "kernels")
            assert design.parameters["width"] == 9
            assert Design.load(design.spec).parameters == design.parameters
    assert Design.load("out there/single_cfu.py").name == "single_cfu"
    monkeypatch.chdir(package)
    for spec in (".", "./", "hardware.py", "../single_cfu.py"):
        assert Design.load(spec).name in ("placed_cfu", "single_cfu")


def test_a_path_into_the_current_folder_is_the_modules_name(here: Path) -> None:
    (here / "near_cfu").mkdir()
    (here / "near_cfu" / "__init__.py").write_text(CFU.format(name="NearCfu"))
    (here / "engine.py").write_text(CFU.format(name="Another"))
    spec = Design.load("near_cfu").spec
    for path in ("./near_cfu", "near_cfu/", "near_cfu/__init__.py", f"{here}/near_cfu"):
        assert Design.load(path).spec == spec
    assert Design.load("./near_cfu:NearCfu").spec == Design.load("near_cfu:NearCfu").spec
    assert Design.load("./engine.py").spec.startswith("./engine.py:")  # not CFU Forge's


def test_two_versions_of_a_module(here: Path) -> None:
    for version in ("old", "new"):
        folder = here / version / "versioned"
        (folder / "kernels").mkdir(parents=True)
        (folder / "__init__.py").write_text("from versioned.hardware import *\n")
        (folder / "hardware.py").write_text(CFU.format(name=f"{version.title()}Cfu"))
    old, new = (Design.load(f"{version}/versioned") for version in ("old", "new"))
    assert (old.name, old.kernels) == ("old_cfu", here / "old/versioned/kernels")
    assert (new.name, new.kernels) == ("new_cfu", here / "new/versioned/kernels")


def test_a_class_given_directly() -> None:
    class Direct(Cfu):
        """Nothing."""

        def __init__(self, size: int = 2) -> None:
            super().__init__()

    assert Design(Direct, {"size": 3}).parameters == {"size": 3}
    with pytest.raises(InputError, match=r"must be a subclass of cfuforge\.cfu\.Cfu, not 5"):
        Design(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            "simd_mc",
            r"there is no CFU 'simd_mc' \(did you mean simd_mac\?\): the designs are engine",
        ),
        ("no.such:Thing", r"there is no CFU 'no\.such:Thing'.*no module 'no\.such' is installed"),
        ("bad_users:Absent", r"'bad_users' has no class 'Absent'; its CFUs are: One, Two"),
        ("bad_users:Other", r"bad_users:Other is not a CFU: it must be a subclass"),
        ("bad_users", r"'bad_users' defines several CFUs \(One, Two\); name one: bad_users:One"),
        ("bad_users:number", r"bad_users:number is not a CFU"),
        ("empty_users", r"'empty_users' defines no CFU"),
        ("broken_users", r"'broken_users' cannot be imported: SyntaxError"),
        ("lost_users:X", r"'lost_users' cannot be imported: ModuleNotFoundError.*nowhere"),
        ("bad_users:One:size=1", r"One has no parameter 'size'; it has: width, fast, mode"),
        ("bad_users:One:width=x", r"parameter 'width' of One must be an integer, not 'x'"),
        ("bad_users:One:fast=2", r"parameter 'fast' of One must be 0 or 1, not '2'"),
        ("bad_users:One:width=64", r"cannot be made: width must be at most 32, not 64"),
        ("bad_users:One:width=1,width=2", r"parameter 'width' is given twice"),
        ("none:rows=1", r"NoCfu has no parameter 'rows'; it has: none"),
        ("simd_mac:rows=3", r"rows of simd_mac must be 1, 2 or 4, not 3"),
        ("simd_mac:rows=", r"the parameters of a CFU are key=value,key=value, not 'rows='"),
        ("simd_mac:rows=1,2", r"the parameters of a CFU are key=value,key=value"),
        ("", r"a CFU is named by NAME, NAME:key=value, package\.module:Class or a path .*, not ''"),
        ("my/cfu.py", r"there is no CFU 'my/cfu\.py': no such file or folder"),
        ("./hollow", r"the folder \./hollow is not a Python package: it has no __init__\.py"),
        (
            "./hollow/notes.txt",
            r"a CFU's file must be a Python file, notes\.py, not \./hollow/notes\.txt",
        ),
        ("./my-cfu.py", r"\./my-cfu\.py cannot be imported: 'my-cfu' is not a Python name"),
        (
            "./json.py",
            r"\./json\.py cannot be imported: Python already has another module 'json'; rename",
        ),
        ("./one_user.py:Absent", r"'one_user' has no class 'Absent'; its CFUs are: One"),
        ("a:", r"a CFU is named by NAME"),
        ("a:b:c", r"a CFU is named by NAME"),
        ("needy_users", r"Needy needs parameter 'size': give size=value"),
        ("odd_users:x=1", r"'x' of Odd must be an int, a bool or a str"),
    ],
)
def test_mistakes_are_one_clear_line(here: Path, spec: str, message: str) -> None:
    files = {
        "bad_users": CFU.format(name="One") + CFU.format(name="Two") + "number = 5\nOther = dict\n",
        "empty_users": "from cfuforge.cfu import Cfu\n",
        "broken_users": "class (\n",
        "lost_users": "import nowhere_at_all\n",
        "needy_users": CFU.format(name="Needy").replace("width: int = 8", "size: int, width=8"),
        "odd_users": CFU.format(name="Odd").replace("width: int = 8", "x=None, width=8"),
    }
    files |= {"my-cfu": "", "json": "", "one_user": CFU.format(name="One")}
    for name, text in files.items():
        (here / f"{name}.py").write_text(text)
    (here / "hollow").mkdir()
    (here / "hollow" / "notes.txt").touch()
    with pytest.raises(InputError, match=message) as caught:
        Design.load(spec)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "a\nb", "2a", "a/b", "x" * 65, 3, None])
def test_a_name_that_is_no_word(name: object) -> None:
    with pytest.raises(InputError, match=r"the name of CFU class Odd must be a word") as caught:
        Design(type("Odd", (Cfu,), {"name": name}))
    assert "\n" not in str(caught.value)
    assert Design(type("Größe", (Cfu,), {})).name == "größe"


def test_names_and_classes_that_a_design_cannot_have(here: Path) -> None:
    for name in ("Reference", "Unnamed"):
        with pytest.raises(InputError, match=f"must not be called '{name.lower()}'"):
            Design(type(name, (Cfu,), {}))
    with pytest.raises(InputError, match=r"must be a subclass of cfuforge\.cfu\.Cfu"):
        Design.load("cfuforge.cfu:Cfu")
    (here / "inlined.py").write_text(CFU.format(name="Inlined").replace("mode", "inline"))
    with pytest.raises(InputError, match=r"must not be called 'inline': cfu\.h has a CFU_INLINE"):
        Design.load("inlined")
    (here / "leaves.py").write_text("import sys\nsys.exit(3)\n")
    with pytest.raises(InputError, match="'leaves' cannot be imported: SystemExit: 3"):
        Design.load("leaves")


def test_a_mistake_in_the_hardware_is_one_line_with_its_place(here: Path) -> None:
    (here / "clumsy.py").write_text(
        "from cfuforge.cfu import Cfu\n\n\nclass Clumsy(Cfu):\n"
        "    def hardware(self, m, ports):\n        m.answr(1)\n"
    )
    with pytest.raises(
        InputError, match=r"the hardware of CFU clumsy cannot be built: .*answr.*clumsy\.py:6\)"
    ):
        Design.load("clumsy").rtlil()
    (here / "rash.py").write_text(
        "from cfuforge.cfu import Cfu\n\n\nclass Rash(Cfu):\n"
        "    def __init__(self, n: int = 0):\n        self.n = 1 // n\n"
    )
    with pytest.raises(InputError, match=r"cannot be made: ZeroDivisionError: .*rash\.py:6\)"):
        Design.load("rash")
    (here / "hasty.py").write_text("from cfuforge.cfu import Operand, s32\n\nOperand('do', s32)\n")
    with pytest.raises(InputError, match=r"not be 'do', a keyword of C; .* \(/.*hasty\.py:3\)"):
        Design.load("hasty")


def test_a_subclass_inherits_the_kernels(here: Path) -> None:
    (here / "base_cfu" / "kernels").mkdir(parents=True)
    (here / "base_cfu" / "__init__.py").write_text(CFU.format(name="Base"))
    base = Design.load("base_cfu")._class
    assert Design(type("Derived", (base,), {})).kernels == here / "base_cfu" / "kernels"


def test_a_class_names_its_kernels(here: Path) -> None:
    class Somewhere(Cfu):
        kernels = str(here)

    assert Design(Somewhere).kernels == here
    Somewhere.kernels = here / "nowhere"
    with pytest.raises(InputError, match=r"Somewhere\.kernels must be a folder, not .*nowhere"):
        _ = Design(Somewhere).kernels


def test_kernels_are_given_as_texts(here: Path) -> None:
    typed = type("Typed", (Cfu,), {"kernels": "no folder of theirs is looked for"})
    texts = {"conv_s8.c": '#include "more.h"\n', "more.h": "int more;\n"}
    folder = Design(typed, kernels=texts).kernels
    assert folder is not None
    assert {path.name: path.read_text() for path in folder.iterdir()} == texts
    assert Design(typed, kernels=texts).kernels == folder
    changed = Design(typed, kernels=texts | {"more.h": "long more;\n"}).kernels
    assert changed is not None
    assert changed != folder
    assert (changed / "more.h").read_text() == "long more;\n"


@pytest.mark.parametrize(
    ("kernels", "message"),
    [
        ({"conv_s8": ""}, "a kernel needs a file name such as 'conv_s8.c', not 'conv_s8'"),
        ({"../conv_s8.c": ""}, r"a kernel needs a file name such as .*, not '\.\./conv_s8\.c'"),
        ({"conv_s8.c": Path("a.c")}, r"kernel 'conv_s8\.c' must be its C text, a str, not .*a\.c"),
    ],
)
def test_kernels_that_are_no_texts(kernels: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Design(type("Typed", (Cfu,), {}), kernels=kernels)


def test_a_class_from_a_notebook_has_no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = type("Typed", (Cfu,), {"__module__": "__main__"})
    monkeypatch.delattr("__main__.__file__", raising=False)
    assert Design(typed).kernels is None
