"""Convolutions whose groups lie inside a vector: depthwise ones, and those of 2, 4, 8 channels.

A tile is P positions of one plane, a vector of sums for each. The width D of a group divides the
lanes, and a group has as many filters as channels. For each tap of the window and each j < D every
lane is multiplied by the j-th channel of its group: for D > 1 a permutation of the vector read.

Shapes: input, a vector at `input_offsets[position] + reads[tap]`; weights [taps][D][lanes], where
lane l of [t][j] weighs channel j of l's group under tap t for filter l; output, a vector at
`output_offsets[position]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.execution.native.kernels.builder import KERNEL_TYPES, Function, Module
from cnncalc.execution.native.kernels.contraction import LARGEST_TILE, REGISTERS
from cnncalc.execution.native.kernels.epilogue import finished
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD

WIDTHS = (1, 2, 4, 8)


def widths(lanes: int) -> Iterator[int]:
    """Group widths there are kernels for: those of whole vectors are products of matrices."""
    return (width for width in WIDTHS if width < lanes)


def largest(lanes: int) -> int:
    """Positions of the largest tile."""
    return min(LARGEST_TILE, REGISTERS[lanes] - 4)


def name(positions: int, width: int) -> str:
    return f"grouped_{positions}x{width}"


def write(module: Module) -> None:
    for width in widths(module.lanes):
        for positions in range(1, largest(module.lanes) + 1):
            _tile(module, positions, width)


def _tile(module: Module, positions: int, width: int) -> None:
    f = Function(module, name(positions, width), *KERNEL_TYPES)
    entry, step, first, _ = f.arguments
    base = f.address(entry, ENTRY, "input")
    offsets = f.at(f.address(step, STEP, "input_offsets"), f.mul(first, WORD))
    places = [f.at(base, f.word(offsets, p)) for p in range(positions)]
    bias = f.load(f.address(entry, ENTRY, "bias"))
    sums = [[f.variable(bias)] for _ in range(positions)]
    weights = f.variable(f.address(entry, ENTRY, "weights"))
    reads = f.variable(f.address(entry, ENTRY, "reads"))
    own = range(module.lanes)
    with f.repeat(f.field(entry, ENTRY, "count")):
        read = f.word(reads.get(), 0)
        held = [f.load(weights.get(), j * module.vector_bytes) for j in range(width)]
        for place, (total,) in zip(places, sums, strict=True):
            vector = f.load(place, read)
            for j, weight in enumerate(held):
                partner = [lane // width * width + j for lane in own]
                other = vector if width == 1 else f.permuted(vector, partner)
                total.set(f.fma(weight, other, total.get()))
        weights.set(f.at(weights.get(), width * module.vector_bytes))
        reads.set(f.at(reads.get(), WORD))
    finished(f, entry, step, first, sums)
    f.finish()
