"""Convolutions whose positions or filters do not all share their weights and connections."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_entries
from cnncalc.execution.native.algorithms.products import (
    contracted,
    even,
    in_order,
    kernel_tables,
)
from cnncalc.execution.native.algorithms.reads import Windows
from cnncalc.execution.native.algorithms.stage import finished
from cnncalc.execution.native.kernels import shapes
from cnncalc.execution.native.kernels.records import ENTRY, Record, record
from cnncalc.execution.native.making import Floats, Made, Making
from cnncalc.execution.native.schedule.layout import Offsets
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.weights import Array


def connected(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """Filters with connections of their own: as a convolution of all channels, whose weights are
    zero where there is no connection."""
    assert task.job is not None
    o, channels = task.job.step.operation, task.inputs[0].channels
    assert isinstance(o, op.TableConvolution)
    weight = arrays["weight"]
    rows = np.concatenate([np.array(own, np.int64) for own in o.connections])
    columns = np.repeat(np.arange(len(o.connections)), [len(own) for own in o.connections])
    dense = np.zeros((channels, len(o.connections), *weight.shape[:-1]), np.float32)
    np.add.at(dense, (rows, columns), np.moveaxis(weight, -1, 0))
    made = contracted(making, task, {**arrays, "weight": np.moveaxis(dense, (0, 1), (-2, -1))})
    macs = weight.size * len(task.output.positions)
    return made._replace(algorithm="connections", macs=macs)


def convolution(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """Weights for every position: products of a batch, an entry for each position and group of
    planes. Threads share these."""
    assert task.job is not None
    (value,), output = task.inputs, task.output
    local = _Local(making, task)
    weight = arrays["weight"].reshape(local.count, -1, output.channels)
    biases = np.zeros((local.count, len(output.planes) * making.lanes), np.float32)
    if "bias" in arrays:
        # A norm that was folded leaves one bias for all positions.
        every_bias = np.broadcast_to(arrays["bias"], (*output.spatial, output.channels))
        biases[:, : output.channels] = every_bias.reshape(local.count, -1)
    bias = making.tables.keep(biases)
    planes, images = len(output.planes), value.grid.batch
    entries = []
    for first, vectors in making.tiling.planes(planes, images, weight.shape[1]):
        wide = vectors * making.lanes
        part = weight[:, :, first * making.lanes :][:, :, :wide]
        entries += local.entries(in_order(part, local.order, wide), bias, first)
    every = np.arange(images, dtype=np.int64)
    fields = finished(making, task.job, output, task.other) | {
        "input_offsets": making.tables.words(every * value.grid.image_bytes),
        "output_offsets": making.tables.words(every * output.grid.image_bytes),
    }
    if task.other is not None:
        fields["other_offsets"] = making.tables.words(every * task.other.grid.image_bytes)
    step = over_entries(making, entries, images, row=0, **fields)
    return Made([step], "unshared", weight.size * images)


class _Local:
    """The positions of an image: where each reads and writes."""

    def __init__(self, making: Making, task: Task) -> None:
        assert task.job is not None
        o = task.job.step.operation
        assert isinstance(o, op.UnsharedConvolution)
        self.making = making
        self.task = task
        (value,), output = task.inputs, task.output
        self.count = prod(output.spatial)
        reads = Windows(o.windows)
        taps = reads.taps(value)
        self.order = np.argsort(np.tile(value.plane_of, len(taps)), kind="stable")
        offsets = (taps[:, None] + making.channels(value)).reshape(-1)
        self._reads = making.tables.words(offsets[even(self.order)])
        self._starts = self._of_one(reads.starts(value, output.spatial))
        self._outputs = self._of_one(output.positions)

    def entries(self, weights: Floats, bias: int, first: int) -> list[Record]:
        """For each position one that makes some planes from `first` on, with weights (positions,
        reads, filters)."""
        making, task = self.making, self.task
        vectors = weights.shape[-1] // making.lanes
        output = making.planes(task.output)[first]
        other = 0 if task.other is None else making.planes(task.other)[first]
        others = None if task.other is None else self._of_one(task.other.positions)
        row = len(task.output.planes) * making.vector_bytes
        start = making.tables.keep(weights)
        addresses = range(start, start + weights.nbytes, weights[0].nbytes)
        kernels = kernel_tables(making)[vectors]
        return [
            record(
                ENTRY,
                kernels=kernels,
                largest=shapes.products(making.lanes)[vectors],
                input=making.base + self._starts[place],
                weights=own,
                bias=bias + place * row + first * making.vector_bytes,
                other=0 if others is None else other + others[place],
                output=output + self._outputs[place],
                reads=self._reads,
                count=weights.shape[-2],
                ahead=following,
            )
            for place, (own, following) in enumerate(pairwise([*addresses, addresses[-1]]))
        ]

    def _of_one(self, positions: Offsets) -> Offsets:
        """Those of the first image."""
        return positions[: self.count]
