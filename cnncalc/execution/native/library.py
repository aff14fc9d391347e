"""The kernels compiled for a processor, family by family and each family when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from cnncalc import __version__
from cnncalc.execution.native import kernels
from cnncalc.execution.native.code import Code, compiled_once, machine
from cnncalc.execution.native.host import Host
from cnncalc.execution.native.kernels.shapes import ROWS, row_family

FAMILIES: dict[str, tuple[str, tuple[int, ...]]] = {
    **{
        name: (name, ())
        for name in (
            "driver",
            "contraction",
            "grouped",
            "clearing",
            "functions",
            "pointwise",
            "winograd",
            "cross_channel",
            "moments",
        )
    },
    **{row_family(*kind): ("rows", kind) for kind in ROWS},
}
"""The module that has the kernels of each family, and what `kernels` there is told beside the
lanes. They are imported where code is compiled alone: what compiles them takes long to load."""

DRIVER = "driver"
"""The family whose functions call one another."""

Table: TypeAlias = npt.NDArray[np.int64]

ELSEWHERE = ("cnncalc.execution.native.code", "cnncalc.execution.reference.functions",
             "cnncalc.execution.operations")  # fmt: skip
"""What else code is made from: how it is optimised, constants, names of functions."""


class Library:
    """Kernels by their names, each compiled when it is asked for and no earlier. They live as long
    as this does."""

    def __init__(self, at: Host) -> None:
        self.host = at
        self._codes: dict[tuple[str, str], Code] = {}
        self._addresses: dict[tuple[str, str], int] = {}
        self._tables: dict[tuple[str, tuple[str, ...]], Table] = {}
        self._known: dict[int, tuple[str, tuple[str, ...]]] = {}

    @property
    def lanes(self) -> int:
        return self.host.lanes

    def code(self, family: str, name: str = "") -> Code:
        """A kernel of a family, or all of them. The first time on a machine they are compiled."""
        key = family, name
        if key not in self._codes:
            known_as = f"{family}, {name}, {sources()}"
            self._codes[key] = compiled_once(known_as, lambda: self.text(*key), self.host)
        return self._codes[key]

    def address(self, family: str, name: str) -> int:
        """Where a function of a family starts."""
        key = family, name
        if key not in self._addresses:
            code = self.code(family, "" if family == DRIVER else name)
            self._addresses[key] = code.address(name)
        return self._addresses[key]

    def tiles(self, family: str, names: Iterable[str]) -> int:
        """The address of a table of kernels for tiles of 0, 1, 2 and so on positions, 0 as long as
        they are not provided."""
        key = family, tuple(names)
        if key not in self._tables:
            self._tables[key] = table = np.zeros(1 + len(key[1]), np.int64)
            self._known[table.ctypes.data] = key
        address: int = self._tables[key].ctypes.data
        return address

    def provide(self, tiles: int, sizes: Iterable[int]) -> None:
        """Have the kernels in such a table for tiles of these sizes."""
        family, names = key = self._known[tiles]
        for size in sizes:
            self._tables[key][size] = self.address(family, names[size - 1])

    def text(self, family: str, name: str) -> str:
        """LLVM's text of a kernel of a family, or of all of them."""
        module, told = FAMILIES[family]
        made = import_module(f"{kernels.__name__}.{module}").kernels(self.lanes, *told)
        text: str = self._compiler.text({name: made[name]} if name else made)
        return text

    @cached_property
    def _compiler(self) -> Any:
        from cnncalc.execution.native.kernels.compiler import Compiler

        return Compiler(self.lanes, self.host.triple, machine(self.host))


@cache
def sources() -> str:
    """A digest of what kernels are made from: other sources, other code."""
    digest = blake2b(f"{__version__} {version('numba')}".encode(), digest_size=16)
    names = [f"{kernels.__name__}.{module.name}" for module in iter_modules(kernels.__path__)]
    for name in sorted([*names, *ELSEWHERE]):
        digest.update(_content(name))
    return digest.hexdigest()


def _content(name: str) -> bytes:
    """A module as it is stored, in an archive too. Where nobody can read it the version counts."""
    spec = find_spec(name)
    read = getattr(spec and spec.loader, "get_data", None)
    if spec is None or spec.origin is None or read is None:
        return b""
    try:
        content: bytes = read(spec.origin)
    except OSError:
        return b""
    return content


@cache
def library(at: Host) -> Library:
    """The library for a processor, one in a process."""
    return Library(at)
