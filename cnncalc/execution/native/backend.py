"""The native backend: plans carried out by compiled kernels, with NumPy for what has none."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.execution.native.host import Host, host
from cnncalc.execution.native.library import library
from cnncalc.execution.native.program import NativeProgram
from cnncalc.execution.native.schedule.schedule import Schedule, schedule
from cnncalc.execution.plan import Plan
from cnncalc.execution.weights import Weights


class Native:
    """Kernels for this processor, or as if it were another one."""

    name = "native"

    def __init__(self, at: Host | None = None) -> None:
        """Raises `RuntimeError` where LLVM makes no code for the processor."""
        self.host = at or host()
        library(self.host).code("driver")

    def schedule(self, plan: Plan, batch: int, threads: int, *, direct: bool) -> Schedule:
        return schedule(plan, batch, self.host.lanes, threads, direct=direct)

    def bind(
        self, schedule: Schedule, weights: Weights, advance: Callable[[float], None]
    ) -> NativeProgram:
        return NativeProgram(schedule, weights, library(self.host), advance)
