"""What kernels are called with, and how they call one another by address."""

from __future__ import annotations

from typing import Any, TypeAlias

import numba
from llvmlite import ir
from numba import types

from cnncalc.execution.native.kernels import records
from cnncalc.execution.native.kernels.compiler import Exported, Kernel, intrinsic
from cnncalc.execution.native.kernels.vectors import Code

Fields: TypeAlias = Any
"""A record, as kernels see it."""

ENTRY, STEP = numba.from_dtype(records.ENTRY), numba.from_dtype(records.STEP)

TAKES_TILE = (ENTRY, STEP, types.intp, types.intp)
"""An entry, the step, the first position, how many positions."""
TAKES_STORED = (types.intp, types.intp, types.intp, types.intp, types.intp, STEP)
"""For a function that goes over stored numbers: the output's address, a table of offsets from
there, how many of them, how many planes, from one plane to the next, the step."""
TAKES_RECORD = (types.intp,)
"""The address of a record."""


def exported(
    kernels: dict[str, Kernel], takes: tuple[Any, ...] = TAKES_TILE
) -> dict[str, Exported]:
    """Kernels by name that are all called with the same."""
    return {name: Exported(kernel, takes) for name, kernel in kernels.items()}


@intrinsic
def call(context: Any, function: Any, *arguments: Any) -> Code:
    """Call the function at an address."""

    def code(c: Any, b: Any, s: Any, a: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in a[1:]])
        b.call(b.inttoptr(a[0], kind.as_pointer()), a[1:])
        return c.get_dummy_value()

    taken = [types.intp if isinstance(kind, types.Integer) else kind for kind in arguments]
    return types.none(types.intp, *taken), code


def _at(kind: Any) -> Any:
    """An intrinsic: the record of a kind that stands at an address."""
    record = numba.from_dtype(kind)

    def python(context: Any, address: Any) -> Code:
        wanted = context.target.get_value_type(record)
        return record(types.intp), lambda c, b, s, a: b.inttoptr(a[0], wanted)

    return intrinsic(python)


entry_at, step_at = _at(records.ENTRY), _at(records.STEP)
part_at, pixels_at, chunk_at = _at(records.PART), _at(records.PIXELS), _at(records.CHUNK)
channels_at, neighbours_at = _at(records.CHANNELS), _at(records.NEIGHBOURS)
