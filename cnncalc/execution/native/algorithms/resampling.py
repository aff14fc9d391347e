"""Volumes read between pixels: every position a blend of the pixels around it, all axes at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_planes
from cnncalc.execution.native.algorithms.pools import combined
from cnncalc.execution.native.kernels.records import ENTRY
from cnncalc.execution.native.layout import Offsets
from cnncalc.execution.native.making import Floats, Made, Making
from cnncalc.execution.native.placing import Task
from cnncalc.execution.operations import Tap


def blended(making: Making, task: Task) -> Made:
    """The pixels around a position on every axis, each with the product of its shares."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Resampling)
    (value,), grid = task.inputs, task.inputs[0].grid
    offsets, shares = np.zeros((1, 1), np.int64), np.ones((1, 1))
    for taps, stride, (before, _) in zip(o.taps, grid.strides, grid.halo, strict=True):
        places, own = _along(taps)
        offsets = combined(offsets, (places + before) * stride, np.add)
        shares = combined(shares, own, np.multiply)
    images = np.arange(grid.batch, dtype=np.int64) * grid.image_bytes
    reads = making.tables.words((images[:, None, None] + offsets).reshape(-1))
    every: Floats = np.tile(shares.astype(np.float32).reshape(-1), grid.batch)
    weights = making.tables.keep(every)
    entries = [
        ENTRY.words(
            kernels=making.library.address("pointwise", "blend"),
            input=source,
            output=target,
            reads=reads,
            weights=weights,
            count=offsets.shape[1],
        )
        for source, target in zip(making.planes(value), making.planes(task.output), strict=True)
    ]
    return Made([over_planes(making, task, entries)], "blend")


def _along(taps: Sequence[Tap]) -> tuple[Offsets, npt.NDArray[np.float64]]:
    """For each position of an axis the pixels it reads, and their shares: one pixel alone where
    all positions lie on one."""
    low, high = (np.array([getattr(tap, end) for tap in taps], np.int64) for end in ("low", "high"))
    share = np.array([tap.fraction for tap in taps])
    if not share.any():
        return low[:, None], np.ones((len(taps), 1))
    return np.stack([low, high], 1), np.stack([1 - share, share], 1)
