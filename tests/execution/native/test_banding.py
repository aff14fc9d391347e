"""Rows that a band needs, held to the windows written out."""

from __future__ import annotations

from itertools import product

import pytest

from cnncalc.execution import operations as op
from cnncalc.execution.native.schedule.banding import Bands, Span, needed, read_by
from cnncalc.execution.native.schedule.fusing import Job
from cnncalc.execution.native.schedule.schedule import schedule
from cnncalc.execution.plan import Step
from cnncalc.geometry import Window
from tests.execution.native import programs
from tests.networks import Item, written
from tests.together import together

WINDOWS = [
    Window(kernel, stride, before, 0, dilation)
    for kernel, stride, before, dilation in product((1, 2, 3), (1, 2, 3), (0, 1, 2), (1, 2))
]


def rows(window: Window, span: Span) -> set[int]:
    """The rows under the taps of the windows at these rows, and those between them."""
    taps = {
        o * window.stride - window.before + t * window.dilation
        for o in range(span.start, span.stop)
        for t in range(window.kernel)
    }
    return set(range(min(taps), max(taps) + 1))


@together("window", WINDOWS)
def test_rows_read(window: Window) -> None:
    for start, length in product(range(4), range(1, 4)):
        span = Span(start, start + length)
        assert set(range(*read_by(window, span))) == rows(window, span)


def test_rows_of_every_stage() -> None:
    """Of three stages the first two make what the one behind them reads."""
    windows = [Window(1), Window(3, 2, 1, 1), Window(1)]
    stages = [
        Job(Step(op.Convolution((window, Window(1))), (n,), n + 1, (n,), {}), n + 1, (n,))
        for n, window in enumerate(windows)
    ]
    job = stages[-1]._replace(before=tuple(stages[:-1]))
    assert needed(job, Span(2, 4)) == [Span(3, 8), Span(2, 4), Span(2, 4)]


@together(("each", "of"), list(product(range(1, 6), range(1, 12))))
def test_bands_cover_every_row_once(each: int, of: int) -> None:
    spans = Bands(each, of).spans
    assert [row for span in spans for row in range(*span)] == list(range(of))


def separable(side: int, channels: int, filters: int) -> str:
    items: list[Item] = [
        {"conv": {"filters": channels, "kernel": 1}},
        {"depthwise_conv": {"kernel": 3, "padding": 1}},
        {"conv": {"filters": filters, "kernel": 1}},
    ]
    return written([side, side, channels // 4], *items)


@pytest.mark.parametrize(
    ("side", "channels", "batch", "banded"),
    [
        # 2 MB between three stages, 19 KB of weights.
        (56, 96, 1, True),
        # 9 MB in a batch, of which bands save 19 in all; 220 KB of weights for each of 8 images.
        (14, 384, 8, True),
        # 2.1 MB, and 2.7 MB of weights that a second band would read again.
        (19, 728, 1, False),
        (19, 728, 8, False),
    ],
)
def test_heavy_weights_are_not_read_again_for_each_band(
    side: int, channels: int, batch: int, banded: bool
) -> None:
    todo = programs.planned(separable(side, channels, channels if not banded else 24))[0]
    tasks = schedule(todo, batch, 8, 1).tasks
    assert [task.bands is not None for task in tasks] == ([True] if banded else [False] * 3)
