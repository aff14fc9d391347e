"""Operations that move numbers, and those that make one volume of several.

x is (N, *spatial, C).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.operations import Merging
from cnncalc.execution.weights import Array
from cnncalc.volume import Volume

_PAIRWISE = {
    Merging.ADD: np.add,
    Merging.MULTIPLY: np.multiply,
    Merging.SUBTRACT: np.subtract,
    Merging.MAXIMUM: np.maximum,
    Merging.MINIMUM: np.minimum,
    Merging.AVERAGE: np.add,
}


def merge(o: op.Merge, xs: Sequence[Array]) -> Array:
    """Branch after branch; a mean is the sum over their number."""
    merged: Array = reduce(_PAIRWISE[o.how], xs)
    return merged / xs[0].dtype.type(len(xs)) if o.how is Merging.AVERAGE else merged


def concatenation(xs: Sequence[Array]) -> Array:
    return np.concatenate(xs, axis=-1)


def joining(o: op.Joining, xs: Sequence[Array]) -> Array:
    return np.concatenate(xs, axis=1 + o.axis)


def rearrangement(o: op.Rearrangement, x: Array, out: Volume) -> Array:
    moved = x.reshape(len(x), *o.split).transpose(0, *(axis + 1 for axis in o.axes))
    return moved.reshape(len(x), *out)


def cut(o: op.Cut, x: Array) -> Array:
    return x[(slice(None), *(slice(*stretch) for stretch in o.ranges))]


def surround(o: op.Surround, x: Array) -> Array:
    return np.pad(x, [(0, 0), *o.ends], mode=o.edge.value)


def frame(o: op.Frame, x: Array) -> Array:
    return np.pad(x, [(0, 0), *o.ends], constant_values=o.value)


def resampling(o: op.Resampling, x: Array) -> Array:
    for axis, taps in enumerate(o.taps, start=1):
        low = x.take([tap.low for tap in taps], axis)
        if any(tap.fraction for tap in taps):
            high = x.take([tap.high for tap in taps], axis)
            shape = [1] * x.ndim
            shape[axis] = len(taps)
            fraction = np.array([tap.fraction for tap in taps], x.dtype).reshape(shape)
            low = low * (1 - fraction) + high * fraction
        x = low
    return x


def weighting(o: op.Weighting, x: Array) -> Array:
    for axis, taps in enumerate(o.taps, start=1):
        share = np.zeros((len(taps), x.shape[axis]), x.dtype)
        for position, read in enumerate(taps):
            for pixel, weight in read:
                share[position, pixel] += weight
        x = np.moveaxis(np.moveaxis(x, axis, -1) @ share.T, -1, axis)
    return x
