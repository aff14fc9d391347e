"""The layer that does nothing, and the layer whose numbers are the file's own."""

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
