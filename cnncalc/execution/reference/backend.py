"""The reference backend's program: a plan carried out step by step, values freed after use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.backend import Observed, Piece, Seconds, Span
from cnncalc.execution.buffers import peak
from cnncalc.execution.plan import ArrayName, Plan, Step
from cnncalc.execution.reference import attention, contractions, moves, norms, pools
from cnncalc.execution.reference.contractions import Tally
from cnncalc.execution.reference.functions import elementwise, gate
from cnncalc.execution.reference.recurrence import recurrence
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
    op.Joining: lambda work: moves.joining(work.operation, work.inputs),
    op.MatrixProduct: lambda work: attention.matrix_product(
        work.operation, work.inputs, work.tally
    ),
    op.Frame: lambda work: moves.frame(work.operation, work.x),
    op.Weighting: lambda work: moves.weighting(work.operation, work.x),
    op.Reducing: lambda work: pools.reducing(work.operation, work.x, work.out),
    op.Rescaling: lambda work: norms.rescaling(work.operation, work.x),
    op.Clipping: lambda work: np.clip(work.x, work.operation.low, work.operation.high),
    op.Gate: lambda work: gate(work.x),
    op.ElementSlope: lambda work: norms.learned_slope(work.x, work.arrays),
    op.LengthNormalization: lambda work: norms.length_normalization(work.operation, work.x),
    op.RootNormalization: lambda work: norms.root_normalization(
        work.operation, work.x, work.arrays
    ),
    op.ResponseNormalization: lambda work: norms.response_normalization(
        work.operation, work.x, work.arrays
    ),
    op.Constant: lambda work: np.repeat(work.arrays["weight"][None], len(work.x), 0),
    op.Lookup: lambda work: attention.lookup(work.x, work.arrays),
    op.Attention: lambda work: attention.attention(
        work.operation, work.inputs, work.arrays, work.tally
    ),
    op.Recurrence: lambda work: recurrence(work.operation, work.x, work.arrays, work.tally),
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
        most_aside = max(aside(plan, step) for step in plan.steps)
        sizes = [volume.size for volume in plan.values]
        values = self.batch * (peak(plan, sizes) + most_aside)
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
    return prod(_tensor(plan, name))


def aside(plan: Plan, step: Step) -> int:
    """Elements for one image: padded inputs, a product with one tap, the sum of them; more where
    it goes through double precision, as statistics and Φ do."""
    touched = sum(plan.values[v].size for v in (*step.inputs, step.output))
    if isinstance(step.operation, op.Attention):
        return _scores(plan, step, step.operation) + 4 * touched
    if isinstance(step.operation, op.Recurrence):
        (read,) = step.inputs
        widest = max(_tensor(plan, name)[-1] for name in step.arrays.values())
        # Gates of all steps twice, as they are made and with biases, and the outputs.
        ways = len(step.operation.ways)
        return 3 * (touched + plan.values[read].spatial[0] * widest * (1 + ways))
    doubled = isinstance(step.operation, _DOUBLED) or (
        isinstance(step.operation, op.Elementwise) and step.operation.function is op.Function.GELU
    )
    return (4 if doubled else 3) * touched


_DOUBLED = (
    op.Standardization,
    op.LengthNormalization,
    op.RootNormalization,
    op.ResponseNormalization,
    op.Reducing,
)


def _scores(plan: Plan, step: Step, o: op.Attention) -> int:
    """Elements of attention's own: queries, keys, values in heads, what these see, and scores with
    what becomes of them."""
    query = plan.values[step.inputs[0]]
    key = plan.values[step.inputs[1 if len(step.inputs) > 1 else 0]]
    answering = prod(key[axis] for axis in o.key_axes)
    shapes = {role: _tensor(plan, name) for role, name in step.arrays.items()}
    channels = [query.channels, key.channels, plan.values[step.inputs[-1]].channels]
    channels = list(o.parts) or channels
    for number, role in enumerate(("query_weight", "key_weight", "value_weight")):
        if role in shapes:
            channels[number] = shapes[role][-1]
    positions = prod(query.spatial), prod(key.spatial)
    asked, kept, given = channels
    within = 2 * (positions[0] * (asked + given) + positions[1] * (kept + given))
    return within + 5 * o.heads * positions[0] * answering


def _tensor(plan: Plan, name: ArrayName) -> tuple[int, ...]:
    """The shape of an array."""
    tensors = plan.graph.nodes[name.node].inferred.tensors
    return next(tensor.shape for tensor in tensors if tensor.name == name.name)


def _word(step: Step) -> str:
    """numpy, or what else there is to say of how a step is computed."""
    return "none" if isinstance(step.operation, op.Declared) else "numpy"
