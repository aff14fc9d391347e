"""Layers that move, cut or add elements without computing any."""

from __future__ import annotations

from enum import StrEnum
from math import prod

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Window
from cnncalc.layers.base import (
    Inferred,
    Layer,
    Option,
    RoundingPerAxis,
    axis_names,
    need_spatial,
)
from cnncalc.layers.options import (
    Amounts,
    Count,
    Indices,
    Number,
    Pairs,
    Sizes,
    Stretch,
    Word,
    pairs,
)
from cnncalc.reach import Reach, of_axes, shift, stretch, window
from cnncalc.volume import MAX_SPATIAL_AXES, Volume


class Flatten(Layer):
    """All elements as one vector.

    Output: the number of elements
    Example: {flatten: {}} on 6x6x256 gives 9216
    """

    kind = "flatten"

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        return Inferred(Volume((volume.size,)), reach=None if volume.rank else ())


class Reshape(Layer):
    """The same elements as another volume; one axis may be −1, worked out from the rest.

    Output: shape
    Example: {reshape: 4x4x1024} on 16384 gives 4x4x1024
    Example: {reshape: [7, -1]} on 7x3x2 gives 7x6
    """

    kind = "reshape"
    default_option = "shape"

    shape = Sizes("the output's volume, channels last", "target_shape")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        shape = list(self.shape)
        if len(shape) > MAX_SPATIAL_AXES + 1:
            raise RuleError("bad-value", f"a volume has no {len(shape)} axes", at="shape")
        if 0 in shape or shape.count(-1) > 1:
            raise RuleError(
                "bad-value", "axes are 1 or more, and one of them may be -1", at="shape"
            )
        if -1 in shape:
            rest = -prod(shape)
            if volume.size % rest:
                raise self._mismatch(volume, f"{rest} does not divide {volume.size}")
            shape[shape.index(-1)] = volume.size // rest
        if prod(shape) != volume.size:
            raise self._mismatch(volume, f"{prod(shape)} elements")
        return Inferred(Volume(shape), reach=None)

    def _mismatch(self, volume: Volume, why: str) -> RuleError:
        asked = "x".join(map(str, self.shape))
        return RuleError(
            "shape-mismatch",
            f"{volume} has {volume.size} elements and cannot become {asked}: {why}",
            at="shape",
        )


class Permute(Layer):
    """The axes in another order, counted from 0 in the volume (so channels are the last).

    Output: the axes in the order given
    Example: {permute: [2, 0, 1]} on 4x5x6 gives 6x4x5
    """

    kind = "permute"
    default_option = "axes"

    axes = Indices("for each output axis the input axis it comes from", "dims")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        if sorted(self.axes) != list(range(len(volume))):
            numbers = ", ".join(map(str, range(len(volume))))
            raise RuleError(
                "bad-value",
                f"{volume} has the axes {numbers}; each must stand once in `axes`",
                at="axes",
            )
        unmoved = self.axes == tuple(range(len(volume)))
        return Inferred(Volume(volume[a] for a in self.axes), reach=() if unmoved else None)


class PadMode(StrEnum):
    CONSTANT = "constant"
    REFLECT = "reflect"
    SYMMETRIC = "symmetric"
    REPLICATE = "replicate"
    CIRCULAR = "circular"


class PadModeOption(Word[PadMode]):
    words = {str(mode): mode for mode in PadMode} | {
        "zeros": PadMode.CONSTANT,
        "edge": PadMode.REPLICATE,
        "wrap": PadMode.CIRCULAR,
    }


