"""The native backend: plans carried out by compiled kernels, with NumPy for what has none."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.execution.memory import available
from cnncalc.execution.native.banding import chained
from cnncalc.execution.native.estimating import bytes_needed
from cnncalc.execution.native.fusing import fused
from cnncalc.execution.native.host import Host, host
from cnncalc.execution.native.library import library
from cnncalc.execution.native.placing import Placing
from cnncalc.execution.native.program import NativeProgram
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.plan import Plan
from cnncalc.execution.weights import Weights


class Native:
    """Kernels for this processor, or as if it were another one."""

    name = "native"

    def __init__(self, at: Host | None = None) -> None:
        """Raises `RuntimeError` where LLVM makes no code for the processor."""
        self.host = at or host()
        library(self.host).code("driver")

    def bytes_needed(self, plan: Plan, batch: int, threads: int) -> int:
        """What a program of the plan takes, task by task. Of a network with a volume that does not
        fit by itself that volume alone: tables of its places would not fit either."""
        jobs = chained(plan, fused(plan), batch)
        whole = [*plan.inputs.values(), *(job.output for job in jobs)]
        largest = FLOAT_BYTES * batch * max(plan.values[value].size for value in whole)
        free = available()
        if free is not None and largest > free:
            return largest
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
