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

from collections.abc import Callable, Sequence
from math import inf

from cnncalc.execution.native.kernels import vector_math as vm
from cnncalc.execution.native.kernels.builder import (
    KERNEL_TYPES,
    Function,
    Integer,
    Module,
    Value,
    Variable,
)
from cnncalc.execution.native.kernels.epilogue import bounds, followed
from cnncalc.execution.native.kernels.records import ENTRY, STEP, Fields
from cnncalc.execution.operations import FLOAT_BYTES

CHANNELS = Fields(
    "used",  # address of a vector: positive where the last plane's lane is a channel
    "number",  # of channels, a float32
    "eps",  # a float32
)

NEIGHBOURS = Fields(
    "used",
    "alpha",  # float32s: y = x·(k + alpha·sum of squares)^exponent, the exponent negative
    "exponent",
    "k",
    "size",  # neighbours in a sum, at least 1
    "room",  # address of zeros for squares, a row for each position of a block
    "row",  # bytes of a row
    "start",  # bytes from a row's start to its first square, a multiple of a vector's
    "before",  # bytes from the first neighbour to the channel
)

STRETCH = 32
"""Planes after which their sums are put aside: rounding errors grow with each addition."""


def write(module: Module) -> None:
    """`softmax`, `log_softmax`, `standardize_channels`, `neighbours`."""
    for name, logarithm in (("softmax", False), ("log_softmax", True)):
        _softmax(module, name, logarithm)
    _standardize(module)
    _neighbours(module)


class _Planes:
    """The planes of an entry, all positions of which are read and written likewise."""

    def __init__(self, f: Function, entry: Value, step: Value) -> None:
        self._f = f
        self._step = step
        self.record = f.address(step, STEP, "tables")
        self.count = f.field(entry, ENTRY, "count")
        self.output = f.address(entry, ENTRY, "output")
        self.output_plane = f.field(step, STEP, "output_plane")
        self._last = f.sub(self.count, 1)
        self._input = f.address(entry, ENTRY, "input")
        self._reads = f.address(entry, ENTRY, "reads")
        used = f.load(f.address(self.record, CHANNELS, "used"))
        self._used = f.ordered(">", used, f.constant(0))

    def read(self, position: Value) -> Callable[[Integer], Value]:
        """The vector of each plane at a position."""
        f = self._f
        offsets = f.address(self._step, STEP, "input_offsets")
        place = f.at(self._input, f.word(offsets, position))
        return lambda plane: f.load(f.at(place, f.word(self._reads, plane)))

    def write(self, position: Value) -> Callable[[Integer], Value]:
        """Where the vector of each plane goes for a position."""
        f = self._f
        offsets = f.address(self._step, STEP, "output_offsets")
        place = f.at(self.output, f.word(offsets, position))
        return lambda plane: f.at(place, f.mul(plane, self.output_plane))

    def each(self, visit: Callable[[Value, Callable[[Value, float], Value]], None]) -> None:
        """Visit plane after plane. What is handed over with it puts a number in the place of
        lanes that are not used: those of the last plane."""
        f = self._f
        with f.loop(0, self._last) as plane:
            visit(plane, lambda vector, _: vector)
        visit(self._last, lambda vector, other: f.choose(self._used, vector, f.constant(other)))

    def sums(
        self, into: Sequence[Variable], terms: Callable[[Value], Sequence[Value]]
    ) -> list[Value]:
        """The sum over all channels of each of the vectors that `terms` makes of a plane, in all
        lanes. `into` are two variables for each, whatever is in them."""
        f = self._f
        totals, parts = into[::2], into[1::2]
        for total in totals:
            total.set(f.constant(0))
        with f.loop(0, self._last, STRETCH) as first:
            for part in parts:
                part.set(f.constant(0))
            with f.loop(first, f.smaller(f.add(first, STRETCH), self._last)) as plane:
                for part, term in zip(parts, terms(plane), strict=True):
                    part.set(f.plus(part.get(), term))
            for total, part in zip(totals, parts, strict=True):
                total.set(f.plus(total.get(), part.get()))
        for total, term in zip(totals, terms(self._last), strict=True):
            total.set(f.plus(total.get(), f.choose(self._used, term, f.constant(0))))
        return [f.across(total.get(), f.plus) for total in totals]


def _variables(f: Function, number: int) -> list[Variable]:
    return [f.variable(f.constant(0)) for _ in range(number)]


