"""Winograd's convolutions: into the values at the points of interpolation, and back.

Between the two stand products of matrices, one for each of the n² pairs of points, which are the
contractions of `contraction`. Tiles are m x m pixels of the output; what a tile becomes is
[n²][planes][tiles][lanes], with `spread` bytes from one pair of points to the next.

Both kernels take one plane and any number of tiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cnncalc.execution.native.kernels.builder import KERNEL_TYPES, Function, Module, Value
from cnncalc.execution.native.kernels.epilogue import AFTER_TYPES
from cnncalc.execution.native.kernels.interpolation import (
    FORMS,
    Form,
    Matrix,
    for_input,
    for_output,
)
from cnncalc.execution.native.kernels.records import ENTRY, STEP, Fields

PART = Fields("rows", "columns", "offsets")
"""How many pixels of a tile there are, at the right and lower edges fewer than m; and where they
lie, row by row: rows * columns offsets from the first, of which `offsets` is the first word."""


def input_name(form: Form) -> str:
    return f"winograd_input_{form.reads}"


def output_name(form: Form) -> str:
    return f"winograd_output_{form.outputs}_{form.taps}"


def write(module: Module) -> None:
    for reads in sorted({form.reads for form in FORMS}):
        _input(module, next(form for form in FORMS if form.reads == reads))
    for form in FORMS:
        _output(module, form)


def _input(module: Module, form: Form) -> None:
    """Reads n x n vectors: (i, j) at `input + input_offsets[tile] + i*input_row + j vectors`.
    Writes B'dB: n² vectors at `output + output_offsets[tile] + xi*spread`."""
    f = Function(module, input_name(form), *KERNEL_TYPES)
    entry, step, first, count = f.arguments
    source, target = f.address(entry, ENTRY, "input"), f.address(entry, ENTRY, "output")
    reads, writes = (f.address(step, STEP, f"{side}_offsets") for side in ("input", "output"))
    row, spread = f.field(step, STEP, "input_row"), f.field(step, STEP, "spread")
    n, matrix = form.reads, for_input(form.reads)
    with f.loop(first, f.add(first, count)) as tile:
        place = f.at(source, f.word(reads, tile))
        rows = [f.at(place, f.mul(row, i)) for i in range(n)]
        columns = [
            combined(f, matrix, [f.load(rows[i], j * module.vector_bytes) for i in range(n)])
            for j in range(n)
        ]
        into = f.at(target, f.word(writes, tile))
        for i in range(n):
            for j, vector in enumerate(combined(f, matrix, [column[i] for column in columns])):
                f.store(vector, f.at(into, f.mul(spread, i * n + j)))
    f.finish()


def _output(module: Module, form: Form) -> None:
    """Reads n² vectors at `input + input_offsets[tile] + xi*spread`. Adds the bias, then as any
    epilogue does: `other`, bounds, function. Writes up to m x m vectors: (i, j) at `output +
    output_offsets[tile] + i*output_row + j vectors`, likewise for `other`. `tables` has a word for
    each tile: the address of its `PART`. Nothing outside of it is read or written."""
    f = Function(module, output_name(form), *KERNEL_TYPES)
    entry, step, first, count = f.arguments
    source, spread = f.address(entry, ENTRY, "input"), f.field(step, STEP, "spread")
    reads, parts = f.address(step, STEP, "input_offsets"), f.address(step, STEP, "tables")
    bias = f.load(f.address(entry, ENTRY, "bias"))
    end = _End(f, entry, step)
    n, m, matrix = form.reads, form.outputs, for_output(form)
    with f.loop(first, f.add(first, count)) as tile:
        place = f.at(source, f.word(reads, tile))
        columns = [
            combined(f, matrix, [f.load(f.at(place, f.mul(spread, i * n + j))) for i in range(n)])
            for j in range(n)
        ]
        part = f.word_address(parts, tile)
        output, other = end.places(tile)
        for i in range(m):
            with f.when(f.compare(">", f.field(part, PART, "rows"), i)):
                row = combined(f, matrix, [column[i] for column in columns])
                for j, vector in enumerate(row):
                    with f.when(f.compare(">", f.field(part, PART, "columns"), j)):
                        end.store(f.plus(vector, bias), output, other, i, j)
        end.afterwards(part, output, other)
    f.finish()


