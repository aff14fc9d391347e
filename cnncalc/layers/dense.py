"""Layers in which every output sees every input."""

from math import prod

from cnncalc.layers.base import Inferred, RoundingPerAxis, learned
from cnncalc.layers.convolution import Biased
from cnncalc.layers.options import Count, SeenAxes
from cnncalc.volume import Volume


def last_axis_elsewhere(name: str) -> str | None:
    """The framework whose class of this name sees the last axis alone, not all of a volume; a small
    `dense` is CS231n's."""
    return "Keras" if name == "Dense" else "PyTorch" if name.lower() == "linear" else None


class Dense(Biased):
    """Fully connected layer: every unit sees all n values of a volume, stretched to a vector.

    With axes `channels` it sees the n = C channels of a position, and every position has the same
    units, as where PyTorch's `Linear` and Keras' `Dense` work on the last axis.

    Output: units; with axes `channels` the spatial axes, and units channels
    Weights: n·units
    Biases: units
    MACs: n·units; with axes `channels` ∏out·n·units
    FLOPs: 2·MACs, and one addition per output for the bias
    Example: {dense: 4096} on 6x6x256 gives 4096, 37748736 weights, 4096 biases, 37748736 MACs
    Example: {dense: {units: 10, bias: false}} on 84 gives 10, 840 weights, 0 biases, 840 MACs
    Example: {dense: {units: 64, axes: channels}} on 100x128 gives 100x64, 8192 weights, 64 biases,
        819200 MACs
    """

    kind = "dense"
    default_option = "units"
    aliases = ("fc", "Linear", "FullyConnected")

    units = Count("number of outputs", "out_features")
    axes = SeenAxes(
        "what a unit sees: `all` of the volume, or the `channels` of one position", default="all"
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        if self.axes == "channels":
            return self._of_each_position(volume)
        weights = (volume.size, self.units)
        return Inferred(
            Volume((self.units,)),
            tensors=learned(weights, (self.units,) if self.bias else None),
            macs=volume.size * self.units,
            operations=self.units if self.bias else 0,
            reach=None,
        )

    def _of_each_position(self, volume: Volume) -> Inferred:
        """A convolution whose window is one pixel."""
        weights = (*(1 for _ in volume.spatial), volume.channels, self.units)
        output = volume.with_channels(self.units)
        return Inferred(
            output,
            tensors=learned(weights, (self.units,) if self.bias else None),
            macs=prod(volume.spatial) * prod(weights),
            operations=output.size if self.bias else 0,
            reach=() if volume.rank else None,
        )
