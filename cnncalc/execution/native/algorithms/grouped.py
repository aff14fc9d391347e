"""Depthwise convolutions, and others whose groups are as narrow as a part of a vector."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_planes
from cnncalc.execution.native.algorithms.reads import Reads, Windows
from cnncalc.execution.native.algorithms.stage import Stage
from cnncalc.execution.native.kernels import shapes
from cnncalc.execution.native.kernels.records import ENTRY, Record, record
from cnncalc.execution.native.making import Made, Making, NativeStep
from cnncalc.execution.native.schedule.layout import Offsets, Packed
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.weights import Array
from cnncalc.geometry import Window


def applies(o: op.Operation, channels: int, filters: int, lanes: int) -> bool:
    """Whether there are kernels for it: as many filters as channels, groups inside a vector."""
    if not isinstance(o, op.Convolution | op.TransposedConvolution):
        return False
    if filters != channels or o.groups == 1:
        return False
    return channels // o.groups in shapes.group_widths(lanes)


class Grouped(Stage):
    """A convolution with narrow groups, its weights packed plane by plane. `weight` goes (taps,
    channels of a group, filters), the taps along several axes if need be; there is one at least."""

    def __init__(
        self, making: Making, reads: Reads, output: Packed, arrays: dict[str, Array]
    ) -> None:
        self.making = making
        self.reads = reads
        lanes, planes = making.lanes, len(output.planes)
        weight = arrays["weight"]
        self.width, filters = weight.shape[-2:]
        self._taps = prod(weight.shape[:-2])
        self.macs_each = prod(weight.shape)
        packed = np.zeros((self._taps, self.width, planes * lanes), np.float32)
        packed[:, :, :filters] = weight.reshape(self._taps, self.width, filters)
        shaped = packed.reshape(self._taps, self.width, planes, lanes).transpose(2, 0, 1, 3)
        self._weights = making.tables.keep(np.ascontiguousarray(shaped))
        biases, self._bias = making.tables.floats(planes * lanes)
        if "bias" in arrays:
            biases[:filters] = arrays["bias"]

    @property
    def by_row(self) -> bool:
        """Whether there are kernels that go along the rows of such windows."""
        return self._row is not None

    @property
    def _row(self) -> Window | None:
        """The window along rows, where there are kernels for it."""
        window = self.reads.row
        if window is None or window.dilation != 1 or window.stride not in shapes.ROW_STRIDES:
            return None
        return window if (window.kernel, self.width) in shapes.ROWS else None

    def _kernels(self) -> tuple[int, int]:
        """The address of a table of kernels by the number of their positions, and the largest."""
        lanes, tiles = self.making.lanes, self.making.library.tiles
        window = self._row
        if window is None:
            largest = shapes.largest_grouped(lanes)
            names = (shapes.grouped_name(p, self.width) for p in range(1, largest + 1))
            return tiles("grouped", names), largest
        family = shapes.row_family(window.kernel, self.width)
        largest = shapes.largest_row(lanes, window.kernel, self.width)
        names = (shapes.row_name(p, window.stride) for p in range(1, largest + 1))
        return tiles(family, names), largest

    def starts(self, value: Packed, spatial: Sequence[int]) -> Offsets:
        return self.reads.starts(value, spatial)

    def entries(self, value: Packed, output: Packed, other: Packed | None = None) -> list[Record]:
        making, vector = self.making, self.making.vector_bytes
        inputs, outputs = making.planes(value), making.planes(output)
        others = [0] * len(outputs) if other is None else making.planes(other)
        kernels, largest = self._kernels()
        return [
            record(
                ENTRY,
                kernels=kernels,
                largest=largest,
                input=inputs[plane],
                weights=self._weights + plane * self._taps * self.width * vector,
                bias=self._bias + plane * vector,
                other=others[plane],
                output=outputs[plane],
                reads=making.tables.words(self.reads.taps(value)),
                count=self._taps,
            )
            for plane in range(len(outputs))
        ]


def convolution(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """Plane by plane, a tile of positions after the other."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Convolution)
    stage = Grouped(making, Windows(o.windows), task.output, arrays)
    step = by_plane(making, task, stage)
    macs = stage.macs_each * len(task.output.positions)
    name = "depthwise" if stage.width == 1 else "grouped"
    how = "along rows" if stage.by_row else "position by position"
    return Made([step], name, macs, how)


def by_plane(making: Making, task: Task, stage: Grouped) -> NativeStep:
    """The step of a task whose positions read so."""
    (value,) = task.inputs
    starts = making.tables.words(stage.starts(value, task.output.spatial))
    entries = stage.entries(value, task.output, task.other)
    row = task.output.spatial[-1] if stage.by_row else 0
    return over_planes(making, task, entries, row=row, input_offsets=starts)
