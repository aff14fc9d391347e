"""Work on all channels of a position at a time: threads share the positions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.stage import finished
from cnncalc.execution.native.kernels.records import CHANNELS, ENTRY, NEIGHBOURS, record
from cnncalc.execution.native.making import Made, Making, NativeStep, shares
from cnncalc.execution.native.schedule.layout import Packed
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.weights import Array

BLOCK_BYTES = 16 << 10
"""What a block of positions has between the passes over it, at most: the first level of the cache
still has it."""

LARGE = 1e30
"""Above it factors are left to NumPy."""


def softmax(making: Making, task: Task) -> Made:
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Softmax)
    own = making.tables.records([record(CHANNELS, used=_used(making, task.output))])
    name = "log_softmax" if o.logarithm else "softmax"
    return Made([_by_position(making, task, name, lambda _: own)], "across channels")


def standardization(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """By the mean and the variance of the channels of each position."""
    assert task.job is not None
    o, output = task.job.step.operation, task.output
    assert isinstance(o, op.Standardization)
    channels = record(
        CHANNELS, used=_used(making, output), number=float(output.channels), eps=float(o.eps)
    )
    own = making.tables.records([channels])
    weight = np.broadcast_to(arrays.get("weight", 1.0), output.channels)
    bias = np.broadcast_to(arrays.get("bias", 0.0), output.channels)
    step = _by_position(
        making,
        task,
        "standardize_channels",
        lambda _: own,
        weights=making.tables.keep(making.vectors(weight, output)),
        bias=making.tables.keep(making.vectors(bias, output)),
    )
    return Made([step], "across channels")


def neighbours(making: Making, task: Task) -> Made | None:
    """By the squares of neighbouring channels. None where what is raised to the power might be
    negative, where the power is not, and where float32 has no room for the factors."""
    assert task.job is not None
    o, output, lanes = task.job.step.operation, task.output, making.lanes
    assert isinstance(o, op.NeighbourNormalization)
    usual = 0 <= o.k < LARGE and 0 <= o.alpha < LARGE and 0 < o.beta < LARGE
    if not usual:
        return None
    furthest = output.channels - 1
    before, behind = min(o.size // 2, furthest), min((o.size - 1) // 2, furthest)
    start, end = (-(-ends // lanes) * making.vector_bytes for ends in (before, behind))
    row = start + len(output.planes) * making.vector_bytes + end
    used = _used(making, output)

    def own(block: int) -> int:
        _, room = making.tables.floats(block * row // FLOAT_BYTES)
        around = record(
            NEIGHBOURS,
            used=used,
            alpha=float(o.alpha),
            exponent=-float(o.beta),
            k=float(o.k),
            size=before + 1 + behind,
            room=room,
            row=row,
            start=start,
            before=before * FLOAT_BYTES,
        )
        return making.tables.records([around])

    return Made([_by_position(making, task, "neighbours", own, row=row)], "across channels")


def _used(making: Making, value: Packed) -> int:
    """The address of a vector that is 1 where the last plane's lane is a channel."""
    ones = making.vectors(np.ones(value.channels), value)
    return making.tables.keep(ones[-1:])


def _by_position(
    making: Making,
    task: Task,
    kernel: str,
    own: Callable[[int], int],
    row: int | None = None,
    **fields: int,
) -> NativeStep:
    """A step with one entry. `own` gives each thread the address of the kernel's own record,
    told how many positions the kernel takes at a time; `row` are the bytes that each of them needs
    in the cache, those of its channels if nothing else is said."""
    assert task.job is not None
    (value,), output = task.inputs, task.output
    planes = np.array(making.planes(value), np.int64) - making.base
    entry = record(
        ENTRY,
        kernels=making.library.address("cross_channel", kernel),
        input=making.base,
        output=making.planes(output)[0],
        reads=making.tables.words(planes),
        count=len(planes),
        **fields,
    )
    common = finished(making, task.job, output, None) | {
        "entries": making.tables.records([entry]),
        "entry_start": 0,
        "entry_stop": 1,
        "input_offsets": making.tables.words(value.positions),
    }
    block = max(BLOCK_BYTES // (row or len(planes) * making.vector_bytes), 1)
    records = []
    for start, stop in shares(len(output.positions), making.threads):
        tables = own(block) if start < stop else 0
        records.append(making.step(**common, start=start, stop=stop, block=block, tables=tables))
    return NativeStep(making.library.address("driver", "drive"), tuple(records))
