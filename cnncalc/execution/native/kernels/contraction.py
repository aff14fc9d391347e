"""Convolutions, dense layers and the products inside Winograd's: tiles of a matrix product.

A tile is P positions times G vectors of output channels, an accumulator in a register for each.
For everything that a position reads (each channel under each tap of the window) one number is
broadcast and multiplied by G vectors of weights. With 16 lanes and 32 registers 9 x 3 fills them:
27 accumulators, three vectors of weights, one broadcast; each number that is loaded is used three
times, each vector of weights nine times.

Shapes: input, one float32 at `input_offsets[position] + reads[k]`; weights [K][G][lanes], read
straight through; K = `count` is even. Output: vector g at `output + g*output_plane +
output_offsets[position]`, the same for `other`, which is added where there is one.
"""

from __future__ import annotations

from cnncalc.execution.native.kernels.compiler import Exported, Kernel, kernel
from cnncalc.execution.native.kernels.epilogue import finish
from cnncalc.execution.native.kernels.memory import vector_bytes
from cnncalc.execution.native.kernels.records import WORD
from cnncalc.execution.native.kernels.shapes import (
    LINE,
    LINES_AHEAD,
    UNROLLED,
    product_name,
    product_tiles,
)
from cnncalc.execution.native.kernels.signatures import Fields, exported
from cnncalc.execution.native.kernels.tiles import accumulated, fetch, places, same_everywhere

FETCHED = LINES_AHEAD * LINE


def kernels(lanes: int) -> dict[str, Exported]:
    tiles = product_tiles(lanes)
    return exported({product_name(p, g): tile(p, g) for p, g in tiles})


def tile(positions: int, vectors: int) -> Kernel:
    @kernel
    def contract(entry: Fields, step: Fields, first: int, count: int) -> None:
        where = places(entry.input, step.input_offsets, first, positions)
        sums = same_everywhere(entry.bias, positions, vectors)
        weights, reads = entry.weights, entry.reads
        ahead = entry.ahead + (first - step.start) * step.ahead
        left = entry.count
        while left >= UNROLLED:
            fetch(ahead)
            sums = accumulated(sums, weights, where, reads, UNROLLED)
            ahead += FETCHED
            weights += UNROLLED * vectors * vector_bytes()
            reads += UNROLLED * WORD
            left -= UNROLLED
        if left:
            sums = accumulated(sums, weights, where, reads, 2)
        finish(sums, entry, step, first, positions, vectors)

    return contract
