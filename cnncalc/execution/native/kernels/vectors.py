"""What kernels compute with: vectors of float32 as wide as the processor's, in registers.

A vector is a value like a number: +, -, * and / work lane by lane, with numbers too, which are then
in all lanes. Comparisons make masks, for `choose`. What lies in memory is in `memory`,
tuples of vectors are in `tiles`.

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
    Intrinsic,
    intrinsic,
    kernel,
    lowering_registry,
    typing_registry,
)
from cnncalc.execution.operations import FLOAT_BYTES

Vector: TypeAlias = Any
Code: TypeAlias = tuple[Any, Callable[..., Any]]
"""A signature, and what writes LLVM's instructions for it."""

FLOAT, INDEX, INTEGER = ir.FloatType(), ir.IntType(32), ir.IntType(64)
POINTER = ir.PointerType()

VECTOR, BITS, MASK = "float32", "bits", "mask"
"""Kinds of vectors: of numbers, of patterns of 32 bits, of truths."""
_ELEMENTS = {VECTOR: FLOAT, BITS: INDEX, MASK: ir.IntType(1)}


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
    return Lanes(VECTOR, context.lanes)


def llvm_vector(lanes: int, element: str = VECTOR) -> Any:
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
        first, nothing, ir.Constant(llvm_vector(lanes, BITS), [0] * lanes)
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


def instructions(made: Any, *taken: Any) -> Callable[[Callable[..., Any]], Intrinsic]:
    """A decorator: what makes `made` of `taken`, types of Numba's or kinds of vectors, by a few
    instructions. They are written by the function, which is given the target and LLVM's builder
    before the arguments."""

    def decorate(write: Callable[..., Any]) -> Intrinsic:
        def python(context: Any, *_: Any) -> Code:
            kinds = [
                Lanes(kind, context.lanes) if isinstance(kind, str) else kind
                for kind in (made, *taken)
            ]

            def code(target: Any, builder: Any, _: Any, arguments: Any) -> Any:
                found = write(target, builder, *arguments)
                return target.get_dummy_value() if made is types.none else found

            return kinds[0](*kinds[1:]), code

        python.__name__, python.__doc__ = write.__name__, write.__doc__
        return intrinsic(python)

    return decorate


# Numbers become vectors


@lower_cast(types.Number, Lanes)  # type: ignore[untyped-decorator]
def _to_vector(context: Any, builder: Any, given: Any, wanted: Lanes, value: Any) -> Any:
    element = types.float32 if wanted.element == VECTOR else types.int32
    return splat(builder, context.cast(builder, value, given, element), wanted.lanes)


# Operators

_ARITHMETIC = {
    VECTOR: {
        operator.add: ir.IRBuilder.fadd,
        operator.sub: ir.IRBuilder.fsub,
        operator.mul: ir.IRBuilder.fmul,
        operator.truediv: ir.IRBuilder.fdiv,
    },
    BITS: {
        operator.add: ir.IRBuilder.add,
        operator.sub: ir.IRBuilder.sub,
        operator.lshift: ir.IRBuilder.shl,
        operator.rshift: ir.IRBuilder.ashr,
    },
    MASK: {operator.and_: ir.IRBuilder.and_},
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
            if meant in _ORDER and kind.element == VECTOR:
                return signature(Lanes(MASK, kind.lanes), kind, kind)
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


def _bounded(builder: Any, relation: str, x: Any, bound: Any) -> Any:
    return builder.select(builder.fcmp_ordered(relation, x, bound), bound, x)


@instructions(VECTOR, VECTOR)
def vector(_: Any, b: Any, x: Any) -> Any:
    """A number in all lanes."""
    return x


@instructions(VECTOR, VECTOR, VECTOR)
def plus(_: Any, b: Any, x: Any, y: Any) -> Any:
    """x + y."""
    return b.fadd(x, y)


@instructions(VECTOR, VECTOR, VECTOR, VECTOR)
def fma(_: Any, b: Any, x: Any, y: Any, z: Any) -> Any:
    """x·y + z, rounded once where the processor can."""
    return by_llvm(b, "fmuladd", x, y, z)


@instructions(VECTOR, VECTOR, VECTOR)
def at_least(_: Any, b: Any, x: Any, bound: Any) -> Any:
    """x, or the bound where x is smaller. A NaN stays one."""
    return _bounded(b, "<", x, bound)


@instructions(VECTOR, VECTOR, VECTOR)
def at_most(_: Any, b: Any, x: Any, bound: Any) -> Any:
    """x, or the bound where x is larger. A NaN stays one."""
    return _bounded(b, ">", x, bound)


@instructions(VECTOR, VECTOR)
def root(_: Any, b: Any, x: Any) -> Any:
    """√x."""
    return by_llvm(b, "sqrt", x)


@instructions(VECTOR, VECTOR)
def size(_: Any, b: Any, x: Any) -> Any:
    """|x|."""
    return by_llvm(b, "fabs", x)


@instructions(VECTOR, VECTOR, VECTOR)
def with_sign(_: Any, b: Any, x: Any, y: Any) -> Any:
    """|x| with the sign of y."""
    return by_llvm(b, "copysign", x, y)


def _across(builder: Any, vector: Any, pair: Callable[[Any, Any], Any]) -> Any:
    """All lanes put together, pair by pair; the result is in every lane."""
    lanes = vector.type.count
    distance = lanes // 2
    while distance:
        partners = [lane ^ distance for lane in range(lanes)]
        vector = pair(vector, permuted(builder, vector, partners))
        distance //= 2
    return vector


@instructions(VECTOR, VECTOR)
def sum_of_lanes(_: Any, b: Any, x: Any) -> Any:
    """Of all lanes, in every lane."""
    return _across(b, x, b.fadd)


@instructions(VECTOR, VECTOR)
def largest_lane(_: Any, b: Any, x: Any) -> Any:
    """Of all lanes, in every lane."""
    return _across(b, x, lambda x, y: _bounded(b, "<", x, y))


@instructions(VECTOR, MASK, VECTOR, VECTOR)
def choose(_: Any, b: Any, mask: Any, yes: Any, no: Any) -> Any:
    """Lane by lane one of two."""
    return b.select(mask, yes, no)


@instructions(MASK, VECTOR, VECTOR)
def unordered(_: Any, b: Any, x: Any, y: Any) -> Any:
    """Lane by lane, whether one of them is a NaN."""
    return b.fcmp_unordered("uno", x, y)


@instructions(BITS, VECTOR)
def bits_of(t: Any, b: Any, x: Any) -> Any:
    """The 32 bits of each lane."""
    return b.bitcast(x, llvm_vector(t.lanes, BITS))


@instructions(VECTOR, BITS)
def with_bits(t: Any, b: Any, bits: Any) -> Any:
    """The numbers that have these bits."""
    return b.bitcast(bits, llvm_vector(t.lanes))


@instructions(VECTOR, BITS)
def as_numbers(t: Any, b: Any, bits: Any) -> Any:
    """Whole numbers as float32."""
    return b.sitofp(bits, llvm_vector(t.lanes))


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


@kernel
def smaller(a: int, b: int) -> int:
    """Of two whole numbers."""
    return a if a < b else b
