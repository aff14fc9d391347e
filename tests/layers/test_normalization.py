"""Normalisations: what is learned, what is kept, and the operations on each element by name."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import pytest

from tests.networks import error, row
from tests.together import together

VOLUMES = ([6], [5, 6], [3, 4, 6], [2, 3, 4, 6])

MEASURED = ["sum for the mean", "difference", "square", "sum for the variance", "division"]
"""What statistics taken from the data itself cost each element."""

CASES: list[tuple[object, list[str]]] = [
    ("batch_norm", ["scale", "shift"]),
    ({"batch_norm": {"affine": False}}, ["scale", "shift"]),
    ("layer_norm", [*MEASURED, "scale", "shift"]),
    ({"layer_norm": "all"}, [*MEASURED, "scale", "shift"]),
    ({"layer_norm": {"affine": False}}, MEASURED),
    ({"layer_norm": {"bias": False}}, [*MEASURED, "scale"]),
    ({"group_norm": 3}, [*MEASURED, "scale", "shift"]),
    ({"group_norm": {"groups": 2, "affine": False}}, MEASURED),
    ("instance_norm", MEASURED),
    ({"instance_norm": {"affine": True}}, [*MEASURED, "scale", "shift"]),
    ("lrn", ["square", *["sum"] * 4, "scale", "shift", "power", "division"]),
    ({"lrn": 3}, ["square", *["sum"] * 2, "scale", "shift", "power", "division"]),
    ("scale", ["scale"]),
    ({"scale": True}, ["scale", "shift"]),
    ({"scale": {"parameters": 1}}, ["scale"]),
    ("rms_norm", ["square", "sum", "division", "scale"]),
    ({"rms_norm": {"affine": False}}, ["square", "sum", "division"]),
    ("l2_norm", ["square", "sum", "division"]),
    ({"rescale": 0.5}, ["factor"]),
    ({"rescale": {"offset": 1}}, ["offset"]),
    ({"rescale": {"scale": [2, 1, 1, 1, 1, 1], "offset": -1}}, ["factor", "offset"]),
    ("rescale", []),
]


@together(("item", "operations"), CASES)
def test_operations_on_each_element(item: object, operations: list[str]) -> None:
    for volume in VOLUMES:
        reported = row(volume, item)
        assert reported.output_shape == tuple(volume)
        assert reported.flops == sum(len(operations) for _ in product(*map(range, volume)))
        assert reported.macs == 0


def channels(volume: list[int]) -> int:
    return volume[-1]


def elements(volume: list[int]) -> int:
    return prod(volume)


def none(volume: list[int]) -> int:
    return 0


LEARNED: list[tuple[object, Any, Any]] = [
    ("batch_norm", channels, channels),
    ({"batch_norm": {"affine": False}}, none, none),
    ({"batch_norm": {"affine": False, "scale": True, "bias": True}}, none, none),
    ({"batch_norm": {"scale": False}}, none, channels),
    ({"batch_norm": {"bias": False}}, channels, none),
    ("layer_norm", channels, channels),
    ({"layer_norm": {"axes": "all"}}, elements, elements),
    ({"layer_norm": {"bias": False}}, channels, none),
    ({"layer_norm": {"axes": "all", "bias": False}}, elements, none),
    ({"layer_norm": {"affine": False}}, none, none),
    ({"group_norm": 3}, channels, channels),
    ({"group_norm": {"groups": 6, "affine": False}}, none, none),
    ("instance_norm", none, none),
    ({"instance_norm": {"affine": True}}, channels, channels),
    ("lrn", none, none),
    ("scale", channels, none),
    ({"scale": True}, channels, channels),
]


@together(("item", "weights", "biases"), LEARNED)
def test_learned(item: object, weights: Any, biases: Any) -> None:
    for volume in VOLUMES:
        reported = row(volume, item)
        assert (reported.weights, reported.biases) == (weights(volume), biases(volume))


@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_keeps_a_mean_and_a_variance_for_each_channel(affine: bool) -> None:
    for volume in VOLUMES:
        assert row(volume, {"batch_norm": {"affine": affine}}).state == 2 * volume[-1]


@pytest.mark.parametrize("item", [{"group_norm": 3}, "layer_norm", "instance_norm", "lrn", "scale"])
def test_others_keep_no_state(item: object) -> None:
    assert row([3, 4, 6], item).state == 0


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("group_norm", "groups-misfit"),  # 32 by default
        ({"group_norm": 4}, "groups-misfit"),
        ({"layer_norm": "width"}, "bad-value"),
        ({"batch_norm": {"eps": "small"}}, "wrong-type"),
        ({"lrn": 0}, "bad-value"),
    ],
)
def test_refused(item: object, code: str) -> None:
    assert error([3, 4, 6], item) == code


def test_one_factor_for_all() -> None:
    for volume in VOLUMES:
        assert row(volume, {"scale": {"parameters": 1}}).weights == 1
        told = row(volume, {"scale": {"parameters": 1, "bias": True}})
        assert (told.weights, told.biases) == (1, 1)
        assert error(volume, {"scale": {"parameters": 2}}) == "bad-value"


def test_rms_norm_learns_a_scale_alone() -> None:
    for volume in VOLUMES:
        assert (row(volume, "rms_norm").weights, row(volume, "rms_norm").biases) == (6, 0)
        assert row(volume, {"rms_norm": "all"}).weights == prod(volume)
        assert row(volume, {"rms_norm": {"affine": False}}).params == 0


@pytest.mark.parametrize("volume", [[5, 6], [3, 4, 6]])
def test_grn_by_elements_and_channels(volume: list[int]) -> None:
    told = row(volume, "grn")
    each = ["square", "sum", "product", "scale", "shift", "x"]
    by_channel = ["root", "sum of the mean", "division"]
    elements = len(list(product(*map(range, volume))))
    assert told.flops == elements * len(each) + volume[-1] * len(by_channel)
    assert (told.weights, told.biases) == (6, 6)
    assert error([6], "grn") == "rank-mismatch"


def test_numbers_for_each_channel_are_as_many() -> None:
    assert error([4, 6], {"rescale": [1, 2]}) == "bad-value"
    assert error([4, 6], {"rescale": []}) == "wrong-type"
