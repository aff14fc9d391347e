"""`padding: half` and `causal`: which pixels an output reads, walked tap by tap."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import cnncalc
from tests.networks import report, row, written
from tests.windows import taps, windows

Options = dict[str, Any]

SLIDING: dict[str, Options] = {
    "conv": {"filters": 2},
    "depthwise_conv": {},
    "separable_conv": {"filters": 2},
    "locally_connected": {"filters": 2},
    "max_pool": {},
}


def geometries(kind: str) -> list[tuple[int, int, int, int]]:
    dilations = (1,) if kind == "locally_connected" else (1, 2, 3)
    return list(product((7, 8), (1, 2, 3, 4, 5), (1, 2, 3), dilations))


def read(width: int, kind: str, options: Options) -> tuple[int, int, int]:
    """Outputs, and the first pixel and the last one that the first output reads."""
    found = row([width, 2], {kind: options}, rounding="floor")
    field = found.receptive_field
    assert field is not None
    return found.output_shape[0], -field.padding[0], field.size[0] - 1 - field.padding[0]


@pytest.mark.parametrize("kind", [kind for kind in SLIDING if kind != "max_pool"])
def test_causal_reads_its_own_sample_and_what_lies_in_front(kind: str) -> None:
    for width, kernel, stride, dilation in geometries(kind):
        options = {**SLIDING[kind], "kernel": kernel, "stride": stride, "padding": "causal"}
        if dilation > 1:
            options["dilation"] = dilation
        first, *_ = [[-tap for tap in taps(kernel, dilation)]]
        expected = (len(range(0, width, stride)), min(first), 0)
        assert read(width, kind, options) == expected, options


@pytest.mark.parametrize("kind", SLIDING)
def test_half_lies_evenly_on_both_sides(kind: str) -> None:
    """An odd kernel is centred on its own sample; an even one half a tap after it."""
    for width, kernel, stride, dilation in geometries(kind):
        options = {**SLIDING[kind], "kernel": kernel, "stride": stride, "padding": "half"}
        if dilation > 1:
            options["dilation"] = dilation
        overhang = taps(kernel, dilation)[-1]
        half = overhang // 2
        listed = windows(width, kernel, stride, half, half, dilation, "floor")
        expected = (len(listed), listed[0][0], listed[0][-1])
        assert read(width, kind, options) == expected, options
        if overhang % 2 == 0:
            assert listed[0][0] == -listed[0][-1]


@pytest.mark.parametrize(
    ("volume", "options", "padding"),
    [
        ([9, 9, 4], {"kernel": [5, 3]}, [2, 1]),
        ([9, 9, 4], {"kernel": 3, "dilation": [1, 2], "stride": 2}, [1, 2]),
        ([5, 9, 9, 4], {"kernel": [3, 1, 1]}, [1, 0, 0]),
        ([5, 9, 9, 4], {"kernel": 7}, 3),
    ],
)
def test_half_on_several_axes(volume: list[int], options: Options, padding: object) -> None:
    for kind, more in (("conv", {"filters": 2}), ("depthwise_conv", {})):
        half = row(volume, {kind: {**more, **options, "padding": "half"}}, rounding="floor")
        same = row(volume, {kind: {**more, **options, "padding": padding}}, rounding="floor")
        assert half._replace(layer=None) == same._replace(layer=None)


def test_half_around_a_transposed_window() -> None:
    """DCGAN's 4x4 at stride 2 doubles, as PyTorch's `padding=1` does; 3x3 with one pixel more."""
    for options in ({"kernel": 4}, {"kernel": 3, "output_padding": 1}):
        item = {"conv_transpose": {"filters": 1, "stride": 2, "padding": "half", **options}}
        assert row([7, 2], item).output_shape == (14, 1)


def test_under_keras_words_and_from_outside() -> None:
    """WaveNet's ten dilations up to 512 see 1024 samples (van den Oord et al. 2016)."""
    layers = [{"Conv1D": {"filters": 2, "kernel_size": 2, "dilation_rate": 2**i,
                          "padding": "causal"}} for i in range(10)]  # fmt: skip
    last = report([4000, 1], *layers).rows[-1]
    assert last.output_shape == (4000, 2)
    assert last.receptive_field is not None
    assert (last.receptive_field.size, last.receptive_field.padding) == ((1024,), (1023,))
    text = written([9, 9, 1], {"name": "c", "conv": {"filters": 1, "kernel": 3}})
    widened = cnncalc.loads(text, set={"c.padding": "half"}).rows[0]
    assert widened.output_shape == (9, 9, 1)


@pytest.mark.parametrize(
    ("volume", "item", "code", "said"),
    [
        ([9, 9, 2], {"conv": {"filters": 1, "kernel": 3, "dilation": 2, "padding": "causal"}},
         "bad-value", "where the height is time, say [[4, 0], [2, 2]]"),
        ([9, 2], {"conv_transpose": {"filters": 1, "kernel": 3, "padding": "causal"}},
         "wrong-type", "`same`, `valid` or `half`"),
        ([9, 2], {"max_pool": {"kernel": 3, "padding": "causal"}},
         "bad-value", "padding 2 is more than half of the kernel's 3 pixels"),
        ([9, 2], {"pad": "half"}, "wrong-type", "a whole number or a list"),
        ([9, 2], {"crop": "causal"}, "wrong-type", "a whole number or a list"),
        ([9, 2], {"conv": {"filters": 1, "kernel": 3, "padding": "full"}},
         "wrong-type", "`same`, `valid`, `half` or `causal`, not `full`"),
    ],
)  # fmt: skip
def test_refused(volume: list[int], item: Options, code: str, said: str) -> None:
    result = cnncalc.loads(written(volume, item))
    (found,) = result.diagnostics
    assert found.code == code
    assert said in found.message
