"""Whole programs of a few layers by compiled kernels, held to the reference in double precision."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cnncalc.execution.native.backend import Native
from cnncalc.execution.native.host import host, narrowed
from cnncalc.execution.native.program import NativeProgram
from cnncalc.execution.plan import ArrayName, plan
from cnncalc.execution.weights import Array
from tests.execution.native.driving import LANES
from tests.execution.networks import Chosen, computed, graph, whole
from tests.networks import Item, written

BATCH = 2

pytestmark = pytest.mark.parametrize("lanes", LANES)


class Both:
    """What kernels and the reference make of a network, and by which algorithms."""

    def __init__(
        self,
        volume: object,
        item: Item | list[Item],
        lanes: int,
        x: Array | None = None,
        threads: int = 1,
    ) -> None:
        items = item if isinstance(item, list) else [item]
        made = graph(written(volume, *items))
        planned = plan(made)
        weights = Chosen(made)
        shape = (BATCH, *planned.values[0])
        given = whole(json.dumps(item), shape) if x is None else x.reshape(shape)
        inputs = {"input": given.astype(np.float32)}
        backend = Native(narrowed(host(), lanes))
        schedule = backend.schedule(planned, BATCH, threads, direct=False)
        self.program: NativeProgram = backend.bind(schedule, weights, lambda _: None)
        (self.found,) = self.program.run(inputs).values()
        (self.expected,) = computed(planned, weights, inputs).values()
        self.algorithms = [piece.algorithm for piece in self.program.pieces]


ACROSS: list[tuple[object, Item]] = [
    ([3, 5, 21], "softmax"),
    ([1000], "softmax"),
    ([7, 1], "softmax"),
    ([3, 5, 37], "log_softmax"),
    ([5, 4, 19], "layer_norm"),
    ([600], "layer_norm"),
    ([5, 4, 19], {"lrn": 5}),
    ([20, 20, 96], {"lrn": {"size": 4, "alpha": 0.5, "beta": 1.5, "k": 0.5}}),
    ([3, 40], {"lrn": {"size": 200, "alpha": 0.01}}),
    ([5, 4, 19], {"layer_norm": {"axes": "all"}}),
    ([20, 21, 33], {"layer_norm": {"axes": "all", "affine": False}}),
    ([17, 18, 24], {"group_norm": 4}),
    ([40], {"group_norm": 5}),
    ([9, 9, 21], "instance_norm"),
]


@pytest.mark.parametrize(("volume", "item"), ACROSS, ids=repr)
@pytest.mark.slow
def test_of_many_numbers(volume: object, item: Item, lanes: int) -> None:
    for threads in (1, 2, 3):
        both = Both(volume, item, lanes, threads=threads)
        assert "numpy" not in both.algorithms
        np.testing.assert_allclose(both.found, both.expected, rtol=2e-6, atol=2e-6)


NORMS: list[Item] = [
    "layer_norm",
    {"layer_norm": {"axes": "all"}},
    {"group_norm": 3},
    "instance_norm",
]


@pytest.mark.parametrize("function", ["relu", "gelu"])
@pytest.mark.parametrize("item", NORMS, ids=repr)
def test_a_function_of_what_was_normalised(item: Item, function: Item, lanes: int) -> None:
    both = Both([12, 17, 21], [item, function], lanes, threads=2)
    assert len(both.algorithms) == 1
    np.testing.assert_allclose(both.found, both.expected, rtol=6e-6, atol=2e-6)


@pytest.mark.parametrize("option", [{"alpha": -0.001}, {"beta": -1}, {"beta": 0}, {"alpha": 1e35}])
def test_powers_that_kernels_leave_to_numpy(option: dict[str, float], lanes: int) -> None:
    both = Both([3, 4, 21], {"lrn": {"size": 5, **option}}, lanes)
    assert both.algorithms == ["numpy"]
    np.testing.assert_allclose(both.found, both.expected, rtol=1e-6)


@pytest.mark.parametrize("item", NORMS, ids=repr)
def test_a_large_mean_costs_no_precision(item: Item, lanes: int) -> None:
    x = 5000 + np.random.default_rng(1).standard_normal((BATCH, 19, 20, 21))
    both = Both([19, 20, 21], item, lanes, x.astype(np.float32))
    np.testing.assert_allclose(both.found, both.expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("item", NORMS, ids=repr)
def test_equal_numbers_have_no_spread(item: Item, lanes: int) -> None:
    both = Both([19, 20, 21], item, lanes, np.full((BATCH, 19, 20, 21), 1000.1))
    np.testing.assert_allclose(both.found, both.expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("item", [*NORMS, "softmax", "log_softmax", {"lrn": 3}], ids=repr)
def test_what_is_no_number_stays_none(item: Item, lanes: int) -> None:
    x = whole("x", (BATCH, 6, 7, 21))
    x[0, 2, 3, 4] = np.nan
    x[1, 2, 3, 20] = np.inf
    x[1, 4, 5, 0] = -np.inf
    both = Both([6, 7, 21], item, lanes, x)
    np.testing.assert_allclose(both.found, both.expected, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("item", ["softmax", "log_softmax"])
def test_large_numbers_do_not_overflow(item: Item, lanes: int) -> None:
    x = np.random.default_rng(2).choice([-3e4, -90, 0, 88, 3e4], (BATCH, 9, 21))
    both = Both([9, 21], item, lanes, x)
    np.testing.assert_allclose(both.found, both.expected, rtol=2e-6, atol=1e-37)


def stamped(**options: object) -> Item:
    return {"conv_transpose": {"filters": 21, "kernel": 3, **options}}


TRANSPOSED: list[tuple[object, Item | list[Item]]] = [
    ([5, 4, 19], stamped(stride=2, padding=1, output_padding=1)),
    ([5, 4, 19], stamped(kernel=[4, 5], stride=[3, 2], padding=[1, 2])),
    ([5, 4, 19], stamped(kernel=2, stride=3)),
    ([5, 4, 19], stamped(kernel=1, stride=2, output_padding=1, bias=False)),
    ([5, 4, 19], stamped(stride=2, dilation=2, padding=1)),
    ([5, 4, 19], stamped(stride=2, dilation=3)),
    ([6, 7, 40], stamped(kernel=5)),
    ([1, 1, 100], stamped(kernel=4)),
    ([9, 33], stamped(kernel=5, stride=2)),
    ([3, 2, 4, 7], stamped(kernel=3, stride=2, padding=1)),
    ([5, 4, 6], stamped(filters=9, groups=3, stride=2)),
    ([5, 4, 21], stamped(groups=21, kernel=4, stride=2, padding=1)),
    ([5, 4, 21], stamped(groups=21, kernel=2, stride=3)),
    ([5, 4, 24], stamped(filters=24, groups=6, stride=2)),
    ([5, 4, 19], [stamped(stride=2), "relu"]),
    ([5, 4, 19], [{"conv": {"filters": 8, "kernel": 3, "padding": "same"}}, stamped(stride=2)]),
    ([24], [{"reshape": [2, 3, 4]}, stamped(stride=2)]),
]


@pytest.mark.parametrize(("volume", "item"), TRANSPOSED, ids=repr)
def test_transposed(volume: object, item: Item | list[Item], lanes: int) -> None:
    for threads in (1, 3):
        both = Both(volume, item, lanes, threads=threads)
        assert both.algorithms[-1] == "transposed"
        np.testing.assert_array_equal(both.found, both.expected)


def test_a_sum_behind_a_transposed_convolution(lanes: int) -> None:
    up = stamped(stride=2, filters=21)
    both = Both([4, 5, 19], {"add": [[up, "relu"], [up]]}, lanes, threads=2)
    assert both.algorithms == ["transposed"] * 2
    np.testing.assert_array_equal(both.found, both.expected)


TABLE = [[0, 1], [4, 2, 1], [3], [0, 1, 2, 3, 4]]


def local(**options: object) -> Item:
    return {"locally_connected": {"filters": 21, "kernel": 3, **options}}


def tabled(**options: object) -> Item:
    return {"conv": {"filters": 4, "kernel": 3, "connections": TABLE, **options}}


CONTRACTED: list[tuple[object, Item | list[Item], str]] = [
    ([6, 7, 5], tabled(), "connections"),
    ([6, 7, 5], [tabled(stride=[1, 2], padding=1, bias=False), "relu"], "connections"),
    ([6, 7, 5], local(), "unshared"),
    ([6, 7, 19], local(stride=[1, 2], padding=1), "unshared"),
    ([6, 7, 19], [local(filters=70, bias=False), "tanh"], "unshared"),
    ([9, 3], local(kernel=2), "unshared"),
    ([3, 3, 1], local(), "unshared"),
    ([6, 7, 19], {"add": [[local(padding=1), "relu"], [local(padding=1)]]}, "unshared"),
    ([3, 2, 4], [{"reshape": [1, 1, 24]}, local(kernel=1)], "unshared"),
    ([3, 2, 4], [{"reshape": [1, 1, 24]},
                 {"conv": {"filters": 5, "kernel": 1, "padding": 1}}], "direct"),
]  # fmt: skip


@pytest.mark.parametrize(("volume", "item", "algorithm"), CONTRACTED, ids=repr)
def test_products_of_other_forms(
    volume: object, item: Item | list[Item], algorithm: str, lanes: int
) -> None:
    for threads in (1, 3):
        both = Both(volume, item, lanes, threads=threads)
        assert both.algorithms[-1] == algorithm
        np.testing.assert_allclose(both.found, both.expected, rtol=1e-6)


RESIZED: list[tuple[object, Item]] = [
    ([4, 5, 21], {"upsample": {"scale": 2, "mode": "bilinear"}}),
    ([4, 5, 21], {"resize": {"size": [8, 5], "mode": "bilinear"}}),
    ([8, 1, 3], {"resize": {"size": [4, 2], "mode": "bilinear"}}),
    ([7, 21], {"upsample": {"scale": 4, "mode": "bilinear"}}),
    ([2, 3, 4, 5], {"upsample": {"scale": 2, "mode": "bilinear"}}),
]


@pytest.mark.parametrize(("volume", "item"), RESIZED, ids=repr)
def test_linear_resampling(volume: object, item: Item, lanes: int) -> None:
    for threads in (1, 3):
        both = Both(volume, item, lanes, threads=threads)
        assert both.algorithms == ["blend"]
        np.testing.assert_array_equal(both.found, both.expected)


def test_linear_resampling_by_thirds(lanes: int) -> None:
    both = Both([4, 7, 21], {"resize": {"size": [9, 10], "mode": "bilinear"}}, lanes)
    np.testing.assert_allclose(both.found, both.expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("volume", [[7], [9, 21], [5, 4, 19], [2, 3, 4, 5]])
def test_dense_over_the_channels(volume: list[int], lanes: int) -> None:
    """Both backends against the product that it is, number for number."""
    item: Item = {"dense": {"units": 6, "axes": "channels"}}
    both = Both(volume, item, lanes)
    made = graph(written(volume, item))
    weight, bias = (Chosen(made).array(ArrayName(0, name)) for name in ("weight", "bias"))
    x = whole(json.dumps(item), (BATCH, *volume))
    expected = np.einsum("...c,cu->...u", x, weight.reshape(volume[-1], 6)) + bias
    np.testing.assert_array_equal(both.expected, expected)
    np.testing.assert_array_equal(both.found, expected)
