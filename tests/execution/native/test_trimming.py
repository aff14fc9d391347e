"""Taps that only reach zeros: which these are, held to a list of all places, and what is left."""

from __future__ import annotations

from itertools import product

import pytest

from cnncalc.execution import operations as op
from cnncalc.execution.native.schedule.trimming import trimmed
from cnncalc.geometry import Window
from tests.execution.native import programs
from tests.execution.native.driving import LANES
from tests.networks import Item, written
from tests.together import together

WINDOWS = [
    (Window(kernel, stride, padding, padding, dilation), width)
    for kernel, stride, padding, dilation, width in product(
        (1, 2, 3, 4), (1, 2, 3), (0, 1, 3, 6), (1, 2, 5), (1, 3, 7)
    )
    if width + 2 * padding >= dilation * (kernel - 1) + 1
]


def places(w: Window, tap: int, width: int) -> list[int]:
    """The pixels that a tap reads, those outside the volume left out."""
    positions = (width + w.before + w.after - w.effective) // w.stride + 1
    found = [o * w.stride - w.before + tap * w.dilation for o in range(positions)]
    return [pixel for pixel in found if 0 <= pixel < width]


@together(("window", "width"), WINDOWS)
def test_what_is_kept_reads_what_all_taps_read(window: Window, width: int) -> None:
    positions = (width + window.before + window.after - window.effective) // window.stride + 1
    o, taps = trimmed(op.Convolution((window,)), (width,), (positions,))
    (found,) = o.windows
    kept = range(window.kernel)[taps[0]] if taps else range(window.kernel)
    assert len(kept) == found.kernel
    for tap in range(window.kernel):
        reads = places(window, tap, width)
        if tap not in kept:
            assert reads == []
            continue
        of = found._replace(after=(positions - 1) * found.stride + found.effective - width
                            - found.before)  # fmt: skip
        assert places(of, tap - kept[0], width) == reads
        assert found.before >= 0
        assert found.after >= 0


def test_of_a_pyramid_one_tap_in_nine_is_left() -> None:
    """A window of 3x3 with a dilation of 36 over 14x14 pixels, as DeepLab has it."""
    window = Window(3, 1, 36, 36, 36)
    o, taps = trimmed(op.Convolution((window, window)), (14, 14), (14, 14))
    assert o.windows == (Window(1), Window(1))
    assert taps == (slice(1, 2), slice(1, 2))


DILATED: list[tuple[list[int], Item]] = [
    ([5, 4, 6], {"conv": {"filters": 5, "kernel": 3, "dilation": 6, "padding": 6}}),
    ([5, 4, 6], {"conv": {"filters": 5, "kernel": 3, "dilation": [2, 6], "padding": [2, 6]}}),
    ([6, 5, 8], {"depthwise_conv": {"kernel": 3, "dilation": 7, "padding": 7}}),
    ([6, 5, 8], {"conv": {"filters": 8, "kernel": 3, "dilation": 5, "padding": 5, "groups": 2}}),
    ([7, 7, 3], {"conv": {"filters": 4, "kernel": 5, "dilation": 4, "padding": 8, "stride": 2}}),
]


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize(("volume", "item"), DILATED)
def test_the_same_comes_out_of_fewer_multiplications(
    volume: list[int], item: Item, lanes: int
) -> None:
    program = programs.hold(written(volume, item, "relu"), lanes)
    executed = sum(seen.macs for seen in program.observed())
    counted = sum(node.inferred.macs for node in program.schedule.plan.graph.nodes)
    assert 0 < executed < 2 * counted
