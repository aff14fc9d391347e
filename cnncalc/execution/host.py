"""The processor this runs on, as LLVM knows it: its name, its features, its vectors."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import llvmlite.binding as llvm


class Host(NamedTuple):
    """`features` is LLVM's list of them, `+avx2,-avx512f,…`; `lanes` how many float32 fit into
    one of its vectors."""

    triple: str
    cpu: str
    features: str
    lanes: int


@cache
def host() -> Host:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        lanes = 16
    elif features.get("avx"):
        lanes = 8
    else:
        lanes = 4
    return Host(
        llvm.get_default_triple(), llvm.get_host_cpu_name(), features.flatten(), lanes
    )  # fmt: skip
