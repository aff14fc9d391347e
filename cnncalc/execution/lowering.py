"""From a layer to primitive operations: one short rule a class of layers, and the table of them.

Windows, groups, spans and the places that are read are worked out here, once, for all backends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from cnncalc.execution import operations as op
from cnncalc.execution.operations import Function, Merging, Operation, Tap, Together
from cnncalc.geometry import Window
from cnncalc.layers import (
    activation,
    convolution,
    dense,
    merge,
    normalization,
    plain,
    pooling,
    regularization,
    reshape,
    resize,
)
from cnncalc.layers.base import Inferred, Layer
from cnncalc.layers.options import Interpolation, pairs
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


Rule = Callable[[Any, Place], Operation]


def executable(layer: Layer) -> bool:
    """Whether a layer's kind has a rule here. Other layers are declared: they make zeros."""
    return type(layer) in RULES or isinstance(layer, convolution.SeparableConv)


def lowered(layer: Layer, place: Place) -> list[Primitive]:
    """The operations of a layer, each reading what the one before it makes."""
    if not executable(layer):
        return [Primitive(op.Declared(), place.output, {})]
    if isinstance(layer, convolution.SeparableConv):
        return _separable(layer, place)
    arrays = {tensor.name: tensor.name for tensor in place.inferred.tensors}
    return [Primitive(RULES[type(layer)](layer, place), place.output, arrays)]


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


def _pad(layer: reshape.Pad, place: Place) -> Operation:
    before, after = layer.channels
    ends = pairs(layer.padding, place.input.rank, "padding")
    return op.Surround((*ends, (before, after)))


def _crop(layer: reshape.Crop, place: Place) -> Operation:
    ends = pairs(layer.cropping, place.input.rank, "cropping")
    spatial = zip(ends, place.input.spatial, strict=True)
    ranges = ((before, width - after) for (before, after), width in spatial)
    return op.Cut((*ranges, (0, place.input.channels)))


def _slice(layer: reshape.Slice, place: Place) -> Operation:
    return op.Cut(tuple(layer.stretches(place.input)))


def _resample(layer: resize.Upsample | resize.Resize, place: Place) -> Operation:
    read = _nearest if layer.mode is Interpolation.NEAREST else _linear
    axes = zip(place.input.spatial, place.output.spatial, strict=True)
    return op.Resampling(tuple(tuple(read(width, n)) for width, n in axes))


def _nearest(width: int, positions: int) -> Iterable[Tap]:
    """Position o of n reads pixel ⌊o·W/n⌋."""
    for o in range(positions):
        yield Tap(o * width // positions, o * width // positions, 0.0)


def _linear(width: int, positions: int) -> Iterable[Tap]:
    """Pixels have their centres at halves: o reads at (o + 1/2)·W/n − 1/2, held inside the axis."""
    for o in range(positions):
        place = max((2 * o + 1) * width - positions, 0)  # in units of 1/(2n) pixels
        low, rest = divmod(place, 2 * positions)
        yield Tap(low, min(low + 1, width - 1), rest / (2 * positions))


RULES: dict[type[Layer], Rule] = {
    convolution.Conv: _conv,
    convolution.DepthwiseConv: lambda _, p: op.Convolution(p.inferred.windows, p.input.channels),
    convolution.ConvTranspose: lambda layer, p: op.TransposedConvolution(
        p.inferred.windows, layer.groups
    ),
    convolution.LocallyConnected: lambda _, p: op.UnsharedConvolution(p.inferred.windows),
    dense.Dense: _always(op.Product()),
    pooling.MaxPool: lambda _, place: op.WindowPool(place.inferred.windows),
    pooling.AvgPool: _avg_pool,
    pooling.GlobalAvgPool: _global_pool(mean=True),
    pooling.GlobalMaxPool: _global_pool(mean=False),
    pooling.AdaptiveAvgPool: _adaptive_pool(mean=True),
    pooling.AdaptiveMaxPool: _adaptive_pool(mean=False),
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
    activation.Softmax: _always(op.Softmax()),
    activation.LogSoftmax: _always(op.Softmax(logarithm=True)),
    activation.PReLU: _always(op.LearnedSlope()),
    merge.Add: _always(op.Merge(Merging.ADD)),
    merge.Multiply: _always(op.Merge(Merging.MULTIPLY)),
    merge.Subtract: _always(op.Merge(Merging.SUBTRACT)),
    merge.Maximum: _always(op.Merge(Merging.MAXIMUM)),
    merge.Average: _always(op.Merge(Merging.AVERAGE)),
    merge.Concat: _always(op.Concatenation()),
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
    regularization.Dropout: _always(op.Pass()),
    regularization.DropPath: _always(op.Pass()),
    plain.Identity: _always(op.Pass()),
}
"""Every kind that can be executed but `separable_conv`, which is two operations."""
