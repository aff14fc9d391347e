"""The native backend: plans carried out by compiled kernels, with NumPy for what has none."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.execution.native.banding import chained
from cnncalc.execution.native.estimating import bytes_needed
from cnncalc.execution.native.fusing import fused
from cnncalc.execution.native.host import Host, host
from cnncalc.execution.native.library import library
from cnncalc.execution.native.placing import Placing
from cnncalc.execution.native.program import NativeProgram
from cnncalc.execution.plan import Plan
from cnncalc.execution.weights import Weights


class Native:
    """Kernels for this processor, or as if it were another one."""

    name = "native"
    literal = False

    def __init__(self, at: Host | None = None) -> None:
        """Raises `RuntimeError` where LLVM makes no code for the processor."""
        self.host = at or host()
        library(self.host).code("driver")

    def bytes_needed(self, plan: Plan, batch: int, threads: int) -> int:
        jobs = chained(plan, fused(plan), batch)
        return bytes_needed(plan, Placing(plan, jobs, batch, self.host.lanes, threads))

    def prepare(
        self,
        plan: Plan,
        weights: Weights,
        batch: int,
        threads: int,
        advance: Callable[[float], None],
    ) -> NativeProgram:
        return NativeProgram(plan, weights, batch, threads, library(self.host), advance)
