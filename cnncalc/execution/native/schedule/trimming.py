"""Convolutions without the taps that only ever reach the zeros around a volume: those of windows
with a wide dilation over a small one, as the pyramids of DeepLab have them (Chen et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.execution import operations as op
from cnncalc.geometry import Window

Taps = tuple[slice, ...]
"""Those that are kept along every axis; none where all are."""


def trimmed(
    o: op.Convolution, widths: Sequence[int], positions: Sequence[int]
) -> tuple[op.Convolution, Taps]:
    """The convolution of the taps that are kept, which makes the same, and these."""
    both = [_axis(*axis) for axis in zip(o.windows, widths, positions, strict=True)]
    windows = tuple(window for window, _ in both)
    if windows == o.windows:
        return o, ()
    return o._replace(windows=windows), tuple(kept for _, kept in both)


def _axis(w: Window, width: int, positions: int) -> tuple[Window, slice]:
    live = [tap for tap in range(w.kernel) if _reaches(w, tap, width, positions)]
    low, stop = (live[0], live[-1] + 1) if live else (0, w.kernel)
    before = w.before - low * w.dilation
    if (low, stop) == (0, w.kernel) or before < 0:
        return w, slice(0, w.kernel)
    kernel = stop - low
    kept = Window(kernel, w.stride, before, 0, w.dilation if kernel > 1 else 1)
    after = (positions - 1) * w.stride + kept.effective - before - width
    return kept._replace(after=max(after, 0)), slice(low, stop)


def _reaches(w: Window, tap: int, width: int, positions: int) -> bool:
    """Whether a tap is over a pixel at any of the positions."""
    at = tap * w.dilation - w.before
    steps = max(-(at // w.stride), 0)  # to the first one that is not before the volume
    return steps < positions and at + steps * w.stride < width
