"""Work that goes plane by plane: what a lane makes depends on that lane or its neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.execution.native.algorithms.stage import finished
from cnncalc.execution.native.making import Making, NativeStep, shares
from cnncalc.execution.native.placing import Task

ENOUGH_PLANES = 4
"""Planes for each thread from which on threads share planes and not positions."""


def over_planes(
    making: Making,
    task: Task,
    entries: Sequence[Sequence[int]],
    row: int = 0,
    **fields: int | float,
) -> NativeStep:
    """A step with an entry for each plane of the output. `fields` are those of the step beside
    those that say where results go; the input's own offsets hold where no others are given."""
    assert task.job is not None
    common = finished(making, task.job, task.output, task.other) | {
        "entries": making.tables.records(entries),
        "input_offsets": making.tables.words(task.inputs[0].positions),
    }
    common.update(fields)
    positions, planes, threads = len(task.output.positions), len(entries), making.threads
    places: Sequence[tuple[int, int]] = [(0, positions)] * threads
    turns: Sequence[tuple[int, int]] = [(0, planes)] * threads
    if planes % threads == 0 or planes >= ENOUGH_PLANES * threads:
        turns = list(shares(planes, threads))
    else:
        places = list(shares(positions, threads, max(row, 1)))
    records = []
    for (start, stop), (first, last) in zip(places, turns, strict=True):
        span = {"start": start, "stop": stop, "block": row or max(stop - start, 1)}
        records.append(making.step(**common, **span, entry_start=first, entry_stop=last))
    return NativeStep(making.library.address("driver", "drive"), tuple(records))
