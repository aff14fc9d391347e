"""The processor this runs on, as LLVM knows it: its name, its features, its vectors."""

from __future__ import annotations

import os
import sys
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

import llvmlite.binding as llvm

from cnncalc.execution.refusals import NoNativeCode, Refused

VARIABLE = "CNNCALC_LANES"
"""An environment variable: how many lanes to use at most."""
LANES = (4, 8, 16)


class Host(NamedTuple):
    """`features` is LLVM's list of them, `+avx2,-avx512f,…`; `lanes` how many float32 fit into
    one of its vectors."""

    triple: str
    cpu: str
    features: str
    lanes: int

    @property
    def kind(self) -> str:
        """What tells it from other processors: two of one name may differ in their features."""
        digest = blake2b(self.features.encode(), digest_size=4).hexdigest()
        return f"{self.cpu} {digest}, {self.lanes} lanes"

    @property
    def registers(self) -> int:
        """Vector registers: NEON has 32, x86 has them with AVX-512."""
        return 32 if self.lanes == 16 or self.triple.startswith(("aarch64", "arm64")) else 16


_WIDE = {16: "avx512f", 8: "avx"}
"""The feature of x86 that brings so many lanes; without any there are four, as elsewhere."""


def host() -> Host:
    """The processor as it is, or as if its vectors were as narrow as the user wants them.

    Raises `RuntimeError` where LLVM makes no code for it, `Refused` for a number of lanes that no
    processor has.
    """
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return _actual()
    if wanted not in map(str, LANES):
        raise Refused(f"{VARIABLE} is {wanted}: say 4, 8 or 16")
    return narrowed(_actual(), int(wanted))


@cache
def _actual() -> Host:
    if sys.byteorder != "little":
        raise NoNativeCode("kernels are written for processors that store the low byte first")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    try:
        features = llvm.get_host_cpu_features()
    except RuntimeError:  # LLVM does not know the processor: it has what all of its kind have
        features = llvm.FeatureMap()
    lanes = next((lanes for lanes, name in _WIDE.items() if features.get(name)), 4)
    name = llvm.get_host_cpu_name() or "generic"
    return Host(llvm.get_default_triple(), name, features.flatten(), lanes)


def narrowed(at: Host, lanes: int) -> Host:
    """The processor as if its vectors had at most so many lanes, and what comes with wider ones
    were missing."""
    if lanes >= at.lanes:
        return at
    gone: tuple[str, ...] = ("avx512", "avx10", "evex512", "amx")
    if lanes < 8:
        gone += ("avx", "fma", "f16c", "vaes", "vpclmulqdq", "xop")
    features = (f"-{name[1:]}" if name[1:].startswith(gone) else name
                for name in at.features.split(","))  # fmt: skip
    # The name of a processor would bring its features back.
    plain = "x86-64" if at.triple.startswith("x86_64") else "generic"
    return Host(at.triple, plain, ",".join(features), lanes)
