"""The package as a whole: who imports whom, what is loaded when, what a wheel holds."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from cnncalc.diagnostics import CATALOGUE
from tests.networks import VARIED
from tests.slowness import slow
from tests.together import together

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cnncalc"

FEATURES = ("bench", "compare", "edit", "explain", "fit", "schema", "sweep", "zoo")
"""Folders with all there is of one: its questions, its rendering, its commands."""

FRONT = ("cli", "__init__", "__main__")
"""Where commands and callers come in. All else is the core."""

CONFINED = {
    "numpy": ("execution/",),
    "llvmlite": ("execution/",),
    "numba": ("execution/native/kernels/",),
    "matplotlib": ("render/report/roofline.py",),
    "threadpoolctl": ("execution/",),
    "platformdirs": ("execution/",),
    "distributed": ("workers/cluster.py",),
    "rich": ("render/", "cli/", *(f"{feature}/" for feature in FEATURES)),
    "typer": ("cli/", *(f"{feature}/" for feature in FEATURES)),
    "yaml": ("yaml/",),
}
"""Where another package may be imported; others nowhere."""

HEAVY = ("numpy", "llvmlite", "numba", "matplotlib", "onnx", "platformdirs", "threadpoolctl")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def part_of(module: Path) -> str:
    """The part of the package that a module belongs to: `layers`, `geometry`."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def may_import(part: str, other: str) -> bool:
    """Features import the core and what commands share, never each other; the core imports neither
    features nor commands."""
    if part == other or part == "__init__":
        return True
    if part in FEATURES or part in FRONT:
        return other not in FEATURES
    return other not in FEATURES and other not in FRONT


