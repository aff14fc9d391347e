"""Rows that a band needs, held to the windows written out."""

from __future__ import annotations

from itertools import product

from cnncalc.execution import operations as op
from cnncalc.execution.native.banding import Bands, Span, chained, needed, read_by
from cnncalc.execution.native.fusing import Job, fused
from cnncalc.execution.plan import Step, plan
from cnncalc.geometry import Window
from tests.execution.networks import graph
from tests.networks import written
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


@together(("channels", "banded"), [(1030, True), (1031, False)])
def test_weights_that_outweigh_what_is_saved(channels: int, banded: bool) -> None:
    """Of n positions and c channels 2nc numbers lie between the stages, and 2c² + 9c weights
    are read for every band: the first are twice as many up to c = (n - 9)/2, which is
    1030.5 for 45 x 46."""
    convolutions = [
        {"conv": {"filters": channels, "kernel": kernel, "padding": kernel // 2,
                  "groups": channels if kernel == 3 else 1, "bias": False}}
        for kernel in (1, 3, 1)
    ]  # fmt: skip
    todo = plan(graph(written([45, 46, channels], *convolutions)))
    jobs = chained(todo, fused(todo), 1)
    assert [len(job.stages) for job in jobs] == ([3] if banded else [1, 1, 1])
