"""Layers walked tap by tap with counters: the slow answer that every closed form is held to.

A walk visits each output position, filter, tap and channel of one layer for one image. It counts a
multiply-accumulate at each, and collects which weight it would use; different weights are those
with different indices. No formula of the package stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from tests.windows import same_padding, taps, windows

Index = tuple[object, ...]
PerAxis = int | Sequence[int]
Padding = int | str | Sequence[int | Sequence[int]]


class Walk:
    """What was met on the way."""

    def __init__(self) -> None:
        self.outputs: set[tuple[int, ...]] = set()
        self.weights: set[Index] = set()
        self.biases: set[Index] = set()
        self.macs = 0
        self.additions = 0

    @property
    def volume(self) -> tuple[int, ...]:
        """The box that the outputs fill."""
        box = tuple(max(places) + 1 for places in zip(*self.outputs, strict=True))
        assert self.outputs == set(product(*map(range, box)))
        return box

    @property
    def summary(self) -> tuple[tuple[int, ...], int, int, int, int]:
        """Output volume, weights, biases, MACs, FLOPs."""
        flops = 2 * self.macs + self.additions
        return self.volume, len(self.weights), len(self.biases), self.macs, flops

    def put(self, position: tuple[int, ...], bias: Index | None) -> None:
        """One output is complete but for its bias."""
        self.outputs.add(position)
        if bias is not None:
            self.biases.add(bias)
            self.additions += 1


def per_axis(value: PerAxis, rank: int) -> list[int]:
    return [value] * rank if isinstance(value, int) else list(value)


def ends(padding: Padding, rank: int) -> list[tuple[int, int]]:
    """Padding before and after on each axis, `same` aside."""
    if isinstance(padding, (int, str)):
        amount = 0 if padding == "valid" else int(padding)
        return [(amount, amount)] * rank
    return [(p, p) if isinstance(p, int) else (p[0], p[1]) for p in padding]


def slid(
    volume: Sequence[int],
    kernel: PerAxis,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    rounding: str = "floor",
) -> list[list[list[int]]]:
    """On each spatial axis the list of windows."""
    *spatial, _ = volume
    rank = len(spatial)
    axes = list(
        zip(
            spatial,
            per_axis(kernel, rank),
            per_axis(stride, rank),
            per_axis(dilation, rank),
            strict=True,
        )
    )
    same = padding == "same"
    padded = [same_padding(*axis) for axis in axes] if same else ends(padding, rank)
    return [
        windows(w, f, s, before, after, d, rounding)
        for (w, f, s, d), (before, after) in zip(axes, padded, strict=True)
    ]


def convolution(
    volume: Sequence[int],
    sees: Sequence[Iterable[int]],
    kernel: PerAxis,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    bias: bool = True,
    shared: bool = True,
) -> Walk:
    """`sees` lists for each filter the input channels it looks at. Unshared filters have weights
    and a bias of their own at every position."""
    walk = Walk()
    kernels = per_axis(kernel, len(volume) - 1)
    axes = slid(volume, kernel, stride, padding, dilation)
    for position in product(*(range(len(axis)) for axis in axes)):
        owner = () if shared else position
        for number, channels in enumerate(sees):
            for tap in product(*map(range, kernels)):
                for channel in channels:
                    walk.macs += 1
                    walk.weights.add((owner, number, tap, channel))
            walk.put((*position, number), (owner, number) if bias else None)
    return walk


def in_groups(groups: int, channels: int, filters: int) -> list[range]:
    """For each filter the channels of its group, dealt out in order."""
    assert channels % groups == filters % groups == 0
    each = channels // groups
    return [range(f * groups // filters * each, (f * groups // filters + 1) * each)
            for f in range(filters)]  # fmt: skip


def one_each(channels: int, multiplier: int) -> list[list[int]]:
    """Depthwise: every channel has `multiplier` filters of its own."""
    return [[channel] for channel in range(channels) for _ in range(multiplier)]


def transposed(
    volume: Sequence[int],
    filters: int,
    kernel: PerAxis,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    bias: bool = True,
) -> Walk:
    """Every input pixel stamps the kernel, whether or not the stamp is cut off afterwards."""
    *spatial, channels = volume
    rank = len(spatial)
    kernels, strides = per_axis(kernel, rank), per_axis(stride, rank)
    dilations, extra = per_axis(dilation, rank), per_axis(output_padding, rank)
    walk = Walk()
    for _ in product(*map(range, spatial)):
        for number, group in enumerate(in_groups(groups, channels, filters)):
            for tap in product(*map(range, kernels)):
                for channel in group:
                    walk.macs += 1
                    walk.weights.add((number, tap, channel))
    box = []
    for axis in range(rank):
        stamped = {pixel * strides[axis] + tap for pixel in range(spatial[axis])
                   for tap in taps(kernels[axis], dilations[axis])}  # fmt: skip
        if padding == "same":
            box.append(spatial[axis] * strides[axis])
        else:
            cut = sum(ends(padding, rank)[axis])
            box.append(len(range(max(stamped) + 1)) - cut + extra[axis])
    for position in product(*map(range, box)):
        for number in range(filters):
            walk.put((*position, number), (number,) if bias else None)
    return walk


def window_elements(axes: Sequence[Sequence[Sequence[int]]], channels: int) -> tuple[int, ...]:
    """Pooling: the output volume, and last how many elements its windows hold together."""
    elements = 0
    for window in product(*axes):
        for _ in product(*window):
            elements += channels
    return (*(len(axis) for axis in axes), channels, elements)
