"""The kernels compiled for a processor, family by family and each family when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pkgutil import iter_modules

from cnncalc import __version__
from cnncalc.execution.native import kernels
from cnncalc.execution.native.code import Code, compiled_once
from cnncalc.execution.native.host import Host
from cnncalc.execution.native.kernels import (
    clearing,
    contraction,
    cross_channel,
    driver,
    functions,
    grouped,
    moments,
    pointwise,
    rows,
    winograd,
)
from cnncalc.execution.native.kernels.builder import Module

FAMILIES: dict[str, Callable[[Module], None]] = {
    "driver": driver.write,
    "contraction": contraction.write,
    "grouped": grouped.write,
    "clearing": clearing.write,
    "functions": functions.write,
    "pointwise": pointwise.write,
    "winograd": winograd.write,
    "cross_channel": cross_channel.write,
    "moments": moments.write,
    **{rows.family(*kind): rows.writer(*kind) for kind in rows.FAMILIES},
}
"""What writes the functions of each family."""


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
        module = Module(self.host.lanes, self.host.triple)
        FAMILIES[family](module)
        return module.text


@cache
def sources() -> str:
    """A digest of what kernels are made from: other sources, other code."""
    digest = blake2b(__version__.encode(), digest_size=16)
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
