"""Pools: for each position a list of what it reads, nothing of it outside the volume."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_planes
from cnncalc.execution.native.kernels.records import ENTRY, record
from cnncalc.execution.native.making import Made, Making
from cnncalc.execution.native.schedule.layout import Grid, Offsets
from cnncalc.execution.native.schedule.placing import Task

Flags = npt.NDArray[np.bool_]
Axis = tuple[Offsets, Flags]
"""Along an axis, the places that each position reads, and which of them there are: (n, most)."""


def pool(making: Making, task: Task) -> Made:
    """The largest or the mean of windows or spans, plane by plane."""
    assert task.job is not None
    o = task.job.step.operation
    (value,) = task.inputs
    if isinstance(o, op.WindowPool):
        axes = [
            _windows(np.arange(n) * w.stride - w.before, np.arange(w.kernel) * w.dilation, width)
            for w, n, width in zip(o.windows, task.output.spatial, value.spatial, strict=True)
        ]
        divisors = None if o.divisors is None else _product(o.divisors)
    else:
        assert isinstance(o, op.SpanPool)
        axes = [_spans(spans) for spans in o.spans]
        counts = _product([[stop - start for start, stop in spans] for spans in o.spans])
        divisors = counts if o.mean else None
    reads, starts = listed(value.grid, axes)
    weights = 0
    if divisors is not None:
        every = np.tile(divisors.astype(np.float32), value.grid.batch)
        weights = making.tables.keep(every)
    kernel = making.library.address("pointwise", "pool_max" if divisors is None else "pool_sum")
    entries = [
        record(
            ENTRY,
            kernels=kernel, input=source, output=target, reads=making.tables.words(reads),
            weights=weights,
        )
        for source, target in zip(
            making.planes(value), making.planes(task.output), strict=True
        )
    ]  # fmt: skip
    step = over_planes(making, task, entries, tables=making.tables.words(starts))
    return Made([step], "pool")


def listed(grid: Grid, axes: Sequence[Axis]) -> tuple[Offsets, Offsets]:
    """What positions read, one position's behind the other's, and where each one's begin."""
    offsets = np.zeros((1, 1), np.int64)
    there = np.ones((1, 1), np.bool_)
    for (places, known), stride, (before, _) in zip(axes, grid.strides, grid.halo, strict=True):
        along = (places + before) * stride
        offsets = combined(offsets, along, np.add)
        there = combined(there, known, np.logical_and)
    images = np.arange(grid.batch, dtype=np.int64) * grid.image_bytes
    every = images[:, None, None] + offsets
    mask = np.broadcast_to(there, every.shape)
    starts = np.concatenate([[0], np.cumsum(mask.sum(axis=2).reshape(-1))])
    return every[mask], starts


def combined(a: npt.NDArray[np.generic], b: npt.NDArray[np.generic], how: np.ufunc) -> np.ndarray:
    """Positions of one table with those of another, and their reads likewise."""
    both = how(a[:, None, :, None], b[None, :, None, :])
    found: np.ndarray = both.reshape(len(a) * len(b), -1)
    return found


def _windows(starts: Offsets, taps: Offsets, width: int) -> Axis:
    places = starts[:, None] + taps
    return places, (places >= 0) & (places < width)


def _spans(spans: Sequence[tuple[int, int]]) -> Axis:
    bounds = np.array(spans, np.int64)
    longest = int((bounds[:, 1] - bounds[:, 0]).max())
    places = bounds[:, :1] + np.arange(longest)
    return places, places < bounds[:, 1:]


def _product(axes: Sequence[Sequence[int]]) -> Offsets:
    """The products of numbers for each combination of positions."""
    found = np.ones(1, np.int64)
    for axis in axes:
        found = np.multiply.outer(found, np.array(axis, np.int64)).reshape(-1)
    return found
