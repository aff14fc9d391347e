"""Functions of numbers at the same place: of one volume, or of several merged into one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_planes
from cnncalc.execution.native.kernels.records import ENTRY, record
from cnncalc.execution.native.making import Floats, Made, Making, NativeStep
from cnncalc.execution.native.schedule.fusing import Job
from cnncalc.execution.native.schedule.layout import Offsets, Packed
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.operations import Merging
from cnncalc.execution.weights import Array

_MERGES = {
    Merging.ADD: "add",
    Merging.MULTIPLY: "multiply",
    Merging.SUBTRACT: "subtract",
    Merging.MAXIMUM: "maximum",
    Merging.AVERAGE: "add",
}


def function(making: Making, task: Task) -> Made:
    """A function of every number, where no other kernel could apply it."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Elementwise)
    alone = task._replace(job=task.job._replace(function=o))
    return Made([_step(making, alone, "copy", [{} for _ in task.output.planes])], "pointwise")


def affine(making: Making, task: Task, factor: Array, shift: Array) -> Made:
    """x·factor + shift with a number of each for every channel."""
    weights = _vectors(making, making.vectors(factor, task.output))
    biases = _vectors(making, making.vectors(shift, task.output))
    fields = [{"weights": w, "bias": b} for w, b in zip(weights, biases, strict=True)]
    return Made([_step(making, task, "affine", fields)], "pointwise")


def slope(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """x where positive, a multiple of it elsewhere."""
    slopes = _vectors(making, making.vectors(arrays["weight"], task.output))
    return Made([_step(making, task, "slope", [{"weights": w} for w in slopes])], "pointwise")


def merge(making: Making, task: Task) -> Made | None:
    """Volumes into one, two at a time. None where one stretches along its channels, or where there
    is no kernel."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Merge)
    output, count = task.output, len(task.inputs)
    same = all(
        value.channels == output.channels and len(value.spatial) == len(output.spatial)
        for value in task.inputs
    )
    if not same or o.how not in _MERGES:
        return None
    if count == 1:
        return Made([_step(making, task, "copy", [{} for _ in output.planes])], "pointwise")
    divisor = making.tables.keep(np.array([count], np.float32))
    steps = []
    so_far = task.inputs[0]
    for number, value in enumerate(task.inputs[1:], start=2):
        last = number == count
        name = "average" if last and o.how is Merging.AVERAGE else _MERGES[o.how]
        others = making.planes(value)
        fields = [{"other": other, "weights": divisor} for other in others]
        job = task.job if last else Job(task.job.step, task.job.output, task.job.nodes)
        pair = task._replace(job=job, inputs=(so_far,))
        steps.append(
            _step(making, pair, name, fields, making.tables.words(stretched(value, output)))
        )
        so_far = output
    return Made(steps, "pointwise")


def stretched(value: Packed, output: Packed) -> Offsets:
    """What each position of the output reads of a value whose axes of length 1 stretch."""
    axes = [
        np.arange(n) if width == n else np.zeros(n, np.int64)
        for width, n in zip(value.spatial, output.spatial, strict=True)
    ]
    return value.grid.places(axes)


def _step(
    making: Making,
    task: Task,
    kernel: str,
    fields: Sequence[dict[str, int]],
    other_offsets: int = 0,
) -> NativeStep:
    value, output = task.inputs[0], task.output
    address = making.library.address("pointwise", kernel)
    entries = [
        record(ENTRY, kernels=address, input=source, output=target, **more)
        for source, target, more in zip(
            making.planes(value), making.planes(output), fields, strict=True
        )
    ]
    return over_planes(
        making,
        task,
        entries,
        input_offsets=making.tables.words(stretched(value, output)),
        other_offsets=other_offsets,
    )


def _vectors(making: Making, vectors: Floats) -> list[int]:
    """The address of each plane's vector."""
    start = making.tables.keep(vectors)
    return [start + number * making.vector_bytes for number in range(len(vectors))]
