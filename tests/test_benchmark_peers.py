"""What the benchmark tells other runtimes, told to plain loops and held to the reference."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnncalc import bundled
from cnncalc.execution.plan import plan
from cnncalc.execution.weights import Array
from cnncalc.network import Network
from tests.execution.networks import Chosen, computed, graph, whole
from tests.networks import Item, written
from tests.slowness import slow_but

sys.path.append(str(Path(__file__).resolve().parent.parent / "benchmarks"))

from peers.listing import listing, words
from peers.sliding import Stamp
from peers.translation import translate


class Loops:
    """Values are arrays (N, C, *spatial)."""

    def __init__(self, given: Array) -> None:
        self.given = given
        self.found: dict[str, Array] = {}

    def input(self, _name: str, shape: tuple[int, ...]) -> Array:
        x = np.moveaxis(self.given, -1, 1)
        assert x.shape == shape
        return x

    def output(self, name: str, x: Array) -> None:
        self.found[name] = np.moveaxis(x, 1, -1)

    def constant(self, array: Array) -> Array:
        return array

    def transposed_convolution(
        self, x: Array, weight: Array, bias: Array | None, axes: Sequence[Stamp], groups: int
    ) -> Array:
        """Mark by mark."""
        each, own = weight.shape[1], x.shape[1] // groups
        made = np.zeros((len(x), each * groups, *(axis.positions for axis in axes)))
        for pixel in product(*(range(axis.width) for axis in axes)):
            for tap in product(*(range(axis.kernel) for axis in axes)):
                place = tuple(
                    i * axis.stride + t * axis.dilation - axis.before
                    for i, t, axis in zip(pixel, tap, axes, strict=True)
                )
                if not all(0 <= p < a.positions for p, a in zip(place, axes, strict=True)):
                    continue
                for c, k in product(range(x.shape[1]), range(each)):
                    to: Any = (slice(None), c // own * each + k, *place)
                    of: Any = (slice(None), c, *pixel)
                    made[to] += x[of] * weight[(c, k, *tap)]
        return made if bias is None else made + bias.reshape(-1, *[1] * len(axes))

    def products(self, x: Array, weight: Array) -> Array:
        return np.stack([a @ b for a, b in zip(x, weight, strict=True)])

    def resize(self, x: Array, sizes: tuple[int, ...], *, linear: bool) -> Array:
        for axis, n in enumerate(sizes):
            width = x.shape[axis + 2]
            at = np.arange(n) * width / n
            if linear:
                at = np.clip((np.arange(n) + 0.5) * width / n - 0.5, 0, width - 1)
            low = np.floor(at).astype(int)
            part = ((at - low) if linear else 0 * at).reshape(-1, *[1] * (len(sizes) - axis - 1))
            high = np.minimum(low + 1, width - 1)
            x = np.take(x, low, axis + 2) * (1 - part) + np.take(x, high, axis + 2) * part
        return x

    def cut(self, x: Array, axis: int, start: int, stop: int, step: int = 1) -> Array:
        return x[(*[slice(None)] * axis, slice(start, stop, step))]

    def surround(self, x: Array, ends: Sequence[tuple[int, int]]) -> Array:
        return np.pad(x, ends)

    def concatenation(self, xs: Sequence[Array]) -> Array:
        return np.concatenate(xs, 1)

    def reshape(self, x: Array, shape: tuple[int, ...]) -> Array:
        return x.reshape(shape)

    def permute(self, x: Array, axes: tuple[int, ...]) -> Array:
        return x.transpose(axes)

    def merge(self, _: object, xs: Sequence[Array]) -> Array:
        return xs[0] + xs[1]


@pytest.mark.parametrize(
    ("volume", "item"),
    [
        ([4, 5, 3], {"conv_transpose": {"filters": 2, "kernel": 3, "stride": 2}}),
        ([4, 5, 3], {"conv_transpose": {"filters": 2, "kernel": 4, "stride": 2, "padding": 1}}),
        ([4, 4], {"conv_transpose": {"filters": 2, "kernel": 3, "stride": 3, "dilation": 2}}),
        ([3, 4, 6], {"conv_transpose": {"filters": 4, "kernel": 2, "stride": 2, "groups": 2}}),
        ([3, 4, 6], {"conv_transpose": {"filters": 4, "kernel": 3, "stride": 2, "padding": 1,
                                        "output_padding": 1, "bias": False}}),
        ([6, 5, 3], {"locally_connected": {"filters": 4, "kernel": 3}}),
        ([7, 7, 2], {"locally_connected": {"filters": 4, "kernel": 3, "stride": 2, "padding": 1}}),
        ([6, 5, 3], {"upsample": 2}),
        ([6, 5, 3], {"upsample": {"scale": 2, "mode": "bilinear"}}),
        ([6, 4, 3], {"resize": {"size": [9, 7], "mode": "bilinear"}}),
        ([6, 4, 3], {"resize": {"size": [9, 7], "mode": "nearest"}}),
    ],
)  # fmt: skip
def test_what_is_told_makes_the_same(volume: list[int], item: Item) -> None:
    made = graph(written(volume, item))
    todo, weights = plan(made), Chosen(made)
    given = whole("x", (2, *volume))
    loops: Any = Loops(given)
    translate(todo, weights, 2, loops)
    (expected,) = computed(todo, weights, {"input": given}).values()
    (found,) = loops.found.values()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_a_layer_that_is_declared_gives_out_what_goes_into_it() -> None:
    """Otherwise others would know that all is zero, and compute nothing."""
    items: list[Item] = [{"name": "c", "dense": 3}, {"name": "own", "custom": {"output": 2}}]
    said = words(graph(written(4, *items)))
    assert said["product"] == 1
    assert said["constant"] == 0
    middle = words(graph(written(4, *items, {"name": "end", "dense": 2})))
    assert (middle["product"], middle["constant"]) == (2, 1)


FAST = ("lenet5", "dcgan-generator", "unet", "deepface", "espcn")


TRANSFORMERS = ("coatnet_0", "mobilevit_s", "vit_b_16")
"""Networks of attention, which the peers are not told yet."""


def test_networks_that_cannot_be_told() -> None:
    (line,) = listing([("vit_b_16", Network.load("vit_b_16").graph)])
    assert line == "vit_b_16: cannot be told: Constant of class_token"


@pytest.mark.parametrize(
    "name", slow_but(FAST, [name for name in bundled.names() if name not in TRANSFORMERS])
)
def test_every_bundled_network_can_be_told(name: str) -> None:
    (line,) = listing([(name, Network.load(name).graph)])
    assert line.startswith(f"{name}: ")
    assert line.endswith(" words"), line
