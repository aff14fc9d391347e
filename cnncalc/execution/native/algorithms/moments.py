"""Standardisation over all positions of an image: of its channels together, or group by group."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_entries, over_planes
from cnncalc.execution.native.kernels.records import CHUNK, ENTRY, record
from cnncalc.execution.native.kernels.shapes import MOMENTS, RESULTS
from cnncalc.execution.native.making import Floats, Made, Making, NativeStep
from cnncalc.execution.native.schedule.layout import Packed
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.operations import FLOAT_BYTES, Together
from cnncalc.execution.weights import Array

CHUNK_POSITIONS = 256
"""Positions of a plane that are looked at twice while the first level of the cache has them: 16 KB
of 16 lanes."""


class _Image(NamedTuple):
    """What is the same for every image: how its positions are divided, and its channels."""

    bounds: list[int]
    """Where each chunk begins, and where the last one ends."""
    groups: int

    @property
    def chunks(self) -> int:
        return len(self.bounds) - 1

    @property
    def sizes(self) -> list[int]:
        return np.diff(self.bounds).tolist()


def standardization(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    assert task.job is not None
    o, output = task.job.step.operation, task.output
    assert isinstance(o, op.Standardization)
    positions = len(output.positions) // output.grid.batch
    bounds = [*range(0, positions, CHUNK_POSITIONS), positions]
    image = _Image(bounds, 1 if o.together is Together.ALL else o.groups)
    images, planes = output.grid.batch, len(output.planes)
    vectors = images * image.chunks * planes * MOMENTS
    moments = making.tables.floats(vectors * making.lanes)[1]
    results = making.tables.floats(images * image.groups * RESULTS)[1]
    per_position = o.together is Together.ALL and bool(arrays)
    chunks = _chunks(making, image, images, making.vector_bytes if per_position else 0)
    steps = [
        _measured(making, task, image, moments, chunks),
        _combined(making, output, image, o.eps, moments, results),
        _standardized(making, task, image, arrays, results, chunks, per_position),
    ]
    return Made(steps, "standardized")


def _chunks(making: Making, image: _Image, images: int, learned: int) -> int:
    """The address of the table of all chunks; learned vectors lie so many bytes apart."""
    each = image.bounds[-1]
    chunks = [
        record(
            CHUNK,
            start=number * each + start,
            stop=number * each + stop,
            group=number * image.groups * RESULTS * FLOAT_BYTES,
            learned=start * learned,
        )
        for number in range(images)
        for start, stop in zip(image.bounds, image.bounds[1:], strict=False)
    ]
    return making.tables.records(chunks)


def _chunk_bytes(making: Making) -> int:
    return MOMENTS * making.vector_bytes


def _measured(making: Making, task: Task, image: _Image, moments: int, chunks: int) -> NativeStep:
    """Moments [planes][images][chunks][MOMENTS][lanes]."""
    count = task.output.grid.batch * image.chunks
    each = _chunk_bytes(making)
    entries = [
        record(
            ENTRY,
            kernels=making.library.address("moments", "moments"),
            input=source,
            output=moments + plane * count * each,
        )
        for plane, source in enumerate(making.planes(task.inputs[0]))
    ]
    return over_planes(
        making,
        task,
        entries,
        count,
        tables=chunks,
        output_offsets=making.tables.words(np.arange(count) * each),
    )


def _combined(
    making: Making, value: Packed, image: _Image, eps: float, moments: int, results: int
) -> NativeStep:
    """Results [images][groups][RESULTS]."""
    images, each = value.grid.batch, _chunk_bytes(making)
    size = value.channels // image.groups
    plane_of = images * image.chunks * each * value.plane_of + value.within
    every = np.arange(image.chunks) * each + plane_of[:, None]
    counts = making.tables.keep(np.tile(np.array(image.sizes, np.float32), size))
    entries = [
        record(
            ENTRY,
            kernels=making.library.address("moments", "combine"),
            input=moments,
            output=results + group * RESULTS * FLOAT_BYTES,
            reads=making.tables.words(every[group * size : (group + 1) * size].reshape(-1)),
            weights=counts,
            count=size * image.chunks,
        )
        for group in range(image.groups)
    ]
    every_image = np.arange(images)
    return over_entries(
        making,
        entries,
        images,
        tables=making.tables.keep(np.array([eps], np.float64)),
        input_offsets=making.tables.words(every_image * image.chunks * each),
        output_offsets=making.tables.words(every_image * image.groups * RESULTS * FLOAT_BYTES),
    )


def _standardized(
    making: Making,
    task: Task,
    image: _Image,
    arrays: dict[str, Array],
    results: int,
    chunks: int,
    per_position: bool,
) -> NativeStep:
    output = task.output
    shape = (image.bounds[-1] if per_position else 1, output.channels)
    weights, bias = (
        np.broadcast_to(np.reshape(arrays[role], (-1, output.channels)), shape)
        if role in arrays
        else np.full(shape, otherwise)
        for role, otherwise in (("weight", 1.0), ("bias", 0.0))
    )
    starts = [
        making.tables.keep(_in_planes(making, numbers, output)) for numbers in (weights, bias)
    ]
    learned = shape[0] * making.vector_bytes
    group_of = np.arange(output.channels) * image.groups // output.channels
    padded = np.pad(group_of, (0, -output.channels % making.lanes), mode="edge")
    entries = [
        record(
            ENTRY,
            kernels=making.library.address("moments", "standardize"),
            input=source,
            output=target,
            other=results,
            reads=making.tables.words(groups * RESULTS * FLOAT_BYTES),
            weights=starts[0] + plane * learned,
            bias=starts[1] + plane * learned,
        )
        for plane, (source, target, groups) in enumerate(
            zip(
                making.planes(task.inputs[0]),
                making.planes(output),
                padded.reshape(-1, making.lanes),
                strict=True,
            )
        )
    ]
    spread = making.vector_bytes if per_position else 0
    count = output.grid.batch * image.chunks
    return over_planes(making, task, entries, count, tables=chunks, spread=spread)


def _in_planes(making: Making, numbers: Array, value: Packed) -> Floats:
    """Numbers (positions, channels) as [planes][positions][lanes]."""
    found = np.zeros((len(value.planes), len(numbers), making.lanes), np.float32)
    found[value.plane_of, :, value.within // FLOAT_BYTES] = numbers.T
    return found
