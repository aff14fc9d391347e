"""What kernels compute with: vectors of float32 as wide as the processor's, in registers.

A vector is a value like a number: +, -, * and / work lane by lane, with numbers too, which are then
in all lanes. Comparisons make masks, for `choose`. Vectors come from memory and go there by address
(an integer; offsets are bytes). Tuples of vectors are in `tiles`.

Each intrinsic here is told types and writes LLVM's instructions for them. Kernels need no more.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_cast
from numba.core.typing import signature, templates
from numba.extending import models, register_model

from cnncalc.execution.native.kernels.compiler import (
    intrinsic,
    kernel,
    lowering_registry,
    typing_registry,
)
from cnncalc.execution.native.kernels.records import WORD
from cnncalc.execution.operations import FLOAT_BYTES

Vector: TypeAlias = Any
Address: TypeAlias = int
Code: TypeAlias = tuple[Any, Callable[..., Any]]
"""A signature, and what writes LLVM's instructions for it."""

FLOAT, INDEX, INTEGER = ir.FloatType(), ir.IntType(32), ir.IntType(64)
POINTER = ir.PointerType()

_ELEMENTS = {"float32": FLOAT, "bits": INDEX, "mask": ir.IntType(1)}


class Lanes(types.Type):  # type: ignore[misc]
    """So many float32, patterns of 32 bits or truths."""

    def __init__(self, element: str, lanes: int) -> None:
        self.element, self.lanes = element, lanes
        super().__init__(f"{element} x {lanes}")


@register_model(Lanes)
class _InRegisters(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Lanes) -> None:
        super().__init__(manager, kind, llvm_vector(kind.lanes, kind.element))


def vectors(context: Any) -> Lanes:
    """The type of vectors."""
    return Lanes("float32", context.lanes)


def llvm_vector(lanes: int, element: str = "float32") -> Any:
    return ir.VectorType(_ELEMENTS[element], lanes)


def vector_size(lanes: int) -> int:
    """Bytes of a vector."""
    return lanes * FLOAT_BYTES


# What LLVM is told


def at(builder: Any, address: Any, offset: Any = 0) -> Any:
    """A pointer so many bytes behind an address."""
    if not isinstance(offset, int) or offset:
        more = INTEGER(offset) if isinstance(offset, int) else offset
        address = builder.add(address, more)
    return builder.inttoptr(address, POINTER)


def splat(builder: Any, number: Any, lanes: int) -> Any:
    """A number in all lanes."""
    nothing = ir.Constant(ir.VectorType(number.type, lanes), ir.Undefined)
    first = builder.insert_element(nothing, number, INDEX(0))
    return builder.shuffle_vector(
        first, nothing, ir.Constant(llvm_vector(lanes, "bits"), [0] * lanes)
    )


def permuted(builder: Any, vector: Any, lanes: Sequence[int]) -> Any:
    """A vector whose lane i is lane `lanes[i]` of another."""
    nothing = ir.Constant(vector.type, ir.Undefined)
    places = ir.Constant(ir.VectorType(INDEX, len(lanes)), list(lanes))
    return builder.shuffle_vector(vector, nothing, places)


