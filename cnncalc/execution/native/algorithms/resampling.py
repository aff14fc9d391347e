"""Volumes read between pixels: every position a blend of the pixels around it, all axes at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.planes import over_planes
from cnncalc.execution.native.algorithms.pools import combined
from cnncalc.execution.native.kernels.records import ENTRY, record
from cnncalc.execution.native.making import Made, Making
from cnncalc.execution.native.schedule.layout import Offsets
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.operations import Tap


def blended(making: Making, task: Task) -> Made:
    """The pixels around a position on every axis, each with the product of its shares."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Resampling)
    (value,), output, grid = task.inputs, task.output, task.inputs[0].grid
    offsets, shares = np.zeros((1, 1), np.int64), np.ones((1, 1))
    for taps, stride, (before, _) in zip(o.taps, grid.strides, grid.halo, strict=True):
        places, own = _along(taps)
        offsets = combined(offsets, (places + before) * stride, np.add)
        shares = combined(shares, own, np.multiply)
    reads = making.tables.words(offsets.reshape(-1))
    weights = making.tables.keep(shares.astype(np.float32))
    kernel = making.library.address("pointwise", "blend")
    # Images differ in where they lie alone: an entry for each, and tables for one.
    entries = [
        record(
            ENTRY,
            kernels=kernel,
            input=source + image * grid.image_bytes,
            output=target + image * output.grid.image_bytes,
            reads=reads,
            weights=weights,
            count=offsets.shape[1],
        )
        for source, target in zip(making.planes(value), making.planes(output), strict=True)
        for image in range(grid.batch)
    ]
    return Made([over_planes(making, task, entries, len(offsets))], "blend")


def _along(taps: Sequence[Tap]) -> tuple[Offsets, npt.NDArray[np.float64]]:
    """For each position of an axis the pixels it reads, and their shares: one pixel alone where
    all positions lie on one."""
    low, high = (np.array([getattr(tap, end) for tap in taps], np.int64) for end in ("low", "high"))
    share = np.array([tap.fraction for tap in taps])
    if not share.any():
        return low[:, None], np.ones((len(taps), 1))
    return np.stack([low, high], 1), np.stack([1 - share, share], 1)
