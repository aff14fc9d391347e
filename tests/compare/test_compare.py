"""Layers matched by name and structure, and what differs between them."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.compare.comparison import Comparison, Status, compare
from tests.networks import Item, written
from tests.together import together


def conv(filters: int, name: str | None = None) -> Item:
    item: dict[str, object] = {"conv": {"filters": filters, "kernel": 3, "padding": 1}}
    return {"name": name, **item} if name else item


def compared(before: list[Item], after: list[Item]) -> Comparison:
    volume = "8x8x3"
    return compare(cnncalc.loads(written(volume, *before)), cnncalc.loads(written(volume, *after)))


def reported(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Status and both names, same layers left out."""
    return [
        (
            str(match.status),
            match.before.name if match.before else "",
            match.after.name if match.after else "",
        )
        for match in comparison.matches
        if match.status is not Status.SAME
    ]


CASES: dict[str, tuple[list[Item], list[Item], list[tuple[str, str, str]]]] = {
    "nothing": ([conv(4), "relu"], [conv(4), "relu"], []),
    "an option": (
        [conv(4), "relu", {"dense": 2}],
        [conv(4), "relu", {"dense": 3}],
        [("changed", "dense1", "dense1")],
    ),
    "added in front: running names move": (
        [conv(8), "relu", conv(16), "relu"],
        [conv(3), conv(8), "relu", conv(16), "relu"],
        [("added", "", "conv1"), ("changed", "conv1", "conv2")],
    ),
    "removed from the middle": (
        [conv(4), "batch_norm", "relu"],
        [conv(4), "relu"],
        [("removed", "batch_norm1", ""), ("changed", "relu1", "relu1")],
    ),
    "renamed alike": (
        [conv(4, "a"), "relu", conv(5, "b")],
        [conv(4, "x"), "relu", conv(5, "b")],
        [("changed", "a", "x")],
    ),
    "another kind under the same name": (
        [conv(4), {"name": "act", "relu": {}}],
        [conv(4), {"name": "act", "gelu": {}}],
        [("changed", "act", "act")],
    ),
    "another kind": (
        [conv(4), "relu", {"dense": 2}],
        [conv(4), "gelu", {"dense": 2}],
        [("removed", "relu1", ""), ("added", "", "gelu1"), ("changed", "dense1", "dense1")],
    ),
    "at the end": ([conv(4)], [conv(4), "relu"], [("added", "", "relu1")]),
    "everything": (["relu"], ["gelu"], [("removed", "relu1", ""), ("added", "", "gelu1")]),
    "named layers that change places": (
        [{"name": "a", "relu": {}}, {"name": "b", "gelu": {}}],
        [{"name": "b", "gelu": {}}, {"name": "a", "relu": {}}],
        [("changed", "b", "b"), ("changed", "a", "a")],
    ),
}


@together(("before", "after", "expected"), CASES.values())
def test_matched(
    before: list[Item], after: list[Item], expected: list[tuple[str, str, str]]
) -> None:
    assert reported(compared(before, after)) == expected


def test_options_and_what_follows() -> None:
    comparison = compared([conv(4), "relu"], [conv(6), "relu"])
    first, second = comparison.matches
    assert [tuple(option) for option in first.options] == [("filters", 4, 6)]
    assert (first.params.before, first.params.after, first.params.change) == (112, 168, 56)
    assert first.params.share == 0.5
    assert first.macs.change == 64 * 27 * 2
    assert second.differs == ("input", "output", "flops", "activation_bytes")
    assert comparison.totals["params"].change == 56
    assert comparison.totals["layers"].change == 0
    assert not comparison.same


def test_sums_of_differences_are_the_differences_of_sums() -> None:
    comparison = cnncalc.diff("resnet18", "resnet50")
    for quantity in ("params", "macs"):
        changes = [getattr(match, quantity).change for match in comparison.matches]
        assert sum(changes) == comparison.totals[quantity].change
    counted = sum(map(comparison.count, Status))
    assert counted == len(comparison.matches)
    assert comparison.count(Status.UNKNOWN) == 0
    befores = [match.before for match in comparison.matches if match.before]
    afters = [match.after for match in comparison.matches if match.after]
    assert len(befores) == len(comparison.before.rows)
    assert tuple(afters) == comparison.after.rows


def test_a_broken_network_is_unknown_not_removed() -> None:
    comparison = compared([conv(4), "relu"], [{"conv": {"filters": 4, "kernel": 20}}, "relu"])
    assert comparison.totals["params"].change is None
    assert comparison.count(Status.REMOVED) == 0
    assert comparison.count(Status.UNKNOWN) == 2
    assert not comparison.same


def test_long_networks_are_matched_by_name() -> None:
    layers: list[Item] = ["relu"] * 1500
    comparison = compared([conv(4), *layers], ["gelu", conv(4), *layers, "gelu"])
    assert comparison.count(Status.ADDED) == 2
    assert comparison.count(Status.REMOVED) == 0


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "resnet50", "mobilenet_v2"])
def test_a_network_is_no_different_from_itself(name: str) -> None:
    comparison = cnncalc.diff(name, name)
    assert comparison.same
    assert not list(comparison.changed())