def imports(module: Path) -> Iterator[tuple[int, str]]:
    """Every import of a module, at the top or inside: its line, and what is imported, in full."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def own_imports(module: Path) -> Iterator[tuple[int, str]]:
    """Imports of the package itself: the line, and the part that is imported."""
    for line, name in imports(module):
        if name.startswith("cnncalc.") and name != "cnncalc.__version__":
            yield line, name.split(".")[1]


def faults(module: Path) -> list[str]:
    """Imports of what a module may not import."""
    part = part_of(module)
    return [
        f"{module.name}:{line}: {part} imports {other}"
        for line, other in own_imports(module)
        if not may_import(part, other)
    ]


def named(module: Path) -> str:
    parts = ("cnncalc", *module.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(part for part in parts if part != "__init__")


def imported_at_once(module: Path) -> Iterator[str]:
    """What a module imports when it is imported, in full."""
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


class TestImports:
    @together("module", modules())
    def test_features_stand_on_the_core_alone(self, module: Path) -> None:
        assert faults(module) == []

    def test_that_test_can_fail(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
        for place, text, fault in (
            ("layers", "def f():\n    from cnncalc.fit import sizes\n", "2: layers imports fit"),
            ("graph", "from cnncalc.cli import console\n", "1: graph imports cli"),
            ("sweep", "import cnncalc.fit.sizes\n", "1: sweep imports fit"),
            ("cli", "from cnncalc.zoo import command\n", "1: cli imports zoo"),
        ):
            module = tmp_path / place / "one.py"
            module.parent.mkdir()
            module.write_text(text)
            assert faults(module) == [f"one.py:{fault}"]
        module.write_text("from cnncalc.graph import builder\nfrom cnncalc.cli import console\n")
        assert faults(module) == []

    def test_every_feature_is_there(self) -> None:
        assert {part_of(module) for module in modules()} >= {*FEATURES, *FRONT}

    def test_no_module_is_imported_in_a_circle(self) -> None:
        known = {named(module): module for module in modules()}
        reads = {
            name: {
                other for found in imported_at_once(module)
                if (other := found if found in known else found.rpartition(".")[0]) in known
                and other != name
            }
            for name, module in known.items()
        }  # fmt: skip
        list(TopologicalSorter(reads).static_order())

    def test_that_test_can_fail_too(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
        (tmp_path / "one.py").write_text("from cnncalc.two import b\n")
        (tmp_path / "two.py").write_text("from cnncalc import one\n")
        with pytest.raises(CycleError):
            self.test_no_module_is_imported_in_a_circle()

    @together("module", modules())
    def test_other_packages_stay_where_they_belong(self, module: Path) -> None:
        place = module.relative_to(PACKAGE).as_posix()
        for line, name in imports(module):
            package = name.split(".")[0]
            if package in sys.stdlib_module_names or package == "cnncalc":
                continue
            assert package in CONFINED, f"{place}:{line}: {package}"
            assert place.startswith(CONFINED[package]), f"{place}:{line}: {package}"


class TestWhatIsLoaded:
    """In a fresh interpreter, where numpy and its like can be found, whether installed or not."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        for name in HEAVY:
            (tmp_path / f"{name}.py").touch()
        return tmp_path

    def loaded(self, path: Path, code: str) -> set[str]:
        """The modules that are there after some code has run."""
        code += "\nimport json, sys\nprint('\\n' + json.dumps(list(sys.modules)), file=sys.stderr)"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(path)},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return set(json.loads(done.stderr.splitlines()[-1]))

    def command(self, *args: str) -> str:
        return (
            "import sys\n"
            f"sys.argv = {['cnncalc', *args]!r}\n"
            "from cnncalc.__main__ import main\n"
            "try:\n"
            "    main()\n"
            "except SystemExit as done:\n"
            "    assert not done.code, done.code\n"
        )

    def test_import_is_light(self, path: Path) -> None:
        loaded = self.loaded(path, "import cnncalc")
        assert not loaded & {*HEAVY, "rich", "typer", "yaml"}

    FILES = [f"architectures/{name}.yaml" for name in VARIED]

    @pytest.mark.parametrize(
        "commands",
        [
            [["--help"], ["summary", "alexnet"], ["check", *FILES], ["layers"]],
            *slow([["check", "architectures"]]),
        ],
        ids=["each", "all files"],
    )
    def test_commands_do_without_numpy(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]
    ) -> None:
        monkeypatch.chdir(ROOT)
        loaded = self.loaded(path, "".join(self.command(*args) for args in commands))
        assert "cnncalc.cli.app" in loaded
        assert not loaded & set(HEAVY)

    def test_that_test_can_fail(self, path: Path) -> None:
        code = "try:\n    import numpy\nexcept ImportError:\n    pass\n"
        assert "numpy" in self.loaded(path, code + self.command("summary", "alexnet"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    python("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages, the wheel's alone."""
    folder = tmp_path_factory.mktemp("installed")
    python("-m", "pip", "install", "--no-deps", "--quiet", "--target", str(folder), str(wheel))
    return folder


@pytest.mark.slow
class TestWheel:
    def test_holds_the_package_and_nothing_else(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
        assert {f"cnncalc/{m.relative_to(PACKAGE).as_posix()}" for m in modules()} <= names
        assert "cnncalc/py.typed" in names
        assert {f"cnncalc/checks/rules/{code}.md" for code in CATALOGUE} <= names
        bundled = {f"cnncalc/architectures/{p.name}" for p in (ROOT / "architectures").iterdir()}
        assert bundled <= names
        assert {name.split("/")[0].split("-")[0] for name in names} == {"cnncalc"}
        assert not [name for name in names if "__pycache__" in name or "tests" in name]

    def test_runs_from_an_empty_folder(self, installed: Path, tmp_path: Path) -> None:
        done = python("-m", "cnncalc", "summary", "alexnet", path=installed, folder=tmp_path)
        assert "62,378,344 (62.4M)" in done
        code = "import cnncalc, cnncalc.bundled; print(cnncalc.__file__, cnncalc.bundled.folder())"
        assert python("-c", code, path=installed, folder=tmp_path).split() == [
            str(installed / "cnncalc" / "__init__.py"),
            str(installed / "cnncalc" / "architectures"),
        ]

    def test_brings_its_command(self, installed: Path, tmp_path: Path) -> None:
        script = str(installed / "bin" / "cnncalc")
        assert python(script, "--version", path=installed, folder=tmp_path).startswith("cnncalc ")

    def test_every_bundled_file_is_well_when_installed(
        self, installed: Path, tmp_path: Path
    ) -> None:
        folder = str(installed / "cnncalc" / "architectures")
        done = python("-m", "cnncalc", "check", folder, path=installed, folder=tmp_path)
        assert done.endswith("files checked: all well\n")


def python(*args: str, path: Path | None = None, folder: Path | None = None) -> str:
    """What Python prints, with a folder of packages to look in first, in a current folder."""
    done = subprocess.run(
        [sys.executable, *args],
        env={**os.environ, "PYTHONUTF8": "1", **({"PYTHONPATH": str(path)} if path else {})},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
