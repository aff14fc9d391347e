"""Attention, embedding and matmul: what is learned and multiplied, head by head and pair by pair.

What they compute is held to PyTorch and Keras in tests/execution/test_kinds.py."""

from __future__ import annotations

from itertools import product

import pytest

from cnncalc.report.report import Row
from tests.networks import error, report, row
from tests.together import together

Counts = tuple[int, int, int, int]
"""Weights, biases, MACs, FLOPs."""


def counts(told: Row) -> Counts:
    return told.weights, told.biases, told.macs, told.flops


def walked(
    queries: tuple[int, int], keys: tuple[int, int], values: int, heads: int, dims: int,
    value_dims: int, units: int, bias: bool = True,
) -> Counts:  # fmt: skip
    """Attention position by position: (positions, channels) of queries and keys, the channels of
    values. Weights and biases are collected by their indices."""
    weights, biases = set(), set()
    macs = others = 0
    for name, positions, channels, made in (
        ("query", queries[0], queries[1], heads * dims),
        ("key", keys[0], keys[1], heads * dims),
        ("value", keys[0], values, heads * value_dims),
        ("output", queries[0], heads * value_dims, units),
    ):
        for _, unit in product(range(positions), range(made)):
            for channel in range(channels):
                weights.add((name, channel, unit))
                macs += 1
            if bias:
                biases.add((name, unit))
                others += 1
    for _ in product(range(heads), range(queries[0]), range(keys[0])):
        macs += len(range(dims)) + len(range(value_dims))
        others += len(["scale", "exponential", "sum", "division"])
    return len(weights), len(biases), macs, 2 * macs + others


@pytest.mark.parametrize("volume", [[5, 6], [2, 3, 6], [2, 1, 2, 6]])
def test_a_volume_attends_to_itself(volume: list[int]) -> None:
    positions = len(list(product(*map(range, volume[:-1]))))
    told = row(volume, {"attention": 2})
    assert told.output_shape == tuple(volume)
    assert counts(told) == walked((positions, 6), (positions, 6), 6, 2, 3, 3, 6)
    told = row(volume, {"attention": {"heads": 3, "bias": False, "key_dim": 4, "units": 5}})
    assert told.output_shape == (*volume[:-1], 5)
    assert counts(told) == walked((positions, 6), (positions, 6), 6, 3, 4, 4, 5, bias=False)


def test_between_branches() -> None:
    inputs = {"q": [4, 6], "k": [7, 3], "v": [7, 5]}
    both = report(inputs, {"attention": {"heads": 2, "branches": ["q", "k"]}}).rows[-1]
    assert both.output_shape == (4, 6)
    assert counts(both) == walked((4, 6), (7, 3), 3, 2, 3, 3, 6)
    options = {"heads": 2, "value_dim": 2, "output_shape": 9, "branches": ["q", "k", "v"]}
    three = report(inputs, {"attention": options}).rows[-1]
    assert three.output_shape == (4, 9)
    assert counts(three) == walked((4, 6), (7, 3), 5, 2, 3, 2, 9)


def test_positions_of_other_axes_are_kept_apart() -> None:
    """MobileViT: as many times as the other axes are long."""
    one = row([5, 6], {"attention": 2})
    rows = row([3, 5, 6], {"attention": {"heads": 2, "axes": "width"}})
    columns = row([5, 3, 6], {"attention": {"heads": 2, "axes": "height"}})
    for told in (rows, columns):
        assert (told.weights, told.biases) == (one.weights, one.biases)
        assert (told.macs, told.flops) == (3 * one.macs, 3 * one.flops)


def test_a_position_bias_has_a_number_for_each_difference() -> None:
    """Swin's table: 13² rows of 3 heads for windows of 7x7."""
    plain = row([7, 7, 12], {"attention": 3})
    told = row([7, 7, 12], {"attention": {"heads": 3, "position_bias": [7, 7]}})
    places = list(product(range(7), repeat=2))
    differences = {(a - c, b - d) for (a, b), (c, d) in product(places, places)}
    assert told.weights - plain.weights == len(differences) * 3
    assert told.flops - plain.flops == len(places) ** 2 * 3
    assert error([7, 7, 12], {"attention": {"heads": 3, "position_bias": 7}}) == "shape-mismatch"


