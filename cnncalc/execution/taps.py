"""What a position of a resampled axis reads of the axis before, every `step` pixels."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor

from cnncalc.execution.operations import Tap


def nearest(width: int, positions: int, step: Fraction) -> Iterable[Tap]:
    """Position o reads pixel ⌊o·step⌋."""
    for o in range(positions):
        pixel = min(floor(o * step), width - 1)
        yield Tap(pixel, pixel, 0.0)


def nearest_exact(width: int, positions: int, step: Fraction) -> Iterable[Tap]:
    """Position o reads pixel ⌊(o + 1/2)·step⌋."""
    for o in range(positions):
        pixel = min(floor((2 * o + 1) * step / 2), width - 1)
        yield Tap(pixel, pixel, 0.0)


def linear(width: int, positions: int, step: Fraction) -> Iterable[Tap]:
    """Pixels have their centres at halves: o reads at (o + 1/2)·step − 1/2, inside the axis."""
    for o in range(positions):
        place = max(((2 * o + 1) * step - 1) / 2, Fraction(0))
        low = min(floor(place), width - 1)
        yield Tap(low, min(low + 1, width - 1), float(place - low))


Weights = tuple[tuple[tuple[int, float], ...], ...]
"""For each position the pixels it reads, and what they weigh."""

CUBIC = -0.75
"""Keys' parameter a, as PyTorch and OpenCV have it."""


def cubic(width: int, positions: int, step: Fraction) -> Weights:
    """The four pixels around (o + 1/2)·step − 1/2 by Keys' cubic (1981), the border repeated."""

    def weight(distance: float) -> float:
        x = abs(distance)
        if x <= 1:
            return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1
        return (((x - 5) * x + 8) * x - 4) * CUBIC

    axis = []
    for o in range(positions):
        place = ((2 * o + 1) * step - 1) / 2
        low = floor(place)
        axis.append(
            tuple(
                (min(max(pixel, 0), width - 1), weight(float(place - pixel)))
                for pixel in range(low - 1, low + 3)
            )
        )
    return tuple(axis)
