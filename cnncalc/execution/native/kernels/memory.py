"""Vectors and numbers in memory, by address: an integer. Offsets are bytes."""

from __future__ import annotations

from typing import Any, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import cgutils

from cnncalc.execution.native.kernels.records import WORD
from cnncalc.execution.native.kernels.vectors import (
    FLOAT,
    INDEX,
    INTEGER,
    VECTOR,
    at,
    instructions,
    llvm_vector,
    read_vector,
    vector_size,
    write_vector,
)
from cnncalc.execution.operations import FLOAT_BYTES

Address: TypeAlias = int

ADDRESS, NOTHING = types.intp, types.none


@instructions(types.intp)
def vector_bytes(t: Any, b: Any) -> Any:
    """Bytes of a vector."""
    return INTEGER(vector_size(t.lanes))


@instructions(VECTOR, ADDRESS)
def load(t: Any, b: Any, address: Any) -> Any:
    """A vector, aligned to its size."""
    return read_vector(b, at(b, address), t.lanes)


@instructions(VECTOR, ADDRESS)
def load_anywhere(t: Any, b: Any, address: Any) -> Any:
    """A vector that begins at any float32."""
    return b.load(at(b, address), align=FLOAT_BYTES, typ=llvm_vector(t.lanes))


@instructions(NOTHING, VECTOR, ADDRESS)
def store(_: Any, b: Any, x: Any, address: Any) -> None:
    """A vector, aligned to its size."""
    write_vector(b, x, at(b, address))


@instructions(types.intp, ADDRESS, types.intp)
def word(_: Any, b: Any, table: Any, index: Any) -> Any:
    """An integer of a table."""
    return b.load(at(b, table, b.mul(index, INTEGER(WORD))), typ=INTEGER)


@instructions(types.float32, ADDRESS)
def number(_: Any, b: Any, address: Any) -> Any:
    """A float32."""
    return b.load(at(b, address), align=FLOAT_BYTES, typ=FLOAT)


@instructions(types.float64, ADDRESS)
def double(_: Any, b: Any, address: Any) -> Any:
    """A float64."""
    return b.load(at(b, address), typ=ir.DoubleType())


@instructions(NOTHING, types.float32, ADDRESS)
def store_number(_: Any, b: Any, x: Any, address: Any) -> None:
    """A float32."""
    b.store(x, at(b, address), align=FLOAT_BYTES)


@instructions(types.float32, types.float64)
def single(_: Any, b: Any, x: Any) -> Any:
    """The float32 next to a float64."""
    return b.fptrunc(x, FLOAT)


@instructions(types.float64, types.float64)
def double_root(_: Any, b: Any, x: Any) -> Any:
    """√x of a float64."""
    kind = ir.FunctionType(x.type, [x.type])
    return b.call(cgutils.get_or_insert_function(b.module, kind, "llvm.sqrt.f64"), [x])


@instructions(VECTOR, ADDRESS, ADDRESS)
def gathered(t: Any, b: Any, address: Any, offsets: Any) -> Any:
    """In each lane the number that lies as far behind an address as its word of a table says, or 0
    where that is negative."""
    made = ir.Constant(llvm_vector(t.lanes), ir.Undefined)
    for lane in range(t.lanes):
        offset = b.load(at(b, offsets, lane * WORD), typ=INTEGER)
        outside = b.icmp_signed("<", offset, INTEGER(0))
        place = at(b, address, b.select(outside, INTEGER(0), offset))
        found = b.select(outside, FLOAT(0.0), b.load(place, align=FLOAT_BYTES, typ=FLOAT))
        made = b.insert_element(made, found, INDEX(lane))
    return made
