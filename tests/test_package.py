"""The package as a whole: who imports whom, what is loaded when, what a wheel holds."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cnncalc"

FLOORS = (
    ("source", "diagnostics", "geometry", "volume", "expressions", "templates", "reach"),
    ("layers",),
    ("document",),
    ("graph",),
    ("analysis",),
    ("queries",),
    ("render", "formats", "execution", "zoo"),
    ("loading",),
    ("editing",),
    ("cli",),
    ("__init__", "__main__"),
)
"""From the ground up. A module may import from lower floors and from its own part; on the ground
floor, whose modules are small, they may import one another, but not in a circle."""

CONFINED = {
    "numpy": ("execution/",),
    "llvmlite": ("execution/",),
    "matplotlib": ("render/report/roofline.py",),
    "threadpoolctl": ("execution/",),
    "platformdirs": ("execution/",),
    "onnx": ("formats/",),
    "distributed": ("queries/cluster.py",),
    "rich": ("render/", "cli/"),
    "ruamel": ("queries/",),
    "typer": ("cli/",),
    "yaml": ("document/composer.py",),
    "pydantic": ("layers/", "graph/", "queries/places.py"),
    "pydantic_core": ("layers/", "graph/"),
}
"""Where another package may be imported; others nowhere."""

HEAVY = ("numpy", "llvmlite", "matplotlib", "onnx", "platformdirs", "threadpoolctl")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def part_of(module: Path) -> str:
    """The part of the package that a module belongs to: `layers`, `geometry`."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor_of(part: str) -> int:
    for number, parts in enumerate(FLOORS):
        if part in parts:
            return number
    raise AssertionError(f"cnncalc/{part} stands on no floor; give it one here")


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
    """Imports that point up, or sideways to another part of the same floor."""
    part = part_of(module)
    return [
        f"{module.name}:{line}: {part} imports {other}"
        for line, other in own_imports(module)
        if other != part
        and (floor_of(other), floor_of(part)) != (0, 0)
        and floor_of(other) >= floor_of(part)
    ]


class TestImports:
    @pytest.mark.parametrize("module", modules(), ids=lambda m: str(m.relative_to(PACKAGE)))
    def test_point_down(self, module: Path) -> None:
        assert faults(module) == []

    def test_that_test_can_fail(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
        module = tmp_path / "layers" / "conv.py"
        module.parent.mkdir()
        module.write_text("def f():\n    from cnncalc.graph import build\n")
        assert faults(module) == ["conv.py:2: layers imports graph"]
        module.write_text("from cnncalc import zoo\n")
        assert faults(module) == ["conv.py:1: layers imports zoo"]

    def test_ground_floor_has_no_circle(self) -> None:
        reads = {
            part: {other for _, other in own_imports(PACKAGE / f"{part}.py")} for part in FLOORS[0]
        }
        while reads:
            free = [part for part, others in reads.items() if not others & set(reads)]
            assert free, reads
            for part in free:
                del reads[part]

    @pytest.mark.parametrize("module", modules(), ids=lambda m: str(m.relative_to(PACKAGE)))
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
        assert not loaded & {*HEAVY, "pydantic", "rich", "typer", "yaml"}

    @pytest.mark.parametrize(
        "args", [["--help"], ["summary", "alexnet"], ["check", "architectures"], ["layers"]]
    )
    def test_commands_do_without_numpy(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str]
    ) -> None:
        monkeypatch.chdir(ROOT)
        loaded = self.loaded(path, self.command(*args))
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


class TestWheel:
    def test_holds_the_package_and_nothing_else(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
        assert {f"cnncalc/{m.relative_to(PACKAGE).as_posix()}" for m in modules()} <= names
        assert "cnncalc/py.typed" in names
        bundled = {f"cnncalc/architectures/{p.name}" for p in (ROOT / "architectures").iterdir()}
        assert bundled <= names
        assert {name.split("/")[0].split("-")[0] for name in names} == {"cnncalc"}
        assert not [name for name in names if "__pycache__" in name or "tests" in name]

    def test_runs_from_an_empty_folder(self, installed: Path, tmp_path: Path) -> None:
        done = python("-m", "cnncalc", "summary", "alexnet", path=installed, folder=tmp_path)
        assert "62,378,344 (62.4M)" in done
        code = "import cnncalc, cnncalc.zoo; print(cnncalc.__file__, cnncalc.zoo.folder())"
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
