"""The kernels compiled for a processor, family by family and each family when it is asked for."""

from __future__ import annotations

from functools import cache, cached_property
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

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

ELSEWHERE = ("cnncalc.execution.native.code", "cnncalc.execution.reference.functions",
             "cnncalc.execution.operations")  # fmt: skip
"""What else code is made from: how it is optimised, constants, names of functions."""


class Library:
    """Functions by their names. They live as long as this does."""

    def __init__(self, at: Host) -> None:
        self.host = at
        self._codes: dict[str, Code] = {}
        self._addresses: dict[tuple[str, str], int] = {}

    @property
    def lanes(self) -> int:
        return self.host.lanes

    def code(self, family: str) -> Code:
        """A family's functions. The first time on a machine they are compiled."""
        if family not in self._codes:
            key = f"{family} {sources()}"
            self._codes[family] = compiled_once(key, lambda: self._text(family), self.host)
        return self._codes[family]

    def address(self, family: str, name: str) -> int:
        """Where a function of a family starts."""
        key = family, name
        if key not in self._addresses:
            self._addresses[key] = self.code(family).address(name)
        return self._addresses[key]

    def _text(self, family: str) -> str:
        name, told = FAMILIES[family]
        module = import_module(f"{kernels.__name__}.{name}")
        text: str = self._compiler.text(module.kernels(self.lanes, *told))
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