class _End:
    """What becomes of a tile's pixels, as `epilogue.finished` says it."""

    def __init__(self, f: Function, entry: Value, step: Value) -> None:
        self.f, self.entry, self.step = f, entry, step
        self.lower, self.upper = f.number(step, STEP, "lower"), f.number(step, STEP, "upper")
        self.rows = {side: f.field(step, STEP, f"{side}_row") for side in ("output", "other")}
        last = f.compare("!=", f.field(step, STEP, "other_last"), 0)
        has_other = f.compare("!=", f.field(entry, ENTRY, "other"), 0)
        self.other_first = f.at_end.and_(has_other, f.at_end.not_(last))
        self.other_last = f.at_end.and_(has_other, last)

    def places(self, tile: Value) -> tuple[Value, Value]:
        """Where a tile's first pixel lies: in the output, and in the other operand."""
        f = self.f
        output, other = (
            f.at(f.address(self.entry, ENTRY, side),
                 f.word(f.address(self.step, STEP, f"{side}_offsets"), tile))
            for side in ("output", "other")
        )  # fmt: skip
        return output, other

    def store(self, pixel: Value, output: Value, other: Value, i: int, j: int) -> None:
        f = self.f
        bytes_on = j * f.module.vector_bytes
        total = f.variable(pixel)
        with f.when(self.other_first):
            addend = f.load(f.at(other, f.mul(self.rows["other"], i)), bytes_on)
            total.set(f.plus(pixel, addend))
        bounded = f.at_most(f.at_least(total.get(), self.lower), self.upper)
        f.store(bounded, f.at(output, f.mul(self.rows["output"], i)), bytes_on)

    def afterwards(self, part: Value, output: Value, other: Value) -> None:
        """The function over all pixels of a tile, then the other operand if it comes last."""
        f = self.f
        after = f.address(self.step, STEP, "after")
        rows, columns = f.field(part, PART, "rows"), f.field(part, PART, "columns")
        with f.when(f.compare("!=", f.field(self.step, STEP, "after"), 0)):
            offsets, pixels = f.at(part, PART.offset("offsets")), f.mul(rows, columns)
            f.call_at(after, AFTER_TYPES, output, offsets, pixels, 1, 0, self.step)
        with f.when(self.other_last), f.loop(0, rows) as i:
            places = [
                f.at(place, f.mul(self.rows[side], i))
                for side, place in (("output", output), ("other", other))
            ]
            with f.loop(0, f.mul(columns, f.module.vector_bytes), f.module.vector_bytes) as j:
                pixel, addend = (f.load(f.at(place, j)) for place in places)
                f.store(f.plus(pixel, addend), f.at(places[0], j))


# Products with matrices that are known


def combined(f: Function, matrix: Matrix, vectors: Sequence[Value]) -> list[Value]:
    """A matrix times vectors in few operations: points p and -p share theirs.

    Two columns that differ in signs alone become the sum and the difference of their vectors. Two
    rows that differ in signs alone are the sum and the difference of two shorter ones.
    """
    columns, values = _folded(f, list(zip(*matrix, strict=True)), list(vectors))
    rows = list(zip(*columns, strict=True))
    found: dict[int, Value] = {}
    for i, row in enumerate(rows):
        twin = next((k for k in range(i + 1, len(rows)) if _twins(row, rows[k])), None)
        if i not in found and twin is not None:
            found[i], found[twin] = _both(f, row, rows[twin], values)
        elif i not in found:
            found[i] = _dot(f, row, values)
    return [found[i] for i in range(len(rows))]


Numbers = tuple[Fraction, ...]


def _twins(a: Numbers, b: Numbers) -> bool:
    """Whether two rows or columns have the same numbers but for some signs."""
    alike = all(abs(x) == abs(y) for x, y in zip(a, b, strict=True))
    return alike and a != b and sum(map(bool, a)) > 1


def _folded(
    f: Function, columns: list[Numbers], values: list[Value]
) -> tuple[list[Numbers], list[Value]]:
    for j, column in enumerate(columns):
        for k in range(j + 1, len(columns)):
            if _twins(column, columns[k]):
                same, opposite = _parted(column, columns[k])
                columns[j], columns[k] = same, opposite
                pair = f.plus(values[j], values[k]), f.minus(values[j], values[k])
                values[j], values[k] = pair
                break
    return columns, values


def _parted(a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    """What two twins have in common, and what has opposite signs: their sum and difference."""
    pairs = list(zip(a, b, strict=True))
    zero = Fraction(0)
    same = tuple(x if x == y else zero for x, y in pairs)
    return same, tuple(zero if x == y else x for x, y in pairs)


def _both(f: Function, a: Numbers, b: Numbers, values: list[Value]) -> tuple[Value, Value]:
    same, opposite = _parted(a, b)
    lead = next(number for number in reversed(opposite) if number)
    even, odd = _dot(f, same, values), _dot(f, tuple(x / lead for x in opposite), values)
    return _plus(f, lead, odd, even), _plus(f, -lead, odd, even)


def _dot(f: Function, row: Numbers, values: list[Value]) -> Value:
    terms = [(number, value) for number, value in zip(row, values, strict=True) if number]
    start = next((place for place, (number, _) in enumerate(terms) if number == 1), 0)
    number, total = terms.pop(start)
    if number != 1:
        total = f.times(f.constant(float(number)), total)
    for number, value in terms:
        total = _plus(f, number, value, total)
    return total


def _plus(f: Function, number: Fraction, value: Value, total: Value) -> Value:
    if number == 1:
        return f.plus(total, value)
    if number == -1:
        return f.minus(total, value)
    return f.fma(f.constant(float(number)), value, total)
