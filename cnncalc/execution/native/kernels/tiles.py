"""Tiles: tuples of vectors, all in registers, and what is done with all of them at once.

A tile of P positions and G planes has the vector of position p and plane g at place p*G + g. Where
positions lie is told by a tuple of P addresses.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import cgutils

from cnncalc.execution.native.kernels.compiler import intrinsic
from cnncalc.execution.native.kernels.records import WORD
from cnncalc.execution.native.kernels.shapes import LINE, LINES_AHEAD
from cnncalc.execution.native.kernels.vectors import (
    FLOAT,
    INDEX,
    INTEGER,
    POINTER,
    Code,
    at,
    by_llvm,
    of_group,
    read_vector,
    splat,
    vector_size,
    vectors,
    write_vector,
)
from cnncalc.execution.operations import FLOAT_BYTES

Tile: TypeAlias = Any
Addresses: TypeAlias = Any


# Anything, so many times


@intrinsic
def each(context: Any, count: Any, function: Any, *others: Any) -> Code:
    """A tuple of function(0, …), function(1, …) and so on, written out one after the other."""
    calls = [
        context.made(function.called, (types.literal(n), *others)).signature
        for n in range(count.literal_value)
    ]

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        found = []
        for n, call in enumerate(calls):
            given = zip((INTEGER(n), *a[2:]), (types.literal(n), *others), call.args, strict=True)
            values = [c.cast(b, value, kind, taken) for value, kind, taken in given]
            found.append(c.get_function(function, call)(b, values))
        return _result(c, b, s, found)

    return _results(call.return_type for call in calls)(count, function, *others), code


@intrinsic
def over(context: Any, function: Any, tile: Any, *others: Any) -> Code:
    """A tile of function(vector, …) of each vector of a tile. Of others that are tiles as well it
    is given the vector at the same place."""

    def element(kind: Any) -> Any:
        return kind.dtype if isinstance(kind, types.UniTuple) else kind

    kinds = [element(kind) for kind in (tile, *others)]
    call = context.made(function.called, tuple(kinds)).signature

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        lists = [
            cgutils.unpack_tuple(b, value) if isinstance(kind, types.UniTuple) else
            [c.cast(b, value, kind, taken)] * tile.count
            for kind, value, taken in zip((tile, *others), a[1:], call.args, strict=True)
        ]  # fmt: skip
        write = c.get_function(function, call)
        return _result(c, b, s, [write(b, values) for values in zip(*lists, strict=True)])

    return _results([call.return_type] * tile.count)(function, tile, *others), code


def _results(kinds: Any) -> Any:
    found = list(kinds)
    return types.none if found[0] == types.none else types.BaseTuple.from_types(found)


def _result(context: Any, builder: Any, signature: Any, values: list[Any]) -> Any:
    if signature.return_type == types.none:
        return context.get_dummy_value()
    return context.make_tuple(builder, signature.return_type, values)


@intrinsic
def nth(context: Any, values: Any, place: Any) -> Code:
    """What stands at this place of a tuple."""
    n = place.literal_value
    return values.dtype(values, place), lambda c, b, s, a: b.extract_value(a[0], n)


@intrinsic
def of_each(context: Any, tuples: Any, place: Any) -> Code:
    """What stands at this place of each of some tuples."""
    made = types.UniTuple(tuples.dtype.dtype, tuples.count)
    n = place.literal_value

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        return c.make_tuple(
            b, made, [b.extract_value(one, n) for one in cgutils.unpack_tuple(b, a[0])]
        )

    return made(tuples, place), code


# Where positions lie, and what lies there


@intrinsic
def places(context: Any, base: Any, table: Any, first: Any, count: Any) -> Code:
    """The addresses of so many positions: base plus the offsets of a table from `first` on."""
    made = types.UniTuple(types.intp, count.literal_value)

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        start = b.add(a[1], b.mul(a[2], INTEGER(WORD)))
        found = [b.load(at(b, start, n * WORD), typ=INTEGER) for n in range(made.count)]
        return c.make_tuple(b, made, [b.add(a[0], offset) for offset in found])

    return made(types.intp, types.intp, types.intp, count), code


@intrinsic
def loaded(context: Any, where: Any, plane: Any, planes: Any) -> Code:
    """The tile that lies at some addresses, for so many planes, a number of bytes apart."""
    each = planes.literal_value
    made = types.UniTuple(vectors(context), where.count * each)

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        found = [
            read_vector(b, at(b, b.add(place, b.mul(a[1], INTEGER(g)))), context.lanes)
            for place in cgutils.unpack_tuple(b, a[0])
            for g in range(each)
        ]
        return c.make_tuple(b, made, found)

    return made(where, types.intp, planes), code


@intrinsic
def stored(context: Any, tile: Any, where: Any, plane: Any) -> Code:
    """Store a tile likewise."""
    each = tile.count // where.count

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        addresses = cgutils.unpack_tuple(b, a[1])
        for n, vector in enumerate(cgutils.unpack_tuple(b, a[0])):
            place = b.add(addresses[n // each], b.mul(a[2], INTEGER(n % each)))
            write_vector(b, vector, at(b, place))
        return c.get_dummy_value()

    return types.none(tile, where, types.intp), code


@intrinsic
def same_everywhere(context: Any, address: Any, positions: Any, planes: Any) -> Code:
    """A tile that has at every position the vectors at an address, one for each plane."""
    lanes, each = context.lanes, planes.literal_value
    made = types.UniTuple(vectors(context), positions.literal_value * each)

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        found = [read_vector(b, at(b, a[0], g * vector_size(lanes)), lanes) for g in range(each)]
        return c.make_tuple(b, made, found * positions.literal_value)

    return made(types.intp, positions, planes), code


# What the inner loops are made of


@intrinsic
def accumulated(context: Any, sums: Any, weights: Any, where: Any, reads: Any, rounds: Any) -> Code:
    """sums[p][g] + weights[k][g]·x[p][k] for k = 0, 1 and so on. x[p][k] is one float32 at address
    p plus word k of `reads`; it is multiplied by vectors of weights, which follow one another."""
    lanes, each = context.lanes, sums.count // where.count

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        found, addresses = cgutils.unpack_tuple(b, a[0]), cgutils.unpack_tuple(b, a[2])
        for k in range(rounds.literal_value):
            start = k * each * vector_size(lanes)
            held = [
                read_vector(b, at(b, a[1], start + g * vector_size(lanes)), lanes)
                for g in range(each)
            ]
            read = b.load(at(b, a[3], k * WORD), typ=INTEGER)
            for p, address in enumerate(addresses):
                one = b.load(at(b, address, read), align=FLOAT_BYTES, typ=FLOAT)
                x = splat(b, one, lanes)
                for n, weight in enumerate(held, start=p * each):
                    found[n] = by_llvm(b, "fmuladd", weight, x, found[n])
        return c.make_tuple(b, sums, found)

    return sums(sums, types.intp, where, types.intp, rounds), code


@intrinsic
def fetch(context: Any, address: Any) -> Code:
    """Ask for lines of memory that will be read, into the cache that is a core's own."""

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX, INDEX, INDEX])
        ask = cgutils.get_or_insert_function(b.module, kind, "llvm.prefetch.p0")
        for line in range(LINES_AHEAD):
            b.call(ask, [at(b, a[0], line * LINE), INDEX(0), INDEX(2), INDEX(1)])
        return c.get_dummy_value()

    return types.none(types.intp), code


