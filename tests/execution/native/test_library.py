"""Code that is stored is known by what it was made from."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import cnncalc
from cnncalc.execution.native.kernels import driver

PRINT = "from cnncalc.execution.native.library import sources; print(sources())"


def archive(path: Path, *, changed: str = "") -> Path:
    """The package zipped, with one line more in a module of the kernels if asked for."""
    root = Path(cnncalc.__file__).parent
    with zipfile.ZipFile(path, "w") as made:
        for file in root.rglob("*.py"):
            more = f"# {changed}\n" if changed and file == Path(driver.__file__) else ""
            name = file.relative_to(root.parent).as_posix()
            made.writestr(name, file.read_text("utf-8") + more)
    return path


def sources(archive: Path) -> str:
    code = f"import sys; sys.path.insert(0, {str(archive)!r}); {PRINT}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=archive.parent
    )
    return done.stdout.strip()


def test_kernels_are_told_apart_inside_an_archive(tmp_path: Path) -> None:
    """Another one's code has other records: run for these it would write anywhere."""
    as_it_is = sources(archive(tmp_path / "a.zip"))
    assert sources(archive(tmp_path / "b.zip")) == as_it_is
    assert sources(archive(tmp_path / "c.zip", changed="more")) != as_it_is


ASK = """
import sys
from cnncalc.execution.native.host import host
from cnncalc.execution.native.library import library
library(host()).address("clearing", "clear")
print("numba" in sys.modules)
"""


def test_what_is_stored_needs_no_compiler() -> None:
    """Loading Numba alone would take half a second of every run."""
    loaded = [
        subprocess.run(
            [sys.executable, "-c", ASK], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert loaded == ["True\n", "False\n"]
