"""From a layer to primitive operations: one short rule a class of layers, and the table of them.

Windows, groups, spans and the places that are read are worked out here, once, for all backends.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from cnncalc.execution import operations as op
from cnncalc.execution import taps
from cnncalc.execution.operations import Cell, Function, Merging, Operation, Together
from cnncalc.geometry import Window
from cnncalc.layers import (
    activation,
    convolution,
    dense,
    merge,
    normalization,
    plain,
    pooling,
    recurrent,
    regularization,
    reshape,
    resize,
    sequence,
)
from cnncalc.layers.axes import CHANNELS, Axes, numbered
from cnncalc.layers.base import Inferred, Layer
from cnncalc.layers.options import Interpolation, Pairs, pairs
from cnncalc.volume import Volume


class Place(NamedTuple):
    """Where a layer stands: the volumes it reads, and what was inferred for it."""

    inputs: tuple[Volume, ...]
    inferred: Inferred

    @property
    def input(self) -> Volume:
        """The volume of a layer that reads one."""
        return self.inputs[0]

    @property
    def output(self) -> Volume:
        return self.inferred.output


class Primitive(NamedTuple):
    """An operation, the volume it makes, and the layer's arrays that it uses by their roles."""

    operation: Operation
    output: Volume
    arrays: dict[str, str]


Rule = Callable[[Any, Place], Operation | list[Primitive]]
"""The operation that uses all of a layer's arrays, or several."""


def executable(layer: Layer) -> bool:
    """Whether a layer's kind has a rule here. Other layers are declared: they make zeros."""
    return type(layer) in RULES


def lowered(layer: Layer, place: Place) -> list[Primitive]:
    """The operations of a layer, each reading what the one before it makes."""
    if not executable(layer):
        return [Primitive(op.Declared(), place.output, {})]
    made = RULES[type(layer)](layer, place)
    if isinstance(made, list):
        return made
    arrays = {tensor.name: tensor.name for tensor in place.inferred.tensors}
    return [Primitive(made, place.output, arrays)]


def _separable(layer: convolution.SeparableConv, place: Place) -> list[Primitive]:
    between = place.output.with_channels(place.input.channels * layer.multiplier)
    depthwise = op.Convolution(place.inferred.windows, place.input.channels)
    pointwise = op.Convolution((Window(1),) * place.input.rank)
    own = {tensor.name: tensor.name for tensor in place.inferred.tensors}
    first = own.pop("depthwise_weight")
    return [
        Primitive(depthwise, between, {"weight": first}),
        Primitive(pointwise, place.output, own),
    ]


def _conv(layer: convolution.Conv, place: Place) -> Operation:
    if layer.connections is not None:
        return op.TableConvolution(place.inferred.windows, layer.connections)
    return op.Convolution(place.inferred.windows, layer.groups)


def _dense(layer: dense.Dense, place: Place) -> Operation:
    if layer.axes == "channels" and place.input.rank:
        return op.Convolution((Window(1),) * place.input.rank)
    return op.Product()


def _avg_pool(layer: pooling.AvgPool, place: Place) -> Operation:
    """A window counts the pixels it finds: those of the volume, and those of the padding where
    `count_include_pad` says so; never what lies beyond the padding."""
    divisors = []
    axes = zip(place.inferred.windows, place.input.spatial, place.output.spatial, strict=True)
    for w, width, positions in axes:
        low, high = (-w.before, width + w.after) if layer.count_include_pad else (0, width)
        starts = (o * w.stride - w.before for o in range(positions))
        divisors.append(
            tuple(min(start + w.kernel, high) - max(start, low) for start in starts)
        )  # fmt: skip
    return op.WindowPool(place.inferred.windows, tuple(divisors))


def _global_pool(mean: bool) -> Rule:
    return lambda _, place: op.SpanPool(tuple(((0, w),) for w in place.input.spatial), mean)