@intrinsic
def accumulated_in_groups(
    context: Any, sums: Any, weights: Any, where: Any, read: Any, width: Any
) -> Code:
    """sums[p] + weights[j]·x[p] for every channel j of a group: x[p] is the vector `read` bytes
    behind address p, with channel j of its group in each lane."""
    lanes, each = context.lanes, width.literal_value

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        found = cgutils.unpack_tuple(b, a[0])
        held = [read_vector(b, at(b, a[1], j * vector_size(lanes)), lanes) for j in range(each)]
        for p, address in enumerate(cgutils.unpack_tuple(b, a[2])):
            x = read_vector(b, at(b, address, a[3]), lanes)
            for j, weight in enumerate(held):
                found[p] = by_llvm(b, "fmuladd", weight, of_group(b, x, j, each), found[p])
        return c.make_tuple(b, sums, found)

    return sums(sums, types.intp, where, types.intp, width), code


@intrinsic
def accumulated_along_row(
    context: Any, sums: Any, weights: Any, row: Any, taps: Any, width: Any, stride: Any
) -> Code:
    """Sums for positions of a row of pixels, `stride` apart, with what windows of so many pixels
    find there: weights [taps][width]. Each pixel is loaded once for every channel of a group, and
    weighed for all windows that it is under."""
    lanes, each, apart = context.lanes, width.literal_value, stride.literal_value
    last = (sums.count - 1) * apart + taps.literal_value

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        found, vector = cgutils.unpack_tuple(b, a[0]), vector_size(lanes)
        for j in range(each):
            held = [
                read_vector(b, at(b, a[1], (k * each + j) * vector), lanes)
                for k in range(taps.literal_value)
            ]
            for pixel in range(last):
                x = of_group(b, read_vector(b, at(b, a[2], pixel * vector), lanes), j, each)
                for k, weight in enumerate(held):
                    p, beside = divmod(pixel - k, apart)
                    if beside == 0 and 0 <= p < sums.count:
                        found[p] = by_llvm(b, "fmuladd", weight, x, found[p])
        return c.make_tuple(b, sums, found)

    return sums(sums, types.intp, types.intp, taps, width, stride), code
