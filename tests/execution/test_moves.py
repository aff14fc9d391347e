"""Kinds that move numbers or merge volumes, number by number, and those that leave them alone."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tests.execution.networks import one, run, whole
from tests.networks import Item, written


def test_flatten_and_reshape_go_row_by_row_channels_last() -> None:
    x = whole("x", (2, 2, 3, 4))
    numbers = [
        [x[n, h, w, c] for h in range(2) for w in range(3) for c in range(4)] for n in (0, 1)
    ]
    np.testing.assert_array_equal(one([2, 3, 4], "flatten", x, {}), numbers)
    y = one([2, 3, 4], {"reshape": [4, -1]}, x, {})
    np.testing.assert_array_equal(y, np.reshape(numbers, (2, 4, 6)))


def test_dense_stretches_a_volume_channels_last() -> None:
    x, weight = whole("x", (1, 2, 2, 3)), whole("w", (12, 2))
    expected = [
        sum(
            x[0, h, w, c] * weight[(h * 2 + w) * 3 + c, k]
            for h, w, c in product(range(2), range(2), range(3))
        )
        for k in range(2)
    ]
    y = one([2, 2, 3], {"dense": {"units": 2, "bias": False}}, x, {"weight": weight})
    np.testing.assert_array_equal(y, [expected])


def test_permute() -> None:
    x = whole("x", (2, 2, 3, 4))
    y = one([2, 3, 4], {"permute": [2, 0, 1]}, x, {})
    assert y.shape == (2, 4, 2, 3)
    for n, h, w, c in product(range(2), range(2), range(3), range(4)):
        assert y[n, c, h, w] == x[n, h, w, c]


@pytest.mark.parametrize("volume", [[3, 8], [2, 3, 8], [2, 1, 2, 8]])
def test_pixel_shuffle_and_back(volume: list[int]) -> None:
    rank = len(volume) - 1
    x = whole("x", (2, *volume))
    y = one(volume, {"pixel_shuffle": 2}, x, {})
    left = 8 // 2**rank
    for index in np.ndindex(x.shape):
        n, *pixel, channel = index
        c, place = divmod(channel, 2**rank)
        within = [place // 2 ** (rank - 1 - axis) % 2 for axis in range(rank)]
        moved = tuple(2 * p + i for p, i in zip(pixel, within, strict=True))
        assert y[(n, *moved, c)] == x[index]
    back = one([2 * p for p in volume[:-1]] + [left], {"pixel_unshuffle": 2}, y, {})
    np.testing.assert_array_equal(back, x)


def test_channel_shuffle() -> None:
    x = whole("x", (1, 3, 6))
    y = one([3, 6], {"channel_shuffle": 2}, x, {})
    np.testing.assert_array_equal(y, x[..., [0, 3, 1, 4, 2, 5]])


def test_pad_crop_and_slice() -> None:
    x = whole("x", (2, 3, 4, 5))
    y = one([3, 4, 5], {"pad": [[1, 0], [0, 2]]}, x, {})
    assert y.shape == (2, 4, 6, 5)
    assert np.abs(y).sum() == np.abs(x).sum()
    np.testing.assert_array_equal(y[:, 1:, :4], x)
    y = one([3, 4, 5], {"pad": {"padding": 0, "channels": [2, 1]}}, x, {})
    assert y.shape == (2, 3, 4, 8)
    assert np.abs(y).sum() == np.abs(x).sum()
    np.testing.assert_array_equal(y[..., 2:7], x)
    y = one([3, 4, 5], {"crop": [[1, 0], [0, 2]]}, x, {})
    np.testing.assert_array_equal(y, x[:, [1, 2]][:, :, [0, 1]])
    y = one([3, 4, 5], {"slice": [1, 4]}, x, {})
    np.testing.assert_array_equal(y, x[..., [1, 2, 3]])


@pytest.mark.parametrize("kind", ["identity", "dropout", "drop_path"])
def test_what_does_nothing_at_inference(kind: str) -> None:
    x = whole("x", (2, 3, 4))
    np.testing.assert_array_equal(one([3, 4], kind, x, {}), x)


class TestMerges:
    def merged(self, kind: str, *branches: Item) -> tuple[np.ndarray, ...]:
        x = whole("x", (2, 3, 2, 4))
        text = written([3, 2, 4], {"name": "m", kind: branches})
        (y,) = run(text, x).values()
        return x, y

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("add", lambda a, b, c: a + b + c),
            ("multiply", lambda a, b, c: a * b * c),
            ("maximum", max),
            ("average", lambda a, b, c: (a + b + c) / 3),
        ],
    )
    def test_three_branches_of_which_one_stretches(self, kind: str, expected: object) -> None:
        largest = [{"global_max_pool": {"keepdims": True}}]
        x, y = self.merged(kind, [], ["relu"], largest)
        assert callable(expected)
        for n, h, w, c in product(*map(range, x.shape)):
            pixel = x[n, h, w, c]
            value = expected(pixel, max(pixel, 0), x[n, :, :, c].max())
            assert y[n, h, w, c] == pytest.approx(value, rel=1e-6)

    def test_subtract_takes_the_second_from_the_first(self) -> None:
        x, y = self.merged("subtract", ["relu"], [])
        np.testing.assert_array_equal(y, np.abs(np.minimum(x, 0)))

    def test_channels_stretch(self) -> None:
        x, y = self.merged("multiply", [{"slice": [1, 2]}], [])
        np.testing.assert_array_equal(y, x * x[..., 1:2])

    def test_concat_goes_along_the_channels(self) -> None:
        x, y = self.merged("concat", [{"slice": [2, 3]}], [], [{"slice": [0, 2]}])
        np.testing.assert_array_equal(y, x[..., [2, 0, 1, 2, 3, 0, 1]])


def test_what_is_declared_is_zeros_of_its_volume() -> None:
    x = whole("x", (2, 5))
    item = {"custom": {"output": "3x2", "weights": 7, "macs": 35}}
    np.testing.assert_array_equal(one(5, item, x, {}), np.zeros((2, 3, 2)))


class TestScales:
    def test_scale(self) -> None:
        x, weight, bias = whole("x", (2, 3, 4)), whole("w", (4,)), whole("b", (4,))
        y = one([3, 4], {"scale": {"bias": True}}, x, {"weight": weight, "bias": bias})
        np.testing.assert_array_equal(y, x * weight + bias)
        y = one([3, 4], "scale", x, {"weight": weight})
        np.testing.assert_array_equal(y, x * weight)
