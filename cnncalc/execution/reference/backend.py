"""The reference backend's program: a plan carried out step by step, values freed after use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.backend import Observed, Piece, Seconds, Span
from cnncalc.execution.buffers import peak
from cnncalc.execution.plan import ArrayName, Plan, Step
from cnncalc.execution.reference import contractions, moves, norms, pools
from cnncalc.execution.reference.contractions import Tally
from cnncalc.execution.reference.functions import elementwise
from cnncalc.execution.weights import Array, Weights
from cnncalc.volume import Volume

Arrays = dict[str, Array]


class Work(NamedTuple):
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
    do: Callable[[Any, Array, Arrays, Volume, Tally], Array],
) -> Callable[[Work], Array]:
    return lambda work: do(work.operation, work.x, work.arrays, work.out, work.tally)


WORK: dict[type[op.Operation], Callable[[Work], Array]] = {
    op.Convolution: _counted(contractions.convolution),
    op.TableConvolution: _counted(contractions.table_convolution),
    op.UnsharedConvolution: _counted(contractions.unshared_convolution),
    op.TransposedConvolution: _counted(contractions.transposed_convolution),
    op.Product: lambda work: contractions.product(work.x, work.arrays, work.tally),
    op.WindowPool: lambda work: pools.window_pool(work.operation, work.x, work.out),
    op.SpanPool: lambda work: pools.span_pool(work.operation, work.x, work.out),
    op.ChannelAffine: lambda work: norms.channel_affine(work.operation, work.x, work.arrays),
    op.Standardization: lambda work: norms.standardization(work.operation, work.x, work.arrays),
    op.NeighbourNormalization: lambda work: norms.neighbour_normalization(work.operation, work.x),
    op.Elementwise: lambda work: elementwise(work.operation, work.x),
    op.LearnedSlope: lambda work: norms.learned_slope(work.x, work.arrays),
    op.Softmax: lambda work: norms.softmax(work.operation, work.x),
    op.Merge: lambda work: moves.merge(work.operation, work.inputs),
    op.Concatenation: lambda work: moves.concatenation(work.inputs),
    op.Rearrangement: lambda work: moves.rearrangement(work.operation, work.x, work.out),
    op.Cut: lambda work: moves.cut(work.operation, work.x),
    op.Surround: lambda work: moves.surround(work.operation, work.x),
    op.Resampling: lambda work: moves.resampling(work.operation, work.x),
    op.Pass: lambda work: work.x,
    op.Declared: lambda work: np.zeros((len(work.x), *work.out), work.x.dtype),
}


class Reference:
    """`dtype` is what it computes in: float32, or float64 to hold others to."""

    name = "reference"

    def __init__(self, dtype: type[np.floating] = np.float32) -> None:
        self.dtype = np.dtype(dtype)

    def schedule(
        self, plan: Plan, batch: int, threads: int, *, direct: bool = True
    ) -> ReferenceSchedule:
        return ReferenceSchedule(plan, batch, self.dtype)

    def bind(
        self, schedule: ReferenceSchedule, weights: Weights, advance: Callable[[float], None]
    ) -> ReferenceProgram:
        plan, arrays = schedule.plan, []
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


class ReferenceSchedule(NamedTuple):
    """Step by step, as it is written."""

    plan: Plan
    batch: int
    dtype: np.dtype[np.floating]

    @property
    def bytes(self) -> int:
        """Arrays, the values that are alive together, and what a step puts aside meanwhile."""
        plan = self.plan
        arrays = {name: _size(plan, name) for step in plan.steps for name in step.arrays.values()}
        # Factors are folded in in double precision.
        folding = max(
            (3 * arrays[name] for s in plan.steps if s.folded for name in s.arrays.values()),
            default=0,
        )
        aside = max(_aside(plan, step) for step in plan.steps)
        sizes = [volume.size for volume in plan.values]
        values = self.batch * (peak(plan, sizes) + aside)
        return (sum(arrays.values()) + max(folding, values)) * self.dtype.itemsize


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
                work = Work(step.operation, read, self.arrays[number], out, tally)
                made = WORK[type(step.operation)](work)
                alive[step.output] = made
                self._seconds[number] = perf_counter() - start
                self._observed[number] = Observed(made.shape, tally.macs)
                for value in self._done[number]:
                    del alive[value]
        return {
            name: np.array(alive[value], np.float32) for name, value in self.plan.outputs.items()
        }

    def traced(self, inputs: Mapping[str, Array]) -> list[Span]:
        self.run(inputs)
        ends = np.cumsum(self._seconds)
        return [
            Span(0, number, float(end - took), float(took))
            for number, (end, took) in enumerate(zip(ends, self._seconds, strict=True))
        ]

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
