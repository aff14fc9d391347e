"""A kind that the language does not have, for `test_new_kind.py`: one class, and nothing else."""

from __future__ import annotations

from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis, learned
from cnncalc.layers.options import Count, Flag, Rate
from cnncalc.volume import Volume


class Fade(Layer):
    """Each channel mixed with those before it.

    Output: the input's volume
    Weights: C·width
    MACs: ∏in·C·width
    FLOPs: 2·MACs
    Example: {fade: 2} on 5x4x3 gives 5x4x3, 6 weights, 120 MACs
    """

    kind = "fade"
    default_option = "width"
    aliases = ("ChannelFade",)

    width = Count("channels that are mixed", "mixing_width")
    rate = Rate("share of the channel itself", default=0.5)
    wrap = Flag("whether the first channels are mixed with the last", default=None)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        weights = learned((volume.channels, self.width))
        return Inferred(volume, weights, macs=volume.size * self.width)
