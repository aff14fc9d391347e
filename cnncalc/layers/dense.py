"""Layers in which every output sees every input."""

from cnncalc.layers.base import Inferred, RoundingPerAxis, learned
from cnncalc.layers.convolution import Biased
from cnncalc.layers.options import Count
from cnncalc.volume import Volume


class Dense(Biased):
    """Fully connected layer; a volume is stretched to a vector of n values first.

    Output: units
    Weights: n·units
    Biases: units
    MACs: n·units
    FLOPs: 2·MACs, and one addition per unit for the bias
    Example: {dense: 4096} on 6x6x256 gives 4096, 37748736 weights, 4096 biases, 37748736 MACs
    Example: {dense: {units: 10, bias: false}} on 84 gives 10, 840 weights, 0 biases, 840 MACs
    """

    kind = "dense"
    default_option = "units"
    aliases = ("fc", "Linear", "FullyConnected")

    units = Count("number of outputs", "out_features")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        weights = (volume.size, self.units)
        return Inferred(
            Volume((self.units,)),
            tensors=learned(weights, (self.units,) if self.bias else None),
            macs=volume.size * self.units,
            operations=self.units if self.bias else 0,
            reach=None,
        )
