"""Layers that make volumes larger or smaller by copying or interpolating."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, inf, prod

from cnncalc.diagnostics import RuleError
from cnncalc.layers import forms
from cnncalc.layers.base import Inferred, Layer, Option, RoundingPerAxis, need_spatial
from cnncalc.layers.forms import Form
from cnncalc.layers.options import (
    Extent,
    Interpolation,
    InterpolationOption,
    axes_of,
    bad_value,
    integer,
    per_axis,
    shown,
    wrong_type,
)
from cnncalc.reach import Reach, adaptive, of_axes, resampled
from cnncalc.volume import Volume


class Factor(Option[float | tuple[float, ...]]):
    """A number above 0 for all axes, a list with one for each, or `3x5`."""

    def read(self, value: object) -> float | tuple[float, ...]:
        if isinstance(value, str):
            value = axes_of(value) or value
        if isinstance(value, tuple) and value:
            return tuple(map(self._one, value))
        return self._one(value)

    def _one(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong_type("a number above 0, or one for every spatial axis", value)
        if not 0 < value < inf:
            raise bad_value(f"must be above 0 and finite, not {shown(value)}")
        return integer(value) if float(value).is_integer() else value

    def schema(self) -> Form:
        one = {"type": ["number"], "exclusiveMinimum": 0}
        whole = forms.extent(1)
        del whole["minimum"]
        return {**whole, **one, "type": ["number", "array", "string"], "items": one}


_MODES = "nearest, nearest-exact, bilinear, bicubic or area"

TAPS = {Interpolation.BILINEAR: 2, Interpolation.BICUBIC: 4}
"""Pixels along an axis that a position is a weighted sum of."""


def _resized(
    volume: Volume, spatial: tuple[int, ...], mode: Interpolation, steps: Iterable[Fraction]
) -> Inferred:
    """`steps` are the pixels of the input from one position to the next."""
    output = Volume((*spatial, volume.channels))
    if mode is Interpolation.AREA:
        axes = [*zip(volume.spatial, spatial, strict=True)]
        # Windows that do not divide the axis evenly share a pixel with the next one.
        read = prod(width + n - gcd(width, n) for width, n in axes)
        reach = of_axes(adaptive(width, n) for width, n in axes)
        return Inferred(output, operations=read * volume.channels, reach=reach)
    # Each output is a weighted sum of so many values an axis: taps^rank products, one sum less.
    taps = TAPS.get(mode, 1)
    cost = 2 * taps**volume.rank - 1 if taps > 1 else 0
    return Inferred(
        output,
        operations=output.size * cost,
        reach=of_axes(_read(step, taps, mode) for step in steps),
    )


def _read(step: Fraction, taps: int, mode: Interpolation) -> Reach | None:
    width, positions = step.numerator, step.denominator
    if mode is Interpolation.NEAREST_EXACT:
        # Half a position further: every second of twice as many.
        twice = resampled(width, 2 * positions)
        if twice is None:
            return None
        lows = tuple(twice.low(2 * o + 1) for o in range(positions))
        return twice._replace(period=positions, advance=width, lows=lows, highs=lows)
    reach = resampled(width, positions, interpolated=taps > 1)
    if reach is None or taps < 4:
        return reach
    # A position on a pixel reads this pixel alone; any other two on each side.
    around = [int(low < high) for low, high in zip(reach.lows, reach.highs, strict=True)]
    return reach._replace(
        lows=tuple(low - more for low, more in zip(reach.lows, around, strict=True)),
        highs=tuple(high + more for high, more in zip(reach.highs, around, strict=True)),
    )


class Upsample(Layer):
    """Every spatial axis longer by a factor, a fraction too.

    Output: ⌊W·scale⌋ on each spatial axis
    FLOPs: 0 for nearest; bilinear 2·2^rank − 1 per output element (7 in two dimensions), bicubic
        2·4^rank − 1 (31); area one per window element
    Example: {upsample: 2} on 16x16x64 gives 32x32x64
    Example: {upsample: {scale: 1.5, mode: bicubic}} on 15x16x3 gives 22x24x3
    """

    kind = "upsample"
    default_option = "scale"
    aliases = ("UpSampling",)

    scale = Factor("factor on each spatial axis", "scale_factor")
    mode = InterpolationOption(_MODES, "interpolation", default=Interpolation.NEAREST)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        scales = self.scales(volume.rank)
        spatial = tuple(int(w * s) for w, s in zip(volume.spatial, scales, strict=True))
        if min(spatial) < 1:
            axis = spatial.index(0)
            raise RuleError(
                "bad-value",
                f"{volume.spatial[axis]}·{scales[axis]} leaves no pixel",
                at="scale",
            )
        return _resized(volume, spatial, self.mode, (1 / s for s in scales))

    def scales(self, rank: int) -> tuple[Fraction, ...]:
        """The factor of each axis as it is written in decimals. Raises `RuleError`."""
        given = self.scale if isinstance(self.scale, tuple) else (self.scale,) * rank
        per_axis((1,) * len(given), rank, "scale")
        return tuple(Fraction(repr(factor)) for factor in given)


class Resize(Layer):
    """Spatial axes of a given length.

    Output: size on the spatial axes, C channels
    FLOPs: 0 for nearest; bilinear 2·2^rank − 1 per output element (7 in two dimensions), bicubic
        2·4^rank − 1 (31); area one per window element
    Example: {resize: {size: 224, mode: bilinear}} on 28x28x21 gives 224x224x21
    """

    kind = "resize"
    default_option = "size"
    aliases = ("Resizing",)

    size = Extent("the output's side on each spatial axis")
    mode = InterpolationOption(_MODES, "interpolation", default=Interpolation.NEAREST)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        size = per_axis(self.size, volume.rank, "size")
        steps = (Fraction(width, n) for width, n in zip(volume.spatial, size, strict=True))
        return _resized(volume, size, self.mode, steps)
