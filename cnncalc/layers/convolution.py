"""Layers whose filters slide and take dot products, with shared weights or without."""

from collections.abc import Iterator
from math import prod
from typing import Any

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Window
from cnncalc.layers.base import (
    Change,
    Inferred,
    Layer,
    Option,
    RoundingPerAxis,
    Tensor,
    learned,
    need_spatial,
)
from cnncalc.layers.options import (
    Connections,
    Count,
    CutPadding,
    Extent,
    ExtentFromZero,
    Flag,
    Order,
    per_axis,
)
from cnncalc.layers.sliding import FARTHEST, Dilated, Slide, Strided, padded
from cnncalc.reach import of_axes, transposed
from cnncalc.volume import Volume

_FILTERS = Count("number of output channels, K", "out_channels", "K")
_GROUPS = Count("groups of channels that do not see each other; must divide C and K", default=1)


def _check_groups(groups: int, channels: int, filters: int) -> None:
    for what, number in (("input channels", channels), ("filters", filters)):
        if number % groups:
            raise RuleError(
                "groups-misfit",
                f"{groups} groups do not divide the {number} {what}: "
                f"{number} = {number // groups}·{groups} + {number % groups}",
                at="groups",
            )


def _divisors_near(groups: int, *multiples: int) -> Iterator[Change]:
    for nearby in (range(groups - 1, max(groups - FARTHEST, 0), -1),
                   range(groups + 1, groups + FARTHEST)):  # fmt: skip
        yield Change("groups", (n for n in nearby if not any(m % n for m in multiples)))


def _convolved(
    slide: Slide, filters: int, weights: tuple[int, ...], bias: bool, multiplies: int
) -> Inferred:
    """A convolution's figures: `multiplies` multiply-accumulates per output position."""
    output = Volume((*slide.spatial, filters))
    return Inferred(
        output=output,
        tensors=learned(weights, (filters,) if bias else None),
        macs=prod(slide.spatial) * multiplies,
        operations=output.size if bias else 0,
        reach=slide.reach,
        windows=slide.windows,
        unread=slide.unread,
        rounded=slide.rounded,
    )


class Biased(Layer):
    bias = Flag("whether each filter adds a bias", "use_bias", default=True)
    norm = Option[Any]("a normalization after it, as if it were an item of the list", default=None)
    activation = Option[Any](
        "an activation right after it, as if it were the next item of the list", default=None
    )
    order = Order("where `norm` and `activation` stand", default=None, none_means="layer first")

    @property
    def biases_channels(self) -> bool:
        return self.bias


