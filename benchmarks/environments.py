"""Virtual environments for what is measured beside cnncalc, made once and kept."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

_COMPLETE = "complete"


def kept(name: str) -> Path:
    """The folder of an environment in the user's cache, one for every version of Python."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = ".".join(map(str, sys.version_info[:2]))
    return cache / "cnncalc-benchmarks" / f"{name}-python-{version}"


def python_with(folder: Path, needed: Sequence[str], wished: Sequence[str] = ()) -> Path:
    """The Python of the environment in a folder, which is made or completed where need be.

    Going without what is `wished` for is told, and no more. A folder with other things in it is
    left alone.
    """
    python, complete = folder / "bin" / "python", folder / _COMPLETE
    told = "\n".join((*needed, *wished))
    if complete.exists() and complete.read_text() == told:
        return python
    if not (folder / "pyvenv.cfg").exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            sys.exit(f"{folder} is there and is no virtual environment")
        venv.create(folder, with_pip=True)
    print(f"installing {', '.join((*needed, *wished))} into {folder} …", file=sys.stderr)
    install = [str(python), "-m", "pip", "install", "--quiet", *needed]
    if subprocess.run(install, check=False).returncode:
        sys.exit(f"pip could not install what is needed; {folder} is incomplete")
    for package in wished:
        if subprocess.run([*install, package], check=False).returncode:
            print(f"{package} cannot be had here", file=sys.stderr)
    complete.write_text(told)
    return python
