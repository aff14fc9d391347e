"""Depthwise convolutions along rows: what lies under several windows is loaded once.

A tile is P positions of one row of one plane, S pixels apart, under windows of K pixels of that row
and any number of rows. Of each row of the window the K weights are held in registers, and each of
the (P − 1)·S + K vectors of the input is loaded once and multiplied by those whose windows it is
under.

Shapes: input, vectors at `input_offsets[first] + reads[K·row]` and on; weights [rows][K][lanes];
output, a vector at `output_offsets[position]`. `count` is the number of taps, rows times K. All
positions of a tile must lie in one row: blocks of positions are rows.
"""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.execution.native.kernels.builder import KERNEL_TYPES, Function, Module
from cnncalc.execution.native.kernels.contraction import LARGEST_TILE, REGISTERS
from cnncalc.execution.native.kernels.epilogue import finished
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD

WIDTHS = (3, 5, 7)
"""K, each a family of its own: few networks need more than one or two."""
STRIDES = (1, 2)


def largest(lanes: int, width: int) -> int:
    """Positions of the largest tile: sums, weights and one vector in registers."""
    return min(LARGEST_TILE, REGISTERS[lanes] - width - 1)


def name(positions: int, stride: int) -> str:
    return f"row_{positions}x{stride}"


def family(width: int) -> str:
    return f"depthwise{width}"


def writer(width: int) -> Callable[[Module], None]:
    """What writes the kernels for windows of so many pixels."""

    def write(module: Module) -> None:
        for stride in STRIDES:
            for positions in range(1, largest(module.lanes, width) + 1):
                _tile(module, positions, stride, width)

    return write


def _tile(module: Module, positions: int, stride: int, width: int) -> None:
    f = Function(module, name(positions, stride), *KERNEL_TYPES)
    entry, step, first, _ = f.arguments
    offset = f.word(f.address(step, STEP, "input_offsets"), first)
    place = f.at(f.address(entry, ENTRY, "input"), offset)
    bias = f.load(f.address(entry, ENTRY, "bias"))
    sums = [[f.variable(bias)] for _ in range(positions)]
    weights = f.variable(f.address(entry, ENTRY, "weights"))
    reads = f.variable(f.address(entry, ENTRY, "reads"))
    with f.repeat(f.div(f.field(entry, ENTRY, "count"), width)):
        row = f.at(place, f.word(reads.get(), 0))
        held = [f.load(weights.get(), k * module.vector_bytes) for k in range(width)]
        for pixel in range((positions - 1) * stride + width):
            vector = f.load(row, pixel * module.vector_bytes)
            for k, weight in enumerate(held):
                position, apart = divmod(pixel - k, stride)
                if apart == 0 and 0 <= position < positions:
                    (total,) = sums[position]
                    total.set(f.fma(weight, vector, total.get()))
        weights.set(f.at(weights.get(), width * module.vector_bytes))
        reads.set(f.at(reads.get(), width * WORD))
    finished(f, entry, step, first, sums)
    f.finish()
