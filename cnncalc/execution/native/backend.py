"""The native backend: plans carried out by compiled kernels, with NumPy for what has none."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.execution import operations as op
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
        """Raises `RuntimeError` where LLVM makes no code for the processor."""
        self.host = at or host()
        library(self.host).code("driver")

    def bytes_needed(self, plan: Plan, batch: int, threads: int) -> int:
        """The arena, the weights as they are drawn and packed, and tables."""
        jobs = chained(plan, fused(plan), batch)
        placing = Placing(plan, jobs, batch, self.host.lanes, threads)
        arena = memory(placing.buffers).size + room_for(placing.tasks, threads)
        arrays = {array for step in plan.steps for array in step.arrays.values()}
        sizes = [_size(plan, array.node, array.name) for array in arrays]
        learned = 4 * sum(sizes)
        learned += _filling(plan, self.host.lanes)
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


def _filling(plan: Plan, lanes: int) -> int:
    """Bytes of zeros that fill vectors up beside weights of every position, of which there are as
    many as there are weights."""
    found = 0
    for step in plan.steps:
        if isinstance(step.operation, op.UnsharedConvolution):
            weight, filters = step.arrays["weight"], plan.values[step.output].channels
            each = _size(plan, weight.node, weight.name) // filters
            found += 4 * each * (-filters % lanes)
    return found


def _size(plan: Plan, node: int, name: str) -> int:
    tensors = plan.graph.nodes[node].inferred.tensors
    return next(tensor.size for tensor in tensors if tensor.name == name)