def of_group(builder: Any, vector: Any, channel: int, width: int) -> Any:
    """In each lane this channel of its group: so many lanes are one."""
    if width == 1:
        return vector
    lanes = range(vector.type.count)
    return permuted(builder, vector, [lane // width * width + channel for lane in lanes])


def by_llvm(builder: Any, name: str, *arguments: Any) -> Any:
    """A function of LLVM's on vectors."""
    kind = arguments[0].type
    written = ir.FunctionType(kind, [argument.type for argument in arguments])
    full = f"llvm.{name}.v{kind.count}f32"
    return builder.call(cgutils.get_or_insert_function(builder.module, written, full), arguments)


def read_vector(builder: Any, pointer: Any, lanes: int) -> Any:
    return builder.load(pointer, align=vector_size(lanes), typ=llvm_vector(lanes))


def write_vector(builder: Any, vector: Any, pointer: Any) -> None:
    builder.store(vector, pointer, align=vector_size(vector.type.count))


# Numbers become vectors


@lower_cast(types.Number, Lanes)  # type: ignore[untyped-decorator]
def _to_vector(context: Any, builder: Any, given: Any, wanted: Lanes, value: Any) -> Any:
    element = types.float32 if wanted.element == "float32" else types.int32
    return splat(builder, context.cast(builder, value, given, element), wanted.lanes)


@intrinsic
def vector(context: Any, number: Any) -> Code:
    """A number in all lanes."""
    return vectors(context)(vectors(context)), lambda c, b, s, a: a[0]


# Operators

_ARITHMETIC = {
    "float32": {
        operator.add: ir.IRBuilder.fadd,
        operator.sub: ir.IRBuilder.fsub,
        operator.mul: ir.IRBuilder.fmul,
        operator.truediv: ir.IRBuilder.fdiv,
    },
    "bits": {
        operator.add: ir.IRBuilder.add,
        operator.sub: ir.IRBuilder.sub,
        operator.lshift: ir.IRBuilder.shl,
        operator.rshift: ir.IRBuilder.ashr,
    },
    "mask": {operator.and_: ir.IRBuilder.and_},
}
_ORDER = {operator.lt: "<", operator.gt: ">", operator.ge: ">=", operator.le: "<="}
"""Never true where one is a NaN."""
_IN_PLACE = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
}


def _operator(key: Any, meant: Any) -> None:
    class Template(templates.AbstractTemplate):  # type: ignore[misc]
        def generic(self, args: Any, kws: Any) -> Any:
            kind = next((arg for arg in args if isinstance(arg, Lanes)), None)
            if kind is None or len(args) != 2:
                return None
            if meant in _ORDER and kind.element == "float32":
                return signature(Lanes("mask", kind.lanes), kind, kind)
            return signature(kind, kind, kind) if meant in _ARITHMETIC[kind.element] else None

    Template.key = key
    typing_registry.register_global(key)(Template)

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if meant in _ORDER:
            return builder.fcmp_ordered(_ORDER[meant], *args)
        return _ARITHMETIC[sig.return_type.element][meant](builder, *args)

    lowering_registry.lower(key, Lanes, Lanes)(code)


for _key in {key for keys in _ARITHMETIC.values() for key in keys} | set(_ORDER):
    _operator(_key, _key)
for _key, _meant in _IN_PLACE.items():
    _operator(_key, _meant)


# Functions of vectors


def _of_vectors(count: int, write: Callable[..., Any], doc: str) -> Any:
    """An intrinsic of so many vectors that makes one."""

    def python(context: Any, *arguments: Any) -> Code:
        kind = vectors(context)
        return kind(*[kind] * count), lambda c, b, s, a: write(b, *a)

    python.__doc__ = doc
    return intrinsic(python)


def _bounded(builder: Any, relation: str, x: Any, bound: Any) -> Any:
    return builder.select(builder.fcmp_ordered(relation, x, bound), bound, x)


plus = _of_vectors(2, lambda b, x, y: b.fadd(x, y), "x + y.")
fma = _of_vectors(
    3,
    lambda b, *xyz: by_llvm(b, "fmuladd", *xyz),
    "x·y + z, rounded once where the processor can.",
)
at_least = _of_vectors(
    2,
    lambda b, x, bound: _bounded(b, "<", x, bound),
    "x, or the bound where x is smaller. A NaN stays one.",
)
at_most = _of_vectors(
    2,
    lambda b, x, bound: _bounded(b, ">", x, bound),
    "x, or the bound where x is larger. A NaN stays one.",
)
root = _of_vectors(1, lambda b, x: by_llvm(b, "sqrt", x), "√x.")
size = _of_vectors(1, lambda b, x: by_llvm(b, "fabs", x), "|x|.")
with_sign = _of_vectors(2, lambda b, x, y: by_llvm(b, "copysign", x, y), "|x| with the sign of y.")


def _across(pair: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """All lanes put together, pair by pair; the result is in every lane."""

    def write(builder: Any, vector: Any) -> Any:
        lanes = vector.type.count
        distance = lanes // 2
        while distance:
            partners = [lane ^ distance for lane in range(lanes)]
            vector = pair(builder, vector, permuted(builder, vector, partners))
            distance //= 2
        return vector

    return write


sum_of_lanes = _of_vectors(1, _across(lambda b, x, y: b.fadd(x, y)), "The sum, in every lane.")
largest_lane = _of_vectors(
    1, _across(lambda b, x, y: _bounded(b, "<", x, y)), "The largest number, in every lane."
)


@intrinsic
def choose(context: Any, mask: Any, yes: Any, no: Any) -> Code:
    """Lane by lane one of two."""
    kind = vectors(context)
    return kind(mask, kind, kind), lambda c, b, s, a: b.select(*a)


@intrinsic
def unordered(context: Any, x: Any, y: Any) -> Code:
    """Lane by lane, whether one of them is a NaN."""
    kind = vectors(context)
    made = Lanes("mask", context.lanes)
    return made(kind, kind), lambda c, b, s, a: b.fcmp_unordered("uno", *a)


def _converted(made: str, taken: str, write: Callable[..., Any], doc: str) -> Any:
    def python(context: Any, _: Any) -> Code:
        kind = Lanes(made, context.lanes)
        return kind(Lanes(taken, context.lanes)), lambda c, b, s, a: write(
            b, a[0], llvm_vector(context.lanes, made)
        )

    python.__doc__ = doc
    return intrinsic(python)


bits_of = _converted("bits", "float32", lambda b, x, kind: b.bitcast(x, kind), "32 bits a lane.")
with_bits = _converted("float32", "bits", lambda b, x, kind: b.bitcast(x, kind), "Its inverse.")
as_numbers = _converted(
    "float32", "bits", lambda b, x, kind: b.sitofp(x, kind), "Whole numbers as float32."
)


@intrinsic
def polynomial(context: Any, x: Any, coefficients: Any) -> Code:
    """By Horner's rule, of a tuple of constants; the lowest power comes first."""
    kind = vectors(context)

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        numbers = [c.cast(b, n, coefficients.dtype, kind) for n in cgutils.unpack_tuple(b, a[1])]
        total = numbers.pop()
        for number in reversed(numbers):
            total = by_llvm(b, "fmuladd", total, a[0], number)
        return total

    return kind(kind, coefficients), code


# Memory


@intrinsic
def vector_bytes(context: Any) -> Code:
    """Bytes of a vector."""
    return types.intp(), lambda c, b, s, a: INTEGER(vector_size(context.lanes))


@intrinsic
def load(context: Any, address: Any) -> Code:
    """A vector, aligned to its size."""
    kind = vectors(context)
    return kind(types.intp), lambda c, b, s, a: read_vector(b, at(b, a[0]), context.lanes)


@intrinsic
def load_anywhere(context: Any, address: Any) -> Code:
    """A vector that begins at any float32."""
    kind = vectors(context)
    return kind(types.intp), lambda c, b, s, a: b.load(
        at(b, a[0]), align=FLOAT_BYTES, typ=llvm_vector(context.lanes)
    )


@intrinsic
def store(context: Any, x: Any, address: Any) -> Code:
    """A vector, aligned to its size."""

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        write_vector(b, a[0], at(b, a[1]))
        return c.get_dummy_value()

    return types.void(vectors(context), types.intp), code


@intrinsic
def word(context: Any, table: Any, index: Any) -> Code:
    """An integer of a table."""
    return types.intp(types.intp, types.intp), lambda c, b, s, a: b.load(
        at(b, a[0], b.mul(a[1], INTEGER(WORD))), typ=INTEGER
    )


@intrinsic
def number(context: Any, address: Any) -> Code:
    """A float32."""
    return types.float32(types.intp), lambda c, b, s, a: b.load(
        at(b, a[0]), align=FLOAT_BYTES, typ=FLOAT
    )


@intrinsic
def double(context: Any, address: Any) -> Code:
    """A float64."""
    return types.float64(types.intp), lambda c, b, s, a: b.load(at(b, a[0]), typ=ir.DoubleType())


@intrinsic
def single(context: Any, x: Any) -> Code:
    """The float32 next to a float64."""
    return types.float32(types.float64), lambda c, b, s, a: b.fptrunc(a[0], FLOAT)


@intrinsic
def store_number(context: Any, x: Any, address: Any) -> Code:
    """A float32."""

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        b.store(a[0], at(b, a[1]), align=FLOAT_BYTES)
        return c.get_dummy_value()

    return types.void(types.float32, types.intp), code


@intrinsic
def double_root(context: Any, x: Any) -> Code:
    """√x of a float64."""

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        kind = ir.FunctionType(ir.DoubleType(), [ir.DoubleType()])
        return b.call(cgutils.get_or_insert_function(b.module, kind, "llvm.sqrt.f64"), a)

    return types.float64(types.float64), code


@intrinsic
def gathered(context: Any, address: Any, offsets: Any) -> Code:
    """In each lane the number that lies as far behind an address as its word of a table says, or 0
    where that is negative."""
    kind = vectors(context)

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        made = ir.Constant(llvm_vector(context.lanes), ir.Undefined)
        for lane in range(context.lanes):
            offset = b.load(at(b, a[1], lane * WORD), typ=INTEGER)
            outside = b.icmp_signed("<", offset, INTEGER(0))
            place = at(b, a[0], b.select(outside, INTEGER(0), offset))
            found = b.select(outside, FLOAT(0.0), b.load(place, align=FLOAT_BYTES, typ=FLOAT))
            made = b.insert_element(made, found, INDEX(lane))
        return made

    return kind(types.intp, types.intp), code


@kernel
def smaller(a: int, b: int) -> int:
    """Of two whole numbers."""
    return a if a < b else b
