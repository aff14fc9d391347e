"""The packages that only some of what cnncalc does needs, and what to say where one is missing.

None is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

CLUSTER = ("distributed",)
PLOT = ("matplotlib",)
RUN = ("numpy", "numba", "platformdirs", "threadpoolctl")
"""By the extra that brings them. What is imported is called as what is installed."""

OLDEST = {"numba": (0, 63)}
"""What came before brings an llvmlite that writes pointers to pointers in a way that LLVM no longer
reads."""


def missing(packages: Iterable[str]) -> list[str]:
    """Those that cannot be imported."""
    return [package for package in packages if find_spec(package) is None]


def need(what: str, packages: Iterable[str]) -> str:
    """The sentence for packages that are missing, with a command that installs them. It works
    wherever cnncalc came from."""
    names = list(packages)
    *most, last = names
    listed = f"{', '.join(most)} and {last}" if most else last
    return f"{what} needs {listed}: pip install {' '.join(names)}"


def need_later(what: str, package: str, installed: str) -> str:
    """The sentence for a package that is too old."""
    oldest = ".".join(map(str, OLDEST[package]))
    return (
        f"{what} needs {package} {oldest} or later, not {installed}: "
        f"pip install '{package}>={oldest}'"
    )
