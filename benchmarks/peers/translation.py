"""A plan told in a dialect: the same operations on the same weights, channels first.

What every runtime needs in the same way is decided here, once: the layout of weights, the padding
of windows, the order of flattened numbers. What an operation is called is the dialect's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any, Protocol

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.operations import Merging, Together
from cnncalc.execution.plan import Plan, Step, Value
from cnncalc.execution.weights import Array, Weights
from cnncalc.volume import Volume
from peers.sliding import Slide, Stamp, slides, stamps

Handle = Any
"""What a dialect calls a value: a name, a node."""

Shape = tuple[int, ...]


class Unsayable(Exception):
    """An operation that a dialect has no words for."""


class Dialect(Protocol):
    """Values are (N, C, *spatial), or (N, C). Shapes and axes are as the runtime counts them, the
    batch included. `fresh`: nothing else reads the input, and it may be overwritten."""

    def input(self, name: str, shape: Shape) -> Handle: ...

    def output(self, name: str, x: Handle) -> None: ...

    def constant(self, array: Array) -> Handle: ...

    def convolution(
        self, x: Handle, weight: Array, bias: Array | None, axes: Sequence[Slide], groups: int
    ) -> Handle:
        """weight (K, C/groups, *F)."""

    def transposed_convolution(
        self, x: Handle, weight: Array, bias: Array | None, axes: Sequence[Stamp], groups: int
    ) -> Handle:
        """weight (C, K/groups, *F)."""

    def products(self, x: Handle, weight: Array) -> Handle:
        """x (P, N, n) and weight (P, n, units), a product for each P."""

    def resize(self, x: Handle, sizes: Shape, *, linear: bool) -> Handle:
        """Other lengths of the spatial axes: pixel ⌊o·W/n⌋, or linear with half-pixel centres."""

    def product(self, x: Handle, weight: Array, bias: Array | None) -> Handle:
        """x (N, n), weight (units, n)."""

    def max_pool(self, x: Handle, axes: Sequence[Slide]) -> Handle: ...

    def average_pool(
        self, x: Handle, axes: Sequence[Slide], divisors: Sequence[Shape]
    ) -> Handle | None:
        """None where no mode of the runtime has these divisors."""

    def mean_of_windows(self, x: Handle, axes: Sequence[Slide]) -> Handle:
        """The sum over the size of the kernel, with zeros for what is outside."""

    def global_pool(self, x: Handle, rank: int, *, mean: bool) -> Handle:
        """(N, C, 1, …)."""

    def affine(self, x: Handle, arrays: dict[str, Array], eps: float) -> Handle:
        """`weight`, `bias`, `running_mean` and `running_var` are all there."""

    def layer_norm(self, x: Handle, axes: int, arrays: dict[str, Array], eps: float) -> Handle:
        """Over the last `axes` axes."""

    def group_norm(self, x: Handle, groups: int, arrays: dict[str, Array], eps: float) -> Handle:
        """weight (C), bias (C)."""

    def neighbours(self, x: Handle, operation: op.NeighbourNormalization) -> Handle: ...

    def function(self, x: Handle, operation: op.Elementwise, *, fresh: bool) -> Handle: ...

    def slope(self, x: Handle, weight: Array, rank: int) -> Handle: ...

    def softmax(self, x: Handle, *, logarithm: bool) -> Handle: ...

    def merge(self, how: Merging, xs: Sequence[Handle]) -> Handle: ...

    def concatenation(self, xs: Sequence[Handle]) -> Handle: ...

    def reshape(self, x: Handle, shape: Shape) -> Handle: ...

    def permute(self, x: Handle, axes: Shape) -> Handle: ...

    def split(self, x: Handle, sizes: Sequence[int]) -> Sequence[Handle]:
        """Along the channels."""

    def cut(self, x: Handle, axis: int, start: int, stop: int, step: int = 1) -> Handle: ...

    def surround(self, x: Handle, ends: Sequence[tuple[int, int]]) -> Handle:
        """Zeros at both ends of every axis, the batch included."""


def translate(plan: Plan, weights: Weights, batch: int, dialect: Dialect) -> None:
    """Tell a whole plan. Raises `Unsayable`."""
    told = _Telling(plan, weights, batch, dialect)
    for name, value in plan.inputs.items():
        told.handles[value] = dialect.input(name, told.shape(plan.values[value]))
    for step in plan.steps:
        told.step(step)
    for name, value in plan.outputs.items():
        dialect.output(name, told.settled(value))


def channels_first(volume: Volume) -> Shape:
    return (volume.channels, *volume.spatial)


def first_axes(rank: int) -> Shape:
    """Channels from the last axis to the one behind the batch."""
    return (0, rank + 1, *range(1, rank + 1))


def last_axes(rank: int) -> Shape:
    """Channels from the axis behind the batch to the last."""
    return (0, *range(2, rank + 2), 1)


class _Telling:
    """`handles` are the dialect's values; `flat` tells which vectors hold the numbers of a volume
    with the channels slowest, so that flattening moves nothing where weights can be reordered."""

    def __init__(self, plan: Plan, weights: Weights, batch: int, dialect: Dialect) -> None:
        self.plan = plan
        self.weights = weights
        self.batch = batch
        self.dialect = dialect
        self.handles: dict[Value, Handle] = {}
        self.flat: dict[Value, Volume] = {}
        self.readers = plan.readers()
        self.makers = {step.output: step for step in plan.steps}

    def shape(self, volume: Volume) -> Shape:
        return (self.batch, *channels_first(volume))

    def volume(self, step: Step) -> Volume:
        """The volume of a step that reads one."""
        return self.plan.values[step.inputs[0]]

    def step(self, step: Step) -> None:
        if step.output in self.handles:  # a part that was split off together with another
            return
        work = _WORDS.get(type(step.operation))
        if work is None:
            raise Unsayable(f"{type(step.operation).__name__} of {self.name(step)}")
        self.handles[step.output] = work(self, step, step.operation)

    def name(self, step: Step) -> str:
        return self.plan.graph.nodes[step.nodes[0]].name

    def settled(self, value: Value) -> Handle:
        """A value in its own order of numbers."""
        handle, volume = self.handles[value], self.flat.get(value)
        if volume is None:
            return handle
        handle = self.dialect.reshape(handle, self.shape(volume))
        handle = self.dialect.permute(handle, last_axes(volume.rank))
        return self.dialect.reshape(handle, (self.batch, volume.size))

    def x(self, step: Step) -> Handle:
        """What a step reads that reads one value."""
        return self.settled(step.inputs[0])

    def unordered(self, step: Step) -> Handle:
        """The same for a step that minds no order of numbers, nor makes one."""
        if step.inputs[0] in self.flat:
            self.flat[step.output] = self.flat[step.inputs[0]]
        return self.handles[step.inputs[0]]

    def fresh(self, step: Step) -> bool:
        """Whether what a step reads was made for it alone."""
        (value,) = step.inputs
        maker = self.makers.get(value)
        own = maker is not None and isinstance(maker.operation, _MAKES_ANEW)
        return own and len(self.readers[value]) == 1 and value not in self.plan.outputs.values()


_MAKES_ANEW = (
    op.Convolution,
    op.TransposedConvolution,
    op.Product,
    op.ChannelAffine,
    op.Concatenation,
    op.Merge,
)


def _convolution(told: _Telling, step: Step, o: op.Convolution) -> Handle:
    arrays = told.weights.of(step)
    rank = len(o.windows)
    weight = arrays["weight"].transpose(rank + 1, rank, *range(rank))
    axes = slides(o.windows, told.volume(step), told.plan.values[step.output].spatial)
    return told.dialect.convolution(told.x(step), weight, arrays.get("bias"), axes, o.groups)


def _table_convolution(told: _Telling, step: Step, o: op.TableConvolution) -> Handle:
    """With zeros for the connections that are not there."""
    arrays = told.weights.of(step)
    channels, kernel = told.volume(step).channels, [w.kernel for w in o.windows]
    weight = np.zeros((len(o.connections), channels, *kernel), np.float32)
    first = 0
    for k, connected in enumerate(o.connections):
        own = arrays["weight"][..., first : first + len(connected)]
        weight[k, list(connected)] = np.moveaxis(own, -1, 0)
        first += len(connected)
    axes = slides(o.windows, told.volume(step), told.plan.values[step.output].spatial)
    return told.dialect.convolution(told.x(step), weight, arrays.get("bias"), axes, 1)


def _transposed_convolution(told: _Telling, step: Step, o: op.TransposedConvolution) -> Handle:
    arrays, volume, rank = told.weights.of(step), told.volume(step), len(o.windows)
    weight = arrays["weight"]
    own, filters = weight.shape[rank:]
    # (*F, C/groups, groups, K/groups) as (groups, C/groups, K/groups, *F).
    parts = weight.reshape(*weight.shape[:rank], own, o.groups, filters // o.groups)
    ordered = np.moveaxis(parts, (rank + 1, rank, rank + 2), (0, 1, 2))
    ordered = ordered.reshape(volume.channels, filters // o.groups, *weight.shape[:rank])
    axes = stamps(o.windows, volume, told.plan.values[step.output].spatial)
    return told.dialect.transposed_convolution(
        told.x(step), ordered, arrays.get("bias"), axes, o.groups
    )


def _unshared_convolution(told: _Telling, step: Step, o: op.UnsharedConvolution) -> Handle:
    """A product for each position, of what lies under its taps one behind the other."""
    dialect, arrays, out = told.dialect, told.weights.of(step), told.plan.values[step.output]
    axes, x = slides(o.windows, told.volume(step), out.spatial), told.x(step)
    ends = [(axis.before, axis.after) for axis in axes]
    if any(end for both in ends for end in both):
        x = dialect.surround(x, [(0, 0), (0, 0), *ends])
    taps = []
    for tap in product(*(range(axis.kernel) for axis in axes)):
        part = x
        for number, (place, axis) in enumerate(zip(tap, axes, strict=True)):
            first = place * axis.dilation
            last = first + (axis.positions - 1) * axis.stride + 1
            part = dialect.cut(part, number + 2, first, last, axis.stride)
        taps.append(part)
    count, reads = prod(out.spatial), len(taps) * told.volume(step).channels
    x = dialect.reshape(dialect.concatenation(taps), (told.batch, reads, count))
    x = dialect.products(
        dialect.permute(x, (2, 0, 1)), arrays["weight"].reshape(count, reads, out.channels)
    )
    x = dialect.reshape(dialect.permute(x, (1, 2, 0)), told.shape(out))
    if "bias" not in arrays:
        return x
    bias = np.broadcast_to(arrays["bias"], (*out.spatial, out.channels))
    return dialect.merge(Merging.ADD, [x, dialect.constant(np.moveaxis(bias, -1, 0)[None])])


def _resampling(told: _Telling, step: Step, o: op.Resampling) -> Handle:
    widths = told.volume(step).spatial
    axes = [(width, taps) for width, taps in zip(widths, o.taps, strict=True)]
    for linear, tap in ((False, _nearest), (True, _linear)):
        if all(_like(taps, [tap(n, width, len(taps)) for n in range(len(taps))])
               for width, taps in axes):  # fmt: skip
            return told.dialect.resize(told.x(step), tuple(map(len, o.taps)), linear=linear)
    raise Unsayable(f"places between pixels of {told.name(step)}")


def _nearest(position: int, width: int, positions: int) -> op.Tap:
    place = position * width // positions
    return op.Tap(place, place, 0.0)


def _linear(position: int, width: int, positions: int) -> op.Tap:
    place = min(max((position + 0.5) * width / positions - 0.5, 0.0), width - 1.0)
    low = int(place)
    return op.Tap(low, min(low + 1, width - 1), place - low)


def _like(taps: Sequence[op.Tap], others: Sequence[op.Tap]) -> bool:
    """Whether both read the same: of a tap without a fraction only its lower pixel."""
    return all(
        abs((a.low + a.fraction * (a.high - a.low)) - (b.low + b.fraction * (b.high - b.low)))
        < NEARLY
        for a, b in zip(taps, others, strict=True)
    )


NEARLY = 1e-6


def _declared(told: _Telling, step: Step, _: op.Declared) -> Handle:
    out = told.plan.values[step.output]
    return told.dialect.constant(np.zeros(told.shape(out), np.float32))


def _product(told: _Telling, step: Step, _: op.Product) -> Handle:
    """Weights go by the order in which the numbers lie."""
    arrays = told.weights.of(step)
    weight, (value,) = arrays["weight"], step.inputs
    volume, x = told.flat.get(value, told.plan.values[value]), told.handles[value]
    if volume.rank:
        ordered = weight.reshape(*volume, -1)
        weight = np.moveaxis(ordered, volume.rank, 0).reshape(volume.size, -1)
        if value not in told.flat:
            x = told.dialect.reshape(x, (told.batch, volume.size))
    return told.dialect.product(x, weight.T, arrays.get("bias"))


def _window_pool(told: _Telling, step: Step, o: op.WindowPool) -> Handle:
    axes = slides(o.windows, told.volume(step), told.plan.values[step.output].spatial)
    return _pooled(told, told.x(step), axes, o.divisors)


def _pooled(
    told: _Telling, x: Handle, axes: Sequence[Slide], divisors: Sequence[Shape] | None
) -> Handle:
    dialect = told.dialect
    if divisors is None:
        return dialect.max_pool(x, axes)
    if any(axis.dilation > 1 for axis in axes):
        raise Unsayable("an average of windows with dilation")
    pooled = dialect.average_pool(x, axes, divisors)
    if pooled is not None:
        return pooled
    factors = np.ones((1, 1, *(len(d) for d in divisors)), np.float32)
    for axis, each in enumerate(divisors):
        shape = [1] * factors.ndim
        shape[axis + 2] = len(each)
        factors *= (axes[axis].kernel / np.array(each, np.float64)).reshape(shape)
    mean = dialect.mean_of_windows(x, axes)
    return dialect.merge(Merging.MULTIPLY, [mean, dialect.constant(factors)])


def _span_pool(told: _Telling, step: Step, o: op.SpanPool) -> Handle:
    volume, out = told.volume(step), told.plan.values[step.output]
    x = told.x(step)
    if all(spans == ((0, width),) for spans, width in zip(o.spans, volume.spatial, strict=True)):
        x = told.dialect.global_pool(x, volume.rank, mean=o.mean)
        return x if out.rank else told.dialect.reshape(x, (told.batch, out.channels))
    axes = []
    for spans, width in zip(o.spans, volume.spatial, strict=True):
        kernel = spans[0][1] - spans[0][0]
        stride = spans[1][0] - spans[0][0] if len(spans) > 1 else 1
        if spans != tuple((n * stride, n * stride + kernel) for n in range(len(spans))):
            raise Unsayable("stretches of unequal length")
        axes.append(Slide(kernel, stride, 1, 0, width, len(spans)))
    if all(axis.kernel == axis.stride == 1 for axis in axes):
        return x
    return _pooled(told, x, axes, [axis.whole for axis in axes] if o.mean else None)


def _affine(told: _Telling, step: Step, o: op.ChannelAffine) -> Handle:
    channels = told.volume(step).channels
    arrays = {
        "weight": np.ones(channels, np.float32),
        "bias": np.zeros(channels, np.float32),
        "running_mean": np.zeros(channels, np.float32),
        "running_var": np.ones(channels, np.float32),
    }
    found = told.weights.of(step)
    return told.dialect.affine(
        told.x(step), arrays | found, o.eps if "running_var" in found else 0.0
    )


def _standardization(told: _Telling, step: Step, o: op.Standardization) -> Handle:
    """Over all or over groups as they lie, over channels with the channels last for a while."""
    dialect, volume, x = told.dialect, told.volume(step), told.x(step)
    arrays = told.weights.of(step)
    if o.together is Together.GROUPS:
        return dialect.group_norm(x, o.groups, _learned(arrays, (volume.channels,)), o.eps)
    if o.together is Together.ALL:
        learned = _learned(arrays, volume)
        learned = {role: np.moveaxis(array, -1, 0) for role, array in learned.items()}
        return dialect.layer_norm(x, volume.rank + 1, learned, o.eps)
    learned = _learned(arrays, (volume.channels,))
    if not volume.rank:
        return dialect.layer_norm(x, 1, learned, o.eps)
    x = dialect.permute(x, last_axes(volume.rank))
    x = dialect.layer_norm(x, 1, learned, o.eps)
    return dialect.permute(x, first_axes(volume.rank))


def _learned(arrays: dict[str, Array], shape: Shape) -> dict[str, Array]:
    """weight and bias, those that change nothing where there are none."""
    neutral = {"weight": np.ones(shape, np.float32), "bias": np.zeros(shape, np.float32)}
    return neutral | arrays


def _rearrangement(told: _Telling, step: Step, o: op.Rearrangement) -> Handle:
    dialect, batch = told.dialect, told.batch
    volume, out = told.volume(step), told.plan.values[step.output]
    rank, unmoved = volume.rank, o.axes == tuple(range(len(o.axes)))
    if unmoved and prod(volume.spatial) == prod(out.spatial) == 1:
        return dialect.reshape(told.x(step), told.shape(out))
    if unmoved and not out.rank and rank:
        told.flat[step.output] = volume
        return dialect.reshape(told.x(step), (batch, out.size))
    x = told.x(step)
    if o.split[:rank] == out.spatial == volume.spatial and o.axes[:rank] == tuple(range(rank)):
        parts = o.split[rank:]
        kept = range(len(parts) + 1, len(parts) + 1 + rank)
        x = dialect.reshape(x, (batch, *parts, *volume.spatial))
        x = dialect.permute(x, (0, *(axis - rank + 1 for axis in o.axes[rank:]), *kept))
        return dialect.reshape(x, told.shape(out))
    if rank:
        x = dialect.permute(x, last_axes(rank))
    x = dialect.permute(dialect.reshape(x, (batch, *o.split)), (0, *(a + 1 for a in o.axes)))
    x = dialect.reshape(x, (batch, *out))
    return dialect.permute(x, first_axes(out.rank)) if out.rank else x


def _cut(told: _Telling, step: Step, o: op.Cut) -> Handle:
    """Parts that together are all channels are split off together."""
    volume, x = told.volume(step), told.x(step)
    steps = (told.plan.steps[number] for number in told.readers[step.inputs[0]])
    parts = sorted((part, s.output) for s in steps if (part := _channels(s, volume)))
    stops = [stop for (_, stop), _ in parts]
    if [start for (start, _), _ in parts] == [0, *stops[:-1]] and stops[-1] == volume.channels:
        handles = told.dialect.split(x, [stop - start for (start, stop), _ in parts])
        told.handles.update({o: h for (_, o), h in zip(parts, handles, strict=True)})
        if step.output in told.handles:
            return told.handles[step.output]
    ranges = _stretches(o)
    if not ranges:
        raise Unsayable(f"every so many of the places of {told.name(step)}")
    order = (ranges[-1], *ranges[:-1])
    for axis, ((start, stop), width) in enumerate(zip(order, channels_first(volume), strict=True)):
        if (start, stop) != (0, width):
            x = told.dialect.cut(x, axis + 1, start, stop)
    return x


def _channels(step: Step, volume: Volume) -> tuple[int, ...]:
    """From where to where a step cuts out channels; nothing where it does anything else."""
    o = step.operation
    ranges = _stretches(o) if isinstance(o, op.Cut) else ()
    if ranges[:-1] == tuple((0, width) for width in volume.spatial):
        return ranges[-1] if ranges else ()
    return ()


def _stretches(o: op.Cut) -> tuple[tuple[int, int], ...]:
    """From where to where each axis is cut; nothing where any is cut in steps."""
    if any(step != 1 for stretch in o.ranges for step in stretch[2:]):
        return ()
    return tuple((stretch[0], stretch[1]) for stretch in o.ranges)


def _surround(told: _Telling, step: Step, o: op.Surround) -> Handle:
    return told.dialect.surround(told.x(step), [(0, 0), o.ends[-1], *o.ends[:-1]])


def _slope(told: _Telling, step: Step, _: op.LearnedSlope) -> Handle:
    weight = told.weights.of(step)["weight"]
    return told.dialect.slope(told.x(step), weight, told.volume(step).rank)


_WORDS: dict[type[op.Operation], Callable[[_Telling, Step, Any], Handle]] = {
    op.Convolution: _convolution,
    op.TableConvolution: _table_convolution,
    op.UnsharedConvolution: _unshared_convolution,
    op.TransposedConvolution: _transposed_convolution,
    op.Resampling: _resampling,
    op.Declared: _declared,
    op.Product: _product,
    op.WindowPool: _window_pool,
    op.SpanPool: _span_pool,
    op.ChannelAffine: _affine,
    op.Standardization: _standardization,
    op.NeighbourNormalization: lambda told, step, o: told.dialect.neighbours(told.x(step), o),
    op.Elementwise: lambda told, step, o: told.dialect.function(
        told.unordered(step), o, fresh=told.fresh(step)
    ),
    op.LearnedSlope: _slope,
    op.Softmax: lambda told, step, o: told.dialect.softmax(told.x(step), logarithm=o.logarithm),
    op.Merge: lambda told, step, o: told.dialect.merge(o.how, [*map(told.settled, step.inputs)]),
    op.Concatenation: lambda told, step, _: told.dialect.concatenation(
        [*map(told.settled, step.inputs)]
    ),
    op.Rearrangement: _rearrangement,
    op.Cut: _cut,
    op.Surround: _surround,
    op.Pass: lambda told, step, _: told.unordered(step),
}
