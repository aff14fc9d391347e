"""Windows as other runtimes ask for them: padding at both ends, and which of their modes fits.

The windows are resolved and stay as they are; nothing here decides how many positions there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.geometry import Window
from cnncalc.volume import Volume


class Slide(NamedTuple):
    """A window on its way along one axis of `width` pixels, with `positions` results."""

    kernel: int
    stride: int
    dilation: int
    before: int
    width: int
    positions: int

    @property
    def effective(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    @property
    def after(self) -> int:
        """Pixels that the last window reaches behind the volume."""
        reached = (self.positions - 1) * self.stride + self.effective
        return max(reached - self.before - self.width, 0)

    @property
    def symmetric(self) -> bool:
        """Whether as much padding behind as before gives the same positions."""
        travel = self.width + 2 * self.before - self.effective
        return travel // self.stride + 1 == self.positions

    @property
    def symmetric_rounded_up(self) -> bool:
        """The same where a last window may hang over, unless it starts in the padding."""
        steps = -(-(self.width + 2 * self.before - self.effective) // self.stride)
        if steps * self.stride >= self.width + self.before:
            steps -= 1
        return steps + 1 == self.positions

    @property
    def ends(self) -> tuple[int, int]:
        """Padding before and behind, the same at both ends where that will do."""
        return self.before, self.before if self.symmetric else self.after

    def found(self, low: int, high: int) -> tuple[int, ...]:
        """How many pixels from `low` to `high` each window finds."""
        starts = [o * self.stride - self.before for o in range(self.positions)]
        return tuple(min(s + self.kernel, high) - max(s, low) for s in starts)

    @property
    def inside(self) -> tuple[int, ...]:
        """What an average divides by where padding does not count."""
        return self.found(0, self.width)

    @property
    def padded(self) -> tuple[int, ...]:
        """What it divides by where the padding before counts, and as much behind."""
        return self.found(-self.before, self.width + self.before)

    @property
    def whole(self) -> tuple[int, ...]:
        """What it divides by where all that a window reaches counts."""
        return (self.kernel,) * self.positions


def slides(windows: Sequence[Window], volume: Volume, positions: Sequence[int]) -> list[Slide]:
    """One for each axis."""
    axes = zip(windows, volume.spatial, positions, strict=True)
    return [Slide(w.kernel, w.stride, w.dilation, w.before, width, n) for w, width, n in axes]


class Stamp(NamedTuple):
    """A transposed window along one axis of `width` pixels: pixel i leaves its mark on positions
    i·stride − before and on, of which the first `positions` are kept."""

    kernel: int
    stride: int
    dilation: int
    before: int
    width: int
    positions: int

    @property
    def reached(self) -> int:
        """Positions that marks are left on, those before the first one included."""
        return (self.width - 1) * self.stride + self.dilation * (self.kernel - 1) + 1

    @property
    def after(self) -> int:
        """Positions behind the last one that is kept; fewer than none where that has no mark."""
        return self.reached - self.before - self.positions


def stamps(windows: Sequence[Window], volume: Volume, positions: Sequence[int]) -> list[Stamp]:
    """One for each axis."""
    axes = zip(windows, volume.spatial, positions, strict=True)
    return [Stamp(w.kernel, w.stride, w.dilation, w.before, width, n) for w, width, n in axes]
