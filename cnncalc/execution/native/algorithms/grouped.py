"""Depthwise convolutions, and others whose groups are as narrow as a part of a vector."""

from __future__ import annotations

from math import prod

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_planes
from cnncalc.execution.native.algorithms.products import tap_offsets, window_starts
from cnncalc.execution.native.kernels import grouped
from cnncalc.execution.native.making import Made, Making
from cnncalc.execution.native.placing import Task
from cnncalc.execution.weights import Array


def applies(o: op.Convolution, filters: int, channels: int, lanes: int) -> bool:
    """Whether there are kernels for it: as many filters as channels, groups inside a vector."""
    return filters == channels and o.groups > 1 and channels // o.groups in grouped.widths(lanes)


def convolution(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """Plane by plane, a tile of positions after the other."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Convolution)
    (value,) = task.inputs
    lanes, planes = making.lanes, len(task.output.planes)
    weight = arrays["weight"]
    width, filters = weight.shape[-2:]
    taps = tap_offsets(value, o)
    packed = np.zeros((len(taps), width, planes * lanes), np.float32)
    packed[:, :, :filters] = weight.reshape(len(taps), width, filters)
    shaped = packed.reshape(len(taps), width, planes, lanes).transpose(2, 0, 1, 3)
    weights = making.tables.keep(np.ascontiguousarray(shaped))
    biases, bias = making.tables.floats(planes * lanes)
    if "bias" in arrays:
        biases[:filters] = arrays["bias"]
    reads, vector = making.tables.words(taps), making.vector_bytes
    largest = grouped.largest(lanes)
    names = [grouped.name(p, width) for p in range(1, largest + 1)]
    kernels = [making.library.address("grouped", name) for name in names]
    step = over_planes(
        making,
        task,
        making.tables.words([0, *kernels]),
        largest,
        [
            {
                "weights": weights + plane * len(taps) * width * vector,
                "bias": bias + plane * vector,
                "reads": reads,
                "count": len(taps),
            }
            for plane in range(planes)
        ],
        input_offsets=making.tables.words(window_starts(value, task.output, o)),
    )
    algorithm = "depthwise" if width == 1 else "grouped"
    return Made([step], algorithm, len(task.output.positions) * prod(weight.shape))
