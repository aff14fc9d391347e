"""What slides: the pixels under one tap of all windows at once, and zeros around a volume.

Arrays are (N, *spatial, C).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from cnncalc.execution.weights import Array
from cnncalc.geometry import Window

Taps = tuple[int, ...]
"""A place in the kernel: a number for every axis."""


def taps(windows: Sequence[Window]) -> Iterator[Taps]:
    """Every place in the kernel."""
    return product(*(range(w.kernel) for w in windows))


def surrounded(
    x: Array, windows: Sequence[Window], positions: Sequence[int], filling: float
) -> Array:
    """The volume with all that the windows reach into around it: the padding, and what a window
    that hangs over the end finds there."""
    ends = []
    for w, width, n in zip(windows, x.shape[1:-1], positions, strict=True):
        reached = (n - 1) * w.stride + w.effective
        ends.append((w.before, max(reached - w.before - width, 0)))
    return np.pad(x, [(0, 0), *ends, (0, 0)], constant_values=filling)


def under(padded: Array, windows: Sequence[Window], positions: Sequence[int], tap: Taps) -> Array:
    """What tap `tap` of each window sees: (N, *positions, C)."""
    slices = []
    for w, n, t in zip(windows, positions, tap, strict=True):
        start = t * w.dilation
        slices.append(slice(start, start + (n - 1) * w.stride + 1, w.stride))
    return padded[(slice(None), *slices)]
