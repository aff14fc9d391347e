"""Kernels that make a position of a plane at a time: sums of volumes, pools, factors, moves.

All take any number of positions (an entry's `largest` is 0) of one plane and make one vector each,
which ends as a tile of sums does: the step's bounds hold, then its function `after` goes over what
was stored, in chunks that the first level of the cache still has. There is no third operand.

Of the records they read
- `input` of the entry with `input_offsets` of the step: x, in all but the pools and `elements`;
- `other` and `other_offsets`: the second operand, z. One position for a whole image has its offset
  for each position of the image;
- `output` and `output_offsets`: what is made. It may be x or z itself, at the same offsets;
- `weights` and `bias` of the entry: a vector each, but where a kernel says otherwise;
- `reads` of the entry and `tables` of the step: as a kernel says.
"""

from __future__ import annotations

from math import inf

from cnncalc.execution.native.kernels.compiler import Exported, Kernel, kernel
from cnncalc.execution.native.kernels.epilogue import bounded, followed
from cnncalc.execution.native.kernels.memory import (
    gathered,
    load,
    number,
    store,
    vector_bytes,
    word,
)
from cnncalc.execution.native.kernels.records import WORD
from cnncalc.execution.native.kernels.signatures import Fields, exported
from cnncalc.execution.native.kernels.vectors import (
    Vector,
    at_least,
    choose,
    fma,
    smaller,
    unordered,
    vector,
)
from cnncalc.execution.operations import FLOAT_BYTES

CHUNK = 128
"""Positions after which the function goes over them: 8 KB of 16 lanes."""

STRETCH = 256
"""Reads of a pool after which their sums are put aside: rounding errors grow with each addition to
the same sum."""


# Each makes the vector of an entry for a position.


@kernel
def copy(entry: Fields, step: Fields, position: int) -> Vector:
    """x."""
    return load(entry.input + word(step.input_offsets, position))


@kernel
def second(entry: Fields, step: Fields, position: int) -> Vector:
    """z."""
    return load(entry.other + word(step.other_offsets, position))


@kernel
def affine(entry: Fields, step: Fields, position: int) -> Vector:
    """x·weights + bias."""
    return fma(copy(entry, step, position), load(entry.weights), load(entry.bias))


@kernel
def slope(entry: Fields, step: Fields, position: int) -> Vector:
    """x where it is positive, x·weights elsewhere."""
    x = copy(entry, step, position)
    return choose(x > 0.0, x, x * load(entry.weights))


@kernel
def add(entry: Fields, step: Fields, position: int) -> Vector:
    return copy(entry, step, position) + second(entry, step, position)


@kernel
def subtract(entry: Fields, step: Fields, position: int) -> Vector:
    return copy(entry, step, position) - second(entry, step, position)


@kernel
def multiply(entry: Fields, step: Fields, position: int) -> Vector:
    return copy(entry, step, position) * second(entry, step, position)


@kernel
def maximum(entry: Fields, step: Fields, position: int) -> Vector:
    """The larger, or a NaN where there is one."""
    x, z = copy(entry, step, position), second(entry, step, position)
    return choose(unordered(x, z), x + z, choose(x > z, x, z))


@kernel
def average(entry: Fields, step: Fields, position: int) -> Vector:
    """(x + z) over one float32 at `weights`: of more than two volumes x is the sum so far."""
    total = copy(entry, step, position) + second(entry, step, position)
    return total / number(entry.weights)


# Pools: `reads` holds offsets from `input`, one position's after the other's, and `tables` where
# each position's begin, with one number more for the end.


@kernel
def read(entry: Fields, place: int) -> Vector:
    return load(entry.input + word(entry.reads, place))


@kernel
def pool_max(entry: Fields, step: Fields, position: int) -> Vector:
    """The largest number of each window, or a NaN where there is one."""
    start, stop = word(step.tables, position), word(step.tables, position + 1)
    largest, nan = vector(-inf), vector(0.0)
    if (stop - start) & 1:
        largest = read(entry, start)
        nan = choose(unordered(largest, largest), largest, nan)
        start += 1
    while start < stop:
        x, z = read(entry, start), read(entry, start + 1)
        # A NaN goes into the sum; a choice of the larger alone would forget it.
        nan = choose(unordered(x, z), x + z, nan)
        largest = at_least(at_least(largest, x), z)
        start += 2
    return choose(unordered(nan, nan), nan, largest)


@kernel
def pool_sum(entry: Fields, step: Fields, position: int) -> Vector:
    """The sum of each window over the position's float32 in the table at `weights`."""
    start, stop = word(step.tables, position), word(step.tables, position + 1)
    total = vector(0.0)
    while start < stop:
        last = smaller(start + STRETCH, stop)
        # Four sums side by side: one alone would be waited for.
        a, b, c, d = vector(0.0), vector(0.0), vector(0.0), vector(0.0)
        while start + 3 < last:
            a = a + read(entry, start)
            b = b + read(entry, start + 1)
            c = c + read(entry, start + 2)
            d = d + read(entry, start + 3)
            start += 4
        while start < last:
            a = a + read(entry, start)
            start += 1
        total = total + ((a + b) + (c + d))
    return total / number(entry.weights + position * FLOAT_BYTES)


@kernel
def blend(entry: Fields, step: Fields, position: int) -> Vector:
    """The sum of `count` reads, each times a float32 of its own: `reads[position][count]` and, in
    the entry's table at `weights`, `[position][count]`."""
    total = vector(0.0)
    first = position * entry.count
    for place in range(first, first + entry.count):
        total = total + read(entry, place) * number(entry.weights + place * FLOAT_BYTES)
    return total


@kernel
def gather(entry: Fields, step: Fields, position: int) -> Vector:
    """In each lane the number that lies `reads[lane]` bytes behind x."""
    return gathered(entry.input + word(step.input_offsets, position), entry.reads)


@kernel
def elements(entry: Fields, step: Fields, position: int) -> Vector:
    """In each lane the number that lies `reads[position][lane]` bytes behind `input`, or 0 where
    that is negative."""
    each = vector_bytes() // FLOAT_BYTES * WORD
    return gathered(entry.input, entry.reads + position * each)


MAKERS = (copy, affine, slope, add, subtract, multiply, maximum, average, pool_max, pool_sum, blend,
          gather, elements)  # fmt: skip


def kernels(lanes: int) -> dict[str, Exported]:
    """A kernel for each of them, by its name."""
    return exported({maker.__name__: over_positions(maker) for maker in MAKERS})


def over_positions(made: Kernel) -> Kernel:
    @kernel
    def go(entry: Fields, step: Fields, first: int, count: int) -> None:
        end = first + count
        while first < end:
            stop = smaller(first + CHUNK, end)
            for position in range(first, stop):
                place = entry.output + word(step.output_offsets, position)
                store(bounded(made(entry, step, position), step), place)
            followed(step, entry.output, first, stop - first, 1, 0)
            first = stop

    return go
