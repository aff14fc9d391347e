"""Kernels of all channels of a position: softmax, normalisation by their own mean and variance, and
by the squares of neighbouring channels.

All take any number of positions (an entry's `largest` is 0) and have one entry for all planes. Of
the records they read
- `input` of the entry with `input_offsets` of the step, and `reads`: an offset for each of `count`
  planes, from there;
- `output`, `output_offsets` and `output_plane`: what is made, a vector a plane;
- `tables` of the step: a record, `CHANNELS` or `NEIGHBOURS`.

Sums are those of the lanes that are used; what becomes of the others is of no account.
"""

from __future__ import annotations

from math import inf

from cnncalc.execution.native.kernels import vector_math as vm
from cnncalc.execution.native.kernels.compiler import Exported, Kernel, kernel
from cnncalc.execution.native.kernels.epilogue import bounded, followed
from cnncalc.execution.native.kernels.memory import (
    Address,
    load,
    load_anywhere,
    store,
    vector_bytes,
    word,
)
from cnncalc.execution.native.kernels.signatures import Fields, channels_at, exported, neighbours_at
from cnncalc.execution.native.kernels.vectors import (
    Vector,
    at_least,
    at_most,
    choose,
    fma,
    largest_lane,
    root,
    smaller,
    sum_of_lanes,
    vector,
)
from cnncalc.execution.operations import FLOAT_BYTES

STRETCH = 32
"""Planes after which their sums are put aside: rounding errors grow with each addition."""


# What is summed for each plane, of what lies there and two vectors that are the same for all.


@kernel
def as_it_is(x: Vector, about: Vector) -> Vector:
    return x


@kernel
def deviation(x: Vector, about: Vector) -> Vector:
    return x - about


@kernel
def square(x: Vector, about: Vector) -> Vector:
    return (x - about) * (x - about)


@kernel
def exponential(x: Vector, largest: Vector) -> Vector:
    """Lanes that are not used may be above the largest, and must not overflow."""
    return vm.exponential(at_most(x - largest, 0.0))


def summed(term: Kernel) -> Kernel:
    """The sum over all channels at a position, in all lanes."""

    @kernel
    def total_of(entry: Fields, place: Address, used: Vector, about: Vector) -> Vector:
        last = entry.count - 1
        total, first = vector(0.0), 0
        while first < last:
            stop = smaller(first + STRETCH, last)
            part = vector(0.0)
            for plane in range(first, stop):
                part = part + term(load(place + word(entry.reads, plane)), about)
            total = total + part
            first = stop
        ending = term(load(place + word(entry.reads, last)), about)
        return sum_of_lanes(total + choose(used > 0.0, ending, 0.0))

    return total_of


sum_of_all, sum_of_deviations, sum_of_squares, sum_of_powers = (
    summed(term) for term in (as_it_is, deviation, square, exponential)
)


@kernel
def largest_of_all(entry: Fields, place: Address, used: Vector) -> Vector:
    last = entry.count - 1
    ending = load(place + word(entry.reads, last))
    found = vector(-inf)
    for plane in range(last):
        found = at_least(load(place + word(entry.reads, plane)), found)
    return largest_lane(at_least(choose(used > 0.0, ending, -inf), found))


@kernel
def softmax(entry: Fields, step: Fields, first: int, count: int) -> None:
    """exp(x − m) over the sum of exp(x − m), m the largest x."""
    used = load(channels_at(step.tables).used)
    for position in range(first, first + count):
        place = entry.input + word(step.input_offsets, position)
        out = entry.output + word(step.output_offsets, position)
        largest = largest_of_all(entry, place, used)
        factor = 1.0 / sum_of_powers(entry, place, used, largest)
        for plane in range(entry.count):
            x = load(place + word(entry.reads, plane))
            store(exponential(x, largest) * factor, out + plane * step.output_plane)


@kernel
def log_softmax(entry: Fields, step: Fields, first: int, count: int) -> None:
    """The logarithm of that."""
    used = load(channels_at(step.tables).used)
    for position in range(first, first + count):
        place = entry.input + word(step.input_offsets, position)
        out = entry.output + word(step.output_offsets, position)
        largest = largest_of_all(entry, place, used)
        total = vm.logarithm(sum_of_powers(entry, place, used, largest))
        for plane in range(entry.count):
            x = load(place + word(entry.reads, plane))
            store(x - largest - total, out + plane * step.output_plane)


@kernel
def standardize_channels(entry: Fields, step: Fields, first: int, count: int) -> None:
    """(x − mean)/√(variance + eps)·weights + bias, with a vector of both for each plane; then
    bounds and a function.

    Means are taken twice: the second time of what is left after the first is taken away, so that a
    large mean costs no precision."""
    own = channels_at(step.tables)
    used, channels = load(own.used), vector(own.number)
    for position in range(first, first + count):
        place = entry.input + word(step.input_offsets, position)
        out = entry.output + word(step.output_offsets, position)
        about = sum_of_all(entry, place, used, used) / channels
        rest = sum_of_deviations(entry, place, used, about) / channels
        squares = sum_of_squares(entry, place, used, about) / channels
        variance = at_least(squares - rest * rest, 0.0)
        factor = 1.0 / root(variance + own.eps)
        for plane in range(entry.count):
            x = load(place + word(entry.reads, plane))
            learned = plane * vector_bytes()
            scaled = (x - about - rest) * factor * load(entry.weights + learned)
            made = bounded(scaled + load(entry.bias + learned), step)
            store(made, out + plane * step.output_plane)
    followed(step, entry.output, first, count, entry.count, step.output_plane)


@kernel
def neighbours(entry: Fields, step: Fields, first: int, count: int) -> None:
    """x·(k + alpha·sum of x²)^exponent, the sum over channels around each.

    Squares go into rows of memory first, with zeros at both ends, for as many positions as it is
    told: read there from anywhere, they need no shifts of lanes."""
    own = neighbours_at(step.tables)
    used, room = load(own.used), own.room + own.start
    alpha, exponent, k = vector(own.alpha), vector(own.exponent), vector(own.k)
    last = entry.count - 1
    for number in range(count):
        place = entry.input + word(step.input_offsets, first + number)
        squares = room + number * own.row
        for plane in range(entry.count):
            x = load(place + word(entry.reads, plane))
            made = x * x
            if plane == last:
                made = choose(used > 0.0, made, 0.0)
            store(made, squares + plane * vector_bytes())
    for number in range(count):
        place = entry.input + word(step.input_offsets, first + number)
        out = entry.output + word(step.output_offsets, first + number)
        squares = room + number * own.row - own.before
        for plane in range(entry.count):
            around = squares + plane * vector_bytes()
            total = vector(0.0)
            for neighbour in range(own.size):
                total = total + load_anywhere(around + neighbour * FLOAT_BYTES)
            x = load(place + word(entry.reads, plane))
            base = fma(alpha, total, k)
            store(x * vm.power(base, exponent), out + plane * step.output_plane)


def kernels(lanes: int) -> dict[str, Exported]:
    return exported({
        "softmax": softmax,
        "log_softmax": log_softmax,
        "standardize_channels": standardize_channels,
        "neighbours": neighbours,
    })  # fmt: skip
