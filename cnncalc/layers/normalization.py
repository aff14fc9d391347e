"""Layers that rescale values by statistics or by learned factors."""

from cnncalc.diagnostics import RuleError
from cnncalc.layers.axes import CHANNELS, AxesOption, numbered
from cnncalc.layers.base import (
    Inferred,
    Layer,
    Role,
    RoundingPerAxis,
    Tensor,
    learned,
    need_spatial,
)
from cnncalc.layers.options import Count, Flag, NormalizedAxes, Number, Numbers, Parameters
from cnncalc.volume import Volume

MEASURED = 5
"""Operations per element where the statistics are measured on the data itself: a sum for the
mean; a difference, a square and a sum for the variance; a division."""


def _measured(volume: Volume, tensors: tuple[Tensor, ...]) -> Inferred:
    """Each learned array is one more operation per element: a product, or a sum."""
    return Inferred(volume, tensors, operations=volume.size * (MEASURED + len(tensors)))


class BatchNorm(Layer):
    """Batch normalisation by running statistics, as at inference.

    Output: the input's volume
    Weights: C (scale), 0 with `scale: false`
    Biases: C (shift), 0 with `bias: false`
    State: 2C (running mean and variance), no parameters
    FLOPs: 2 per element (one scale, one shift)
    Example: {batch_norm: {}} on 112x112x64 gives 112x112x64, 64 weights, 64 biases, 128 state
    Example: {batch_norm: {affine: false}} on 100 gives 100, 0 weights, 0 biases, 200 state
    Example: {batch_norm: {scale: false}} on 8x8x16 gives 8x8x16, 0 weights, 16 biases, 32 state
    """

    kind = "batch_norm"
    aliases = ("BatchNormalization",)
    vectors_have_rank_one = True
    cancels_bias = True

    affine = Flag("whether scale and shift are learned", default=True)
    scale = Flag("whether a scale is learned beside the shift", default=True)
    bias = Flag("whether a shift is learned beside the scale", "center", default=True)
    eps = Number("added to the variance", "epsilon", default=1e-5)
    momentum = Number("share of the newest batch in the running statistics", default=0.1)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        shape = (volume.channels,)
        scale, shift = (shape if self.affine and kept else None for kept in (self.scale, self.bias))
        state = tuple(Tensor(f"running_{what}", Role.STATE, shape) for what in ("mean", "var"))
        return Inferred(volume, (*learned(scale, shift), *state), operations=2 * volume.size)


class LayerNorm(Layer):
    """Layer normalisation: over the channels of each position, or over the whole volume.

    Output: the input's volume
    Weights: C, or all of the volume's elements with axes `all`
    Biases: as many
    FLOPs: 5 per element, 7 with affine (6 without bias)
    Example: {layer_norm: {}} on 56x56x96 gives 56x56x96, 96 weights, 96 biases
    Example: {layer_norm: {axes: all, bias: false}} on 4x4x8 gives 4x4x8, 128 weights, 0 biases
    """

    kind = "layer_norm"
    default_option = "axes"
    aliases = ("LayerNormalization",)

    axes = NormalizedAxes("what is normalised together: `channels` or `all`", default="channels")
    affine = Flag("whether scale and shift are learned", "elementwise_affine", default=True)
    bias = Flag("whether a shift is learned beside the scale", default=True)
    eps = Number("added to the variance", "epsilon", default=1e-5)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        shape = (volume.channels,) if self.axes == "channels" else tuple(volume)
        tensors = learned(shape, shape if self.bias else None) if self.affine else ()
        return _measured(volume, tensors)


class GroupNorm(Layer):
    """Group normalisation: groups of channels share their statistics.

    Output: the input's volume
    Weights: C
    Biases: C
    FLOPs: 5 per element, 7 with affine
    Example: {group_norm: 4} on 8x8x16 gives 8x8x16, 16 weights, 16 biases
    """

    kind = "group_norm"
    default_option = "groups"
    aliases = ("GroupNormalization",)

    groups = Count("groups of channels; must divide C", "num_groups", default=32)
    affine = Flag("whether scale and shift are learned", default=True)
    eps = Number("added to the variance", "epsilon", default=1e-5)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        if volume.channels % self.groups:
            raise RuleError(
                "groups-misfit",
                f"{self.groups} groups do not divide the {volume.channels} channels",
                at="groups",
            )
        shape = (volume.channels,)
        return _measured(volume, learned(shape, shape) if self.affine else ())


class InstanceNorm(Layer):
    """Instance normalisation: every channel of every image by its own statistics.

    Output: the input's volume
    Weights: 0 (C with affine)
    Biases: 0 (C with affine)
    FLOPs: 5 per element, 7 with affine
    Example: {instance_norm: {}} on 8x8x16 gives 8x8x16, 0 weights, 0 biases
    Example: {instance_norm: {affine: true}} on 8x8x16 gives 8x8x16, 16 weights, 16 biases
    """

    kind = "instance_norm"
    aliases = ("InstanceNormalization",)
    cancels_bias = True

    affine = Flag("whether scale and shift are learned", default=False)
    eps = Number("added to the variance", "epsilon", default=1e-5)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        shape = (volume.channels,)
        return _measured(volume, learned(shape, shape) if self.affine else ())


