"""Element-wise functions: the volume stays, one operation an element, three for a softmax."""

from __future__ import annotations

from itertools import product

import pytest

from cnncalc.layers import registry
from cnncalc.layers.activation import Activation
from tests.networks import error, report, row
from tests.together import together

VOLUMES = ([6], [5, 6], [3, 4, 6], [2, 3, 4, 6])

ONE_EACH = ["relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "sigmoid",
            "hard_sigmoid", "hard_swish", "tanh", "softplus", "exp", "prelu",
            "hard_tanh"]  # fmt: skip
THREE_EACH = ["softmax", "log_softmax"]
HALVING = ["glu"]
"""Two operations for each number that comes out, and half as many as come in."""


@together("kind", [*ONE_EACH, *THREE_EACH])
def test_operations_on_each_element(kind: str) -> None:
    for volume in VOLUMES:
        reported = row(volume, kind)
        each = 3 if kind in THREE_EACH else 1
        assert reported.output_shape == tuple(volume)
        assert reported.flops == sum(each for _ in product(*map(range, volume)))
        assert (reported.macs, reported.biases, reported.state) == (0, 0, 0)


def test_every_activation_stands_in_a_table_above() -> None:
    activations = {kind for kind, layer in registry.KINDS.items() if issubclass(layer, Activation)}
    assert activations == {*ONE_EACH, *THREE_EACH, *HALVING}


def test_glu_halves_the_channels() -> None:
    for volume in VOLUMES:
        told = row(volume, "glu")
        half = [*volume[:-1], len(range(0, volume[-1], 2))]
        assert told.output_shape == tuple(half)
        assert told.flops == sum(2 for _ in product(*map(range, half)))
    assert error([4, 5], "glu") == "shape-mismatch"


@together("kind", [*ONE_EACH, *THREE_EACH])
def test_as_an_option_it_counts_as_an_item_after(kind: str) -> None:
    option = report([3, 4, 6], {"conv": {"filters": 2, "kernel": 3, "activation": kind}})
    item = report([3, 4, 6], {"conv": {"filters": 2, "kernel": 3}}, kind)
    assert option.totals == item.totals
    for mine, other in zip(option.rows, item.rows, strict=True):
        assert mine._replace(line=0, column=0, layer=None) == other._replace(
            line=0, column=0, layer=None
        )


@pytest.mark.parametrize(
    ("parameters", "slopes"), [(1, 1), ("channels", 6), (6, 6), ("Channels", 6)]
)
def test_prelu_learns_one_slope_or_one_a_channel(parameters: object, slopes: int) -> None:
    for volume in VOLUMES:
        assert row(volume, {"prelu": {"parameters": parameters}}).weights == slopes


@together("kind", [k for k in [*ONE_EACH, *THREE_EACH] if k != "prelu"])
def test_others_learn_nothing(kind: str) -> None:
    assert row([3, 4, 6], kind).params == 0


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"prelu": 3}, "bad-value"),
        ({"prelu": "width"}, "bad-value"),
        ({"leaky_relu": "steep"}, "wrong-type"),
        ({"relu": 1}, "wrong-type"),
        ({"conv": {"filters": 1, "kernel": 1, "activation": "dropout"}}, "bad-value"),
        ({"conv": {"filters": 1, "kernel": 1, "activation": {"elu": {"beta": 1}}}}, "unknown-key"),
    ],
)
def test_refused(item: object, code: str) -> None:
    assert error([3, 4, 6], item) == code


def test_prelu_learns_a_slope_for_each_element_but_along_shared_axes() -> None:
    """keras.layers.PReLU(shared_axes=[1, 2]) on 3x4x6 has 6 weights, without them 72."""
    assert row([3, 4, 6], {"prelu": "all"}).weights == 72
    for axes, slopes in (("spatial", 6), (["height", "width"], 6), ("height", 24), (-1, 12)):
        for item in ({"shared_axes": axes}, {"parameters": "all", "shared_axes": axes}):
            assert row([3, 4, 6], {"prelu": item}).weights == slopes
    for parameters in (1, "channels"):
        both = {"prelu": {"parameters": parameters, "shared_axes": "height"}}
        assert error([3, 4, 6], both) == "bad-value"


def test_shared_axes_are_counted_from_behind_or_as_in_keras_after_the_batch() -> None:
    """keras.layers.PReLU on 3x4x6: 24 slopes with shared_axes=[1], 6 with [1, 2], 12 with [3]."""
    for axes, slopes in (([1], 24), ([1, 2], 6), ([3], 12), ([1, 2, 3], 1), ([1, -1], 4)):
        assert row([3, 4, 6], {"prelu": {"shared_axes": axes}}).weights == slopes
    assert row([3, 4, 6], {"prelu": {"shared_axes": 3}}).weights == 12
    assert error([3, 4, 6], {"prelu": {"shared_axes": 4}}) == "rank-mismatch"
    for wrong in ([0], [1, 1], [5]):
        assert error([3, 4, 6], {"prelu": {"shared_axes": wrong}}) == "bad-value"


def test_hard_tanh_has_a_least_and_a_largest_value() -> None:
    assert error([4, 6], {"hard_tanh": {"low": 2}}) == "bad-value"
