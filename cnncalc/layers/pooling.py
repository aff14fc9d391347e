"""Layers that summarise windows or whole axes, channel by channel."""

from math import gcd, prod

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Rounding
from cnncalc.layers.base import Inferred, Layer, Option, RoundingPerAxis, need_spatial
from cnncalc.layers.options import Extent, Flag, per_axis
from cnncalc.layers.sliding import Sliding
from cnncalc.reach import adaptive, of_axes
from cnncalc.volume import Volume


class _Pool(Sliding):
    padding_at_most_half = True
    default_option = "kernel"

    stride: Option[int | tuple[int, ...] | None] = Extent(
        "pixels from one window to the next, S",
        "strides",
        "S",
        default=None,
        none_means="the kernel",
    )

    ceil_mode: Option[bool | None] = Flag("PyTorch's word: true is `rounding: ceil`", default=None)

    def own_rounding(self) -> Rounding | None:
        if not self.ceil_mode:
            return self.rounding
        if self.rounding not in (None, Rounding.CEIL):
            message = f"`ceil_mode: true` contradicts `rounding: {self.rounding}`"
            raise RuleError("bad-value", message, at="ceil_mode")
        return Rounding.CEIL

    def strides(self, rank: int) -> tuple[int, ...]:
        if self.stride is None:
            return per_axis(self.kernel, rank, "kernel")
        return per_axis(self.stride, rank, "stride")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        slide = self.slide(volume, rounding)
        output = Volume((*slide.spatial, volume.channels))
        return Inferred(
            output=output,
            operations=output.size * slide.taps,
            reach=slide.reach,
            windows=slide.windows,
            unread=slide.unread,
            rounded=slide.rounded,
        )


class MaxPool(_Pool):
    """The largest value of each window, channel by channel.

    Output: rule A on each spatial axis, C channels; padding at most half the effective kernel
    FLOPs: ∏out·C·∏F (one per window element)
    Example: {max_pool: {kernel: 3, stride: 2}} on 55x55x96 gives 27x27x96
    Example: {max_pool: 2} on 28x28x6 gives 14x14x6
    """

    kind = "max_pool"
    aliases = ("MaxPooling",)

    dilation = Extent(
        "pixels from one tap of the window to the next, D", "dilation_rate", "D", default=1
    )

    def dilations(self, rank: int) -> tuple[int, ...]:
        return per_axis(self.dilation, rank, "dilation")


class AvgPool(_Pool):
    """The mean of each window, channel by channel.

    Output: rule A on each spatial axis, C channels; padding at most half the kernel
    FLOPs: ∏out·C·∏F (one per window element)
    Example: {avg_pool: {kernel: 7, stride: 1}} on 7x7x1024 gives 1x1x1024
    """

    kind = "avg_pool"
    aliases = ("AveragePooling", "AveragePool")

    count_include_pad = Flag("whether zeros of the padding count in the mean", default=True)


class _GlobalPool(Layer):
    default_option = "keepdims"

    keepdims = Flag("keep the spatial axes, each of length 1", default=False)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        ones = (1,) * volume.rank if self.keepdims else ()
        return Inferred(Volume((*ones, volume.channels)), operations=volume.size, reach=None)


class GlobalAvgPool(_GlobalPool):
    """The mean of each channel.

    Output: C (1x1xC with keepdims)
    FLOPs: one per input element
    Example: {global_avg_pool: {}} on 7x7x2048 gives 2048
    Example: {global_avg_pool: {keepdims: true}} on 7x7x2048 gives 1x1x2048
    """

    kind = "global_avg_pool"
    aliases = ("GlobalAveragePooling", "GlobalAvgPool")


class GlobalMaxPool(_GlobalPool):
    """The largest value of each channel.

    Output: C (1x1xC with keepdims)
    FLOPs: one per input element
    Example: {global_max_pool: {}} on 16x64 gives 64
    """

    kind = "global_max_pool"
    aliases = ("GlobalMaxPooling", "GlobalMaxPool")


class _AdaptivePool(Layer):
    default_option = "size"

    size = Extent("the output's side on each spatial axis", "output_size")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        size = per_axis(self.size, volume.rank, "size")
        # Windows that do not divide the axis evenly share a pixel with the next one.
        read = prod(
            width + n - gcd(width, n) for width, n in zip(volume.spatial, size, strict=True)
        )
        return Inferred(
            Volume((*size, volume.channels)),
            operations=read * volume.channels,
            reach=of_axes(adaptive(w, n) for w, n in zip(volume.spatial, size, strict=True)),
        )


class AdaptiveAvgPool(_AdaptivePool):
    """The mean of windows that share an axis out evenly: from ⌊o·W/n⌋ to ⌈(o + 1)·W/n⌉.

    Output: size on the spatial axes, C channels
    FLOPs: one per window element
    Example: {adaptive_avg_pool: 7} on 14x14x512 gives 7x7x512
    """

    kind = "adaptive_avg_pool"
    aliases = ("AdaptiveAveragePooling",)


class AdaptiveMaxPool(_AdaptivePool):
    """The largest value of windows that share an axis out evenly.

    Output: size on the spatial axes, C channels
    FLOPs: one per window element
    Example: {adaptive_max_pool: [1, 5]} on 13x13x256 gives 1x5x256
    """

    kind = "adaptive_max_pool"
    aliases = ("AdaptiveMaxPooling",)
