"""Kernels that bring groups of channels to mean 0 and variance 1 over all positions of an image.

Three steps: the moments of each lane over a chunk of positions; those of all chunks and channels of
a group put together; and every number standardised by its group's. Deviations are from means that
were taken before, never differences of large sums (Chan, Golub and LeVeque 1983).
"""

from __future__ import annotations

from cnncalc.execution.native.kernels.compiler import Exported, kernel
from cnncalc.execution.native.kernels.epilogue import bounded, followed
from cnncalc.execution.native.kernels.memory import (
    Address,
    double,
    double_root,
    gathered,
    load,
    number,
    single,
    store,
    store_number,
    vector_bytes,
    word,
)
from cnncalc.execution.native.kernels.records import CHUNK
from cnncalc.execution.native.kernels.signatures import Fields, chunk_at, exported
from cnncalc.execution.native.kernels.vectors import Vector, at_least, vector
from cnncalc.execution.operations import FLOAT_BYTES

CHUNK_BYTES = CHUNK.itemsize


@kernel
def moments(entry: Fields, step: Fields, first: int, count: int) -> None:
    """A "position" is a chunk of the table at `tables`. x lies at `input + input_offsets`; the
    moments go to `output + output_offsets[chunk]`, vector by vector."""
    for place in range(first, first + count):
        chunk = chunk_at(step.tables + place * CHUNK_BYTES)
        many = vector(chunk.stop - chunk.start)
        about = total(entry.input, step.input_offsets, chunk.start, chunk.stop) / many
        rest, squares = deviations(entry.input, step.input_offsets, chunk.start, chunk.stop, about)
        more = rest / many
        out = entry.output + word(step.output_offsets, place)
        store(about, out)
        store(more, out + vector_bytes())
        store(at_least(squares - rest * more, 0.0), out + 2 * vector_bytes())


# Four sums side by side: one alone would be waited for.


@kernel
def total(base: Address, offsets: Address, start: int, stop: int) -> Vector:
    a, b, c, d = vector(0.0), vector(0.0), vector(0.0), vector(0.0)
    while start + 3 < stop:
        a = a + load(base + word(offsets, start))
        b = b + load(base + word(offsets, start + 1))
        c = c + load(base + word(offsets, start + 2))
        d = d + load(base + word(offsets, start + 3))
        start += 4
    while start < stop:
        a = a + load(base + word(offsets, start))
        start += 1
    return (a + b) + (c + d)


@kernel
def deviations(
    base: Address, offsets: Address, start: int, stop: int, about: Vector
) -> tuple[Vector, Vector]:
    """The sum of deviations from a number, and that of their squares."""
    a, b, c, d = vector(0.0), vector(0.0), vector(0.0), vector(0.0)
    a2, b2, c2, d2 = vector(0.0), vector(0.0), vector(0.0), vector(0.0)
    while start + 3 < stop:
        x = load(base + word(offsets, start)) - about
        a, a2 = a + x, a2 + x * x
        x = load(base + word(offsets, start + 1)) - about
        b, b2 = b + x, b2 + x * x
        x = load(base + word(offsets, start + 2)) - about
        c, c2 = c + x, c2 + x * x
        x = load(base + word(offsets, start + 3)) - about
        d, d2 = d + x, d2 + x * x
        start += 4
    while start < stop:
        x = load(base + word(offsets, start)) - about
        a, a2 = a + x, a2 + x * x
        start += 1
    return (a + b) + (c + d), (a2 + b2) + (c2 + d2)


@kernel
def combine(entry: Fields, step: Fields, first: int, count: int) -> None:
    """A "position" is an image, an entry a group. The moments of lane and chunk k lie at `input +
    input_offsets[image] + reads[k]`, of as many positions as the k-th float32 at `weights` says;
    results go to `output + output_offsets[image]`. eps is a float64 at `tables`. In double
    precision."""
    for image in range(first, first + count):
        found = entry.input + word(step.input_offsets, image)
        summed, weight = 0.0, 0.0
        for k in range(entry.count):
            many = 1.0 * number(entry.weights + k * FLOAT_BYTES)
            summed += many * mean(found + word(entry.reads, k))
            weight += many
        middle = summed / weight
        squares = 0.0
        for k in range(entry.count):
            many = 1.0 * number(entry.weights + k * FLOAT_BYTES)
            place = found + word(entry.reads, k)
            off = mean(place) - middle
            squares += 1.0 * number(place + 2 * vector_bytes()) + many * (off * off)
        spread = double_root(squares / weight + double(step.tables))
        high = single(middle)
        out = entry.output + word(step.output_offsets, image)
        store_number(high, out)
        store_number(middle - high, out + FLOAT_BYTES)
        store_number(1.0 / spread, out + 2 * FLOAT_BYTES)


@kernel
def mean(place: Address) -> float:
    """In double precision, of the two parts that moments have it in."""
    found: float = 1.0 * number(place) + number(place + vector_bytes())
    return found


@kernel
def standardize(entry: Fields, step: Fields, first: int, count: int) -> None:
    """A "position" is a chunk of the table at `tables`. x lies at `input + input_offsets`, the
    results of lane l's group at `other + reads[l]`, the vectors of a position's weights and bias
    `spread` bytes behind those of the position before; what is made goes to `output +
    output_offsets`, where bounds and a function follow."""
    for place in range(first, first + count):
        chunk = chunk_at(step.tables + place * CHUNK_BYTES)
        own = entry.other + chunk.group
        high = gathered(own, entry.reads)
        low = gathered(own + FLOAT_BYTES, entry.reads)
        factor = gathered(own + 2 * FLOAT_BYTES, entry.reads)
        learned = chunk.learned
        for position in range(chunk.start, chunk.stop):
            x = load(entry.input + word(step.input_offsets, position))
            scaled = (x - high - low) * factor * load(entry.weights + learned)
            made = bounded(scaled + load(entry.bias + learned), step)
            store(made, entry.output + word(step.output_offsets, position))
            learned += step.spread
        followed(step, entry.output, chunk.start, chunk.stop - chunk.start, 1, 0)


def kernels(lanes: int) -> dict[str, Exported]:
    return exported({"moments": moments, "combine": combine, "standardize": standardize})
