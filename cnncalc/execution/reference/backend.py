"""The reference backend's program: a plan carried out step by step, values freed after use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.backend import Observed, Piece, Seconds
from cnncalc.execution.buffers import peak
from cnncalc.execution.plan import ArrayName, Plan, Step
from cnncalc.execution.reference import attention, contractions, moves, norms, pools
from cnncalc.execution.reference.contractions import Tally
from cnncalc.execution.reference.functions import elementwise, gate
from cnncalc.execution.reference.recurrence import recurrence
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
    op.Joining: lambda job: moves.joining(job.operation, job.inputs),
    op.MatrixProduct: lambda job: attention.matrix_product(job.operation, job.inputs, job.tally),
    op.Frame: lambda job: moves.frame(job.operation, job.x),
    op.Weighting: lambda job: moves.weighting(job.operation, job.x),
    op.Reducing: lambda job: pools.reducing(job.operation, job.x, job.out),
    op.Rescaling: lambda job: norms.rescaling(job.operation, job.x),
    op.Clipping: lambda job: np.clip(job.x, job.operation.low, job.operation.high),
    op.Gate: lambda job: gate(job.x),
    op.ElementSlope: lambda job: norms.learned_slope(job.x, job.arrays),
    op.LengthNormalization: lambda job: norms.length_normalization(job.operation, job.x),
    op.RootNormalization: lambda job: norms.root_normalization(job.operation, job.x, job.arrays),
    op.ResponseNormalization: lambda job: norms.response_normalization(
        job.operation, job.x, job.arrays
    ),
    op.Constant: lambda job: np.repeat(job.arrays["weight"][None], len(job.x), 0),
    op.Lookup: lambda job: attention.lookup(job.x, job.arrays),
    op.Attention: lambda job: attention.attention(job.operation, job.inputs, job.arrays, job.tally),
    op.Recurrence: lambda job: recurrence(job.operation, job.x, job.arrays, job.tally),
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
        most_aside = max(aside(plan, step) for step in plan.steps)
        sizes = [volume.size for volume in plan.values]
        values = batch * (peak(plan, sizes) + most_aside)
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