def _adaptive_pool(mean: bool) -> Rule:
    def rule(_: Layer, place: Place) -> Operation:
        axes = zip(place.input.spatial, place.output.spatial, strict=True)
        spans = (
            tuple((o * width // n, -(-(o + 1) * width // n)) for o in range(n))
            for width, n in axes
        )  # fmt: skip
        return op.SpanPool(tuple(spans), mean)

    return rule


def _layer_norm(layer: normalization.LayerNorm, _: Place) -> Operation:
    return op.Standardization(Together(layer.axes), layer.eps)


def _elementwise(function: Function, parameter: str | None = None) -> Rule:
    """A function whose parameter, if it has one, is the layer's option of that name."""
    if parameter is None:
        return _always(op.Elementwise(function))
    return lambda layer, _: op.Elementwise(function, getattr(layer, parameter))


def _always(operation: Operation) -> Rule:
    def rule(_layer: Layer, _place: Place) -> Operation:
        return operation

    return rule


def _reshape(_: Layer, place: Place) -> Operation:
    return op.Rearrangement((place.input.size,), (0,))


def _pixel_shuffle(layer: reshape.PixelShuffle, place: Place) -> Operation:
    """Channel (c·f + i)·f + j goes to channel c at pixel (i, j) of its square, as in PyTorch."""
    rank = place.input.rank
    split = (*place.input.spatial, place.output.channels, *(layer.factor,) * rank)
    axes = (axis for pair in zip(range(rank), range(rank + 1, 2 * rank + 1), strict=True)
            for axis in pair)  # fmt: skip
    return op.Rearrangement(split, (*axes, rank))


def _pixel_unshuffle(layer: reshape.PixelUnshuffle, place: Place) -> Operation:
    rank = place.input.rank
    split = [part for width in place.output.spatial for part in (width, layer.factor)]
    axes = (*range(0, 2 * rank, 2), 2 * rank, *range(1, 2 * rank, 2))
    return op.Rearrangement((*split, place.input.channels), axes)


def _channel_shuffle(layer: reshape.ChannelShuffle, place: Place) -> Operation:
    rank = place.input.rank
    split = (*place.input.spatial, layer.groups, place.input.channels // layer.groups)
    return op.Rearrangement(split, (*range(rank), rank + 1, rank))


_EDGES = {
    reshape.PadMode.CONSTANT: op.Edge.ZEROS,
    reshape.PadMode.REFLECT: op.Edge.REFLECT,
    reshape.PadMode.SYMMETRIC: op.Edge.SYMMETRIC,
    reshape.PadMode.REPLICATE: op.Edge.REPLICATE,
    reshape.PadMode.CIRCULAR: op.Edge.CIRCULAR,
}


def _surrounded(ends: Pairs, mode: reshape.PadMode, volume: Volume) -> Primitive:
    """Pixels around a volume."""
    spatial = (w + sum(around) for w, around in zip(volume.spatial, ends, strict=True))
    surround = op.Surround((*ends, (0, 0)), _EDGES[mode])
    return Primitive(surround, Volume((*spatial, volume.channels)), {})


def _pad(layer: reshape.Pad, place: Place) -> Operation | list[Primitive]:
    before, after = layer.channels
    ends = pairs(layer.padding, place.input.rank, "padding")
    none = ((0, 0),) * place.input.rank
    if layer.mode is reshape.PadMode.CONSTANT and not layer.value:
        return op.Surround((*ends, (before, after)))
    around = _surrounded(ends, layer.mode, place.input)
    if layer.value:
        around = around._replace(operation=op.Frame((*ends, (0, 0)), layer.value))
    return [around, Primitive(op.Surround((*none, (before, after))), place.output, {})]


def _blur_pool(layer: pooling.BlurPool, place: Place) -> list[Primitive]:
    windows = place.inferred.windows
    around = _surrounded(tuple((w.before, w.after) for w in windows), layer.mode, place.input)
    bare = tuple(w._replace(before=0, after=0) for w in windows)
    filters = op.Convolution(bare, place.input.channels)
    return [around, Primitive(filters, place.output, {"weight": "filter"})]


def _crop(layer: reshape.Crop, place: Place) -> Operation:
    ends = pairs(layer.cropping, place.input.rank, "cropping")
    spatial = zip(ends, place.input.spatial, strict=True)
    ranges = ((before, width - after) for (before, after), width in spatial)
    return op.Cut((*ranges, (0, place.input.channels)))


def _slice(layer: reshape.Slice, place: Place) -> Operation:
    return op.Cut(tuple(layer.stretches(place.input)))


def _resample(layer: resize.Upsample | resize.Resize, place: Place) -> Operation:
    """A factor says how far apart positions lie; a size shares the axis out among them."""
    if layer.mode is Interpolation.AREA:
        made = _adaptive_pool(mean=True)(layer, place)
        assert isinstance(made, op.SpanPool)
        return made
    axes = list(zip(place.input.spatial, place.output.spatial, strict=True))
    steps = [Fraction(width, n) for width, n in axes]
    if isinstance(layer, resize.Upsample):
        steps = [1 / scale for scale in layer.scales(place.input.rank)]
    if layer.mode is Interpolation.BICUBIC:
        return op.Weighting(tuple(taps.cubic(*a, s) for a, s in zip(axes, steps, strict=True)))
    read = {
        Interpolation.NEAREST: taps.nearest,
        Interpolation.NEAREST_EXACT: taps.nearest_exact,
        Interpolation.BILINEAR: taps.linear,
    }[layer.mode]
    return op.Resampling(tuple(tuple(read(*a, s)) for a, s in zip(axes, steps, strict=True)))


def _softmax(logarithm: bool) -> Rule:
    def rule(layer: activation.Softmax | activation.LogSoftmax, place: Place) -> list[Primitive]:
        softmax = op.Softmax(logarithm)
        if layer.axis == CHANNELS:
            return [Primitive(softmax, place.output, {})]
        return _as_channels(softmax, layer.axis, place.input)

    return rule


def _as_channels(operation: Operation, axes: Axes, volume: Volume) -> list[Primitive]:
    """An operation on channels, with axes in their place."""
    chosen = numbered(axes, volume, "axis")
    order = (*(axis for axis in range(len(volume)) if axis not in chosen), *chosen)
    kept = order[: len(order) - len(chosen)]
    turned = Volume((*(volume[a] for a in kept), prod(volume[a] for a in chosen)))
    split = tuple(volume[axis] for axis in order)
    back = tuple(order.index(axis) for axis in range(len(volume)))
    return [
        Primitive(op.Rearrangement(tuple(volume), order), turned, {}),
        Primitive(operation, turned, {}),
        Primitive(op.Rearrangement(split, back), volume, {}),
    ]


def _concat(layer: merge.Concat, place: Place) -> Operation:
    if layer.axis == CHANNELS:
        return op.Concatenation()
    (axis,) = numbered(layer.axis, place.input, "axis")
    return op.Joining(axis)


def _reduce(layer: pooling.Reduce, place: Place) -> Operation:
    return op.Reducing(op.Reduction(layer.function), numbered(layer.axes, place.input, "axes"))


def _l2_norm(layer: normalization.L2Norm, place: Place) -> Operation:
    return op.LengthNormalization(numbered(layer.axes, place.input, "axes"), layer.eps)


def _prelu(layer: activation.PReLU, _: Place) -> Operation:
    return op.ElementSlope() if layer.slopes == "all" else op.LearnedSlope()


def _attention(layer: sequence.Attention, place: Place) -> list[Primitive]:
    """Dense layers on each position are 1x1 convolutions: one before where all three come from one
    volume, one after."""
    heads = layer.parts(place.inputs)
    grid = layer.position_bias or ()
    attention = op.Attention(
        layer.heads,
        heads.query_axes,
        heads.key_axes,
        layer.causal,
        (grid,) if isinstance(grid, int) else grid,
    )
    names = [tensor.name for tensor in place.inferred.tensors]

    def dense(name: str, output: Volume) -> Primitive:
        arrays = {
            role: f"{name}_{role}" for role in ("weight", "bias") if f"{name}_{role}" in names
        }
        return Primitive(op.Convolution((Window(1),) * output.rank), output, arrays)

    outside = [name for name in names if name.startswith(("qkv_", "output_"))]
    own = {name: name for name in names if name not in outside}
    if not layer.project:
        return [Primitive(attention, place.output, own)]
    seen = place.input.with_channels(layer.heads * heads.value_dims)
    made = [Primitive(attention, seen, own), dense("output", place.output)]
    if len(place.inputs) == 1:
        widths = (heads.dims, heads.dims, heads.value_dims)
        parts = tuple(layer.heads * width for width in widths)
        joint = attention._replace(parts=parts)
        made[:1] = [
            dense("qkv", place.input.with_channels(sum(parts))),
            Primitive(joint, seen, own),
        ]
    return made


def _recurrent(cell: Cell) -> Rule:
    return lambda layer, _: _recurrence(layer, cell)


def _recurrence(layer: recurrent.Recurrent, cell: Cell) -> Operation:
    return op.Recurrence(cell, layer.layers, layer.ways, not layer.gives_sequence)


def _gru(layer: recurrent.GRU, _: Place) -> Operation:
    return _recurrence(layer, Cell.GRU if layer.reset_after else Cell.GRU_RESET_BEFORE)


RULES: dict[type[Layer], Rule] = {
    convolution.Conv: _conv,
    convolution.DepthwiseConv: lambda _, p: op.Convolution(p.inferred.windows, p.input.channels),
    convolution.ConvTranspose: lambda layer, p: op.TransposedConvolution(
        p.inferred.windows, layer.groups
    ),
    convolution.LocallyConnected: lambda _, p: op.UnsharedConvolution(p.inferred.windows),
    convolution.SeparableConv: _separable,
    dense.Dense: _dense,
    pooling.MaxPool: lambda _, place: op.WindowPool(place.inferred.windows),
    pooling.AvgPool: _avg_pool,
    pooling.GlobalAvgPool: _global_pool(mean=True),
    pooling.GlobalMaxPool: _global_pool(mean=False),
    pooling.AdaptiveAvgPool: _adaptive_pool(mean=True),
    pooling.AdaptiveMaxPool: _adaptive_pool(mean=False),
    pooling.BlurPool: _blur_pool,
    pooling.Reduce: _reduce,
    normalization.BatchNorm: lambda layer, _: op.ChannelAffine(layer.eps),
    normalization.LayerNorm: _layer_norm,
    normalization.GroupNorm: lambda layer, _: op.Standardization(
        Together.GROUPS, layer.eps, layer.groups
    ),
    normalization.InstanceNorm: lambda layer, p: op.Standardization(
        Together.GROUPS, layer.eps, p.input.channels
    ),
    normalization.LRN: lambda layer, _: op.NeighbourNormalization(
        layer.size, layer.alpha, layer.beta, layer.k
    ),
    normalization.Scale: _always(op.ChannelAffine()),
    normalization.RMSNorm: lambda layer, _: op.RootNormalization(Together(layer.axes), layer.eps),
    normalization.L2Norm: _l2_norm,
    normalization.GRN: lambda layer, _: op.ResponseNormalization(layer.eps),
    normalization.Rescale: lambda layer, _: op.Rescaling(layer.factor, layer.offset),
    activation.ReLU: _elementwise(Function.RELU),
    activation.ReLU6: _elementwise(Function.RELU6),
    activation.LeakyReLU: _elementwise(Function.LEAKY_RELU, "slope"),
    activation.ELU: _elementwise(Function.ELU, "alpha"),
    activation.SELU: _elementwise(Function.SELU),
    activation.GELU: _elementwise(Function.GELU),
    activation.SiLU: _elementwise(Function.SILU),
    activation.Mish: _elementwise(Function.MISH),
    activation.Sigmoid: _elementwise(Function.SIGMOID),
    activation.HardSigmoid: _elementwise(Function.HARD_SIGMOID),
    activation.HardSwish: _elementwise(Function.HARD_SWISH),
    activation.Tanh: _elementwise(Function.TANH),
    activation.Softplus: _elementwise(Function.SOFTPLUS),
    activation.Exp: _elementwise(Function.EXP),
    activation.HardTanh: lambda layer, _: op.Clipping(layer.low, layer.high),
    activation.Softmax: _softmax(logarithm=False),
    activation.LogSoftmax: _softmax(logarithm=True),
    activation.PReLU: _prelu,
    activation.GLU: _always(op.Gate()),
    merge.Add: _always(op.Merge(Merging.ADD)),
    merge.Multiply: _always(op.Merge(Merging.MULTIPLY)),
    merge.Subtract: _always(op.Merge(Merging.SUBTRACT)),
    merge.Maximum: _always(op.Merge(Merging.MAXIMUM)),
    merge.Minimum: _always(op.Merge(Merging.MINIMUM)),
    merge.Average: _always(op.Merge(Merging.AVERAGE)),
    merge.Concat: _concat,
    merge.MatMul: lambda layer, _: op.MatrixProduct((layer.transpose_a, layer.transpose_b)),
    reshape.Flatten: _reshape,
    reshape.Reshape: _reshape,
    reshape.Permute: lambda layer, place: op.Rearrangement(place.input, layer.axes),
    reshape.Pad: _pad,
    reshape.Crop: _crop,
    reshape.PixelShuffle: _pixel_shuffle,
    reshape.PixelUnshuffle: _pixel_unshuffle,
    reshape.ChannelShuffle: _channel_shuffle,
    reshape.Slice: _slice,
    resize.Upsample: _resample,
    resize.Resize: _resample,
    sequence.Attention: _attention,
    sequence.Embedding: _always(op.Lookup()),
    recurrent.LSTM: _recurrent(Cell.LSTM),
    recurrent.GRU: _gru,
    recurrent.RNN: lambda layer, _: _recurrence(layer, Cell(layer.nonlinearity)),
    regularization.Dropout: _always(op.Pass()),
    regularization.DropPath: _always(op.Pass()),
    plain.Identity: _always(op.Pass()),
    plain.Parameter: _always(op.Constant()),
}
"""Every kind that can be executed."""
