"""Numbers put elsewhere: other orders, parts, zeros around them, volumes read at other places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_planes
from cnncalc.execution.native.kernels.records import ENTRY, Record, record
from cnncalc.execution.native.making import Made, Making, NativeStep
from cnncalc.execution.native.schedule.fusing import Job
from cnncalc.execution.native.schedule.layout import Offsets
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.plan import Step

NOWHERE = -1
"""The offset of a zero."""


def in_order(making: Making, task: Task) -> Made:
    """A value's channels put into lanes in order."""
    source, target = task.inputs[0], task.output
    channels = making.channels(source)
    lanes = making.lanes
    entries = []
    for number, plane in enumerate(making.planes(target)):
        own = channels[number * lanes : (number + 1) * lanes]
        reads = np.concatenate([own, np.repeat(own[-1:], lanes - len(own))])
        entries.append(
            record(
                ENTRY,
                kernels=making.library.address("pointwise", "gather"),
                input=making.base,
                output=plane,
                reads=making.tables.words(reads),
            )
        )
    return Made([_step(making, task, entries)], "copy")


def moved(making: Making, task: Task, sources: Offsets) -> Made:
    """A volume made of numbers of another: `sources[j]`, for number j of one image row by row,
    channels last, is a number's place in the input read likewise, or `NOWHERE` for a zero."""
    value, output, lanes = task.inputs[0], task.output, making.lanes
    images, each = value.grid.batch, len(value.positions) // value.grid.batch
    position, channel = np.divmod(np.maximum(sources, 0), value.channels)
    first = value.positions[:each]
    offsets = np.where(sources < 0, NOWHERE, first[position] + making.channels(value)[channel])
    by_position = offsets.reshape(-1, output.channels)
    padded = np.full((len(by_position), len(output.planes) * lanes), NOWHERE, np.int64)
    padded[:, : output.channels] = by_position
    image = np.arange(images)[:, None, None] * value.grid.image_bytes
    entries = []
    for number, plane in enumerate(making.planes(output)):
        own = padded[:, number * lanes : (number + 1) * lanes]
        reads = np.where(own < 0, NOWHERE, own + image).reshape(-1)
        entries.append(
            record(
                ENTRY,
                kernels=making.library.address("pointwise", "elements"),
                input=making.base,
                output=plane,
                reads=making.tables.words(reads),
            )
        )
    return Made([_step(making, task, entries)], "copy")


def sources(o: op.Operation, volume: Sequence[int], out: Sequence[int]) -> Offsets | None:
    """Where each number of the output comes from; None where it is not one number's copy."""
    places = np.arange(int(np.prod(volume)), dtype=np.int64).reshape(volume)
    match o:
        case op.Rearrangement():
            found = places.reshape(o.split).transpose(o.axes)
        case op.Cut():
            found = places[tuple(slice(*stretch) for stretch in o.ranges)]
        case op.Surround():
            if o.edge is op.Edge.ZEROS:
                found = np.pad(places, o.ends, constant_values=NOWHERE)
            else:
                mode: Any = o.edge.value
                found = np.pad(places, o.ends, mode)
        case op.Resampling() if not any(tap.fraction for taps in o.taps for tap in taps):
            found = places
            for axis, taps in enumerate(o.taps):
                found = found.take([tap.low for tap in taps], axis)
        case _:
            return None
    assert found.size == np.prod(out)
    return found.reshape(-1)


def _step(making: Making, task: Task, entries: Sequence[Record]) -> NativeStep:
    job = task.job or Job(_NO_STEP, 0, ())
    # What moves is neither summed nor bounded: those who read it do that.
    return over_planes(making, task._replace(job=job), entries)


_NO_STEP = Step(op.Pass(), (), 0, (), {})
