"""Inverted residuals in bands of rows: however narrow the bands, whatever lies at the edges."""

from __future__ import annotations

import pytest

from cnncalc.execution.native import banding
from cnncalc.execution.native.banding import Bands, Span
from tests.execution.native.driving import LANES, OWN
from tests.execution.native.programs import algorithms, hold
from tests.networks import Item, written
from tests.together import together


@pytest.fixture(params=[1, 3_000], ids=["one row", "some rows"])
def cache_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Whatever can be done in bands is, and they have so much room."""
    monkeypatch.setattr(banding, "WORTH_BYTES", 0)
    monkeypatch.setattr(banding, "TIMES_WEIGHTS", 0)
    monkeypatch.setattr(banding, "CACHE_BYTES", request.param)
    room: int = request.param
    return room


def pointwise(filters: int, **options: object) -> Item:
    return {"conv": {"filters": filters, "kernel": 1, **options}}


def depthwise(kernel: object, padding: object = 0, **options: object) -> Item:
    return {
        "depthwise_conv": {"kernel": kernel, "padding": padding, "rounding": "floor", **options}
    }


CASES: dict[str, tuple[list[int], list[Item]]] = {
    "three stages": (
        [9, 7, 3],
        [pointwise(19, activation="relu6"), depthwise(3, 1, activation="relu6"), pointwise(5)],
    ),
    "by two": ([9, 8, 4], [pointwise(8), depthwise(3, 1, stride=2), pointwise(17)]),
    "by three, more padding than needed": (
        [8, 9, 4], [pointwise(8), depthwise(2, 2, stride=3), pointwise(3)],
    ),
    "ends of other lengths": (
        [8, 6, 4], [pointwise(6), depthwise(5, [[1, 3], [4, 0]]), pointwise(3)],
    ),
    "taps apart": ([11, 9, 4], [pointwise(6), depthwise(3, 2, dilation=2), pointwise(3)]),
    "rows left over": ([9, 9, 4], [pointwise(6), depthwise(2, 0, stride=3), pointwise(3)]),
    "windows over the end": (
        [9, 9, 4], [pointwise(6), depthwise(2, 0, stride=3, rounding="ceil"), pointwise(3)],
    ),
    "windows behind the volume": ([2, 3, 4], [pointwise(6), depthwise(2, 1), pointwise(3)]),
    "without the first": ([9, 7, 20], [depthwise(3, 1, activation="relu"), pointwise(5)]),
    "without the last": ([9, 7, 3], [pointwise(20), depthwise(3, 1), {"max_pool": 1}]),
    "a function between": (
        [9, 7, 3],
        [pointwise(20, activation="hard_swish"), depthwise(3, 1), "leaky_relu", pointwise(5)],
    ),
    "a shortcut": ([9, 7, 6], [{"add": [[pointwise(12), depthwise(3, 1), pointwise(6)], []]}]),
    "a shortcut, then a function": (
        [9, 7, 6], [{"add": [[], [pointwise(12), depthwise(3, 1), pointwise(6)]]}, "relu"],
    ),
    "a function, then a shortcut": (
        [9, 7, 6], [{"add": [[pointwise(12), depthwise(3, 1), pointwise(6), "relu"], []]}],
    ),
    "a shortcut around the depthwise": (
        [9, 7, 6], [{"add": [[pointwise(6), depthwise(3, 1)], []]}, pointwise(4)],
    ),
    "one behind the other": (
        [9, 7, 6], [pointwise(12), depthwise(3, 1), pointwise(9), depthwise(3, 1), pointwise(6)],
    ),
    "of a view": (
        [5, 7, 9], [{"slice": [2, 8]}, pointwise(9), depthwise(3, 1), pointwise(6)],
    ),
    "three axes": ([5, 4, 6, 3], [pointwise(6), depthwise(3, 1, stride=2), pointwise(5)]),
    "separable": ([9, 7, 6], [{"separable_conv": {"filters": 5, "kernel": 3}}, "relu"]),
}  # fmt: skip


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("case", CASES)
def test_bands(case: str, lanes: int, cache_bytes: int) -> None:
    volume, items = CASES[case]
    batch, threads = (1, 3) if cache_bytes == 1 else (2, 2)
    program = hold(written(volume, *items), lanes, batch, threads, error=1e-6)
    assert "depth-first" in algorithms(program)


@pytest.mark.parametrize("lanes", LANES)
def test_an_axis_alone_has_no_rows(lanes: int, cache_bytes: int) -> None:
    items = [pointwise(12), depthwise(3, 1), pointwise(6)]
    assert "depth-first" not in algorithms(hold(written([9, 6], *items), lanes))


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("threads", [1, 2, 9])
def test_more_threads_than_rows(threads: int, lanes: int, cache_bytes: int) -> None:
    items = [pointwise(12), depthwise(3, 1), pointwise(6)]
    for batch in (1, 4):
        hold(written([3, 4, 6], *items), lanes, batch, threads)


def test_what_others_read_is_made_as_a_whole(cache_bytes: int) -> None:
    named: list[Item] = [
        {"name": "a", "conv": {"filters": 6, "kernel": 1}},
        {"name": "b", "depthwise_conv": {"kernel": 3, "padding": 1}},
        {"name": "c", "conv": {"filters": 6, "kernel": 1}},
    ]
    for outputs in (["c"], ["a", "c"], ["b", "c"]):
        hold(written([6, 5, 4], *named, outputs=outputs), OWN)
    hold(written([6, 5, 4], *named, {"add": ["a", "b", "c"]}), OWN)


@together("of", range(1, 12))
@together("rows", range(1, 12))
def test_bands_cover_all_rows_once(rows: int, of: int) -> None:
    spans = Bands(rows, of).spans
    assert [row for span in spans for row in range(*span)] == list(range(of))


@together("start", range(-4, 8))
@together("length", range(1, 6))
def test_the_part_of_a_span_in_a_volume(start: int, length: int) -> None:
    """What is left before and behind it are the rows outside."""
    span, rows = Span(start, start + length), 4
    inside = span.within(rows)
    assert list(range(*inside)) == [row for row in range(*span) if 0 <= row < rows]
    assert span.start <= inside.start <= inside.stop <= span.stop
