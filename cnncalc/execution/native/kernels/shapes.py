"""Which kernels there are, by name: what programs know of them without compiling any."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.execution.native.kernels.interpolation import Form
from cnncalc.execution.operations import Function

REGISTERS = {16: 32, 8: 16, 4: 16}
"""Vector registers by lanes: AVX-512, AVX2, and SSE (NEON has 32)."""

LARGEST_TILE = 14

LINE = 64
"""Bytes of a line of cache."""

# Products of matrices: P positions times G vectors of filters

UNROLLED = 4
"""Reads per round of the inner loop. One alone would let LLVM load all positions first, for which
there are no registers."""

LINES_AHEAD = 2
"""Lines of cache of what comes next that are fetched in such a round."""


MOST_POSITIONS = {16: 9, 8: 9, 4: 7}
"""More addresses do not stay in registers, of which there are 16 for integers on x86."""
MOST_SUMS = {16: 31, 8: 15, 4: 8}
"""Sums of a tile that LLVM keeps in registers."""


def products(lanes: int) -> dict[int, int]:
    """The largest P for every G: all sums, G weights and one broadcast in registers."""
    room, sums, most = REGISTERS[lanes] - 1, MOST_SUMS[lanes], MOST_POSITIONS[lanes]
    found = {g: min((room - g) // g, sums // g, most) for g in (1, 2, 3, 4, 6, 8)}
    return {g: p for g, p in found.items() if p >= 1}


def product_tiles(lanes: int) -> Iterator[tuple[int, int]]:
    """Every P and G there is a kernel for."""
    for g, largest in products(lanes).items():
        for p in range(1, largest + 1):
            yield p, g


def product_name(positions: int, vectors: int) -> str:
    return f"contract_{positions}x{vectors}"


# Convolutions whose groups lie inside a vector

GROUP_WIDTHS = (1, 2, 4, 8)


def group_widths(lanes: int) -> Iterator[int]:
    """Group widths there are kernels for: those of whole vectors are products of matrices."""
    return (width for width in GROUP_WIDTHS if width < lanes)


def largest_grouped(lanes: int) -> int:
    """Positions of the largest tile."""
    return min(LARGEST_TILE, REGISTERS[lanes] - 4)


def grouped_name(positions: int, width: int) -> str:
    return f"grouped_{positions}x{width}"


# The same along rows

ROWS = ((3, 1), (5, 1), (7, 1), (3, 2), (3, 4), (3, 8))
"""Pixels of a window's row and channels of a group, each pair a family of its own: few networks
need more than two."""
ROW_STRIDES = (1, 2)


def largest_row(lanes: int, taps: int, width: int) -> int:
    """Positions of the largest tile: sums, weights and two vectors in registers. Where vectors are
    permuted, half as many: LLVM would do all permutations first, for which there are none left."""
    most = LARGEST_TILE if width == 1 else LARGEST_TILE // 2
    return min(most, REGISTERS[lanes] - taps - 2)


def row_name(positions: int, stride: int) -> str:
    return f"row_{positions}x{stride}"


def row_family(taps: int, width: int) -> str:
    return f"rows of {taps}, groups of {width}"


# Others


def winograd_input(form: Form) -> str:
    return f"winograd_input_{form.reads}"


def winograd_output(form: Form) -> str:
    return f"winograd_output_{form.outputs}_{form.taps}"


def after_name(function: Function) -> str:
    return f"after_{function.value}"


MOMENTS = 3
"""Vectors of each plane and chunk: a mean, what is to be added to it for precision, and the sum of
square deviations from both together."""
RESULTS = 3
"""Float32s of each group: the mean, what is to be added to it, and 1/√(variance + eps)."""
