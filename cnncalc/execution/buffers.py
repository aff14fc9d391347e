"""How long values live, and places for them in one stretch of memory that they take turns in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.execution.plan import Plan

MANY = 2_000


class Life(NamedTuple):
    """From the step that makes a value up to the last one that reads it, both included. Inputs
    live from step 0, or never where nothing reads them."""

    first: int
    last: int


class Arena(NamedTuple):
    """Where each value starts, and how much all of them take: no two that live at one time
    overlap. In the units of the sizes given."""

    offsets: tuple[int, ...]
    size: int


def lives(plan: Plan) -> list[Life]:
    """The life of every value; the network's outputs outlive the last step."""
    last = plan.last_uses()
    made = {step.output: number for number, step in enumerate(plan.steps)}
    return [Life(made.get(v, 0), last.get(v, -1)) for v in range(len(plan.values))]


def peak(plan: Plan, sizes: Sequence[int]) -> int:
    """The largest sum of sizes alive at one time, which no arena can do without."""
    change = [0] * (len(plan.steps) + 2)
    for life, size in zip(lives(plan), sizes, strict=True):
        if life.last >= life.first:
            change[life.first] += size
            change[life.last + 1] -= size
    alive = most = 0
    for step in change:
        alive += step
        most = max(most, alive)
    return most


def arena(plan: Plan, sizes: Sequence[int], align: int = 1) -> Arena:
    """Places for all values of a plan. Offsets are multiples of `align`."""
    return placed(lives(plan), sizes, align)


def placed(lives: Sequence[Life], sizes: Sequence[int], align: int = 1) -> Arena:
    """Places for what lives for a time, each in the first gap that holds it as long as it lives:
    the largest first, which is good but compares each with all others; of very many the earliest
    first, which need be compared with those alone that live then. Offsets are multiples of
    `align`."""
    offsets = [0] * len(sizes)
    in_time = len(sizes) > MANY
    order = (lambda n: (lives[n].first, n)) if in_time else (lambda n: (-sizes[n], n))
    taken: list[int] = []
    size = 0
    for number in sorted(range(len(sizes)), key=order):
        life = lives[number]
        if life.last < life.first:
            continue
        if in_time:
            taken = [other for other in taken if lives[other].last >= life.first]
        neighbours = sorted(
            (offsets[other], offsets[other] + sizes[other])
            for other in taken
            if lives[other].first <= life.last and life.first <= lives[other].last
        )
        offset = 0
        for start, stop in neighbours:
            if offset + sizes[number] <= start:
                break
            offset = max(offset, -(-stop // align) * align)
        offsets[number] = offset
        taken.append(number)
        size = max(size, offset + sizes[number])
    return Arena(tuple(offsets), size)
