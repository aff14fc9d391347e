"""What becomes of a tile of sums before it is seen: a second operand, bounds, a function."""

from __future__ import annotations

from cnncalc.execution.native.kernels.compiler import kernel
from cnncalc.execution.native.kernels.memory import Address
from cnncalc.execution.native.kernels.records import WORD
from cnncalc.execution.native.kernels.signatures import Fields, call
from cnncalc.execution.native.kernels.tiles import Tile, loaded, over, places, stored
from cnncalc.execution.native.kernels.vectors import Vector, at_least, at_most, plus, vector


@kernel
def bounded(x: Vector, step: Fields) -> Vector:
    """A vector held between the step's bounds."""
    return at_most(at_least(x, step.lower), step.upper)


@kernel
def followed(
    step: Fields, output: Address, first: int, number: int, planes: int, plane: int
) -> None:
    """Let the step's function `after` go over these positions of some planes, if it has one."""
    if step.after:
        call(step.after, output, step.output_offsets + first * WORD, number, planes, plane, step)


@kernel
def finish(sums: Tile, entry: Fields, step: Fields, first: int, count: int, planes: int) -> None:
    """Store a tile for so many positions from the first on, and so many planes.

    The entry's `other` is added where it is not 0, then the step's bounds hold, then its function
    `after` goes over what was stored, if it has one. With `other_last`, `other` comes at the end.
    """
    if entry.other and step.other_last == 0:
        where = places(entry.other, step.other_offsets, first, count)
        sums = over(plus, sums, loaded(where, step.other_plane, planes))
    sums = over(at_most, over(at_least, sums, vector(step.lower)), vector(step.upper))
    out = places(entry.output, step.output_offsets, first, count)
    stored(sums, out, step.output_plane)
    if step.after:
        offsets = step.output_offsets + first * WORD
        call(step.after, entry.output, offsets, count, planes, step.output_plane, step)
    if entry.other and step.other_last:
        where = places(entry.other, step.other_offsets, first, count)
        sums = loaded(out, step.output_plane, planes)
        sums = over(plus, sums, loaded(where, step.other_plane, planes))
        stored(sums, out, step.output_plane)
