"""Products with matrices that are known, in few operations."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import cgutils

from cnncalc.execution.native.kernels.compiler import Intrinsic
from cnncalc.execution.native.kernels.interpolation import Matrix
from cnncalc.execution.native.kernels.vectors import Code, by_llvm, vectors

Value: TypeAlias = Any
"""A vector while LLVM's instructions are written."""
Numbers = tuple[Fraction, ...]


def transform(matrix: Matrix) -> Intrinsic:
    """An intrinsic: the matrix times a tuple of vectors."""

    def python(context: Any, given: Any) -> Code:
        made = types.UniTuple(vectors(context), len(matrix))

        def code(c: Any, b: Any, s: Any, a: Any) -> Any:
            written = _Written(b).product(matrix, cgutils.unpack_tuple(b, a[0]))
            return c.make_tuple(b, made, written)

        return made(given), code

    return Intrinsic(python)


class _Written:
    """Instructions of one product. Points p and -p share theirs: two columns that differ in signs
    alone become the sum and the difference of their vectors, two rows that differ in signs alone
    are the sum and the difference of two shorter ones."""

    def __init__(self, builder: ir.IRBuilder) -> None:
        self._builder = builder

    def product(self, matrix: Matrix, vectors: Sequence[Value]) -> list[Value]:
        columns, values = self._folded(list(zip(*matrix, strict=True)), list(vectors))
        rows = list(zip(*columns, strict=True))
        found: dict[int, Value] = {}
        for i, row in enumerate(rows):
            twin = next((k for k in range(i + 1, len(rows)) if _twins(row, rows[k])), None)
            if i not in found and twin is not None:
                found[i], found[twin] = self._both(row, rows[twin], values)
            elif i not in found:
                found[i] = self._dot(row, values)
        return [found[i] for i in range(len(rows))]

    def _folded(
        self, columns: list[Numbers], values: list[Value]
    ) -> tuple[list[Numbers], list[Value]]:
        b = self._builder
        for j, column in enumerate(columns):
            for k in range(j + 1, len(columns)):
                if _twins(column, columns[k]):
                    columns[j], columns[k] = _parted(column, columns[k])
                    pair = b.fadd(values[j], values[k]), b.fsub(values[j], values[k])
                    values[j], values[k] = pair
                    break
        return columns, values

    def _both(self, a: Numbers, b: Numbers, values: list[Value]) -> tuple[Value, Value]:
        same, opposite = _parted(a, b)
        lead = next(number for number in reversed(opposite) if number)
        even, odd = self._dot(same, values), self._dot(tuple(x / lead for x in opposite), values)
        return self._plus(lead, odd, even), self._plus(-lead, odd, even)

    def _dot(self, row: Numbers, values: list[Value]) -> Value:
        terms = [(number, value) for number, value in zip(row, values, strict=True) if number]
        start = next((place for place, (number, _) in enumerate(terms) if number == 1), 0)
        number, total = terms.pop(start)
        if number != 1:
            total = self._builder.fmul(_constant(number, total), total)
        for number, value in terms:
            total = self._plus(number, value, total)
        return total

    def _plus(self, number: Fraction, value: Value, total: Value) -> Value:
        """number·value + total."""
        if number == 1:
            return self._builder.fadd(total, value)
        if number == -1:
            return self._builder.fsub(total, value)
        return by_llvm(self._builder, "fmuladd", _constant(number, value), value, total)


def _constant(number: Fraction, like: Value) -> Value:
    return ir.Constant(like.type, [float(number)] * like.type.count)


def _twins(a: Numbers, b: Numbers) -> bool:
    """Whether two rows or columns have the same numbers but for some signs."""
    alike = all(abs(x) == abs(y) for x, y in zip(a, b, strict=True))
    return alike and a != b and sum(map(bool, a)) > 1


def _parted(a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    """What two twins have in common, and what has opposite signs: their sum and difference."""
    pairs = list(zip(a, b, strict=True))
    zero = Fraction(0)
    same = tuple(x if x == y else zero for x, y in pairs)
    return same, tuple(zero if x == y else x for x, y in pairs)
