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

from collections.abc import Callable
from math import inf

from cnncalc.execution.native.kernels.builder import (
    FLOAT,
    KERNEL_TYPES,
    Function,
    Integer,
    Module,
    Value,
)
from cnncalc.execution.native.kernels.epilogue import bounds, followed
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD
from cnncalc.execution.operations import FLOAT_BYTES

CHUNK = 128
"""Positions after which the function goes over them: 8 KB of 16 lanes."""

SUMS = 4
"""Sums side by side in a pool: one alone would be waited for."""
STRETCH = 256
"""Reads of a pool after which their sums are put aside: rounding errors grow with each addition to
the same sum."""

Made = Callable[[Value], Value]
"""The vector for a position, while code is written at the end of the function."""
Body = Callable[[Function, Value, Value], Made]
"""Written before the loop over positions, for an entry and a step."""


def write(module: Module) -> None:
    """A function for each name in `BODIES`."""
    for name, body in BODIES.items():
        _kernel(module, name, body)


def _kernel(module: Module, name: str, body: Body) -> None:
    f = Function(module, name, *KERNEL_TYPES)
    entry, step, first, number = f.arguments
    held = bounds(f, step)
    output = f.address(entry, ENTRY, "output")
    offsets = f.address(step, STEP, "output_offsets")
    made = body(f, entry, step)
    end = f.add(first, number)
    with f.loop(first, end, CHUNK) as start:
        stop = f.smaller(f.add(start, CHUNK), end)
        with f.loop(start, stop) as position:
            f.store(held(made(position)), f.at(output, f.word(offsets, position)))
        followed(f, step, output, start, f.sub(stop, start))
    f.finish()


def _operand(f: Function, entry: Value, step: Value, name: str) -> Made:
    """`input` or `other` at a position."""
    base = f.address(entry, ENTRY, name)
    offsets = f.address(step, STEP, f"{name}_offsets")
    return lambda position: f.load(f.at(base, f.word(offsets, position)))


def _copy(f: Function, entry: Value, step: Value) -> Made:
    """x."""
    return _operand(f, entry, step, "input")


def _affine(f: Function, entry: Value, step: Value) -> Made:
    """x·weights + bias."""
    x = _operand(f, entry, step, "input")
    weights = f.load(f.address(entry, ENTRY, "weights"))
    bias = f.load(f.address(entry, ENTRY, "bias"))
    return lambda position: f.fma(x(position), weights, bias)


def _slope(f: Function, entry: Value, step: Value) -> Made:
    """x where it is positive, x·weights elsewhere."""
    x = _operand(f, entry, step, "input")
    weights = f.load(f.address(entry, ENTRY, "weights"))

    def made(position: Value) -> Value:
        now = x(position)
        return f.choose(f.ordered(">", now, f.constant(0)), now, f.times(now, weights))

    return made


def _pair(operation: Callable[[Function, Value, Value], Value]) -> Body:
    """Of x and z."""

    def body(f: Function, entry: Value, step: Value) -> Made:
        x, z = (_operand(f, entry, step, name) for name in ("input", "other"))
        return lambda position: operation(f, x(position), z(position))

    return body


def _maximum(f: Function, a: Value, b: Value) -> Value:
    """The larger, or a NaN where there is one."""
    larger = f.choose(f.ordered(">", a, b), a, b)
    return f.choose(f.unordered(a, b), f.plus(a, b), larger)


def _average(f: Function, entry: Value, step: Value) -> Made:
    """(x + z) over one float32 at `weights`: of more than two volumes x is the sum so far."""
    x, z = (_operand(f, entry, step, name) for name in ("input", "other"))
    divisor = f.scalar(f.address(entry, ENTRY, "weights"))
    return lambda position: f.over(f.plus(x(position), z(position)), divisor)


class _Windows:
    """The reads of each position: `reads` holds offsets from `input`, one position's behind the
    other's, and `tables` where each position's begin, with one number more for the end."""

    def __init__(self, f: Function, entry: Value, step: Value) -> None:
        self._f = f
        self._base = f.address(entry, ENTRY, "input")
        self._reads = f.address(entry, ENTRY, "reads")
        self._starts = f.address(step, STEP, "tables")

    def range(self, position: Value) -> tuple[Value, Value]:
        after = self._f.add(position, 1)
        return self._f.word(self._starts, position), self._f.word(self._starts, after)

    def x(self, read: Integer) -> Value:
        return self._f.load(self._f.at(self._base, self._f.word(self._reads, read)))


