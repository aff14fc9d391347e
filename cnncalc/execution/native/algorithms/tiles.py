"""Winograd's convolutions as tiles: how they are cut into blocks, what lies between their stages,
and their weights.

For a block of tiles the input is transformed, multiplied with the transformed weights and
transformed back. Where there are tiles enough, each thread does so with blocks of its own and a
scratch memory that stays in its cache. Where there are few tiles, or weights too many to be read by
every thread, all threads go through one block together and wait for one another after each stage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cnncalc.execution.native.kernels import contraction
from cnncalc.execution.native.kernels.interpolation import Form, for_weights
from cnncalc.execution.native.layout import FLOAT_BYTES, LINE
from cnncalc.execution.native.making import Floats

VECTORS = 2
"""Planes of the output that a product makes at a time."""


class Group(NamedTuple):
    """Planes of the output that a product makes together: the first, and how many."""

    first: int
    planes: int


class Layer(NamedTuple):
    """A convolution of stride 1, dilation 1 and one group over two axes. `out` is (H, W) of the
    output, `planes` the number of planes that hold the input's channels."""

    form: Form
    lanes: int
    batch: int
    out: tuple[int, int]
    channels: int
    planes: int
    filters: int

    @property
    def overhang(self) -> tuple[int, int]:
        """Rows and columns that tiles reach beyond the padded input, at the lower and right end.
        They must be there to be read; what they hold has no influence, but must be finite."""
        height, width = self.out
        return -height % self.form.outputs, -width % self.form.outputs

    @property
    def tile_grid(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        height, width = self.out
        return -(-height // self.form.outputs), -(-width // self.form.outputs)

    @property
    def tiles(self) -> int:
        rows, columns = self.tile_grid
        return self.batch * rows * columns

    @property
    def vector_bytes(self) -> int:
        return self.lanes * FLOAT_BYTES

    @property
    def reads(self) -> int:
        """The channels, and one more where their number is odd."""
        return self.channels + self.channels % 2

    @property
    def output_planes(self) -> int:
        return -(-self.filters // self.lanes)

    @property
    def groups(self) -> list[Group]:
        """The planes of the output, as products take them."""
        last = self.output_planes
        most = min(VECTORS, max(contraction.shapes(self.lanes)))
        return [Group(first, min(most, last - first)) for first in range(0, last, most)]

    @property
    def weights(self) -> int:
        """Transformed weights for one pair of points."""
        return self.reads * self.output_planes * self.lanes

    @property
    def weight_bytes(self) -> int:
        """What transformed weights take."""
        return self.form.products * self.weights * FLOAT_BYTES


class Blocks(NamedTuple):
    """How many blocks the tiles come in, all of about the same size, and whether all threads do
    each of them together."""

    number: int
    tiles: int
    """Of the largest block."""
    together: bool


FEW_TILES = 56
"""Tiles for a thread below which threads had better share a block."""
MANY_WEIGHTS = 6_000_000
"""Bytes of weights that threads should not each read for themselves."""


def blocks(layer: Layer, threads: int) -> Blocks:
    """How a layer is cut into blocks.

    A block reads all weights, and should be the larger the more there are; but what it puts down
    between the stages should stay in a cache.
    """
    size = layer.weight_bytes
    few = layer.tiles < FEW_TILES * threads
    together = threads > 1 and (few or size > MANY_WEIGHTS)
    most = 56 if size < 1_200_000 else 112 if size < 5_000_000 else 224
    takers = 1 if together else threads
    number = -(-layer.tiles // (most * takers)) * takers
    return Blocks(number, -(-layer.tiles // number), together)


class Scratch(NamedTuple):
    """Bytes of what lies between the stages, for one block: [n²][planes][tiles][lanes] before and
    after the products."""

    plane: int
    input_spread: int
    output_spread: int
    output: int
    """Where the second part begins."""
    size: int


def scratch(layer: Layer, cut: Blocks) -> Scratch:
    plane = cut.tiles * layer.vector_bytes
    before, after = (_odd_lines(n * plane) for n in (layer.planes, layer.output_planes))
    output = layer.form.products * before
    return Scratch(plane, before, after, output, output + layer.form.products * after)


def _odd_lines(size: int) -> int:
    """At least so many bytes, an odd number of lines: places a power of two apart would share
    lines of cache."""
    return (-(-size // LINE) | 1) * LINE


def scratch_bytes(layer: Layer, threads: int) -> int:
    """What all threads put down between the stages."""
    cut = blocks(layer, threads)
    return scratch(layer, cut).size * (1 if cut.together else threads)


def packed(layer: Layer, weight: npt.NDArray[np.floating], into: Floats) -> None:
    """Transform weight (F, F, C, K) and write it as the products read it: [n²][groups of output
    planes][C][planes of the group][lanes], `weight_bytes` in all.

    Weights are put in order first, since there are fewer of them before they are transformed.
    """
    taps = layer.form.taps**2
    flat = weight.reshape(taps, layer.channels, layer.filters)
    ordered = np.zeros((taps, layer.weights), np.float32)
    for first, planes in layer.groups:
        start, width = first * layer.lanes, planes * layer.lanes
        block = ordered[:, start * layer.reads : (start + width) * layer.reads]
        filters = flat[:, :, start : start + width]
        block.reshape(taps, layer.reads, width)[:, : layer.channels, : filters.shape[2]] = filters
    along = np.array(for_weights(layer.form), np.float64)
    both = np.kron(along, along).astype(np.float32)
    np.matmul(both, ordered, out=into.reshape(layer.form.products, layer.weights))
