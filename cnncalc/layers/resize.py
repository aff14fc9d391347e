"""Layers that make volumes larger or smaller by copying or interpolating."""

from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis, need_spatial
from cnncalc.layers.options import Extent, Interpolation, InterpolationOption, per_axis
from cnncalc.reach import of_axes, resampled
from cnncalc.volume import Volume


def _resized(volume: Volume, spatial: tuple[int, ...], mode: Interpolation) -> Inferred:
    output = Volume((*spatial, volume.channels))
    interpolated = mode is Interpolation.BILINEAR
    # Each output is a weighted sum of two values an axis: 2^rank products, one sum less.
    cost = 2 * 2**volume.rank - 1 if interpolated else 0
    return Inferred(
        output,
        operations=output.size * cost,
        reach=of_axes(
            resampled(width, positions, interpolated=interpolated)
            for width, positions in zip(volume.spatial, spatial, strict=True)
        ),
    )


class Upsample(Layer):
    """Every spatial axis longer by a whole factor.

    Output: W·scale on each spatial axis
    FLOPs: 0 for nearest; bilinear 2·2^rank − 1 per output element (7 in two dimensions)
    Example: {upsample: 2} on 16x16x64 gives 32x32x64
    """

    kind = "upsample"
    default_option = "scale"
    aliases = ("UpSampling",)

    scale = Extent("factor on each spatial axis", "scale_factor")
    mode = InterpolationOption(
        "nearest or bilinear", "interpolation", default=Interpolation.NEAREST
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        scales = per_axis(self.scale, volume.rank, "scale")
        spatial = tuple(w * s for w, s in zip(volume.spatial, scales, strict=True))
        return _resized(volume, spatial, self.mode)


class Resize(Layer):
    """Spatial axes of a given length.

    Output: size on the spatial axes, C channels
    FLOPs: 0 for nearest; bilinear 2·2^rank − 1 per output element (7 in two dimensions)
    Example: {resize: {size: 224, mode: bilinear}} on 28x28x21 gives 224x224x21
    """

    kind = "resize"
    default_option = "size"
    aliases = ("Resizing",)

    size = Extent("the output's side on each spatial axis")
    mode = InterpolationOption(
        "nearest or bilinear", "interpolation", default=Interpolation.NEAREST
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        need_spatial(self, volume)
        return _resized(volume, per_axis(self.size, volume.rank, "size"), self.mode)
