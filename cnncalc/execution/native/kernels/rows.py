"""Convolutions whose groups lie inside a vector, along rows: what lies under several windows is
loaded and put into place once. Depthwise ones have groups of width 1.

A tile is P positions of one row of one plane, S pixels apart, under windows of K pixels of that row
and any number of rows. Of each row of the window, and each j below the width D of a group, the K
vectors of weights are held in registers; each of the (P − 1)·S + K vectors of the input is loaded,
for D > 1 permuted so that every lane has channel j of its group, and multiplied by those whose
windows it is under.

Shapes: input, vectors at `input_offsets[first] + reads[K·row]` and on; weights [rows][K][D][lanes];
output, a vector at `output_offsets[position]`. `count` is the number of taps, rows times K. All
positions of a tile must lie in one row: blocks of positions are rows.
"""

from __future__ import annotations

from cnncalc.execution.native.kernels.compiler import Exported, Kernel, kernel
from cnncalc.execution.native.kernels.epilogue import finish
from cnncalc.execution.native.kernels.memory import vector_bytes, word
from cnncalc.execution.native.kernels.records import WORD
from cnncalc.execution.native.kernels.shapes import ROW_STRIDES, largest_row, row_name
from cnncalc.execution.native.kernels.signatures import Fields, exported
from cnncalc.execution.native.kernels.tiles import accumulated_along_row, same_everywhere


def kernels(lanes: int, taps: int, width: int) -> dict[str, Exported]:
    """Those for windows of so many pixels and groups of so many channels."""
    if width >= lanes:
        return {}
    return exported({
        row_name(positions, stride): tile(positions, stride, taps, width)
        for stride in ROW_STRIDES
        for positions in range(1, largest_row(lanes, taps, width) + 1)
    })  # fmt: skip


def tile(positions: int, stride: int, taps: int, width: int) -> Kernel:
    @kernel
    def convolve(entry: Fields, step: Fields, first: int, count: int) -> None:
        place = entry.input + word(step.input_offsets, first)
        sums = same_everywhere(entry.bias, positions, 1)
        weights, reads = entry.weights, entry.reads
        left = entry.count
        while left > 0:
            row = place + word(reads, 0)
            sums = accumulated_along_row(sums, weights, row, taps, width, stride)
            weights += taps * width * vector_bytes()
            reads += taps * WORD
            left -= taps
        finish(sums, entry, step, first, positions, 1)

    return convolve
