"""Merges: broadcasting against a loop, one operation for each output element and further branch."""

from __future__ import annotations

from itertools import product

import pytest

from cnncalc.report.report import Row
from tests.networks import error, report
from tests.slowness import slow_but

KINDS = ("add", "multiply", "maximum", "minimum", "average")


def merged(kind: str, *volumes: list[int]) -> Row:
    """The merge of several inputs."""
    names = [f"input{number}" for number in range(len(volumes))]
    return report(dict(zip(names, volumes, strict=True)), {kind: names}).rows[-1]


def spread_out(volumes: list[list[int]]) -> tuple[int, ...] | None:
    """What broadcasting makes of equally many axes: each index read wherever it is, or at 0 on an
    axis of 1. None where an index has no counterpart."""
    box = tuple(max(axes) for axes in zip(*volumes, strict=True))
    for index in product(*map(range, box)):
        for volume in volumes:
            if any(i >= n != 1 for i, n in zip(index, volume, strict=True)):
                return None
    return box


SMALL = [list(axes) for axes in product((1, 2, 3), repeat=2)]


@pytest.mark.parametrize("kind", slow_but(("add", "subtract"), [*KINDS, "subtract"]))
def test_volumes_are_equal_or_broadcast(kind: str) -> None:
    for volumes in product(SMALL, repeat=2):
        output = spread_out(list(volumes))
        names = {"left": volumes[0], "right": volumes[1]}
        if output is None:
            assert error(names, {kind: ["left", "right"]}) == "shape-mismatch"
        else:
            assert merged(kind, *volumes).output_shape == output


@pytest.mark.parametrize("branches", range(2, 5))
def test_operations(branches: int) -> None:
    volumes = [[3, 4, 2]] * branches
    elements = len(list(product(range(3), range(4), range(2))))
    for kind in ("add", "multiply", "maximum", "minimum"):
        assert merged(kind, *volumes).flops == (branches - 1) * elements
    assert merged("average", *volumes).flops == branches * elements  # the division
    assert merged("concat", *volumes).flops == 0


def test_operations_are_those_on_the_volume_after_broadcasting() -> None:
    assert merged("multiply", [3, 4, 2], [1, 1, 2]).flops == 24
    assert merged("add", [3, 1, 2], [1, 4, 2]).flops == 24


def test_merges_learn_nothing() -> None:
    for kind in (*KINDS, "subtract", "concat"):
        reported = merged(kind, [3, 4, 2], [3, 4, 2])
        assert (reported.params, reported.state, reported.macs) == (0, 0, 0)


@pytest.mark.parametrize("spatial", [[], [5], [3, 4], [2, 3, 4]])
def test_concat_sums_channels(spatial: list[int]) -> None:
    channels = (1, 5, 2)
    assert merged("concat", *([*spatial, c] for c in channels)).output_shape == (*spatial, 8)


def test_subtract_has_two_sides() -> None:
    assert merged("subtract", [3, 4, 2], [3, 4, 2]).flops == 24
    assert error([3, 4, 2], {"subtract": [[], [], []]}) == "bad-value"


@pytest.mark.parametrize("kind", [*KINDS, "subtract", "concat"])
def test_ranks_do_not_mix(kind: str) -> None:
    branches: list[object] = [[], [{"global_avg_pool": {}}]]
    assert error([3, 4, 2], {kind: branches}) == "shape-mismatch"


def test_concat_wants_equal_spatial_axes() -> None:
    assert error([4, 4, 2], {"concat": [[], [{"max_pool": 2}]]}) == "shape-mismatch"
    assert error([4, 4, 2], {"concat": [[], [{"adaptive_avg_pool": 1}]]}) == "shape-mismatch"


def test_concat_along_an_axis_counts_its_indices() -> None:
    for axis, volumes in product(range(3), product([1, 2, 4], repeat=2)):
        sides = [[3, 3, 3], [3, 3, 3]]
        for side, length in zip(sides, volumes, strict=True):
            side[axis] = length
        item = {"concat": {"branches": ["a", "b"], "axis": axis - 3}}
        told = report(dict(zip("ab", sides, strict=True)), item).rows[-1]
        indices = [(branch, i) for branch, n in enumerate(volumes) for i in range(n)]
        expected = [3, 3, 3]
        expected[axis] = len(indices)
        assert (told.output_shape, told.flops) == (tuple(expected), 0)