class Conv(Biased, Dilated):
    """Convolution: every filter slides over the volume and takes dot products.

    Output: rule A on each spatial axis, K channels
    Weights: ∏F·(C/groups)·K; with connections ∏F·(number of pairs)
    Biases: K
    MACs: ∏out·∏F·(C/groups)·K; with connections ∏out·∏F·(number of pairs)
    FLOPs: 2·MACs, and one addition per output for the bias
    Example: {conv: {filters: 96, kernel: 11, stride: 4}} on 227x227x3 gives 55x55x96,
        34848 weights, 96 biases, 105415200 MACs
    Example: {conv: {filters: 4, kernel: 3, padding: same, groups: 2, bias: false}} on 8x8x6 gives
        8x8x4, 108 weights, 0 biases, 6912 MACs
    Example: {conv: {filters: 2, kernel: 5, connections: [[0, 1], [2]]}} on 14x14x3 gives 10x10x2,
        75 weights, 2 biases, 7500 MACs
    """

    kind = "conv"
    default_option = "filters"
    aliases = ("Convolution",)

    filters = _FILTERS
    groups = _GROUPS
    connections: Option[tuple[tuple[int, ...], ...] | None] = Connections(
        "one list a filter of the input channels it sees, from 0 (LeNet-5's C3)", default=None
    )
    standardize = Flag(
        "whether a filter's weights are standardised before use (Qiao et al. 2019)",
        "weight_standardization",
        default=False,
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        slide = self.slide(volume, rounding)
        kernel = tuple(w.kernel for w in slide.windows)
        if self.connections is not None:
            if self.standardize:
                message = "`standardize` has no place beside `connections`"
                raise RuleError("bad-value", message, at="standardize")
            pairs_seen = self._count_connections(volume.channels)
            return _convolved(
                slide, self.filters, (*kernel, pairs_seen), self.bias, slide.taps * pairs_seen
            )
        _check_groups(self.groups, volume.channels, self.filters)
        weights = (*kernel, volume.channels // self.groups, self.filters)
        return _convolved(slide, self.filters, weights, self.bias, prod(weights))

    def _count_connections(self, channels: int) -> int:
        assert self.connections is not None
        if self.groups != 1:
            raise RuleError("bad-value", "`connections` replaces `groups`: give one", at="groups")
        if len(self.connections) != self.filters:
            raise RuleError(
                "bad-value",
                f"`connections` has {len(self.connections)} entries for {self.filters} filters",
                at="connections",
            )
        for number, seen in enumerate(self.connections):
            if max(seen) >= channels:
                raise RuleError(
                    "bad-value",
                    f"filter {number} sees channel {max(seen)}, and the input has "
                    f"{channels}, counted from 0",
                    at="connections",
                    within=(number,),
                )
        return sum(len(seen) for seen in self.connections)

    def nearby_options(self, inputs: tuple[Volume, ...]) -> Iterator[Change]:
        if self.connections is None:
            yield from _divisors_near(self.groups, inputs[0].channels, self.filters)
        yield from super().nearby_options(inputs)


class DepthwiseConv(Biased, Dilated):
    """Depthwise convolution: every input channel has filters of its own.

    Output: rule A on each spatial axis, C·multiplier channels
    Weights: ∏F·C·multiplier
    Biases: C·multiplier
    MACs: ∏out·∏F·C·multiplier
    FLOPs: 2·MACs, and one addition per output for the bias
    Example: {depthwise_conv: {kernel: 3, padding: 1, bias: false}} on 112x112x32 gives 112x112x32,
        288 weights, 0 biases, 3612672 MACs
    Example: {depthwise_conv: {kernel: 3, multiplier: 2}} on 5x5x4 gives 3x3x8,
        72 weights, 8 biases, 648 MACs
    """

    kind = "depthwise_conv"
    default_option = "kernel"

    multiplier = Count("filters for each input channel", "depth_multiplier", default=1)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        slide = self.slide(volume, rounding)
        filters = volume.channels * self.multiplier
        weights = (*(w.kernel for w in slide.windows), 1, filters)
        return _convolved(slide, filters, weights, self.bias, prod(weights))


class SeparableConv(Biased, Dilated):
    """Depthwise convolution without bias, then a 1x1 convolution, as one layer.

    Output: rule A on each spatial axis, K channels
    Weights: ∏F·C·multiplier + C·multiplier·K
    Biases: K
    MACs: ∏out·(∏F·C·multiplier + C·multiplier·K)
    FLOPs: 2·MACs, and one addition per output for the bias
    Example: {separable_conv: {filters: 8, kernel: 3, padding: same}} on 10x10x4 gives 10x10x8,
        68 weights, 8 biases, 6800 MACs
    """

    kind = "separable_conv"
    aliases = ("SeparableConvolution",)
    default_option = "filters"

    filters = _FILTERS
    multiplier = Count("depthwise filters for each input channel", "depth_multiplier", default=1)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        slide = self.slide(volume, rounding)
        between = volume.channels * self.multiplier
        depthwise = (*(w.kernel for w in slide.windows), 1, between)
        pointwise = (*(1 for _ in slide.windows), between, self.filters)
        inferred = _convolved(
            slide, self.filters, pointwise, self.bias, prod(depthwise) + prod(pointwise)
        )
        first = learned(depthwise)[0]._replace(name="depthwise_weight")
        return inferred._replace(tensors=(first, *inferred.tensors))


class ConvTranspose(Biased):
    """Transposed convolution: every input pixel stamps the kernel onto the output.

    Output: (W − 1)S − P₀ − P₁ + D(F − 1) + output_padding + 1 per axis; W·S with `padding: same`
    Weights: ∏F·C·K/groups
    Biases: K
    MACs: ∏in·∏F·C·K/groups (input positions: each stamps once)
    FLOPs: 2·MACs, and one addition per output for the bias
    Example: {conv_transpose: {filters: 64, kernel: 2, stride: 2}} on 28x28x128 gives 56x56x64,
        32768 weights, 64 biases, 25690112 MACs
    Example: {conv_transpose: {filters: 3, kernel: 3, stride: 2, padding: same}} on 7x7x2 gives
        14x14x3, 54 weights, 3 biases, 2646 MACs
    """

    kind = "conv_transpose"
    default_option = "filters"
    aliases = ("ConvTranspose", "Conv2DTranspose", "Convolution2DTranspose", "Deconvolution")

    filters = _FILTERS
    kernel = Extent("side of the kernel in pixels, F", "kernel_size", "F")
    stride = Extent("output pixels from one stamp to the next, S", "strides", "S", default=1)
    padding = CutPadding(
        "pixels cut off around the output, P: a number, one or a pair per axis, `valid`, `same` "
        "or `half`",
        "P",
        default=0,
    )
    output_padding = ExtentFromZero("pixels added at the end of each axis", default=0)
    dilation = Extent(
        "pixels from one tap of the kernel to the next, D", "dilation_rate", "D", default=1
    )
    groups = _GROUPS

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        windows, spatial = self._spread(volume)
        _check_groups(self.groups, volume.channels, self.filters)
        weights = (*(w.kernel for w in windows), volume.channels // self.groups, self.filters)
        output = Volume((*spatial, self.filters))
        return Inferred(
            output=output,
            tensors=learned(weights, (self.filters,) if self.bias else None),
            macs=prod(volume.spatial) * prod(weights),
            operations=output.size if self.bias else 0,
            reach=of_axes(transposed(w) for w in windows),
            windows=windows,
        )

    def _spread(self, volume: Volume) -> tuple[tuple[Window, ...], tuple[int, ...]]:
        need_spatial(self, volume)
        rank = volume.rank
        bare = [
            Window(kernel, stride, 0, 0, dilation)
            for kernel, stride, dilation in zip(
                per_axis(self.kernel, rank, "kernel"),
                per_axis(self.stride, rank, "stride"),
                per_axis(self.dilation, rank, "dilation"),
                strict=True,
            )
        ]
        extra = per_axis(self.output_padding, rank, "output_padding")
        if self.padding == "same":
            if any(extra):
                raise RuleError(
                    "bad-value",
                    "`output_padding` has no place beside `padding: same`, which fixes the output",
                    at="output_padding",
                    help=self._without_same(bare, volume, extra),
                )
            return self._same(bare, volume)
        windows = padded(bare, self.padding)
        self._check_output_padding(windows, extra)
        spatial = tuple(
            w.spread(width, more)
            for w, width, more in zip(windows, volume.spatial, extra, strict=True)
        )
        if min(spatial) < 1:
            axis = spatial.index(min(spatial))
            w, width = windows[axis], volume.spatial[axis]
            raise RuleError(
                "bad-value",
                f"padding cuts off more than there is: ({width} − 1)·{w.stride} − {w.padding} + "
                f"{w.effective} + {extra[axis]} = {spatial[axis]}",
                at="padding",
            )
        return windows, spatial

    def _same(
        self, bare: list[Window], volume: Volume
    ) -> tuple[tuple[Window, ...], tuple[int, ...]]:
        """W·S out. What the kernel stamps beyond that is cut, the odd pixel at the end; where it
        stamps less (E < S) the rest of the output is bias alone."""
        windows = []
        for w in bare:
            surplus = max(w.effective - w.stride, 0)
            windows.append(w._replace(before=surplus // 2, after=surplus - surplus // 2))
        spatial = tuple(width * w.stride for w, width in zip(bare, volume.spatial, strict=True))
        return tuple(windows), spatial

    def _without_same(
        self, bare: list[Window], volume: Volume, extra: tuple[int, ...]
    ) -> Iterator[str]:
        """The paddings in numbers that make W·S, the output padding kept where it can be."""
        yield "leave out `output_padding`: the output is W·S without it"
        totals = [w.effective - w.stride + more for w, more in zip(bare, extra, strict=True)]
        if all(total >= 0 and total % 2 == 0 for total in totals) and all(
            more < max(w.stride, w.dilation) for w, more in zip(bare, extra, strict=True)
        ):
            halves = [total // 2 for total in totals]
            numbers = halves[0] if len(set(halves)) == 1 else halves
            more = extra[0] if len(set(extra)) == 1 else list(extra)
            sides = "x".join(str(w.stride * n) for w, n in zip(bare, volume.spatial, strict=True))
            yield f"or write `padding: {numbers}, output_padding: {more}`: {sides} as well"

    def _check_output_padding(self, windows: tuple[Window, ...], extra: tuple[int, ...]) -> None:
        for w, more in zip(windows, extra, strict=True):
            if more and more >= max(w.stride, w.dilation):
                raise RuleError(
                    "bad-value",
                    f"output padding {more} must be smaller than the stride {w.stride} or the "
                    f"dilation {w.dilation}",
                    at="output_padding",
                )

    def nearby_options(self, inputs: tuple[Volume, ...]) -> Iterator[Change]:
        return _divisors_near(self.groups, inputs[0].channels, self.filters)


class LocallyConnected(Biased, Strided):
    """Like conv, but every output position has weights of its own.

    Output: rule A on each spatial axis, K channels
    Weights: ∏out·∏F·C·K
    Biases: ∏out·K
    MACs: ∏out·∏F·C·K
    FLOPs: 2·MACs, and one addition per output for the bias
    Example: {locally_connected: {filters: 16, kernel: 9}} on 63x63x16 gives 55x55x16,
        62726400 weights, 48400 biases, 62726400 MACs
    """

    kind = "locally_connected"
    default_option = "filters"

    filters = _FILTERS

    @property
    def biases_channels(self) -> bool:
        return False  # every position has a bias of its own

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        slide = self.slide(volume, rounding)
        kernel = tuple(w.kernel for w in slide.windows)
        weights = (*kernel, volume.channels, self.filters)
        shared = _convolved(slide, self.filters, weights, self.bias, prod(weights))
        return shared._replace(tensors=tuple(_unshared(t, slide) for t in shared.tensors))


def _unshared(tensor: Tensor, slide: Slide) -> Tensor:
    return tensor._replace(shape=(*slide.spatial, *tensor.shape))
