"""Layers that rescale values by statistics or by learned factors."""

from cnncalc.diagnostics import Problem
from cnncalc.layers.base import Inferred, Layer, Role, RoundingPerAxis, Tensor, learned
from cnncalc.layers.options import Count, Flag, NormalizedAxes, Number, option
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
    also = ("BatchNormalization",)
    vectors_have_rank_one = True
    cancels_bias = True

    affine: Flag = option(True, "whether scale and shift are learned")
    scale: Flag = option(True, "whether a scale is learned beside the shift")
    bias: Flag = option(True, "whether a shift is learned beside the scale", "center", name="bias")
    eps: Number = option(1e-5, "added to the variance", "epsilon", name="eps")
    momentum: Number = option(0.1, "share of the newest batch in the running statistics")

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
    main = "axes"
    also = ("LayerNormalization",)

    axes: NormalizedAxes = option("channels", "what is normalised together: `channels` or `all`")
    affine: Flag = option(True, "whether scale and shift are learned", "elementwise_affine",
                          name="affine")  # fmt: skip
    bias: Flag = option(True, "whether a shift is learned beside the scale")
    eps: Number = option(1e-5, "added to the variance", "epsilon", name="eps")

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
    main = "groups"
    also = ("GroupNormalization",)

    groups: Count = option(32, "groups of channels; must divide C", "num_groups", name="groups")
    affine: Flag = option(True, "whether scale and shift are learned")
    eps: Number = option(1e-5, "added to the variance", "epsilon", name="eps")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        if volume.channels % self.groups:
            raise Problem(
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
    also = ("InstanceNormalization",)
    cancels_bias = True

    affine: Flag = option(False, "whether scale and shift are learned")
    eps: Number = option(1e-5, "added to the variance", "epsilon", name="eps")

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
    main = "size"
    also = ("LocalResponseNorm", "LocalResponseNormalization")

    size: Count = option(5, "neighbouring channels in the sum", "local_size", name="size")
    alpha: Number = option(1e-4, "factor of the sum")
    beta: Number = option(0.75, "exponent")
    k: Number = option(2.0, "added to the sum")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        return Inferred(volume, operations=volume.size * (self.size + 4))


class Scale(Layer):
    """A learned factor for each channel (ConvNeXt's layer scale), with a bias if wanted.

    Output: the input's volume
    Weights: C
    Biases: 0 (C with bias)
    FLOPs: 1 per element, 2 with bias
    Example: {scale: {bias: true}} on 14x14x6 gives 14x14x6, 6 weights, 6 biases
    Example: {scale: {init: 1e-6}} on 56x56x96 gives 56x56x96, 96 weights, 0 biases
    """

    kind = "scale"
    main = "bias"
    also = ("LayerScale",)

    bias: Flag = option(False, "whether each channel adds a bias", "use_bias", name="bias")
    init: Number = option(1.0, "value the factors start from")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        shape = (volume.channels,)
        return Inferred(
            volume,
            learned(shape, shape if self.bias else None),
            operations=volume.size * (2 if self.bias else 1),
        )
