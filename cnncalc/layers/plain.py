"""Layers that do nothing, read nothing, or have their numbers from the file alone."""

from __future__ import annotations

from cnncalc.layers.base import Inferred, Layer, Option, RoundingPerAxis, learned
from cnncalc.layers.options import NonNegative, VolumeOption
from cnncalc.volume import Volume


class Identity(Layer):
    """Passes its input on.

    Output: the input's volume
    FLOPs: 0
    Example: {identity: {}} on 7x7x512 gives 7x7x512
    """

    kind = "identity"

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        return Inferred(inputs[0])


class Parameter(Layer):
    """A learned volume, the same whatever comes in: class tokens, embeddings of positions.

    Output: shape
    Weights: as many as it has elements
    FLOPs: 0
    Example: {parameter: {}} on 197x768 gives 197x768, 151296 weights
    Example: {parameter: 1x768} on 196x768 gives 1x768, 768 weights
    """

    kind = "parameter"
    default_option = "shape"

    shape: Option[Volume | None] = VolumeOption(
        "the volume", default=None, none_means="the input's"
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        output = volume if self.shape is None else self.shape
        # Where it is added to what comes in, the sum's field is that of the other branch.
        same = output.spatial == volume.spatial
        return Inferred(output, learned(tuple(output)), reach=() if same else None)


class Custom(Layer):
    """What has no kind: its numbers are the file's own, and the report marks them declared. With
    several inputs it takes `branches`: `{branches: [a, []], macs: 840}`.

    Output: as given, otherwise the input's volume; of several inputs the first's
    Weights: as given
    Biases: as given
    MACs: as given
    FLOPs: 2·MACs
    Example: {custom: {output: 10, macs: 840}} on 84 gives 10, 0 weights, 0 biases, 840 MACs
    """

    kind = "custom"
    default_option = "output"

    may_merge = True

    output: Option[Volume | None] = VolumeOption(
        "the output's volume", default=None, none_means="the first input's"
    )
    weights = NonNegative("number of weights", default=0)
    biases = NonNegative("number of biases", default=0)
    macs = NonNegative("multiply-accumulates for one image", default=0)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        return Inferred(
            inputs[0] if self.output is None else self.output,
            tensors=learned(
                (self.weights,) if self.weights else None, (self.biases,) if self.biases else None
            ),
            macs=self.macs,
            reach=None,
            declared=True,
        )
