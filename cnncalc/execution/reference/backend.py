"""The reference backend's program: a plan carried out step by step, values freed after use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.backend import Observed, Piece, Seconds
from cnncalc.execution.buffers import peak
from cnncalc.execution.plan import ArrayName, Plan, Step
from cnncalc.execution.reference import contractions, moves, norms, pools
from cnncalc.execution.reference.contractions import Tally
from cnncalc.execution.reference.functions import elementwise
from cnncalc.execution.weights import Array, Weights
from cnncalc.volume import Volume

Arrays = dict[str, Array]


class Job(NamedTuple):
    """An operation with all that it takes: the values it reads, its learned arrays by role, the
    volume it is to make, and who counts."""

    operation: Any
    inputs: Sequence[Array]
    arrays: Arrays
    out: Volume
    tally: Tally

    @property
    def x(self) -> Array:
        """The value of an operation that reads one."""
        return self.inputs[0]


def _counted(
    work: Callable[[Any, Array, Arrays, Volume, Tally], Array],
) -> Callable[[Job], Array]:
    return lambda job: work(job.operation, job.x, job.arrays, job.out, job.tally)


WORK: dict[type[op.Operation], Callable[[Job], Array]] = {
    op.Convolution: _counted(contractions.convolution),
    op.TableConvolution: _counted(contractions.table_convolution),
    op.UnsharedConvolution: _counted(contractions.unshared_convolution),
    op.TransposedConvolution: _counted(contractions.transposed_convolution),
    op.Product: lambda job: contractions.product(job.x, job.arrays, job.tally),
    op.WindowPool: lambda job: pools.window_pool(job.operation, job.x, job.out),
    op.SpanPool: lambda job: pools.span_pool(job.operation, job.x, job.out),
    op.ChannelAffine: lambda job: norms.channel_affine(job.operation, job.x, job.arrays),
    op.Standardization: lambda job: norms.standardization(job.operation, job.x, job.arrays),
    op.NeighbourNormalization: lambda job: norms.neighbour_normalization(job.operation, job.x),
    op.Elementwise: lambda job: elementwise(job.operation, job.x),
    op.LearnedSlope: lambda job: norms.learned_slope(job.x, job.arrays),
    op.Softmax: lambda job: norms.softmax(job.operation, job.x),
    op.Merge: lambda job: moves.merge(job.operation, job.inputs),
    op.Concatenation: lambda job: moves.concatenation(job.inputs),
    op.Rearrangement: lambda job: moves.rearrangement(job.operation, job.x, job.out),
    op.Cut: lambda job: moves.cut(job.operation, job.x),
    op.Surround: lambda job: moves.surround(job.operation, job.x),
    op.Resampling: lambda job: moves.resampling(job.operation, job.x),
    op.Pass: lambda job: job.x,
    op.Declared: lambda job: np.zeros((len(job.x), *job.out), job.x.dtype),
}


class Reference:
    """`dtype` is what it computes in: float32, or float64 to hold others to."""

    name = "reference"

    def __init__(self, dtype: type[np.floating] = np.float32) -> None:
        self.dtype = np.dtype(dtype)

    def bytes_needed(self, plan: Plan, batch: int, threads: int) -> int:
        """Arrays, the values that are alive together, and what a step puts aside meanwhile."""
        arrays = {name: _size(plan, name) for step in plan.steps for name in step.arrays.values()}
        # Factors are folded in in double precision.
        folding = max(
            (3 * arrays[name] for s in plan.steps if s.folded for name in s.arrays.values()),
            default=0,
        )
        aside = max(_aside(plan, step) for step in plan.steps)
        sizes = [volume.size for volume in plan.values]
        values = batch * (peak(plan, sizes) + aside)
        return (sum(arrays.values()) + max(folding, values)) * self.dtype.itemsize

    def prepare(
        self,
        plan: Plan,
        weights: Weights,
        batch: int,
        threads: int,
        advance: Callable[[float], None],
    ) -> ReferenceProgram:
        arrays = []
        shared: dict[object, Arrays] = {}
        for number, step in enumerate(plan.steps):
            # Layers that share their weights, folded alike, share arrays here as well.
            key = repr((sorted(step.arrays.items()), step.folded))
            if key not in shared:
                made = weights.of(step)
                shared[key] = {r: a.astype(self.dtype, copy=False) for r, a in made.items()}
            arrays.append(shared[key])
            advance((number + 1) / len(plan.steps))
        return ReferenceProgram(plan, arrays, self.dtype)


class ReferenceProgram:
    """Every step is a piece of its own."""

    def __init__(self, plan: Plan, arrays: list[Arrays], dtype: np.dtype[np.floating]) -> None:
        self.plan = plan
        self.arrays = arrays
        self.dtype = dtype
        self._observed = [Observed((), 0)] * len(plan.steps)
        self._seconds = np.zeros(len(plan.steps))
        self._done: list[list[int]] = [[] for _ in plan.steps]
        for value, last in plan.last_uses().items():
            if last < len(plan.steps):
                self._done[last].append(value)

    @property
    def pieces(self) -> list[Piece]:
        return [Piece(step.nodes, _word(step)) for step in self.plan.steps]

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        alive = {
            value: np.array(inputs[name], self.dtype) for name, value in self.plan.inputs.items()
        }
        # IEEE's infinities and NaNs are results here like others, and no warnings.
        with np.errstate(all="ignore"):
            for number, step in enumerate(self.plan.steps):
                start = perf_counter()
                tally = Tally()
                read = [alive[value] for value in step.inputs]
                out = self.plan.values[step.output]
                job = Job(step.operation, read, self.arrays[number], out, tally)
                made = WORK[type(step.operation)](job)
                alive[step.output] = made
                self._seconds[number] = perf_counter() - start
                self._observed[number] = Observed(made.shape, tally.macs)
                for value in self._done[number]:
                    del alive[value]
        return {
            name: np.array(alive[value], np.float32) for name, value in self.plan.outputs.items()
        }

    def seconds(self) -> Seconds:
        return self._seconds.copy()

    def observed(self) -> list[Observed]:
        return self._observed


def _size(plan: Plan, name: ArrayName) -> int:
    """Elements of an array."""
    tensors = plan.graph.nodes[name.node].inferred.tensors
    return next(tensor.size for tensor in tensors if tensor.name == name.name)


def _aside(plan: Plan, step: Step) -> int:
    """Elements for one image: padded inputs, a product with one tap, the sum of them; more where
    it goes through double precision, as statistics and Φ do."""
    touched = sum(plan.values[v].size for v in (*step.inputs, step.output))
    doubled = isinstance(step.operation, op.Standardization) or (
        isinstance(step.operation, op.Elementwise) and step.operation.function is op.Function.GELU
    )
    return (4 if doubled else 3) * touched


def _word(step: Step) -> str:
    """numpy, or what else there is to say of how a step is computed."""
    return "none" if isinstance(step.operation, op.Declared) else "numpy"
