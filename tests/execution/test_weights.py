"""Learned arrays: what they are drawn from, and what they do not depend on."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from cnncalc.execution.plan import ArrayName, plan
from cnncalc.execution.weights import Array, Weights, random_input, standardized
from cnncalc.graph.graph import Graph
from cnncalc.volume import Volume
from tests.execution.networks import computed, graph, whole
from tests.networks import Item, written


def arrays(made: Graph, layer: str, seed: int = 0) -> dict[str, Array]:
    (number,) = (i for i, node in enumerate(made.nodes) if node.name == layer)
    weights = Weights(made, seed)
    return {
        t.name: weights.array(ArrayName(number, t.name))
        for t in made.nodes[number].inferred.tensors
    }


def alone(volume: list[int], item: Item) -> dict[str, Array]:
    made = graph(written(volume, item))
    return arrays(made, made.nodes[0].name)


@pytest.mark.parametrize(
    ("volume", "item", "fan_in"),
    [
        ([9, 9, 32], {"conv": {"filters": 64, "kernel": 3}}, 3 * 3 * 32),
        ([9, 9, 32], {"conv": {"filters": 64, "kernel": 3, "groups": 4}}, 3 * 3 * 8),
        ([9, 9, 512], {"depthwise_conv": {"kernel": 3}}, 3 * 3),
        ([9, 9, 8], {"locally_connected": {"filters": 16, "kernel": 3}}, 3 * 3 * 8),
        # Of the taps of a kernel every second one along each axis meets an output.
        ([9, 9, 32], {"conv_transpose": {"filters": 64, "kernel": 4, "stride": 2}}, 2 * 2 * 32),
        ([256], {"dense": 64}, 256),
        ([9, 9, 64], {"conv": {"filters": 64, "kernel": 3,
                               "connections": [[k, (k + 1) % 64] for k in range(64)]}}, 3 * 3 * 2),
    ],
)  # fmt: skip
def test_weights_have_the_variance_of_he(volume: list[int], item: Item, fan_in: int) -> None:
    found = alone(volume, item)
    weight, bias = found["weight"], found["bias"]
    assert weight.dtype == np.float32
    error = 6 / np.sqrt(weight.size)
    assert float(weight.var()) == pytest.approx(2 / fan_in, rel=error)
    assert float(weight.mean()) == pytest.approx(0, abs=error * float(weight.std()))
    assert 0 < float(np.abs(bias).max()) <= 1 / np.sqrt(fan_in)


def test_both_parts_of_a_separable_convolution() -> None:
    found = alone([9, 9, 128], {"separable_conv": {"filters": 128, "kernel": 3}})
    assert float(found["depthwise_weight"].var()) == pytest.approx(2 / 9, rel=0.15)
    assert float(found["weight"].var()) == pytest.approx(2 / 128, rel=0.15)


def test_norms_are_near_those_of_an_untrained_network() -> None:
    found = alone([4, 4, 64], "batch_norm")
    assert set(found) == {"weight", "bias", "running_mean", "running_var"}
    for name, array in found.items():
        middle = 1 if name in ("weight", "running_var") else 0
        assert 0.1 < float(np.abs(array - middle).max()) <= 0.25, name
    assert set(alone([4, 4, 64], {"scale": {"init": 0.5}})["weight"]) == {0.5}
    assert set(alone([4, 4, 64], "prelu")["weight"]) == {0.25}


def test_a_layer_keeps_its_weights_wherever_it_stands() -> None:
    conv = {"name": "c", "conv": {"filters": 4, "kernel": 3}}
    short = arrays(graph(written([9, 9, 4], conv)), "c")
    long = arrays(graph(written([9, 9, 4], {"conv": {"filters": 4, "kernel": 1}}, conv)), "c")
    for name, array in short.items():
        np.testing.assert_array_equal(array, long[name])


def test_other_names_and_seeds_mean_other_weights() -> None:
    conv = {"conv": {"filters": 4, "kernel": 3}}
    made = graph(written([9, 9, 4], {"name": "a", **conv}, {"name": "b", **conv}))
    a, b = arrays(made, "a"), arrays(made, "b")
    assert (a["weight"] != b["weight"]).all()
    assert (a["weight"] != arrays(made, "a", seed=1)["weight"]).all()


def test_layers_that_share_compute_alike() -> None:
    conv = {"conv": {"filters": 4, "kernel": 3}}
    twins = [{"name": "l", "from": "left", **conv},
             {"name": "r", "from": "right", "share": "l", **conv}]  # fmt: skip
    made = graph(written({"left": [5, 5, 2], "right": [5, 5, 2]}, *twins, {"subtract": ["l", "r"]}))
    x = whole("x", (2, 5, 5, 2))
    (same,) = computed(plan(made), Weights(made), {"left": x, "right": x}).values()
    assert not same.any()
    (other,) = computed(plan(made), Weights(made), {"left": x, "right": x + 1}).values()
    assert other.any()


def test_the_first_images_are_the_same_in_every_batch() -> None:
    volume = Volume((3, 4, 2))
    eight = random_input(0, "input", volume, 8)
    assert eight.shape == (8, *volume)
    np.testing.assert_array_equal(eight[:3], random_input(0, "input", volume, 3))
    assert abs(float(eight.mean())) < 6 / np.sqrt(8 * prod(volume))


def test_a_standardised_filter_has_mean_0_and_deviation_1() -> None:
    made = graph(written([9, 9, 8], {"conv": {"filters": 4, "kernel": 3, "standardize": True}}))
    (step,) = plan(made).steps
    used = Weights(made).of(step)
    for number in range(4):
        filter = used["weight"][..., number].astype(np.float64)
        assert abs(filter.mean()) < 1e-6
        assert abs(filter.std() - 1) < 1e-4
    raw = arrays(made, "conv1")
    np.testing.assert_array_equal(used["bias"], raw["bias"])
    np.testing.assert_array_equal(used["weight"], standardized(raw["weight"]))


@pytest.mark.parametrize(
    ("side", "row"), [(1, [1]), (2, [1, 1]), (3, [1, 2, 1]), (5, [1, 4, 6, 4, 1])]
)
def test_a_blurring_filter_is_binomial(side: int, row: list[int]) -> None:
    (filter,) = alone([9, 9, 4], {"blur_pool": {"kernel": side, "stride": 1}}).values()
    for channel in range(4):
        np.testing.assert_allclose(filter[:, :, 0, channel] * sum(row) ** 2, np.outer(row, row))
