"""Pools against listed windows: rule A, FLOPs of one per window element, nothing to learn."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.layers.counting import slid, window_elements
from tests.networks import error, row
from tests.references import reference, rows
from tests.together import together
from tests.windows import adaptive_windows

Options = dict[str, Any]

POOLS: list[tuple[list[int], Options]] = [
    ([9, 4], {"kernel": 2}),
    ([9, 4], {"kernel": 3, "stride": 2, "padding": 1}),
    ([6, 5, 3], {"kernel": 2}),
    ([6, 5, 3], {"kernel": [3, 2], "stride": [2, 1], "padding": [1, 0]}),
    ([6, 5, 3], {"kernel": 3, "stride": 2, "padding": [[1, 0], [0, 1]]}),
    ([6, 5, 3], {"kernel": 3, "stride": 2, "padding": "same"}),
    ([4, 6, 5, 2], {"kernel": [1, 2, 3]}),
    ([4, 6, 5, 2], {"kernel": 3, "stride": 1, "padding": 1}),
]


@together("kind", ["max_pool", "avg_pool"])
@together(("volume", "shape"), POOLS)
def test_sliding_pools(kind: str, volume: list[int], shape: Options) -> None:
    for rounding in ("floor", "ceil"):
        axes = slid(volume, **{"stride": shape["kernel"], **shape}, rounding=rounding)
        *output, elements = window_elements(axes, volume[-1])
        item = row(volume, {kind: shape}, rounding=rounding)
        assert item.output_shape == tuple(output)
        assert item.flops == elements
        assert (item.params, item.state, item.macs) == (0, 0, 0)


@pytest.mark.parametrize(("volume", "shape"), [p for p in POOLS if p[1].get("padding") != "same"])
def test_dilated_max_pool(volume: list[int], shape: Options) -> None:
    axes = slid(volume, **{"stride": shape["kernel"], **shape}, dilation=2)
    *output, elements = window_elements(axes, volume[-1])
    item = row(volume, {"max_pool": {**shape, "dilation": 2}}, rounding="floor")
    assert (item.output_shape, item.flops) == (tuple(output), elements)


def test_max_pool_rounds_as_pytorch_does() -> None:
    for width, kernel, stride, padding, dilation, floor, ceil in rows("torch_pool_rounding"):
        options = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        for rounding, length in (("floor", floor), ("ceil", ceil)):
            item = row([width, 1], {"max_pool": {**options, "rounding": rounding}})
            assert item.output_shape == (length, 1), (width, options, rounding)


def test_max_pool_larger_than_its_input_only_where_pytorch_takes_it() -> None:
    for width, kernel, stride, padding, dilation, ceil in reference("torch_pool_rounding")[
        "only_ceil"
    ]:
        options = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        assert row([width, 1], {"max_pool": options}, rounding="ceil").output_shape == (ceil, 1)
        assert error([width, 1], {"max_pool": options}, rounding="floor") == "kernel-too-large"


def test_padding_may_reach_half_of_the_effective_kernel() -> None:
    for kernel, dilation, padding in product(range(1, 5), range(1, 3), range(5)):
        span = dilation * (kernel - 1) + 1
        options = {"kernel": kernel, "stride": 1, "padding": padding, "dilation": dilation}
        if padding <= span // 2:
            assert row([9, 1], {"max_pool": options}).output_shape[0] == 9 + 2 * padding - span + 1
        else:
            assert error([9, 1], {"max_pool": options}) == "bad-value"


@pytest.mark.parametrize("kind", ["global_avg_pool", "global_max_pool"])
@pytest.mark.parametrize("volume", [[9, 4], [6, 5, 3], [4, 6, 5, 2]])
def test_global_pools(kind: str, volume: list[int]) -> None:
    elements = len(list(product(*map(range, volume))))
    item = row(volume, kind)
    kept = row(volume, {kind: {"keepdims": True}})
    assert item.output_shape == (volume[-1],)
    assert kept.output_shape == (*(1 for _ in volume[1:]), volume[-1])
    assert item.flops == kept.flops == elements
    assert (item.params, item.macs) == (0, 0)


@pytest.mark.parametrize("kind", ["adaptive_avg_pool", "adaptive_max_pool"])
def test_adaptive_pools_on_every_small_axis(kind: str) -> None:
    for width, size in product(range(1, 13), repeat=2):
        *output, elements = window_elements([adaptive_windows(width, size)], 3)
        item = row([width, 3], {kind: size})
        assert (item.output_shape, item.flops, item.params) == (tuple(output), elements, 0)


@pytest.mark.parametrize(
    ("volume", "size"), [([7, 9, 2], [3, 4]), ([7, 9, 2], 1), ([4, 6, 5, 2], [2, 6, 7])]
)
def test_adaptive_pools_in_more_dimensions(volume: list[int], size: int | list[int]) -> None:
    sizes = [size] * (len(volume) - 1) if isinstance(size, int) else size
    axes = [adaptive_windows(w, n) for w, n in zip(volume[:-1], sizes, strict=True)]
    *output, elements = window_elements(axes, volume[-1])
    item = row(volume, {"adaptive_avg_pool": {"size": size}})
    assert (item.output_shape, item.flops) == (tuple(output), elements)


@pytest.mark.parametrize(
    ("volume", "item", "code"),
    [
        ([5, 5, 2], {"max_pool": 2}, "stride-misfit"),
        ([5, 5, 2], {"max_pool": 6}, "kernel-too-large"),
        ([5, 5, 2], {"avg_pool": {"kernel": 2, "dilation": 2}}, "unknown-key"),
        ([10], {"max_pool": 2}, "rank-mismatch"),
        ([10], "global_avg_pool", "rank-mismatch"),
        ([5, 5, 2], {"adaptive_avg_pool": 0}, "bad-value"),
        ([5, 5, 2], {"adaptive_avg_pool": [1, 1, 1]}, "rank-mismatch"),
    ],
)
def test_refused(volume: list[int], item: object, code: str) -> None:
    assert error(volume, item) == code


def test_blur_pool_is_a_depthwise_convolution_of_a_padded_volume() -> None:
    """timm's BlurPool2d: filt_size 3 and 5 under stride 2 and 1 pad (S + F − 2)/2 and halve 56."""
    for kernel, stride, padding, length in ((3, 2, 1, 28), (5, 2, 2, 28), (3, 1, 1, 56)):
        options = {"kernel": kernel, "stride": stride, "rounding": "floor"}
        told = row([56, 56, 4], {"blur_pool": options})
        depthwise = {**options, "padding": padding, "bias": False}
        same = row([56, 56, 4], {"depthwise_conv": depthwise})
        assert told.output_shape == (length, length, 4)
        assert (told.macs, told.flops) == (same.macs, same.flops)
        assert (told.params, told.state) == (0, same.weights)
        assert told.receptive_field == same.receptive_field
    assert error([1, 1, 4], {"blur_pool": {"rounding": "floor"}}) == "bad-value"
