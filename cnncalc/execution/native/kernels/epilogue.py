"""What becomes of a tile of sums before it is seen: a second operand, bounds, a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnncalc.execution.native.kernels.builder import (
    INTEGER,
    POINTER,
    Function,
    Integer,
    Value,
    Variable,
)
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD

AFTER_TYPES = (POINTER, POINTER, INTEGER, INTEGER, INTEGER, POINTER)
"""What a function for stored numbers takes: the output's address, a table of offsets from there,
how many of them, how many planes, from one plane to the next, the step."""


def bounds(f: Function, step: Value) -> Callable[[Value], Value]:
    """What holds a vector between the step's bounds."""
    lower, upper = f.number(step, STEP, "lower"), f.number(step, STEP, "upper")
    return lambda vector: f.at_most(f.at_least(vector, lower), upper)


def followed(
    f: Function,
    step: Value,
    output: Value,
    first: Value,
    number: Value,
    planes: Integer = 1,
    plane: Integer = 0,
) -> None:
    """Let the step's function `after` go over these positions of some planes, if it has one."""
    offsets = f.at(f.address(step, STEP, "output_offsets"), f.mul(first, WORD))
    with f.when(f.compare("!=", f.field(step, STEP, "after"), 0)):
        after = f.address(step, STEP, "after")
        f.call_at(after, AFTER_TYPES, output, offsets, number, planes, plane, step)


def finished(
    f: Function, entry: Value, step: Value, first: Value, sums: Sequence[Sequence[Variable]]
) -> None:
    """Store a tile, sums[p][g] for position first + p and plane g.

    The entry's `other` is added where it is not 0, then the step's bounds hold, then its function
    `after` goes over what was stored, if it has one. With `other_last`, `other` comes at the end.
    """
    positions, vectors = len(sums), len(sums[0])
    lower, upper = f.number(step, STEP, "lower"), f.number(step, STEP, "upper")
    output = f.address(entry, ENTRY, "output")
    offsets = f.at(f.address(step, STEP, "output_offsets"), f.mul(first, WORD))
    plane = f.field(step, STEP, "output_plane")
    after = f.address(step, STEP, "after")
    last = f.field(step, STEP, "other_last")

    def add_other() -> None:
        other_offsets = f.at(f.address(step, STEP, "other_offsets"), f.mul(first, WORD))
        other = f.address(entry, ENTRY, "other")
        other_plane = f.field(step, STEP, "other_plane")
        for p, row in enumerate(sums):
            place = f.at(other, f.word(other_offsets, p))
            for g, total in enumerate(row):
                addend = f.load(f.at(place, f.mul(other_plane, g)))
                total.set(f.plus(total.get(), addend))

    def bound() -> None:
        for row in sums:
            for total in row:
                total.set(f.at_most(f.at_least(total.get(), lower), upper))

    def store() -> None:
        for p, row in enumerate(sums):
            place = f.at(output, f.word(offsets, p))
            for g, total in enumerate(row):
                f.store(total.get(), f.at(place, f.mul(plane, g)))

    has_other = f.compare("!=", f.field(entry, ENTRY, "other"), 0)
    comes_last = f.compare("!=", last, 0)
    with f.when(f.at_end.and_(has_other, f.compare("==", last, 0))):
        add_other()
    bound()
    has_function = f.compare("!=", f.field(step, STEP, "after"), 0)
    with f.when(has_function):
        store()
        f.call_at(after, AFTER_TYPES, output, offsets, positions, vectors, plane, step)
        with f.when(f.at_end.and_(has_other, comes_last)):
            for p, row in enumerate(sums):
                place = f.at(output, f.word(offsets, p))
                for g, total in enumerate(row):
                    total.set(f.load(f.at(place, f.mul(plane, g))))
    with f.when(f.at_end.and_(has_other, comes_last)):
        add_other()
    with f.when(f.at_end.or_(f.at_end.not_(has_function), f.at_end.and_(has_other, comes_last))):
        store()