class LRN(Layer):
    """Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3).

    Output: the input's volume
    FLOPs: size + 4 per element (square, sum of size squares, scale, shift, power, division)
    Example: {lrn: 5} on 27x27x96 gives 27x27x96
    """

    kind = "lrn"
    default_option = "size"
    aliases = ("LocalResponseNorm", "LocalResponseNormalization")

    size = Count("neighbouring channels in the sum", "local_size", default=5)
    alpha = Number("factor of the sum", default=1e-4)
    beta = Number("exponent", default=0.75)
    k = Number("added to the sum", default=2.0)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        return Inferred(volume, operations=volume.size * (self.size + 4))


class PerChannel(Parameters):
    words = ("channels",)


class Scale(Layer):
    """A learned factor for each channel (ConvNeXt's layer scale), or one for all, with a bias if
    wanted.

    Output: the input's volume
    Weights: C, or 1 with parameters 1
    Biases: 0 (as many with bias)
    FLOPs: 1 per element, 2 with bias
    Example: {scale: {bias: true}} on 14x14x6 gives 14x14x6, 6 weights, 6 biases
    Example: {scale: {init: 1e-6}} on 56x56x96 gives 56x56x96, 96 weights, 0 biases
    Example: {scale: {parameters: 1}} on 56x56x96 gives 56x56x96, 1 weights, 0 biases
    """

    kind = "scale"
    default_option = "bias"
    aliases = ("LayerScale",)

    bias = Flag("whether each channel adds a bias", "use_bias", default=False)
    init = Number("value the factors start from", default=1.0)
    parameters = PerChannel("learned factors: `channels` or 1", default="channels")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        factors = volume.channels if self.parameters == "channels" else self.parameters
        if factors not in (1, volume.channels):
            raise RuleError(
                "bad-value",
                f"{factors} factors for {volume.channels} channels: it is 1 or {volume.channels}",
                at="parameters",
            )
        shape = (int(factors),)
        return Inferred(
            volume,
            learned(shape, shape if self.bias else None),
            operations=volume.size * (2 if self.bias else 1),
        )


class RMSNorm(Layer):
    """Root mean square normalisation (Zhang & Sennrich 2019): over the channels of each position,
    or over the whole volume.

    Output: the input's volume
    Weights: C, or all of the volume's elements with axes `all`
    FLOPs: 3 per element (square, sum, division), 4 with affine
    Example: {rms_norm: {}} on 197x768 gives 197x768, 768 weights
    """

    kind = "rms_norm"
    default_option = "axes"
    aliases = ("RMSNormalization",)

    axes = NormalizedAxes("what is normalised together: `channels` or `all`", default="channels")
    affine = Flag("whether a scale is learned", "elementwise_affine", default=True)
    eps = Number("added to the mean square", "epsilon", default=1e-6)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        shape = (volume.channels,) if self.axes == "channels" else tuple(volume)
        tensors = learned(shape) if self.affine else ()
        return Inferred(volume, tensors, operations=volume.size * (3 + len(tensors)))


class L2Norm(Layer):
    """x over its Euclidean length along the channels, or along `axes`; `scale` after it learns a
    factor, as in SSD.

    Output: the input's volume
    FLOPs: 3 per element (square, sum, division)
    Example: {l2_norm: {}} on 38x38x512 gives 38x38x512
    """

    kind = "l2_norm"
    default_option = "axes"
    aliases = ("L2Normalize", "L2Normalization", "UnitNormalization")

    axes = AxesOption(
        "what has length 1: `channels`, `spatial`, `all`, or axes from -1 to -4",
        "axis",
        default=CHANNELS,
    )
    eps = Number("least length that is divided by", "epsilon", default=1e-12)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        axes = numbered(self.axes, volume, "axes")
        reach = () if axes == (volume.rank,) else None
        return Inferred(volume, operations=3 * volume.size, reach=reach)


class GRN(Layer):
    """Global response normalisation (Woo et al. 2023, ConvNeXt V2): γ·x·(length of the channel over
    the mean length of all) + β + x.

    Output: the input's volume
    Weights: C
    Biases: C
    FLOPs: 6 per element (square, sum, two products, two sums), and 3 per channel (root, sum,
        division)
    Example: {grn: {}} on 56x56x384 gives 56x56x384, 384 weights, 384 biases
    """

    kind = "grn"
    aliases = ("GlobalResponseNorm", "GlobalResponseNormalization")

    eps = Number("added to the mean length", "epsilon", default=1e-6)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        shape = (volume.channels,)
        operations = 6 * volume.size + 3 * volume.channels
        return Inferred(volume, learned(shape, shape), operations=operations, reach=None)


class Rescale(Layer):
    """x·factor + offset with fixed numbers, one for all or one for each channel.

    Output: the input's volume
    FLOPs: 1 per element for a factor other than 1, 1 for an offset other than 0
    Example: {rescale: {factor: 0.0078125, offset: -1}} on 224x224x3 gives 224x224x3
    """

    kind = "rescale"
    default_option = "factor"
    aliases = ("Rescaling",)

    factor = Numbers("factor: a number, or one for each channel", "scale", default=(1.0,))
    offset = Numbers("summand: a number, or one for each channel", default=(0.0,))

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        for option, numbers in (("factor", self.factor), ("offset", self.offset)):
            if len(numbers) not in (1, volume.channels):
                raise RuleError(
                    "bad-value",
                    f"{len(numbers)} numbers for {volume.channels} channels: it is 1 or "
                    f"{volume.channels}",
                    at=option,
                )
        steps = any(f != 1 for f in self.factor) + any(o != 0 for o in self.offset)
        return Inferred(volume, operations=steps * volume.size)
