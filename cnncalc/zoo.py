"""The bundled architectures: found in an installed package or in a checkout."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

SUFFIXES = (".yaml", ".yml")


@lru_cache(maxsize=1)
def folder() -> Path:
    """Where the bundled files are: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "architectures"
    return installed if installed.is_dir() else package.parent / "architectures"


def names() -> list[str]:
    """The bundled names, sorted."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def find(name: str) -> Path | None:
    """The bundled file that `resnet50` or `resnet50.yaml` means, None for anything else."""
    stem = name.removesuffix(".yaml").removesuffix(".yml")
    if not stem or "/" in stem or "\\" in stem or "\0" in stem or stem.startswith("."):
        return None
    path = folder() / f"{stem}.yaml"
    try:
        return path if path.is_file() else None
    except OSError:
        return None
