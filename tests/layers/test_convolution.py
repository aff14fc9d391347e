"""Convolutions of all sorts against a loop that walks every tap."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from cnncalc.report.report import Row
from tests.layers.counting import convolution, in_groups, one_each, transposed
from tests.networks import error, report, row
from tests.together import together

Options = dict[str, Any]

VOLUMES = ([9, 4], [6, 5, 4], [3, 4, 5, 4])
"""In one, two and three dimensions, all axes different."""

SHAPES: dict[int, list[Options]] = {
    1: [
        {"kernel": 1},
        {"kernel": 3},
        {"kernel": 4, "padding": [[2, 0]]},
        {"kernel": [2], "dilation": 3, "padding": "valid"},
        {"kernel": 3, "stride": 2, "padding": 1},
        {"kernel": 2, "stride": 3, "padding": "same"},
    ],
    2: [
        {"kernel": 1},
        {"kernel": 3, "padding": 1},
        {"kernel": [3, 2], "stride": [1, 2]},
        {"kernel": "1x3", "padding": [0, 1]},
        {"kernel": 2, "dilation": [1, 3], "padding": [[1, 0], [0, 2]]},
        {"kernel": [2, 3], "stride": 2, "padding": "same"},
        {"kernel": [6, 5]},
    ],
    3: [
        {"kernel": 2},
        {"kernel": [1, 2, 3], "padding": [0, 1, 2]},
        {"kernel": [2, 1, 2], "stride": [1, 2, 3], "dilation": [2, 1, 1]},
        {"kernel": 3, "padding": "same", "stride": [3, 2, 2]},
    ],
}


def shapes(*without: str) -> list[tuple[list[int], Options]]:
    return [
        (volume, shape)
        for volume in VOLUMES
        for shape in SHAPES[len(volume) - 1]
        if not set(without) & set(shape)
    ]


def in_numbers(shape: Options) -> Options:
    """`1x3` as a list, which the loops take."""
    kernel = shape["kernel"]
    return {**shape, "kernel": list(map(int, kernel.split("x")))} if "x" in str(kernel) else shape


def reported(item: Row) -> tuple[object, ...]:
    return item.output_shape, item.weights, item.biases, item.macs, item.flops


@together(("volume", "shape"), shapes())
def test_conv(volume: list[int], shape: Options) -> None:
    for filters, groups, bias in product((4, 8), (1, 2, 4), (True, False)):
        options = {"filters": filters, "groups": groups, "bias": bias, **shape}
        sees = in_groups(groups, volume[-1], filters)
        walk = convolution(volume, sees, bias=bias, **in_numbers(shape))
        assert reported(row(volume, {"conv": options}, rounding="floor")) == walk.summary


@pytest.mark.parametrize(
    "connections",
    [
        [[0]],
        [[3], [0, 1, 2, 3], [1, 2]],
        [[0, 1], [0, 1], [2, 3], [2, 3]],
        [[2, 0]] * 5,
    ],
)
def test_conv_with_connections(connections: list[list[int]]) -> None:
    for volume, shape in shapes():
        options = {"filters": len(connections), "connections": connections, **shape}
        walk = convolution(volume, connections, **in_numbers(shape))
        assert reported(row(volume, {"conv": options}, rounding="floor")) == walk.summary


def test_conv_with_the_table_of_lenet5_counts_its_pairs() -> None:
    """LeCun et al. 1998: C3 has 1,516 parameters and 151,600 connections, biases among them."""
    maps = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5], [0, 1, 2, 3],
            [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4],
            [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]  # fmt: skip
    c3 = row([14, 14, 6], {"conv": {"filters": 16, "kernel": 5, "connections": maps}})
    assert c3.params == 1516
    assert c3.macs + c3.output_shape.size == 151_600


@together(("volume", "shape"), shapes())
def test_depthwise_conv(volume: list[int], shape: Options) -> None:
    for multiplier, bias in product((1, 3), (True, False)):
        options = {"multiplier": multiplier, "bias": bias, **shape}
        sees = one_each(volume[-1], multiplier)
        walk = convolution(volume, sees, bias=bias, **in_numbers(shape))
        assert reported(row(volume, {"depthwise_conv": options}, rounding="floor")) == walk.summary


@together(("volume", "shape"), shapes())
def test_separable_conv(volume: list[int], shape: Options) -> None:
    for filters, multiplier, bias in product((1, 5), (1, 2), (True, False)):
        options = {"filters": filters, "multiplier": multiplier, "bias": bias, **shape}
        sees = one_each(volume[-1], multiplier)
        first = convolution(volume, sees, bias=False, **in_numbers(shape))
        every = [range(first.volume[-1])] * filters
        second = convolution(first.volume, every, kernel=1, bias=bias)
        item = row(volume, {"separable_conv": options}, rounding="floor")
        assert item.output_shape == second.volume
        assert item.weights == len(first.weights) + len(second.weights)
        assert item.biases == len(second.biases)
        assert item.macs == first.macs + second.macs
        assert item.flops == 2 * item.macs + second.additions


@together(("volume", "shape"), shapes("dilation"))
def test_locally_connected(volume: list[int], shape: Options) -> None:
    for filters, bias in product((1, 3), (True, False)):
        options = {"filters": filters, "bias": bias, **shape}
        sees = [range(volume[-1])] * filters
        walk = convolution(volume, sees, bias=bias, shared=False, **in_numbers(shape))
        assert (
            reported(row(volume, {"locally_connected": options}, rounding="floor")) == walk.summary
        )


TRANSPOSED: list[tuple[list[int], Options]] = [
    ([5, 4], {"kernel": 3}),
    ([5, 4], {"kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}),
    ([5, 4], {"kernel": 2, "stride": 3, "dilation": 4, "output_padding": 3}),
    ([5, 4], {"kernel": 4, "stride": 2, "padding": "same"}),
    ([5, 4], {"kernel": 1, "stride": 3, "padding": "same"}),
    ([5, 4], {"kernel": 3, "padding": [[2, 1]]}),
    ([3, 4, 4], {"kernel": 2, "stride": 2}),
    ([3, 4, 4], {"kernel": [3, 2], "stride": [1, 2], "padding": [1, 0], "dilation": [2, 1]}),
    ([3, 4, 4], {"kernel": 3, "stride": 2, "padding": 1, "output_padding": [1, 0]}),
    ([3, 4, 4], {"kernel": 3, "stride": [2, 1], "padding": "same"}),
    ([3, 4, 4], {"kernel": 1, "padding": "valid"}),
    ([2, 3, 2, 4], {"kernel": 2, "stride": 2}),
    ([2, 3, 2, 4], {"kernel": [1, 3, 2], "padding": [0, 1, 0], "stride": [3, 1, 2]}),
]


@together(("volume", "shape"), TRANSPOSED)
def test_conv_transpose(volume: list[int], shape: Options) -> None:
    for filters, groups, bias in product((4, 8), (1, 2, 4), (True, False)):
        options = {"filters": filters, "groups": groups, "bias": bias, **shape}
        walk = transposed(volume, **options)
        assert reported(row(volume, {"conv_transpose": options})) == walk.summary


SAME = [
    {"conv": {"filters": 2}},
    {"depthwise_conv": {}},
    {"separable_conv": {"filters": 2}},
    {"locally_connected": {"filters": 2}},
    {"max_pool": {}},
    {"avg_pool": {}},
]


@pytest.mark.parametrize("item", SAME, ids=lambda item: next(iter(item)))
@pytest.mark.parametrize("rounding", ["exact", "floor", "ceil"])
def test_same_always_fits_and_makes_one_output_a_stride(
    item: dict[str, Options], rounding: str
) -> None:
    ((kind, options),) = item.items()
    refused, wrong = [], []
    for width, kernel, stride in product(range(1, 10), range(1, 5), range(1, 5)):
        same = {**options, "kernel": kernel, "stride": stride, "padding": "same"}
        try:
            length = row([width, 2], {kind: same}, rounding=rounding).output_shape[0]
        except AssertionError:
            refused.append((width, kernel, stride))
        else:
            if length != len(range(0, width, stride)):
                wrong.append((width, kernel, stride, length))
    assert not refused
    assert not wrong


DROPPED = [
    ([10, 3], {"kernel": 3, "stride": 2}, (1,)),
    ([11, 3], {"kernel": 3, "stride": 2}, (0,)),
    ([224, 224, 3], {"kernel": 11, "stride": 4}, (1, 1)),
    ([224, 227, 3], {"kernel": 11, "stride": 4}, (1, 0)),
    ([224, 224, 3], {"kernel": 7, "stride": 2, "padding": 3}, (0, 0)),
    ([7, 3], {"kernel": 2, "stride": 6, "padding": [[1, 0]]}, (0,)),
    ([1, 3], {"kernel": 1, "stride": 4, "padding": [[3, 0]]}, (1,)),
]


@pytest.mark.parametrize(("volume", "shape", "dropped"), DROPPED)
def test_floor_reports_what_it_leaves_unread(
    volume: list[int], shape: Options, dropped: tuple[int, ...]
) -> None:
    item = row(volume, {"conv": {"filters": 2, **shape}}, rounding="floor")
    assert item.dropped == dropped


REFUSED = [
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 5}}, "kernel-too-large"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 3, "dilation": 2}}, "kernel-too-large"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 3, "stride": 2}}, "stride-misfit"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 1, "groups": 2}}, "groups-misfit"),
    ([4, 4, 4], {"conv": {"filters": 3, "kernel": 1, "groups": 2}}, "groups-misfit"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": [1, 1, 1]}}, "rank-mismatch"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 1, "padding": [1]}}, "rank-mismatch"),
    ([4, 4, 3], {"conv": {"filters": 0, "kernel": 1}}, "bad-value"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 1, "stride": 0}}, "bad-value"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 1, "padding": -1}}, "bad-value"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 1.5}}, "bad-value"),
    ([4, 4, 3], {"conv": {"filters": 2}}, "missing-option"),
    ([4, 4, 3], {"conv": {"filters": 2, "kernel": 1, "connections": [[0]]}}, "bad-value"),
    ([4, 4, 3], {"conv": {"filters": 1, "kernel": 1, "connections": [[3]]}}, "bad-value"),
    ([4, 4, 3], {"conv": {"filters": 1, "kernel": 1, "connections": [[0, 0]]}}, "bad-value"),
    ([12], {"conv": {"filters": 2, "kernel": 1}}, "rank-mismatch"),
    ([4, 4, 3], {"conv_transpose": {"filters": 2, "kernel": 1, "groups": 2}}, "groups-misfit"),
    ([1, 3], {"conv_transpose": {"filters": 2, "kernel": 2, "padding": 1}}, "bad-value"),
    ([4, 3], {"conv_transpose": {"filters": 2, "kernel": 2, "output_padding": 1}}, "bad-value"),
    ([12], {"conv_transpose": {"filters": 2, "kernel": 1}}, "rank-mismatch"),
    (
        [4, 4, 3],
        {"conv_transpose": {"filters": 2, "kernel": 3, "stride": 2, "padding": "same",
                            "output_padding": [1, 0]}},
        "bad-value",
    ),
]  # fmt: skip


@together(("volume", "item", "code"), REFUSED)
def test_refused(volume: list[int], item: Options, code: str) -> None:
    assert error(volume, item) == code


def test_an_activation_after_counts_like_an_item_after() -> None:
    for kind in ("conv", "depthwise_conv", "separable_conv", "conv_transpose", "locally_connected"):
        options = {"kernel": 3} if kind == "depthwise_conv" else {"filters": 4, "kernel": 3}
        inside = report([6, 5, 4], {kind: {**options, "activation": "softmax"}})
        behind = report([6, 5, 4], {kind: options}, "softmax")
        assert inside.totals == behind.totals
        assert [reported(r) for r in inside.rows] == [reported(r) for r in behind.rows]


@pytest.mark.parametrize(
    "item", [{"conv": {"filters": 2}}, {"depthwise_conv": {}}, {"avg_pool": {}}]
)
def test_padding_as_a_pair(item: dict[str, Options]) -> None:
    """`0x1` is the list of 0 and 1, as for the other options with an entry for every axis."""

    def output(**padding: object) -> tuple[int, ...]:
        options = {kind: {**own, "kernel": 3, "stride": 1, **padding} for kind, own in item.items()}
        return row([6, 5, 4], options).output_shape

    assert output(padding="0x1") == output(padding=[0, 1]) != output()


def test_standardised_weights_are_as_many() -> None:
    """timm's StdConv2d has the weights of Conv2d, and its counts."""
    conv = {"filters": 4, "kernel": 3, "groups": 2}
    plain = row([9, 9, 6], {"conv": conv})
    told = row([9, 9, 6], {"conv": {**conv, "standardize": True}})
    assert (told.weights, told.biases) == (plain.weights, plain.biases)
    assert (told.macs, told.flops) == (plain.macs, plain.flops)
    table = {"filters": 2, "kernel": 3, "connections": [[0, 1], [5]], "standardize": True}
    assert error([9, 9, 6], {"conv": table}) == "bad-value"
