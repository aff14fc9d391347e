"""Pools over windows and over stretches of the axes. x is (N, *spatial, C)."""

from __future__ import annotations

from itertools import product

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.reference.windows import surrounded, taps, under
from cnncalc.execution.weights import Array
from cnncalc.volume import Volume


def window_pool(o: op.WindowPool, x: Array, out: Volume) -> Array:
    """The largest of what the taps see, where nothing outside the volume is larger than what is
    inside; or their sum over the divisors, where what is outside is zero."""
    largest = o.divisors is None
    nothing = -np.inf if largest else 0.0
    padded = surrounded(x, o.windows, out.spatial, nothing)
    y = np.full((len(x), *out), nothing, x.dtype)
    for tap in taps(o.windows):
        seen = under(padded, o.windows, out.spatial, tap)
        y = np.maximum(y, seen) if largest else y + seen
    for axis, divisors in enumerate(o.divisors or ()):
        shape = [1] * y.ndim
        shape[axis + 1] = len(divisors)
        y = y / np.array(divisors, y.dtype).reshape(shape)
    return y


def span_pool(o: op.SpanPool, x: Array, out: Volume) -> Array:
    """Position by position, the mean or the largest of its stretch."""
    axes = tuple(range(1, x.ndim - 1))
    positions = tuple(len(spans) for spans in o.spans)
    y = np.empty((len(x), *positions, out.channels), x.dtype)
    for spans, position in zip(product(*o.spans), np.ndindex(positions), strict=True):
        part = x[(slice(None), *(slice(start, stop) for start, stop in spans))]
        summary = part.mean(axes, np.float64) if o.mean else part.max(axes)
        y[(slice(None), *position)] = summary
    return y.reshape(len(x), *out)


def reducing(o: op.Reducing, x: Array, out: Volume) -> Array:
    """Sums and means in double precision."""
    axes = tuple(1 + axis for axis in o.axes)
    if o.how in (op.Reduction.MEAN, op.Reduction.SUM):
        x64 = x.astype(np.float64)
        found = x64.mean(axes) if o.how is op.Reduction.MEAN else x64.sum(axes)
    else:
        found = x.max(axes) if o.how is op.Reduction.MAX else x.min(axes)
    result: Array = found.reshape(len(x), *out).astype(x.dtype, copy=False)
    return result