class Pad(Layer):
    """Zeros around the volume, or what `mode` says, and channels of zeros.

    Output: W + P₀ + P₁ on each spatial axis, C channels and those of zeros
    Example: {pad: 3} on 224x224x3 gives 230x230x3
    Example: {pad: [[0, 1], [0, 1]]} on 112x112x64 gives 113x113x64
    Example: {pad: {padding: 0, channels: [8, 8]}} on 16x16x16 gives 16x16x32
    """

    kind = "pad"
    default_option = "padding"
    aliases = (
        "ZeroPadding", "ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad",
    )  # fmt: skip

    padding = Amounts("pixels: a number, or one or a pair per axis", "P")
    channels = Indices("channels of zeros: [before, after]", default=(0, 0))
    mode = PadModeOption(
        "what the pixels hold: constant, reflect (the border not repeated), symmetric (repeated), "
        "replicate or circular",
        default=PadMode.CONSTANT,
    )
    value = Number("the constant", default=0.0)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        if len(self.channels) != 2:
            raise RuleError(
                "bad-value",
                f"channels is [before, after], not {list(self.channels)}",
                at="channels",
            )
        ends = pairs(self.padding, volume.rank, "padding")
        self._check_mode(volume, ends)
        spatial = (w + before + after for w, (before, after) in zip(volume, ends, strict=False))
        return Inferred(
            Volume((*spatial, volume.channels + sum(self.channels))),
            reach=tuple(shift(-before) for before, _ in ends),
        )

    def _check_mode(self, volume: Volume, ends: Pairs) -> None:
        if self.value and self.mode is not PadMode.CONSTANT:
            message = "`value` has a place beside `mode: constant` alone"
            raise RuleError("bad-value", message, at="value")
        if self.mode in (PadMode.CONSTANT, PadMode.REPLICATE):
            return
        border = self.mode is PadMode.REFLECT
        for name, width, amounts in zip(axis_names(volume.rank), volume.spatial, ends, strict=True):
            if max(amounts) > width - border:
                raise RuleError(
                    "bad-value",
                    f"mode {self.mode} has {width - border} pixels for the {name}, and the padding "
                    f"asks for {max(amounts)}",
                    at="padding",
                )


class Crop(Layer):
    """Rows and columns cut off around the volume.

    Output: W − C₀ − C₁ on each spatial axis
    Example: {crop: 4} on 64x64x512 gives 56x56x512
    """

    kind = "crop"
    default_option = "cropping"
    aliases = ("Cropping",)

    cropping = Amounts("pixels: a number, or one or a pair per axis")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        ends = pairs(self.cropping, volume.rank, "cropping")
        spatial = []
        for name, width, (before, after) in zip(
            axis_names(volume.rank), volume.spatial, ends, strict=True
        ):
            if before + after >= width:
                raise RuleError(
                    "bad-value",
                    f"cropping {before} + {after} leaves nothing of the {name}'s {width} pixels",
                    at="cropping",
                )
            spatial.append(width - before - after)
        return Inferred(
            Volume((*spatial, volume.channels)), reach=tuple(shift(before) for before, _ in ends)
        )


