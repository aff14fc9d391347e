"""Layers that summarise windows or whole axes, channel by channel."""

from collections.abc import Mapping
from enum import StrEnum
from math import gcd, prod

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Rounding, Window
from cnncalc.layers import reshape
from cnncalc.layers.axes import AxesOption, numbered
from cnncalc.layers.base import (
    Inferred,
    Layer,
    Option,
    Role,
    RoundingPerAxis,
    Tensor,
    need_spatial,
)
from cnncalc.layers.options import Extent, Flag, Padding, Word, per_axis
from cnncalc.layers.sliding import Sliding, Strided
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


class UsualPadding(Padding):
    words = (*Padding.words, "usual")


class BlurPool(Strided):
    """A fixed binomial filter that slides in strides, channel by channel: anti-aliased pooling
    (Zhang 2019).

    Output: rule A on each spatial axis, C channels
    State: ∏F·C (the filter, of binomial coefficients)
    MACs: ∏out·C·∏F, as PyTorch and fvcore count a depthwise convolution
    FLOPs: 2·MACs
    Example: {blur_pool: {rounding: floor}} on 56x56x64 gives 28x28x64, 576 state, 451584 MACs
    """

    kind = "blur_pool"
    default_option = "kernel"

    kernel = Extent("side of the filter in pixels, F", "filt_size", "kernel_size", "F", default=3)
    stride = Extent("pixels from one window to the next, S", "strides", "S", default=2)
    padding = UsualPadding(
        "pixels around the volume, P: a number, one or a pair per axis, `valid`, `same`, or "
        "`usual`, (S + F − 2)/2 rounded down",
        "P",
        default="usual",
    )
    mode = reshape.PadModeOption(
        "what they hold, as in `pad`", "pad_mode", default=reshape.PadMode.REFLECT
    )

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        if self.padding != "usual":
            return super().windows(volume)
        bare = self.with_options(padding=0).windows(volume)
        return tuple(w._replace(before=p, after=p) for w, p in ((w, usual(w)) for w in bare))

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        slide = self.slide(volume, rounding)
        ends = tuple((w.before, w.after) for w in slide.windows)
        reshape.Pad(padding=ends, mode=self.mode).infer(inputs, rounding)
        output = Volume((*slide.spatial, volume.channels))
        kernel = tuple(w.kernel for w in slide.windows)
        return Inferred(
            output,
            (Tensor("filter", Role.STATE, (*kernel, 1, volume.channels)),),
            macs=output.size * slide.taps,
            reach=slide.reach,
            windows=slide.windows,
            unread=slide.unread,
            rounded=slide.rounded,
        )


def usual(w: Window) -> int:
    """The padding with which a stride takes the middle of what it covers."""
    return (w.stride + w.kernel - 2) // 2


class Reduction(StrEnum):
    MEAN = "mean"
    SUM = "sum"
    MAX = "max"
    MIN = "min"


class ReductionOption(Word[Reduction]):
    words: Mapping[str, Reduction] = {str(way): way for way in Reduction}


class Reduce(Layer):
    """The mean, sum, largest or smallest along axes. What is left of a volume without its channels
    has its last axis for channels, as in frameworks; `keepdims` keeps them apart.

    Output: the other axes; with keepdims the axes too, each of length 1
    FLOPs: one per input element
    Example: {reduce: {function: max, axes: channels, keepdims: true}} on 7x7x512 gives 7x7x1
    Example: {reduce: {function: mean, axes: width}} on 4x10x64 gives 4x64
    """

    kind = "reduce"
    default_option = "function"

    function = ReductionOption("mean, sum, max or min")
    axes = AxesOption("`channels`, `spatial`, `all`, or axes from -1 to -4", "axis")
    keepdims = Flag("keep the axes, each of length 1", "keepdim", default=False)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        axes = numbered(self.axes, volume, "axes")
        kept = [1 if axis in axes else n for axis, n in enumerate(volume)]
        left = [n for axis, n in enumerate(volume) if axis not in axes]
        output = Volume(kept if self.keepdims else left or [1])
        in_place = axes == (volume.rank,) and self.keepdims
        return Inferred(output, operations=volume.size, reach=() if in_place else None)