def test_attention_without_projections() -> None:
    told = row([5, 6], {"attention": {"heads": 2, "project": False}})
    assert (told.weights, told.biases) == (0, 0)
    assert told.macs == sum(3 + 3 for _ in product(range(2), range(5), range(5)))


@together(
    ("inputs", "options", "code"),
    [
        ([5, 6], {"heads": 4}, "groups-misfit"),
        ([6], {"heads": 2}, "rank-mismatch"),
        ([5, 6], {}, "missing-option"),
        ([5, 6], {"heads": 0}, "bad-value"),
        ([5, 6], {"heads": 2, "axes": "height"}, "rank-mismatch"),
        ([5, 6], {"heads": 2, "axes": "channels"}, "bad-value"),
        ([5, 6], {"heads": 2, "axes": 0}, "bad-value"),
        ([5, 6], {"heads": 2, "project": False, "dims": 3}, "bad-value"),
        ([5, 6], {"heads": 2, "branches": [[], [], [], []]}, "bad-value"),
        ([5, 6], {"heads": 2, "branches": [[], [], [{"crop": 1}]]}, "shape-mismatch"),
        ([5, 6], {"heads": 2, "project": False, "branches": [[], [{"slice": [0, 4]}]]},
         "shape-mismatch"),
        ([4, 5, 6], {"heads": 2, "axes": "width", "branches": [[], [{"crop": [[0, 1], [0, 0]]}]]},
         "shape-mismatch"),
        ([5, 6], {"heads": 2, "branches": []}, "missing-option"),
        ([5, 6], {"heads": 2, "branches": "x"}, "wrong-type"),
    ],
)  # fmt: skip
def test_refused(inputs: list[int], options: dict[str, object], code: str) -> None:
    assert error(inputs, {"attention": options}) == code


def test_embedding() -> None:
    told = row([12], {"embedding": {"tokens": 9, "dims": 4}})
    assert told.output_shape == (12, 4)
    assert counts(told) == (36, 0, 0, 0)
    assert row([3, 5], {"Embedding": {"input_dim": 9, "output_dim": 4}}).output_shape == (3, 5, 4)
    assert error([2, 3, 4, 5], {"embedding": {"tokens": 9, "dims": 4}}) == "limit-exceeded"


def multiplied(a: list[int], b: list[int], **options: object) -> Row:
    item = {"matmul": {"branches": ["a", "b"], **options}} if options else {"matmul": ["a", "b"]}
    return report({"a": a, "b": b}, item).rows[-1]


def test_matmul() -> None:
    for told, macs in (
        (multiplied([4, 3], [3, 5]), product(range(4), range(3), range(5))),
        (multiplied([3, 4], [3, 5], transpose_a=True), product(range(4), range(3), range(5))),
        (multiplied([4, 3], [5, 3], transpose_b=True), product(range(4), range(3), range(5))),
    ):
        assert told.output_shape == (4, 5)
        assert counts(told) == (0, 0, number := len(list(macs)), 2 * number)
    stretched = multiplied([2, 1, 4, 3], [1, 6, 3, 5])
    assert stretched.output_shape == (2, 6, 4, 5)
    assert stretched.macs == len(list(product(range(2), range(6), range(4), range(3), range(5))))


@pytest.mark.parametrize(
    ("a", "b"),
    [([4, 3], [4, 3]), ([2, 4, 3], [3, 3, 5]), ([4, 3], [2, 3, 5]), ([2, 2, 4, 3], [3, 3])],
)
def test_matrices_that_do_not_fit(a: list[int], b: list[int]) -> None:
    assert error({"a": a, "b": b}, {"matmul": ["a", "b"]}) == "shape-mismatch"


def test_matmul_takes_two_branches_with_axes() -> None:
    assert error([4, 4], {"matmul": [[], [], []]}) == "bad-value"
    assert error([4], {"matmul": [[], []]}) == "rank-mismatch"
