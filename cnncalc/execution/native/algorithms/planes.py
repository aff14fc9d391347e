"""Work that goes plane by plane: what a lane makes depends on that lane or its neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.execution.native.algorithms.stage import finished
from cnncalc.execution.native.kernels.records import Record
from cnncalc.execution.native.making import Making, NativeStep, shares
from cnncalc.execution.native.schedule.placing import Task

ENOUGH_PLANES = 4
"""Planes for each thread from which on threads share planes and not positions."""


def over_planes(
    making: Making,
    task: Task,
    entries: Sequence[Record],
    positions: int | None = None,
    row: int = 0,
    **fields: int | float,
) -> NativeStep:
    """A step with an entry for each plane of the output, over all its positions or so many other
    things. `fields` are those of the step beside those that say where results go; the input's own
    offsets hold where no others are given."""
    assert task.job is not None
    common = finished(making, task.job, task.output, task.other) | {
        "input_offsets": making.tables.words(task.inputs[0].positions),
    }
    common.update(fields)
    count = len(task.output.positions) if positions is None else positions
    return over_entries(making, entries, count, row, **common)


def over_entries(
    making: Making,
    entries: Sequence[Record],
    positions: int,
    row: int = 0,
    **fields: int | float,
) -> NativeStep:
    """A step with these fields, in which threads share entries or positions."""
    count, threads = len(entries), making.threads
    table = making.tables.records(entries)
    places: Sequence[tuple[int, int]] = [(0, positions)] * threads
    turns: Sequence[tuple[int, int]] = [(0, count)] * threads
    if count % threads == 0 or count >= ENOUGH_PLANES * threads:
        turns = list(shares(count, threads))
    else:
        places = list(shares(positions, threads, max(row, 1)))
    records = []
    for (start, stop), (first, last) in zip(places, turns, strict=True):
        span = {"start": start, "stop": stop, "block": row or max(stop - start, 1)}
        turn = {"entries": table, "entry_start": first, "entry_stop": last}
        records.append(making.step(**fields, **span, **turn))
    return NativeStep(making.library.address("driver", "drive"), tuple(records))
