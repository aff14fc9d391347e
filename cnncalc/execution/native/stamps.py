"""Transposed windows seen from what they make: which taps reach a position, and from which pixels.

Output position o is reached by tap t from pixel i where o + before = i·stride + t·dilation. So only
taps reach it that leave the remainder of o + before when t·dilation is divided by the stride: the
positions of a remainder are a convolution of stride 1 with some of the taps, mirrored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.geometry import Window


class Residue(NamedTuple):
    """Along an axis, the output positions of one remainder."""

    positions: range
    begin: int
    """The pixel from which the first position counts; that of the next one is the next pixel."""
    taps: tuple[int, ...]
    steps: tuple[int, ...]
    """Pixels from there to the one that each tap comes from: zero or less."""

    def reached(self, width: int) -> tuple[int, int]:
        """Pixels before and behind an axis from which taps would come."""
        if not self.taps:
            return 0, 0
        last = self.begin + len(self.positions) - 1 + max(self.steps)
        return max(-self.begin - min(self.steps), 0), max(last - (width - 1), 0)


def residues(w: Window, positions: int) -> Iterator[Residue]:
    """All that have positions among the first so many. Where the stride is larger than the kernel
    some have no taps."""
    for remainder in range(w.stride):
        first = (remainder - w.before) % w.stride
        own = range(first, positions, w.stride)
        if not own:
            continue
        taps = [t for t in range(w.kernel) if t * w.dilation % w.stride == remainder]
        steps = [(remainder - t * w.dilation) // w.stride for t in taps]
        yield Residue(own, (first + w.before) // w.stride, tuple(taps), tuple(steps))
