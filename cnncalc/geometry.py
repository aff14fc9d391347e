"""The window that slides: THE (W - F + 2P)/S + 1, once, for everything that slides.

Integers only. One `Window` serves one axis; layers with two or three axes hold two or three.
Whole numbers in, whole numbers out: layers, options and messages are elsewhere.
"""

from __future__ import annotations

from enum import StrEnum
from math import gcd
from typing import NamedTuple


class Rounding(StrEnum):
    """What a stride that does not fit means."""

    EXACT = "exact"
    FLOOR = "floor"
    CEIL = "ceil"


class KernelTooLarge(ValueError):
    """The effective kernel exceeds the padded width."""


class StrideMisfit(ValueError):
    """The last window does not end where the padded width does."""


class Window(NamedTuple):
    """A kernel on its way along one axis.

    `kernel` F taps, `stride` S, `before` and `after` the zero padding at either end,
    `dilation` D between taps. All in pixels of the layer's own input.
    """

    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1

    @classmethod
    def same(cls, width: int, kernel: int, stride: int = 1, dilation: int = 1) -> Window:
        """TensorFlow's `same`: ceil(W/S) positions, the odd pixel of padding goes to the end.

        https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
        """
        positions = -(-width // stride)
        effective = dilation * (kernel - 1) + 1
        total = max((positions - 1) * stride + effective - width, 0)
        return cls(kernel, stride, total // 2, total - total // 2, dilation)

    @property
    def effective(self) -> int:
        """E = D(F - 1) + 1: the pixels from the first tap to the last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padding(self) -> int:
        """Both ends together."""
        return self.before + self.after

    def travel(self, width: int) -> int:
        """W - E + P0 + P1: how far the window can move; negative where it is too large."""
        return width - self.effective + self.before + self.after

    def positions(self, width: int, rounding: Rounding = Rounding.EXACT) -> int:
        """Number of windows along an axis of `width` pixels: (W - E + P0 + P1)/S + 1.

        Rounded up, a last window that would start in the trailing padding is dropped, and one
        that is larger than the padded width by less than a stride is taken, as PyTorch
        (`pooling_output_shape`) does. Raises `KernelTooLarge`, and `StrideMisfit` for a remainder
        where rounding is exact.
        """
        travel = self.travel(width)
        if travel < 0 and (rounding is not Rounding.CEIL or travel <= -self.stride):
            raise KernelTooLarge
        steps, remainder = divmod(travel, self.stride)
        if remainder and rounding is Rounding.EXACT:
            raise StrideMisfit
        if remainder and rounding is Rounding.CEIL:
            starts_in_padding = (steps + 1) * self.stride >= width + self.before
            return steps + 1 if starts_in_padding else steps + 2
        return steps + 1

    def unread(self, width: int, positions: int) -> int:
        """Pixels at the end of the axis (padding aside) that lie after the last window."""
        end = (positions - 1) * self.stride + self.effective - self.before
        return min(max(width - end, 0), width)

    @property
    def has_gaps(self) -> bool:
        """Whether pixels stay unread however many windows there are: the taps, D apart, meet fewer
        than S places modulo S."""
        return min(self.kernel, self.stride // gcd(self.dilation, self.stride)) < self.stride

    def read(self, width: int, positions: int) -> int:
        """Pixels of the axis (padding aside) that one window at least reads.

        Takes one step for each tap of a dilated kernel.
        """
        if self.dilation == 1 and self.kernel >= self.stride:
            return width - self.unread(width, positions)
        if self.dilation == 1:
            return self._covered(width, positions) - self._covered(0, positions)
        period = self.stride // gcd(self.dilation, self.stride)
        turn = self.dilation * period // self.stride
        total = 0
        for first in range(min(self.kernel, period)):
            # Taps a period apart read the same row of pixels, `turn` windows further on.
            start, seen = first * self.dilation - self.before, 0
            for block in range((self.kernel - 1 - first) // period + 1):
                begin = max(block * turn, seen)
                seen = block * turn + positions
                total += self._inside(width, start, begin, seen)
        return total

    def _covered(self, end: int, positions: int) -> int:
        """Pixels in front of `end`, leading padding included, that windows without dilation read;
        they must not overlap."""
        whole, rest = divmod(end + self.before, self.stride)
        return min(whole, positions) * self.kernel + (
            min(rest, self.kernel) if whole < positions else 0
        )

    def _inside(self, width: int, start: int, begin: int, end: int) -> int:
        """How many of the pixels start + S·i with begin <= i < end lie on the axis."""
        first = max(begin, -(start // self.stride))
        last = min(end, -((start - width) // self.stride))
        return max(last - first, 0)

    def spread(self, width: int, output_padding: int = 0) -> int:
        """Width after a transposed window: (W - 1)S - P0 - P1 + D(F - 1) + output_padding + 1.

        May be zero or negative, which the caller refuses.
        """
        return (width - 1) * self.stride - self.padding + self.effective + output_padding
