"""The layer that does nothing, and the layer whose numbers are the file's own."""

from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis, learned
from cnncalc.layers.options import NonNegative, VolumeOption, option
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
    """What has no kind: its numbers are the file's own, and the report marks them declared.

    Output: as given
    Weights: as given
    Biases: as given
    MACs: as given
    FLOPs: 2·MACs
    Example: {custom: {output: 10, macs: 840}} on 84 gives 10, 0 weights, 0 biases, 840 MACs
    """

    kind = "custom"
    main = "output"

    output: VolumeOption = option(..., "the output's volume")
    weights: NonNegative = option(0, "number of weights")
    biases: NonNegative = option(0, "number of biases")
    macs: NonNegative = option(0, "multiply-accumulates for one image")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        return Inferred(
            self.output,
            tensors=learned(
                (self.weights,) if self.weights else None, (self.biases,) if self.biases else None
            ),
            macs=self.macs,
            reach=None,
            declared=True,
        )
