"""The layer that does nothing, and the one whose numbers are the file's own."""

from __future__ import annotations

import pytest

from tests.networks import error, report, row


@pytest.mark.parametrize("volume", [[6], [5, 6], [3, 4, 6], [2, 3, 4, 6]])
def test_identity(volume: list[int]) -> None:
    told = row(volume, "identity")
    assert told.output_shape == tuple(volume)
    assert (told.params, told.state, told.macs, told.flops) == (0, 0, 0, 0)
    assert not told.declared


def test_custom_counts_what_the_file_says_and_is_marked() -> None:
    told = row([12], {"custom": {"output": "3x4x5", "weights": 7, "biases": 2, "macs": 11}})
    assert told.output_shape == (3, 4, 5)
    assert (told.weights, told.biases, told.macs, told.flops) == (7, 2, 11, 22)
    assert told.declared


@pytest.mark.parametrize("output", [10, "10", [10]])
def test_custom_takes_any_spelling_of_a_volume(output: object) -> None:
    told = row([3, 4, 2], {"custom": output})
    assert told.output_shape == (10,)
    assert (told.params, told.macs) == (0, 0)
    assert told.declared


def test_custom_takes_expressions() -> None:
    item = {"custom": {"output": "$classes", "macs": "$(classes * in.size)"}}
    told = report([3, 4, 2], item, vars={"classes": 10}).rows[0]
    assert (told.output_shape, told.macs) == ((10,), 240)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("custom", "missing-option"),
        ({"custom": {"output": 0}}, "bad-value"),
        ({"custom": {"output": 10, "macs": -1}}, "bad-value"),
        ({"custom": {"output": 10, "weights": 0.5}}, "bad-value"),
        ({"dropout": 1}, "bad-value"),
        ({"dropout": -0.1}, "bad-value"),
        ({"drop_path": "half"}, "wrong-type"),
    ],
)
def test_refused(item: object, code: str) -> None:
    assert error([6], item) == code