def _pool_max(f: Function, entry: Value, step: Value) -> Made:
    """The largest number of each window, or a NaN where there is one."""
    windows = _Windows(f, entry, step)
    largest, nan = f.variable(f.constant(-inf)), f.variable(f.constant(0))

    def look(a: Value, b: Value) -> None:
        """A NaN goes into the sum; a choice of the larger alone would forget it."""
        nan.set(f.choose(f.unordered(a, b), f.plus(a, b), nan.get()))
        for x in (a, b):
            largest.set(f.at_least(largest.get(), x))

    def made(position: Value) -> Value:
        largest.set(f.constant(-inf))
        nan.set(f.constant(0))
        start, stop = windows.range(position)
        single = f.both(f.sub(stop, start), 1)
        with f.loop(start, f.sub(stop, single), 2) as read:
            look(windows.x(read), windows.x(f.add(read, 1)))
        with f.when(f.compare("!=", single, 0)):
            x = windows.x(f.sub(stop, 1))
            look(x, x)
        return f.choose(f.unordered(nan.get(), nan.get()), nan.get(), largest.get())

    return made


def _pool_sum(f: Function, entry: Value, step: Value) -> Made:
    """The sum of each window over the position's float32 in the table at `weights`."""
    windows = _Windows(f, entry, step)
    divisors = f.address(entry, ENTRY, "weights")
    nothing = f.constant(0)
    total, sums = f.variable(nothing), [f.variable(nothing) for _ in range(SUMS)]

    def made(position: Value) -> Value:
        total.set(nothing)
        start, stop = windows.range(position)
        with f.loop(start, stop, STRETCH) as first:
            last = f.smaller(f.add(first, STRETCH), stop)
            for some in sums:
                some.set(nothing)
            rest = f.both(f.sub(last, first), SUMS - 1)
            with f.loop(first, f.sub(last, rest), SUMS) as read:
                for number, some in enumerate(sums):
                    some.set(f.plus(some.get(), windows.x(f.add(read, number))))
            with f.loop(f.sub(last, rest), last) as read:
                sums[0].set(f.plus(sums[0].get(), windows.x(read)))
            pairs = [f.plus(a.get(), b.get()) for a, b in zip(sums[::2], sums[1::2], strict=True)]
            total.set(f.plus(total.get(), f.plus(*pairs)))
        divisor = f.scalar(divisors, f.mul(position, FLOAT_BYTES))
        return f.over(total.get(), divisor)

    return made


def _blend(f: Function, entry: Value, _: Value) -> Made:
    """The sum of `count` reads, each times a float32 of its own: `reads[position][count]` and, in
    the entry's table at `weights`, `[position][count]`."""
    base = f.address(entry, ENTRY, "input")
    reads, weights = f.address(entry, ENTRY, "reads"), f.address(entry, ENTRY, "weights")
    count = f.field(entry, ENTRY, "count")
    total = f.variable(f.constant(0))

    def made(position: Value) -> Value:
        total.set(f.constant(0))
        first = f.mul(position, count)
        with f.loop(first, f.add(first, count)) as read:
            x = f.load(f.at(base, f.word(reads, read)))
            weight = f.scalar(weights, f.mul(read, FLOAT_BYTES))
            total.set(f.plus(total.get(), f.times(x, weight)))
        return total.get()

    return made


def _gather(f: Function, entry: Value, step: Value) -> Made:
    """In each lane the number that lies `reads[lane]` bytes behind x."""
    base = f.address(entry, ENTRY, "input")
    offsets = f.address(step, STEP, "input_offsets")
    reads = f.address(entry, ENTRY, "reads")

    def made(position: Value) -> Value:
        place = f.at(base, f.word(offsets, position))
        lanes = range(f.module.lanes)
        return f.from_lanes([f.single(f.at(place, f.word(reads, lane))) for lane in lanes])

    return made


def _elements(f: Function, entry: Value, _: Value) -> Made:
    """In each lane the number that lies `reads[position][lane]` bytes behind `input`, or 0 where
    that is negative."""
    base = f.address(entry, ENTRY, "input")
    reads = f.address(entry, ENTRY, "reads")

    def made(position: Value) -> Value:
        own = f.at(reads, f.mul(position, f.module.lanes * WORD))
        return f.from_lanes([_element(f, base, f.word(own, n)) for n in range(f.module.lanes)])

    return made


def _element(f: Function, base: Value, offset: Value) -> Value:
    outside = f.compare("<", offset, 0)
    number = f.single(base, f.choose(outside, f.integer(0), offset))
    return f.choose(outside, FLOAT(0.0), number)


BODIES: dict[str, Body] = {
    "copy": _copy,
    "affine": _affine,
    "slope": _slope,
    "add": _pair(Function.plus),
    "subtract": _pair(Function.minus),
    "multiply": _pair(Function.times),
    "maximum": _pair(_maximum),
    "average": _average,
    "pool_max": _pool_max,
    "pool_sum": _pool_sum,
    "blend": _blend,
    "gather": _gather,
    "elements": _elements,
}
