"""Kernels that bring groups of channels to mean 0 and variance 1 over all positions of an image.

Three steps: the moments of each lane over a chunk of positions; those of all chunks and channels of
a group put together; and every number standardised by its group's. Deviations are from means that
were taken before, never differences of large sums (Chan, Golub and LeVeque 1983).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir

from cnncalc.execution.native.kernels.builder import (
    FLOAT,
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

CHUNK = Fields(
    "start",  # positions of one image, from start up to stop
    "stop",
    "group",  # bytes to the first group's result for the image
    "learned",  # bytes to the vectors of weights and bias for the first position
)

MOMENTS = 3
"""Vectors of each plane and chunk: a mean, what is to be added to it for precision, and the sum of
square deviations from both together."""
RESULTS = 3
"""Float32s of each group: the mean, what is to be added to it, and 1/√(variance + eps)."""

SUMS = 4
"""Sums side by side: one alone would be waited for."""

_DOUBLE = ir.DoubleType()


def write(module: Module) -> None:
    """`moments`, `combine`, `standardize`."""
    _moments(module)
    _combine(module)
    _standardize(module)


def _moments(module: Module) -> None:
    """A "position" is a chunk of the table at `tables`. x lies at `input + input_offsets`; the
    moments go to `output + output_offsets[chunk]`, vector by vector."""
    f = Function(module, "moments", *KERNEL_TYPES)
    entry, step, first, number = f.arguments
    base, output = f.address(entry, ENTRY, "input"), f.address(entry, ENTRY, "output")
    offsets = f.address(step, STEP, "input_offsets")
    outputs = f.address(step, STEP, "output_offsets")
    sums = [f.variable(f.constant(0)) for _ in range(2 * SUMS)]

    def x(position: Value) -> Value:
        return f.load(f.at(base, f.word(offsets, position)))

    with f.loop(first, f.add(first, number)) as chunk:
        record = f.at(f.address(step, STEP, "tables"), f.mul(chunk, CHUNK.size))
        start, stop = f.field(record, CHUNK, "start"), f.field(record, CHUNK, "stop")
        count = f.splat(f.at_end.sitofp(f.sub(stop, start), FLOAT))
        (total,) = _summed(f, start, stop, sums[:SUMS], lambda position: [x(position)])
        about = f.over(total, count)

        def deviations(position: Value) -> list[Value]:
            deviation = f.minus(x(position), about)
            return [deviation, f.times(deviation, deviation)]

        rest, squares = _summed(f, start, stop, sums, deviations)
        more = f.over(rest, count)
        place = f.at(output, f.word(outputs, chunk))
        f.store(about, place)
        f.store(more, place, module.vector_bytes)
        squares = f.at_least(f.minus(squares, f.times(rest, more)), f.constant(0))
        f.store(squares, place, 2 * module.vector_bytes)
    f.finish()


def _summed(
    f: Function,
    start: Value,
    stop: Value,
    sums: Sequence[Variable],
    terms: Callable[[Value], Sequence[Value]],
) -> list[Value]:
    """The sum over positions of each of the vectors that `terms` makes, with `SUMS` variables for
    each of these, whatever is in them."""
    for some in sums:
        some.set(f.constant(0))

    def add(position: Value, number: int) -> None:
        for some, term in zip(sums[number::SUMS], terms(position), strict=True):
            some.set(f.plus(some.get(), term))

    whole = f.sub(stop, f.both(f.sub(stop, start), SUMS - 1))
    with f.loop(start, whole, SUMS) as position:
        for number in range(SUMS):
            add(f.add(position, number), number)
    with f.loop(whole, stop) as position:
        add(position, 0)
    found = []
    for group in range(0, len(sums), SUMS):
        a, b, c, d = (some.get() for some in sums[group : group + SUMS])
        found.append(f.plus(f.plus(a, b), f.plus(c, d)))
    return found


def _combine(module: Module) -> None:
    """A "position" is an image, an entry a group. The moments of lane and chunk k lie at `input +
    input_offsets[image] + reads[k]`, of as many positions as the k-th float32 at `weights` says;
    results go to `output + output_offsets[image]`. eps is a float64 at `tables`. In double
    precision."""
    f = Function(module, "combine", *KERNEL_TYPES)
    entry, step, first, number = f.arguments
    base, output = f.address(entry, ENTRY, "input"), f.address(entry, ENTRY, "output")
    offsets = f.address(step, STEP, "input_offsets")
    outputs = f.address(step, STEP, "output_offsets")
    reads, counts = f.address(entry, ENTRY, "reads"), f.address(entry, ENTRY, "weights")
    count = f.field(entry, ENTRY, "count")
    eps = f.at_end.load(f.address(step, STEP, "tables"), typ=_DOUBLE)
    here = f.at_end
    zero = ir.Constant(_DOUBLE, 0.0)
    total, weight = f.variable(zero), f.variable(zero)

    def double(place: Value, offset: Integer) -> Value:
        return here.fpext(f.single(place, offset), _DOUBLE)

    with f.loop(first, f.add(first, number)) as image:
        moments = f.at(base, f.word(offsets, image))

        def of(k: Value) -> tuple[Value, Value, Value]:
            """How many positions, their mean, the sum of square deviations."""
            place = f.at(moments, f.word(reads, k))
            mean = here.fadd(double(place, 0), double(place, module.vector_bytes))
            many = double(counts, f.mul(k, FLOAT_BYTES))
            return many, mean, double(place, 2 * module.vector_bytes)

        for variable in (total, weight):
            variable.set(zero)
        with f.loop(0, count) as k:
            many, mean, _ = of(k)
            total.set(here.fadd(total.get(), here.fmul(many, mean)))
            weight.set(here.fadd(weight.get(), many))
        middle = here.fdiv(total.get(), weight.get())
        total.set(zero)
        with f.loop(0, count) as k:
            many, mean, squares = of(k)
            off = here.fsub(mean, middle)
            between = here.fmul(many, here.fmul(off, off))
            total.set(here.fadd(total.get(), here.fadd(squares, between)))
        variance = here.fdiv(total.get(), weight.get())
        root = module.declared("llvm.sqrt.f64", _DOUBLE, _DOUBLE)
        spread = here.call(root, [here.fadd(variance, eps)])
        high = here.fptrunc(middle, FLOAT)
        low = here.fptrunc(here.fsub(middle, here.fpext(high, _DOUBLE)), FLOAT)
        factor = here.fptrunc(here.fdiv(ir.Constant(_DOUBLE, 1.0), spread), FLOAT)
        place = f.at(output, f.word(outputs, image))
        for result, made in enumerate((high, low, factor)):
            here.store(made, f.at(place, result * FLOAT_BYTES))
    f.finish()


def _standardize(module: Module) -> None:
    """A "position" is a chunk of the table at `tables`. x lies at `input + input_offsets`, the
    results of lane l's group at `other + reads[l]`, the vectors of a position's weights and bias
    `spread` bytes behind those of the position before; what is made goes to `output +
    output_offsets`, where bounds and a function follow."""
    f = Function(module, "standardize", *KERNEL_TYPES)
    entry, step, first, number = f.arguments
    base, output = f.address(entry, ENTRY, "input"), f.address(entry, ENTRY, "output")
    inputs = f.address(step, STEP, "input_offsets")
    outputs = f.address(step, STEP, "output_offsets")
    reads = f.address(entry, ENTRY, "reads")
    results = f.address(entry, ENTRY, "other")
    weights, bias = (f.address(entry, ENTRY, name) for name in ("weights", "bias"))
    apart = f.field(step, STEP, "spread")
    held = bounds(f, step)
    with f.loop(first, f.add(first, number)) as chunk:
        record = f.at(f.address(step, STEP, "tables"), f.mul(chunk, CHUNK.size))
        start, stop = f.field(record, CHUNK, "start"), f.field(record, CHUNK, "stop")
        own = f.at(results, f.field(record, CHUNK, "group"))
        places = [f.at(own, f.word(reads, lane)) for lane in range(module.lanes)]
        high, low, factor = (
            f.from_lanes([f.single(place, result * FLOAT_BYTES) for place in places])
            for result in range(RESULTS)
        )
        learned = f.field(record, CHUNK, "learned")
        with f.loop(start, stop) as position:
            x = f.load(f.at(base, f.word(inputs, position)))
            at = f.add(learned, f.mul(f.sub(position, start), apart))
            deviation = f.minus(f.minus(x, high), low)
            scaled = f.times(f.times(deviation, factor), f.load(f.at(weights, at)))
            made = f.plus(scaled, f.load(f.at(bias, at)))
            f.store(held(made), f.at(output, f.word(outputs, position)))
        followed(f, step, output, start, f.sub(stop, start))
    f.finish()
