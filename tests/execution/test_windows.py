"""What slides, against loops over every position, tap and channel, on whole numbers: exactly."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from cnncalc.execution.weights import Array
from tests.execution import naive
from tests.execution.naive import Numbers, Sliding
from tests.execution.networks import one, whole
from tests.together import together

Ends = tuple[int, int]


def sliding(rank: int, options: dict[str, Any], ends: tuple[Ends, ...]) -> Sliding:
    def every(name: str, default: int) -> Numbers:
        value = options.get(name, default)
        return (value,) * rank if isinstance(value, int) else tuple(value)

    kernel = every("kernel", 0)
    stride = every("stride", 1) if "stride" in options else (1,) * rank
    return Sliding(kernel, stride, tuple(before for before, _ in ends), every("dilation", 1))


def geometries() -> list[dict[str, Any]]:
    """One axis, all that fits when rounded down."""
    found = []
    for width, kernel, stride, dilation in product((1, 2, 5, 6), (1, 2, 3), (1, 2, 3), (1, 2)):
        for before, after in ((0, 0), (1, 1), (0, 1), (1, 0), (0, 2), (2, 1)):
            effective = dilation * (kernel - 1) + 1
            if effective <= width + before + after:
                found.append({"width": width, "kernel": kernel, "stride": stride,
                              "dilation": dilation, "ends": (before, after)})  # fmt: skip
    return found


def count(width: int, kernel: int, stride: int, dilation: int, ends: Ends) -> int:
    """Starts from which the last tap still lies in the padded axis."""
    return sum(
        start + dilation * (kernel - 1) < width + sum(ends)
        for start in range(0, width + sum(ends), stride)
    )


class TestConvolution:
    def test_every_small_geometry(self) -> None:
        x, weight, bias = whole("x", (2, 6, 2)), whole("w", (3, 2, 3)), whole("b", (3,))
        for g in geometries():
            image, taps = x[:, : g["width"]], weight[: g["kernel"]]
            window = Sliding((g["kernel"],), (g["stride"],), g["ends"][:1], (g["dilation"],))
            options = {key: g[key] for key in ("kernel", "stride", "dilation")}
            item = {"conv": {"filters": 3, **options, "padding": [list(g["ends"])]}}
            given = {"weight": taps, "bias": bias}
            y = one([g["width"], 2], item, image, given, rounding="floor")
            out = (count(**g),)
            expected = [naive.convolution(i, taps, bias, window, out, 1) for i in image]
            np.testing.assert_array_equal(y, expected, str(g))

    @together("groups", [1, 2, 3, 6])
    @together("volume", [[5, 6], [4, 5, 6], [3, 4, 2, 6]])
    def test_groups_and_ranks(self, volume: list[int], groups: int) -> None:
        rank = len(volume) - 1
        kernel = (2, 3, 1)[:rank]
        weight, bias = whole("w", (*kernel, 6 // groups, 12)), whole("b", (12,))
        x = whole("x", (2, *volume))
        options: dict[str, Any] = {"filters": 12, "kernel": list(kernel), "groups": groups}
        y = one(volume, {"conv": options}, x, {"weight": weight, "bias": bias})
        w = sliding(rank, options, ((0, 0),) * rank)
        expected = [naive.convolution(i, weight, bias, w, y.shape[1:-1], groups) for i in x]
        np.testing.assert_array_equal(y, expected)

    @together(("width", "kernel", "stride"), [*product((4, 5, 7), (1, 2, 3), (1, 2))])
    def test_same(self, width: int, kernel: int, stride: int) -> None:
        """The odd pixel of padding goes behind."""
        out = -(-width // stride)
        before = max((out - 1) * stride + kernel - width, 0) // 2
        x, weight = whole("x", (1, width, 2)), whole("w", (kernel, 2, 2))
        options = {"filters": 2, "kernel": kernel, "stride": stride, "padding": "same",
                   "bias": False}  # fmt: skip
        y = one([width, 2], {"conv": options}, x, {"weight": weight})
        w = Sliding((kernel,), (stride,), (before,), (1,))
        expected = naive.convolution(x[0], weight, np.zeros(2), w, (out,), 1)
        np.testing.assert_array_equal(y[0], expected)

    @pytest.mark.parametrize(("kernel", "stride", "dilation"),
                             [*product((1, 2, 3, 4), (1, 2), (1, 3))])  # fmt: skip
    def test_causal_and_half(self, kernel: int, stride: int, dilation: int) -> None:
        """Causal output o reads o·S and what lies in front of it; half, as much on both sides."""
        width, last = 9, dilation * (kernel - 1)
        x, weight = whole("x", (1, width, 2)), whole("w", (kernel, 2, 2))
        options = {"filters": 2, "kernel": kernel, "stride": stride, "dilation": dilation,
                   "bias": False, "rounding": "floor"}  # fmt: skip
        for padding, ends in (("causal", (last, 0)), ("half", (last // 2, last // 2))):
            item = {"conv": {**options, "padding": padding}}
            y = one([width, 2], item, x, {"weight": weight})
            out = (count(width, kernel, stride, dilation, ends),)
            w = Sliding((kernel,), (stride,), ends[:1], (dilation,))
            expected = naive.convolution(x[0], weight, np.zeros(2), w, out, 1)
            np.testing.assert_array_equal(y[0], expected, padding)

    def test_a_window_over_the_edge_finds_zeros(self) -> None:
        x, weight = whole("x", (1, 6, 2)), whole("w", (3, 2, 1))
        options = {"filters": 1, "kernel": 3, "stride": 2, "rounding": "ceil", "bias": False}
        y = one([6, 2], {"conv": options}, x, {"weight": weight})
        w = Sliding((3,), (2,), (0,), (1,))
        expected = naive.convolution(x[0], weight, np.zeros(1), w, (3,), 1)
        np.testing.assert_array_equal(y[0], expected)

    def test_connections(self) -> None:
        """A table is a convolution whose other weights are zero."""
        table = [[0, 2], [1], [3, 0, 1]]
        x, pairs = whole("x", (2, 4, 5, 4)), whole("w", (3, 2, 6))
        dense, number = np.zeros((3, 2, 4, 3)), 0
        for k, channels in enumerate(table):
            for c in channels:
                dense[:, :, c, k] = pairs[:, :, number]
                number += 1
        bias = whole("b", (3,))
        options = {"filters": 3, "kernel": [3, 2], "connections": table, "stride": [1, 2],
                   "rounding": "floor"}  # fmt: skip
        y = one([4, 5, 4], {"conv": options}, x, {"weight": pairs, "bias": bias})
        w = Sliding((3, 2), (1, 2), (0, 0), (1, 1))
        expected = [naive.convolution(i, dense, bias, w, (2, 2), 1) for i in x]
        np.testing.assert_array_equal(y, expected)

    def test_separable(self) -> None:
        x, depthwise = whole("x", (2, 4, 4, 3)), whole("d", (3, 3, 1, 6))
        pointwise, bias = whole("p", (1, 1, 6, 2)), whole("b", (2,))
        options = {"filters": 2, "kernel": 3, "padding": 1, "multiplier": 2, "dilation": 2,
                   "stride": 1}  # fmt: skip
        given = {"depthwise_weight": depthwise, "weight": pointwise, "bias": bias}
        y = one([4, 4, 3], {"separable_conv": {**options, "padding": 2}}, x, given)
        w = Sliding((3, 3), (1, 1), (2, 2), (2, 2))
        for image, got in zip(x, y, strict=True):
            between = naive.convolution(image, depthwise, np.zeros(6), w, (4, 4), 3)
            np.testing.assert_array_equal(got, between @ pointwise[0, 0] + bias)

    @pytest.mark.parametrize(("rank", "bias"), [*product((1, 2, 3), (True, False))])
    def test_locally_connected(self, rank: int, bias: bool) -> None:
        volume, kernel, out = (5, 4, 3)[:rank], (2, 3, 2)[:rank], (4, 2, 2)[:rank]
        x = whole("x", (2, *volume, 2))
        given = {"weight": whole("w", (*out, *kernel, 2, 3))}
        own = whole("b", (*out, 3)) if bias else np.zeros((*out, 3))
        if bias:
            given["bias"] = own
        options = {"filters": 3, "kernel": list(kernel), "bias": bias}
        y = one([*volume, 2], {"locally_connected": options}, x, given)
        w = Sliding(kernel, (1,) * rank, (0,) * rank, (1,) * rank)
        expected = [naive.unshared(i, given["weight"], own, w, out) for i in x]
        np.testing.assert_array_equal(y, expected)


class TestTransposedConvolution:
    def transposed(self, x: Array, options: dict[str, Any], before: int, out: int) -> None:
        groups, filters = options.get("groups", 1), options["filters"]
        weight = whole("w", (options["kernel"], x.shape[-1] // groups, filters))
        bias = whole("b", (filters,))
        y = one(list(x.shape[1:]), {"conv_transpose": options}, x,
                {"weight": weight, "bias": bias})  # fmt: skip
        w = Sliding((options["kernel"],), (options["stride"],), (before,),
                    (options.get("dilation", 1),))  # fmt: skip
        expected = [naive.transposed(i, weight, bias, w, (out,), groups) for i in x]
        np.testing.assert_array_equal(y, expected, str(options))

    def test_every_small_geometry(self) -> None:
        cases = product((1, 3, 4), (1, 2, 3), (1, 2, 3), (1, 2), (0, 1, 2), (0, 1))
        for width, kernel, stride, dilation, padding, extra in cases:
            out = (width - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1
            if out < 1 or extra >= max(stride, dilation):
                continue
            options = {"filters": 2, "kernel": kernel, "stride": stride, "padding": padding,
                       "dilation": dilation, "output_padding": extra}  # fmt: skip
            self.transposed(whole("x", (2, width, 2)), options, padding, out)

    @together(("kernel", "stride"), [*product((1, 2, 3, 5), (1, 2, 3, 4))])
    def test_same(self, kernel: int, stride: int) -> None:
        """What no stamp reaches is bias alone."""
        options = {"filters": 4, "kernel": kernel, "stride": stride, "padding": "same",
                   "groups": 2}  # fmt: skip
        self.transposed(whole("x", (2, 3, 4)), options, max(kernel - stride, 0) // 2, 3 * stride)


class TestPools:
    @pytest.mark.parametrize("rounding", ["floor", "ceil"])
    def test_every_small_geometry(self, rounding: str) -> None:
        x = whole("x", (2, 6, 2))
        for g in geometries():
            before, after = g["ends"]
            if max(before, after) > (g["dilation"] * (g["kernel"] - 1) + 1) // 2:
                continue
            image = x[:, : g["width"]]
            options = {"kernel": g["kernel"], "stride": g["stride"], "padding": [[before, after]]}
            w = Sliding((g["kernel"],), (g["stride"],), (before,), (g["dilation"],))
            item: dict[str, Any] = {"max_pool": {**options, "dilation": g["dilation"]}}
            y = one([g["width"], 2], item, image, {}, rounding=rounding)
            expected = [naive.max_pool(i, w, y.shape[1:-1]) for i in image]
            np.testing.assert_array_equal(y, expected, str(g))
            if g["dilation"] > 1:
                continue
            for counts in (True, False):
                item = {"avg_pool": {**options, "count_include_pad": counts}}
                y = one([g["width"], 2], item, image, {}, rounding=rounding)
                behind = (after,) if counts else None
                expected = [naive.avg_pool(i, w, y.shape[1:-1], behind) for i in image]
                np.testing.assert_allclose(y, expected, rtol=1e-6, err_msg=str(g))

    @pytest.mark.parametrize("kind", ["global_avg_pool", "global_max_pool"])
    def test_global(self, kind: str) -> None:
        x = whole("x", (2, 2, 2, 4, 3))
        y = one([2, 2, 4, 3], kind, x, {})
        flat = x.reshape(2, 16, 3)
        expected = flat.sum(1) / 16 if "avg" in kind else flat.max(1)
        np.testing.assert_array_equal(y, expected)

    @together("kind", ["adaptive_avg_pool", "adaptive_max_pool"])
    @together(("width", "size"), [*product((1, 3, 4, 7), (1, 2, 3, 5))])
    def test_adaptive(self, kind: str, width: int, size: int) -> None:
        x = whole("x", (1, width, 2))
        y = one([width, 2], {kind: size}, x, {})
        for o in range(size):
            # Pixels that share a point with the stretch [o, o + 1) of the axis scaled to `size`.
            part = [
                i for i in range(width) if (i + 1) * size > o * width and i * size < (o + 1) * width
            ]
            pixels = x[0, part]
            expected = pixels.sum(0) / len(part) if "avg" in kind else pixels.max(0)
            np.testing.assert_allclose(y[0, o], expected, rtol=1e-6)
