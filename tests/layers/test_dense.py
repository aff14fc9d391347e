"""Dense layers against a loop over every pair of an input and an output."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest

from tests.networks import error, report, row


@pytest.mark.parametrize("volume", [[1], [7], [5, 2], [3, 4, 2], [2, 3, 2, 2]])
def test_every_output_sees_every_input(volume: list[int]) -> None:
    for units, bias in product((1, 3), (True, False)):
        elements = list(product(*map(range, volume)))
        weights = {(element, unit) for element in elements for unit in range(units)}
        item = row(volume, {"dense": {"units": units, "bias": bias}})
        assert item.output_shape == (units,)
        assert item.weights == item.macs == len(weights)
        assert item.biases == (units if bias else 0)
        assert item.flops == 2 * len(weights) + item.biases


def test_a_volume_is_stretched_first() -> None:
    for volume in ([6, 6, 256], [49, 3], [2, 3, 4, 5]):
        stretched, flat = row(volume, {"dense": 10}), row([prod(volume)], {"dense": 10})
        assert stretched.output_shape == flat.output_shape
        assert stretched.weights == flat.weights
        assert stretched.biases == flat.biases
        assert stretched.flops == flat.flops


def test_an_activation_after_counts_like_an_item_after() -> None:
    inside = report([7], {"dense": {"units": 5, "activation": "softmax"}})
    behind = report([7], {"dense": 5}, "softmax")
    assert inside.totals == behind.totals
    assert [row.flops for row in inside.rows] == [70 + 5, 15]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"dense": 0}, "bad-value"),
        ({"dense": {}}, "missing-option"),
        ({"dense": {"units": 2, "bias": 1}}, "wrong-type"),
        ({"dense": "ten"}, "wrong-type"),
    ],
)
def test_refused(item: object, code: str) -> None:
    assert error([7], item) == code


@pytest.mark.parametrize("volume", [[7], [5, 2], [3, 4, 2], [2, 3, 2, 2]])
def test_over_the_channels_every_position_has_the_same_layer(volume: list[int]) -> None:
    *spatial, channels = volume
    positions = list(product(*map(range, spatial)))
    for units, bias in product((1, 3), (True, False)):
        pairs = {(channel, unit) for channel in range(channels) for unit in range(units)}
        item = row(volume, {"dense": {"units": units, "bias": bias, "axes": "channels"}})
        assert item.output_shape == (*spatial, units)
        assert item.weights == len(pairs)
        assert item.biases == (units if bias else 0)
        assert item.macs == len(positions) * len(pairs)
        added = len(positions) * units if bias else 0
        assert item.flops == 2 * len(positions) * len(pairs) + added


def test_over_the_channels_it_is_a_convolution_of_one_pixel() -> None:
    for volume in ([100, 128], [7, 7, 32], [3, 4, 5, 6]):
        dense = row(volume, {"dense": {"units": 64, "axes": "last"}})
        conv = row(volume, {"conv": {"filters": 64, "kernel": 1}})
        for quantity in ("output_shape", "weights", "biases", "macs", "flops", "receptive_field"):
            assert getattr(dense, quantity) == getattr(conv, quantity), quantity


def test_of_100x128_keras_and_pytorch_make_100x64() -> None:
    """128·64 + 64 parameters."""
    linear = {"in_features": 128, "out_features": 64, "axes": "channels"}
    for item in ({"Dense": {"units": 64, "axes": "last"}}, {"Linear": linear}):
        told = row([100, 128], item)
        assert (told.output_shape, told.params) == ((100, 64), 8256)


def test_other_axes_are_none() -> None:
    assert error([7, 7, 32], {"dense": {"units": 3, "axes": "rows"}}) == "bad-value"
