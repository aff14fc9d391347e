"""Convolutions whose groups lie inside a vector: depthwise ones, and those of 2, 4, 8 channels.

A tile is P positions of one plane, a vector of sums for each. The width D of a group divides the
lanes, and a group has as many filters as channels. For each tap of the window and each j < D every
lane is multiplied by the j-th channel of its group: for D > 1 a permutation of the vector read.

Shapes: input, a vector at `input_offsets[position] + reads[tap]`; weights [taps][D][lanes], where
lane l of [t][j] weighs channel j of l's group under tap t for filter l; output, a vector at
`output_offsets[position]`.
"""

from __future__ import annotations

from cnncalc.execution.native.kernels.compiler import Exported, Kernel, kernel
from cnncalc.execution.native.kernels.epilogue import finish
from cnncalc.execution.native.kernels.memory import vector_bytes, word
from cnncalc.execution.native.kernels.shapes import group_widths, grouped_name, largest_grouped
from cnncalc.execution.native.kernels.signatures import Fields, exported
from cnncalc.execution.native.kernels.tiles import accumulated_in_groups, places, same_everywhere


def kernels(lanes: int) -> dict[str, Exported]:
    return exported({
        grouped_name(positions, width): tile(positions, width)
        for width in group_widths(lanes)
        for positions in range(1, largest_grouped(lanes) + 1)
    })  # fmt: skip


def tile(positions: int, width: int) -> Kernel:
    @kernel
    def convolve(entry: Fields, step: Fields, first: int, count: int) -> None:
        where = places(entry.input, step.input_offsets, first, positions)
        sums = same_everywhere(entry.bias, positions, 1)
        weights = entry.weights
        for tap in range(entry.count):
            read = word(entry.reads, tap)
            sums = accumulated_in_groups(sums, weights, where, read, width)
            weights += width * vector_bytes()
        finish(sums, entry, step, first, positions, 1)

    return convolve
