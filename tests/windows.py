"""Windows along one axis, listed one at a time: the slow answer that all arithmetic is held to.

Pixels are numbered from 0; what is below 0 or from the width on is padding. No formula of the
package stands here.
"""

from __future__ import annotations


class TooLarge(Exception):
    """Not one window fits."""


class Misfit(Exception):
    """Pixels are left over behind the last window."""


def taps(kernel: int, dilation: int = 1) -> list[int]:
    """Where a kernel's taps stand, seen from the first."""
    return [tap * dilation for tap in range(kernel)]


def windows(
    width: int,
    kernel: int,
    stride: int = 1,
    before: int = 0,
    after: int = 0,
    dilation: int = 1,
    rounding: str = "exact",
) -> list[list[int]]:
    """The pixels of every window. Raises `TooLarge`, and `Misfit` where rounding is exact."""
    offsets = taps(kernel, dilation)
    listed: list[list[int]] = []
    start, end = -before, width + after
    while start + offsets[-1] < end:
        listed.append([start + offset for offset in offsets])
        start += stride
    if not listed:
        if rounding == "ceil" and start + offsets[-1] - (end - 1) < stride:
            return [[start + offset for offset in offsets]]
        raise TooLarge
    left_over = end - 1 - listed[-1][-1]
    if left_over and rounding == "exact":
        raise Misfit
    if left_over and rounding == "ceil" and start < width:
        listed.append([start + offset for offset in offsets])
    return listed


def same_padding(width: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """TensorFlow's `SAME`, in its own words: tf.nn, "Notes on padding"."""
    span = taps(kernel, dilation)[-1] + 1
    over = stride if width % stride == 0 else width % stride
    total = max(span - over, 0)
    return total // 2, total - total // 2


def adaptive_windows(width: int, size: int) -> list[range]:
    """The windows that share an axis out evenly, as PyTorch's AdaptiveAvgPool documents them."""
    return [range(o * width // size, -(-(o + 1) * width // size)) for o in range(size)]
