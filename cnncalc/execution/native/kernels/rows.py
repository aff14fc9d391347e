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

from collections.abc import Callable

from cnncalc.execution.native.kernels.builder import KERNEL_TYPES, Function, Module, Value
from cnncalc.execution.native.kernels.contraction import LARGEST_TILE, REGISTERS
from cnncalc.execution.native.kernels.epilogue import finished
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD

FAMILIES = ((3, 1), (5, 1), (7, 1), (3, 2), (3, 4), (3, 8))
"""K and D there are kernels for, each a family of its own: few networks need more than two."""
STRIDES = (1, 2)


def largest(lanes: int, taps: int, width: int) -> int:
    """Positions of the largest tile: sums, weights and two vectors in registers. Where vectors are
    permuted, half as many: LLVM would do all permutations first, for which there are none left."""
    most = LARGEST_TILE if width == 1 else LARGEST_TILE // 2
    return min(most, REGISTERS[lanes] - taps - 2)


def name(positions: int, stride: int) -> str:
    return f"row_{positions}x{stride}"


def family(taps: int, width: int) -> str:
    return f"rows of {taps}, groups of {width}"


def writer(taps: int, width: int) -> Callable[[Module], None]:
    """What writes the kernels for windows of so many pixels and groups of so many channels."""

    def write(module: Module) -> None:
        if width >= module.lanes:
            return
        for stride in STRIDES:
            for positions in range(1, largest(module.lanes, taps, width) + 1):
                _tile(module, positions, stride, taps, width)

    return write


def _tile(module: Module, positions: int, stride: int, taps: int, width: int) -> None:
    f = Function(module, name(positions, stride), *KERNEL_TYPES)
    entry, step, first, _ = f.arguments
    offset = f.word(f.address(step, STEP, "input_offsets"), first)
    place = f.at(f.address(entry, ENTRY, "input"), offset)
    bias = f.load(f.address(entry, ENTRY, "bias"))
    sums = [[f.variable(bias)] for _ in range(positions)]
    weights = f.variable(f.address(entry, ENTRY, "weights"))
    reads = f.variable(f.address(entry, ENTRY, "reads"))
    with f.repeat(f.div(f.field(entry, ENTRY, "count"), taps)):
        row = f.at(place, f.word(reads.get(), 0))
        for j in range(width):
            held = [
                f.load(weights.get(), (k * width + j) * module.vector_bytes) for k in range(taps)
            ]
            for pixel in range((positions - 1) * stride + taps):
                vector = _channel(f, f.load(row, pixel * module.vector_bytes), j, width)
                for k, weight in enumerate(held):
                    position, apart = divmod(pixel - k, stride)
                    if apart == 0 and 0 <= position < positions:
                        (total,) = sums[position]
                        total.set(f.fma(weight, vector, total.get()))
        weights.set(f.at(weights.get(), taps * width * module.vector_bytes))
        reads.set(f.at(reads.get(), taps * WORD))
    finished(f, entry, step, first, sums)
    f.finish()


def _channel(f: Function, vector: Value, j: int, width: int) -> Value:
    """In each lane channel j of its group."""
    if width == 1:
        return vector
    return f.permuted(vector, [lane // width * width + j for lane in range(f.module.lanes)])
