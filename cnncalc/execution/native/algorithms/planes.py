"""Work that goes plane by plane: what each lane makes depends on nothing but that lane's like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncalc.execution.native.kernels.records import ENTRY, STEP
from cnncalc.execution.native.making import Making, NativeStep, finish, shares
from cnncalc.execution.native.placing import Task

ENOUGH_PLANES = 4
"""Planes for each thread from which on threads share planes and not positions."""


def over_planes(
    making: Making,
    task: Task,
    kernels: int,
    largest: int,
    entries: Sequence[Mapping[str, int]],
    **fields: int | float,
) -> NativeStep:
    """A step in which kernels make the planes of a task's output from those of its first input.

    `entries` are further fields of each plane's entry, `fields` further ones of the step. Tables of
    offsets are the values' own where no others are given.
    """
    assert task.job is not None
    output, tables = task.output, making.tables
    inputs, outputs = making.planes(task.inputs[0]), making.planes(output)
    others = [0] * len(outputs) if task.other is None else making.planes(task.other)
    records = [
        ENTRY.words(**{
            "kernels": kernels, "largest": largest, "input": source, "other": other,
            "output": target, **more,
        })
        for source, other, target, more in zip(inputs, others, outputs, entries, strict=True)
    ]  # fmt: skip
    common: dict[str, int | float] = {
        "entries": tables.records(records),
        "input_offsets": tables.words(task.inputs[0].positions),
        "output_offsets": tables.words(output.positions),
        "other_last": int(task.job.other_last),
        **finish(making, task.job.function)._asdict(),
    }
    if task.other is not None:
        common["other_offsets"] = tables.words(task.other.positions)
    common.update(fields)
    positions, planes, threads = len(output.positions), len(outputs), making.threads
    each = [(0, positions)] * threads, [(0, planes)] * threads
    if planes % threads == 0 or planes >= ENOUGH_PLANES * threads:
        split = zip(each[0], shares(planes, threads), strict=True)
    else:
        split = zip(shares(positions, threads), each[1], strict=True)
    steps = []
    for (start, stop), (first, last) in split:
        if start == stop or first == last:
            steps.append(0)
            continue
        step = STEP.words(**{
            **common, "start": start, "stop": stop, "block": stop - start,
            "entry_start": first, "entry_stop": last,
        })  # fmt: skip
        steps.append(tables.records([step]))
    return NativeStep(making.library.address("driver", "drive"), tuple(steps))
