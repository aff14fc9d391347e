"""Convolutions, dense layers and the products inside Winograd's: tiles of a matrix product.

A tile is P positions times G vectors of output channels, an accumulator in a register for each.
For everything that a position reads (each channel under each tap of the window) one number is
broadcast and multiplied by G vectors of weights. With 16 lanes and 32 registers 14 x 2 is best: 28
accumulators, two vectors of weights, one broadcast; each number that is loaded is used twice, each
vector of weights 14 times.

Shapes: input, one float32 at `input_offsets[position] + reads[k]`; weights [K][G][lanes], read
straight through; K = `count` is even. Output: vector g at `output + g*output_plane +
output_offsets[position]`, the same for `other`, which is added where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.execution.native.kernels.builder import KERNEL_TYPES, Function, Module
from cnncalc.execution.native.kernels.epilogue import finished
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD

UNROLLED = 4
"""Reads per round of the inner loop. One alone would let LLVM load all positions first, for which
there are no registers."""

LINES_AHEAD = 2
"""Lines of cache of what comes next that are fetched in such a round."""

REGISTERS = {16: 32, 8: 16, 4: 16}
"""Vector registers by lanes: AVX-512, AVX2, and SSE (NEON has 32)."""

LARGEST_TILE = 14

LINE = 64
"""Bytes of a line of cache."""


def shapes(lanes: int) -> dict[int, int]:
    """The largest P for every G: all accumulators, G weights and one broadcast in registers."""
    room = REGISTERS[lanes] - 1
    found = {g: min((room - g) // g, LARGEST_TILE) for g in (1, 2, 3, 4, 6, 8)}
    return {g: p for g, p in found.items() if p >= 1}


def tiles(lanes: int) -> Iterator[tuple[int, int]]:
    """Every P and G there is a kernel for."""
    for g, largest in shapes(lanes).items():
        for p in range(1, largest + 1):
            yield p, g


def name(positions: int, vectors: int) -> str:
    return f"contract_{positions}x{vectors}"


def write(module: Module) -> None:
    for positions, vectors in tiles(module.lanes):
        _tile(module, positions, vectors)


def _tile(module: Module, positions: int, vectors: int) -> None:
    f = Function(module, name(positions, vectors), *KERNEL_TYPES)
    entry, step, first, _ = f.arguments
    base = f.address(entry, ENTRY, "input")
    offsets = f.at(f.address(step, STEP, "input_offsets"), f.mul(first, WORD))
    places = [f.at(base, f.word(offsets, p)) for p in range(positions)]
    bias = f.address(entry, ENTRY, "bias")
    starts = [f.load(bias, g * module.vector_bytes) for g in range(vectors)]
    sums = [[f.variable(starts[g]) for g in range(vectors)] for _ in range(positions)]
    weights = f.variable(f.address(entry, ENTRY, "weights"))
    reads = f.variable(f.address(entry, ENTRY, "reads"))
    count = f.field(entry, ENTRY, "count")
    done = f.sub(first, f.field(step, STEP, "start"))
    ahead = f.variable(f.at(f.address(entry, ENTRY, "ahead"),
                            f.mul(done, f.field(step, STEP, "ahead"))))  # fmt: skip

    def accumulate(rounds: int) -> None:
        for k in range(rounds):
            now = weights.get()
            held = [f.load(now, (k * vectors + g) * module.vector_bytes) for g in range(vectors)]
            read = f.word(reads.get(), k)
            for place, row in zip(places, sums, strict=True):
                number = f.scalar(place, read)
                for vector, total in zip(held, row, strict=True):
                    total.set(f.fma(vector, number, total.get()))
        weights.set(f.at(weights.get(), rounds * vectors * module.vector_bytes))
        reads.set(f.at(reads.get(), rounds * WORD))

    full = f.shifted(count, 2)
    with f.when(f.compare(">", full, 0)), f.repeat(full):
        for line in range(LINES_AHEAD):
            f.prefetch(ahead.get(), line * LINE)
        ahead.set(f.at(ahead.get(), LINES_AHEAD * LINE))
        accumulate(UNROLLED)
    with f.when(f.compare("!=", f.both(count, 2), 0)):
        accumulate(2)
    finished(f, entry, step, first, sums)
    f.finish()