class PixelShuffle(Layer):
    """Depth to space: factor² channels become a factor x factor square (Shi et al. 2016).

    Output: W·factor on each spatial axis, C/factor^rank channels
    Example: {pixel_shuffle: 3} on 17x17x9 gives 51x51x1
    """

    kind = "pixel_shuffle"
    default_option = "factor"
    aliases = ("depth_to_space",)

    factor = Count("how much each spatial axis grows", "upscale_factor", "block_size")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        taken = self.factor**volume.rank
        if volume.channels % taken:
            raise RuleError(
                "shape-mismatch",
                f"{self.factor}^{volume.rank} = {taken} does not divide the "
                f"{volume.channels} channels",
                at="factor",
            )
        spatial = (width * self.factor for width in volume.spatial)
        return Inferred(
            Volume((*spatial, volume.channels // taken)),
            reach=of_axes((stretch(self.factor),) * volume.rank),
        )


class PixelUnshuffle(Layer):
    """Space to depth: factor x factor squares become channels.

    Output: W/factor on each spatial axis, C·factor^rank channels
    Example: {pixel_unshuffle: 2} on 8x8x3 gives 4x4x12
    """

    kind = "pixel_unshuffle"
    default_option = "factor"
    aliases = ("space_to_depth",)

    factor = Count("how much each spatial axis shrinks", "downscale_factor", "block_size")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        if any(width % self.factor for width in volume.spatial):
            raise RuleError(
                "shape-mismatch",
                f"{self.factor} does not divide the spatial axes of {volume}",
                at="factor",
            )
        spatial = tuple(width // self.factor for width in volume.spatial)
        return Inferred(
            Volume((*spatial, volume.channels * self.factor**volume.rank)),
            reach=(window(Window(self.factor, self.factor)),) * volume.rank,
        )


class ChannelShuffle(Layer):
    """Channels of all groups interleaved (ShuffleNet).

    Output: the input's volume
    Example: {channel_shuffle: 2} on 28x28x116 gives 28x28x116
    """

    kind = "channel_shuffle"
    default_option = "groups"

    groups = Count("groups of channels; must divide C")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        if volume.channels % self.groups:
            raise RuleError(
                "groups-misfit",
                f"{self.groups} groups do not divide the {volume.channels} channels",
                at="groups",
            )
        return Inferred(volume)


class Slice(Layer):
    """A part of the channels or of spatial axes: from start up to, not including, stop, every
    step-th. Negative numbers count from behind; without a stop it goes to the end.

    Output: ⌈(stop − start)/step⌉ on each axis that is cut, the others as they are
    Example: {slice: [0, 58]} on 28x28x116 gives 28x28x58
    Example: {slice: [-16]} on 28x28x116 gives 28x28x16
    Example: {slice: {height: [0, 8], width: [0, ~, 2]}} on 28x28x3 gives 8x14x3
    """

    kind = "slice"
    default_option = "channels"

    channels: Option[tuple[int | None, ...] | None] = Stretch(
        "[start, stop], [start] or [start, stop, step]", default=None, none_means="all"
    )
    height: Option[tuple[int | None, ...] | None] = Stretch(
        "the rows, in the same way", default=None, none_means="all"
    )
    width: Option[tuple[int | None, ...] | None] = Stretch(
        "the columns, in the same way", default=None, none_means="all"
    )
    depth: Option[tuple[int | None, ...] | None] = Stretch(
        "the planes of a volume, in the same way", default=None, none_means="all"
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        stretches = self.stretches(volume)
        axes = [len(range(*stretch)) for stretch in stretches]
        reach = [Reach(1, step, (start,), (start,)) for start, _, step in stretches[:-1]]
        whole = axes[:-1] == list(volume.spatial)
        return Inferred(Volume(axes), reach=() if whole else tuple(reach))

    def stretches(self, volume: Volume) -> list[tuple[int, int, int]]:
        """Start, stop and step of each axis of a volume. Raises `RuleError`."""
        if not any((self.channels, self.height, self.width, self.depth)):
            raise RuleError(
                "missing-option", "slice needs `channels`, `height`, `width` or `depth`"
            )
        names = (*(axis_names(volume.rank) if volume.rank else ()), "channels")
        for name in ("depth", "height", "width"):
            if name not in names and getattr(self, name) is not None:
                raise RuleError("rank-mismatch", f"{volume} has no {name}", at=name)
        return [
            self._stretch(name, size, getattr(self, name))
            for name, size in zip(names, volume, strict=True)
        ]

    def _stretch(
        self, name: str, size: int, said: tuple[int | None, ...] | None
    ) -> tuple[int, int, int]:
        start, stop, step = (*(said or ()), None, None, None)[:3]
        start = 0 if start is None else start + size * (start < 0)
        stop = size if stop is None else stop + size * (stop < 0)
        step = 1 if step is None else step
        if not 0 <= start < stop <= size or step < 1:
            given = ", ".join("~" if number is None else str(number) for number in said or ())
            raise RuleError(
                "bad-value",
                f"`{name}` is a part of 0 to {size}, start before stop and a step of 1 or more, "
                f"not [{given}]",
                at=name,
            )
        return start, stop, step