def _softmax(module: Module, name: str, logarithm: bool) -> None:
    """exp(x − m) over the sum of exp(x − m), m the largest x; or the logarithm of that."""
    f = Function(module, name, *KERNEL_TYPES)
    entry, step, first, number = f.arguments
    planes = _Planes(f, entry, step)
    (largest, *sums) = _variables(f, 3)
    with f.loop(first, f.add(first, number)) as position:
        x, place = planes.read(position), planes.write(position)
        largest.set(f.constant(-inf))
        planes.each(
            lambda plane, or_else: largest.set(f.at_least(or_else(x(plane), -inf), largest.get()))
        )
        most = f.across(largest.get(), f.at_least)

        def powers(plane: Value) -> list[Value]:
            """Lanes that are not used may be above the largest, and must not overflow."""
            below = f.at_most(f.minus(x(plane), most), f.constant(0))
            made = vm.exponential(f, below)
            if not logarithm:
                f.store(made, place(plane))
            return [made]

        (total,) = planes.sums(sums, powers)
        total = vm.logarithm(f, total) if logarithm else f.over(f.constant(1), total)
        with f.loop(0, planes.count) as plane:
            if logarithm:
                made = f.minus(f.minus(x(plane), most), total)
            else:
                made = f.times(f.load(place(plane)), total)
            f.store(made, place(plane))
    f.finish()


def _standardize(module: Module) -> None:
    """`standardize_channels`: (x − mean)/√(variance + eps)·weights + bias, with a vector of both
    for each plane; then bounds and a function.

    Means are taken twice: the second time of what is left after the first is taken away, so that a
    large mean costs no precision."""
    f = Function(module, "standardize_channels", *KERNEL_TYPES)
    entry, step, first, number = f.arguments
    planes = _Planes(f, entry, step)
    channels = f.number(planes.record, CHANNELS, "number")
    eps = f.number(planes.record, CHANNELS, "eps")
    weights, bias = (f.address(entry, ENTRY, name) for name in ("weights", "bias"))
    held = bounds(f, step)
    sums = _variables(f, 4)
    with f.loop(first, f.add(first, number)) as position:
        x, place = planes.read(position), planes.write(position)
        (total,) = planes.sums(sums[:2], lambda plane: [x(plane)])
        about = f.over(total, channels)

        def deviations(plane: Value) -> list[Value]:
            deviation = f.minus(x(plane), about)
            return [deviation, f.times(deviation, deviation)]

        rest, squares = (f.over(s, channels) for s in planes.sums(sums, deviations))
        variance = f.at_least(f.minus(squares, f.times(rest, rest)), f.constant(0))
        spread = f.intrinsic("sqrt", f.plus(variance, eps))
        factor = f.over(f.constant(1), spread)
        with f.loop(0, planes.count) as plane:
            own = f.mul(plane, module.vector_bytes)
            deviation = f.minus(f.minus(x(plane), about), rest)
            scaled = f.times(f.times(deviation, factor), f.load(f.at(weights, own)))
            f.store(held(f.plus(scaled, f.load(f.at(bias, own)))), place(plane))
    followed(f, step, planes.output, first, number, planes.count, planes.output_plane)
    f.finish()


def _neighbours(module: Module) -> None:
    """`neighbours`: x·(k + alpha·sum of x²)^exponent, the sum over channels around each.

    Squares go into rows of memory first, with zeros at both ends, for as many positions as it is
    told: read there from anywhere, they need no shifts of lanes."""
    f = Function(module, "neighbours", *KERNEL_TYPES)
    entry, step, first, number = f.arguments
    planes = _Planes(f, entry, step)
    alpha, k, exponent = (
        f.number(planes.record, NEIGHBOURS, name) for name in ("alpha", "k", "exponent")
    )
    size, row, start = (f.field(planes.record, NEIGHBOURS, n) for n in ("size", "row", "start"))
    room = f.at(f.address(planes.record, NEIGHBOURS, "room"), start)
    before = f.field(planes.record, NEIGHBOURS, "before")
    (total,) = _variables(f, 1)
    with f.loop(0, number) as place:
        x = planes.read(f.add(first, place))
        squares = f.at(room, f.mul(place, row))

        def square(plane: Value, or_else: Callable[[Value, float], Value]) -> None:
            number = x(plane)
            own = f.at(squares, f.mul(plane, module.vector_bytes))
            f.store(or_else(f.times(number, number), 0.0), own)

        planes.each(square)
    with f.loop(0, number) as place:
        position = f.add(first, place)
        x, out = planes.read(position), planes.write(position)
        squares = f.at(room, f.sub(f.mul(place, row), before))
        with f.loop(0, planes.count) as plane:
            around = f.at(squares, f.mul(plane, module.vector_bytes))
            total.set(f.constant(0))
            with f.loop(0, size) as neighbour:
                offset = f.mul(neighbour, FLOAT_BYTES)
                total.set(f.plus(total.get(), f.load(around, offset, align=FLOAT_BYTES)))
            base = f.fma(alpha, total.get(), k)
            f.store(f.times(x(plane), vm.power(f, base, exponent)), out(plane))
    f.finish()
