"""Layers that act in training only: at inference they pass their input on."""

from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis
from cnncalc.layers.options import Rate
from cnncalc.volume import Volume


class _Regularizer(Layer):
    default_option = "rate"

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        return Inferred(inputs[0])


class Dropout(_Regularizer):
    """Sets a share of the elements to zero, in training only.

    Output: the input's volume
    FLOPs: 0 (nothing happens at inference)
    Example: {dropout: 0.5} on 4096 gives 4096
    """

    kind = "dropout"
    aliases = ("SpatialDropout", "AlphaDropout")

    rate = Rate("share of the elements, at least 0 and below 1", "p", default=0.5)


class DropPath(_Regularizer):
    """Leaves a whole branch out for a share of the images, in training only (stochastic depth).

    Output: the input's volume
    FLOPs: 0 (nothing happens at inference)
    Example: {drop_path: 0.1} on 7x7x768 gives 7x7x768
    """

    kind = "drop_path"
    aliases = ("StochasticDepth",)

    rate = Rate("share of the images, at least 0 and below 1", "p", "drop_prob", default=0.0)
