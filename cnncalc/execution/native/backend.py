"""The native backend: plans carried out by compiled kernels, with NumPy for what has none."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.execution.native.algorithms.choice import room_for
from cnncalc.execution.native.banding import chained
from cnncalc.execution.native.fusing import fused
from cnncalc.execution.native.host import Host, host
from cnncalc.execution.native.library import library
from cnncalc.execution.native.placing import Placing, memory
from cnncalc.execution.native.program import NativeProgram
from cnncalc.execution.plan import Plan
from cnncalc.execution.weights import Weights


class Native:
    """Kernels for this processor, or as if it were another one."""

    name = "native"
    literal = False

    def __init__(self, at: Host | None = None) -> None:
        self.host = at or host()

    def bytes_needed(self, plan: Plan, batch: int, threads: int) -> int:
        """The arena, the weights as they are drawn and packed, and tables."""
        jobs = chained(plan, fused(plan), batch)
        placing = Placing(plan, jobs, batch, self.host.lanes, threads)
        arena = memory(placing.buffers).size + room_for(placing.tasks, threads)
        arrays = {array for step in plan.steps for array in step.arrays.values()}
        sizes = [_size(plan, array.node, array.name) for array in arrays]
        learned = 4 * sum(sizes)
        return arena + 3 * learned + 8 * max(sizes, default=0) + (64 << 20)

    def prepare(
        self,
        plan: Plan,
        weights: Weights,
        batch: int,
        threads: int,
        advance: Callable[[float], None],
    ) -> NativeProgram:
        return NativeProgram(plan, weights, batch, threads, library(self.host), advance)


def _size(plan: Plan, node: int, name: str) -> int:
    tensors = plan.graph.nodes[node].inferred.tensors
    return next(tensor.size for tensor in tensors if tensor.name == name)
