"""Winograd's convolutions as tiles: how they are cut into blocks, what lies between their stages,
and their weights.

For a block of tiles the input is transformed, multiplied with the transformed weights and
transformed back. Where there are tiles enough, each thread does so with blocks of its own and a
scratch memory that stays in its cache. Where there are few, all threads go through one block
together, so that weights are read once, and wait for one another after each stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cnncalc.execution.native.kernels import shapes
from cnncalc.execution.native.kernels.interpolation import Form, for_weights
from cnncalc.execution.native.making import Floats
from cnncalc.execution.native.schedule.layout import LINE
from cnncalc.execution.operations import FLOAT_BYTES


class Group(NamedTuple):
    """Planes of the output that a product makes together: the first, and how many."""

    first: int
    planes: int


class Layer(NamedTuple):
    """A convolution of stride 1, dilation 1 and one group over two axes. `out` is (H, W) of the
    output, `planes` the number of planes that hold the input's channels.

    An odd number of channels counts as one more, of which all weights are zero: products read an
    even number.
    """

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
        They are read; what they hold has no influence as long as it is finite."""
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
        """Channels that products read: an even number."""
        return self.channels + self.channels % 2

    @property
    def output_planes(self) -> int:
        return -(-self.filters // self.lanes)

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
    groups: tuple[Group, ...]
    """Of output planes, as products make them."""
    ahead: int
    """Bytes of the next group's weights to fetch for each tile."""

    @property
    def told(self) -> str:
        """For readers of a plan."""
        blocks = f"{self.number} blocks of" if self.number > 1 else "one block of"
        shared = ", each for all threads" if self.together else ""
        return f"{blocks} {self.tiles} tiles{shared}"


MOST_TILES = 70
"""Of a thread's own block: what lies between its stages should stay in a core's own cache, yet all
weights are read for each block. From 42 to 84 do well, whatever the numbers of channels."""
FEW_TILES = 42
"""Tiles for a thread below which threads had better share a block."""


def blocks(layer: Layer, threads: int) -> Blocks:
    """How a layer is cut into blocks."""
    together = threads > 1 and layer.tiles < FEW_TILES * threads
    takers = 1 if together else threads
    most = max(2 * MOST_TILES, shapes.LARGEST_TILE * threads) if together else MOST_TILES
    number = -(-layer.tiles // (most * takers)) * takers
    tiles = -(-layer.tiles // number)
    planes = _planes(layer.lanes, tiles)
    groups = tuple(_groups(layer, planes))
    whole = _fetched(layer.lanes, tiles, planes)
    ahead = layer.reads * planes * layer.vector_bytes // tiles if whole else 0
    return Blocks(number, tiles, together, groups, ahead)


def _groups(layer: Layer, most: int) -> Iterator[Group]:
    """Groups of so many planes, and at the end of as many as there are kernels for."""
    first, left = 0, layer.output_planes
    while left:
        planes = max(g for g in shapes.products(layer.lanes) if g <= min(most, left))
        yield Group(first, planes)
        first, left = first + planes, left - planes


USUAL_PLANES = {16: 3, 8: 3, 4: 4}
"""Planes of the output that a product makes at a time, by lanes: what loads few numbers for each
multiplication, and was measured to be the fastest."""


def _planes(lanes: int, tiles: int) -> int:
    """The usual number where tiles are many. Where they are few, time goes into reading weights:
    then the largest number for which the next weights are fetched meanwhile, and, if there is
    none, as many as have a kernel for all tiles at once."""
    usual = USUAL_PLANES[lanes]
    for planes in range(usual, 0, -1):
        if _fetched(lanes, tiles, planes):
            return planes
    fitting = (g for g, most in shapes.products(lanes).items() if most >= tiles)
    return max(fitting, default=usual)


def _fetched(lanes: int, tiles: int, planes: int) -> bool:
    """Whether products for so many tiles fetch all of the next weights."""
    calls = -(-tiles // shapes.products(lanes)[planes])
    each = shapes.LINES_AHEAD * shapes.LINE // shapes.UNROLLED
    return calls * each >= planes * lanes * FLOAT_BYTES


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


def packed(
    layer: Layer, groups: Sequence[Group], weight: npt.NDArray[np.floating], into: Floats
) -> None:
    """Transform weight (F, F, C, K) and write it as the products read it: [n²][groups of output
    planes][C][planes of the group][lanes], `weight_bytes` in all.

    Weights are put in order first, since there are fewer of them before they are transformed.
    """
    taps = layer.form.taps**2
    flat = weight.reshape(taps, layer.channels, layer.filters)
    ordered = np.zeros((taps, layer.weights), np.float32)
    for first, planes in groups:
        start, width = first * layer.lanes, planes * layer.lanes
        block = ordered[:, start * layer.reads : (start + width) * layer.reads]
        filters = flat[:, :, start : start + width]
        block.reshape(taps, layer.reads, width)[:, : layer.channels, : filters.shape[2]] = filters
    along = np.array(for_weights(layer.form), np.float64)
    both = np.kron(along, along).astype(np.float32)
    np.matmul(both, ordered, out=into.reshape(layer.form.products, layer.weights))
