"""The layer that does nothing, and the one whose numbers are the file's own."""

from __future__ import annotations

import pytest

from tests.networks import error, report, row


@pytest.mark.parametrize("volume", [[6], [5, 6], [3, 4, 6], [2, 3, 4, 6]])
def test_identity(volume: list[int]) -> None:
    reported = row(volume, "identity")
    assert reported.output_shape == tuple(volume)
    assert (reported.params, reported.state, reported.macs, reported.flops) == (0, 0, 0, 0)
    assert not reported.declared


def test_custom_counts_what_the_file_says_and_is_marked() -> None:
    reported = row([12], {"custom": {"output": "3x4x5", "weights": 7, "biases": 2, "macs": 11}})
    assert reported.output_shape == (3, 4, 5)
    assert (reported.weights, reported.biases, reported.macs, reported.flops) == (7, 2, 11, 22)
    assert reported.declared


@pytest.mark.parametrize("output", [10, "10", [10]])
def test_custom_takes_any_spelling_of_a_volume(output: object) -> None:
    reported = row([3, 4, 2], {"custom": output})
    assert reported.output_shape == (10,)
    assert (reported.params, reported.macs) == (0, 0)
    assert reported.declared


def test_custom_takes_expressions() -> None:
    item = {"custom": {"output": "$classes", "macs": "$(classes * in.size)"}}
    reported = report([3, 4, 2], item, vars={"classes": 10}).rows[0]
    assert (reported.output_shape, reported.macs) == ((10,), 240)


@pytest.mark.parametrize(
    ("item", "code"),
    [
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
