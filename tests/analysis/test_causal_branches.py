"""Causal branches, which agree at their last sample, against marking what every output reads."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import cnncalc
from tests.analysis import marking
from tests.networks import written

WIDTH = 96

Step = tuple[dict[str, Any], marking.Layer]


def causal(kernel: int, dilation: int = 1, stride: int = 1) -> Step:
    options = {"filters": 4, "kernel": kernel, "dilation": dilation, "stride": stride}
    layer = marking.slide(kernel, stride, dilation * (kernel - 1), 0, dilation)
    return {"conv": {**options, "padding": "causal"}}, layer


def conv(kernel: int, stride: int = 1, before: int = 0, after: int = 0, dilation: int = 1) -> Step:
    options = {"filters": 4, "kernel": kernel, "stride": stride, "dilation": dilation}
    item = {"conv": {**options, "padding": [[before, after]]}}
    return item, marking.slide(kernel, stride, before, after, dilation)


def crop(before: int, after: int) -> Step:
    return {"crop": [[before, after]]}, marking.crop(before, after)


def pad(before: int, after: int) -> Step:
    return {"pad": [[before, after]]}, marking.pad(before, after)


POOL: Step = ({"max_pool": 2}, marking.slide(2, 2))
UP: Step = ({"upsample": 2}, marking.repeat(2))
CHOMPED = [conv(3, 1, 8, 8, 4), crop(0, 8)]
"""Bai, Kolter & Koltun's TCN: zeros on both sides, and those at the end chopped off again."""

CAUSAL: list[list[Step]] = [
    [],
    [causal(2)],
    [causal(3)],
    [causal(3, 4), causal(3, 4)],
    [pad(6, 0), conv(4, dilation=2)],
    CHOMPED,
    [conv(3, 1, 2, 0)],
]

STRIDED: list[list[Step]] = [[conv(1, 2)], [causal(3, 1, 2)], [causal(2, 1, 2)], [causal(5, 1, 2)]]

POOLED: list[list[Step]] = [[POOL], [POOL, causal(3)], [POOL, causal(2, 4), causal(2)]]

UPSAMPLED: list[list[Step]] = [
    [POOL, UP],
    [POOL, UP, causal(3)],
    [POOL, causal(2), UP, causal(5, 2)],
]

AFTER_A_CENTRED_STEM: list[list[Step]] = [
    [conv(5, 1, 2, 2)],
    [conv(5, 1, 2, 2), causal(3)],
    [conv(5, 1, 2, 2), *CHOMPED],
]

PADDED_AT_THE_START: list[list[Step]] = [
    [pad(40, 0), crop(8, 0)],
    [pad(40, 0), conv(3, dilation=4)],
    [pad(40, 0), conv(2), conv(8)],
]
"""As PyTorch's WaveNets are written: all zeros first, and the skip loses its first samples."""

PAIRS = [
    (left, right)
    for group in (CAUSAL, STRIDED, POOLED, UPSAMPLED, AFTER_A_CENTRED_STEM, PADDED_AT_THE_START)
    for left, right in product(group, repeat=2)
    if left is not right
]


def merged(left: list[Step], right: list[Step]) -> cnncalc.Report:
    items = [[item for item, _ in branch] for branch in (left, right)]
    reported = cnncalc.loads(written([WIDTH, 4], {"concat": items}, rounding="floor"))
    assert reported.complete, reported.diagnostics
    return reported


def said(reported: cnncalc.Report) -> list[str]:
    return [d.message for d in reported.diagnostics if d.code == "misaligned-merge"]


def through(branch: list[Step]) -> marking.Layer:
    return marking.chain(*(layer for _, layer in branch))


def same_last(left: list[Step], right: list[Step]) -> bool:
    """Whether no output of one branch reads a later pixel than that of the other."""
    lines = [marking.inside(through(branch)(marking.pixels(WIDTH))) for branch in (left, right)]
    shared = set(lines[0]) & set(lines[1])
    assert len(shared) > 10
    return all(max(lines[0][o]) == max(lines[1][o]) for o in shared)


def test_every_pair_of_causal_branches_is_aligned() -> None:
    assert len(PAIRS) > 70
    for left, right in PAIRS:
        assert same_last(left, right)
        reported = merged(left, right)
        assert said(reported) == []
        field = reported.rows[-1].receptive_field
        assert field is not None
        pixels = marking.pixels(WIDTH)
        assert field.aligned == marking.agree(pixels, through(left), through(right)), (left, right)


@pytest.mark.parametrize("moved", [-3, -2, -1, 1, 2, 3])
def test_a_sample_too_early_or_late_is_told(moved: int) -> None:
    """The last samples are `moved` pixels apart, and the centres are too."""
    shift = [pad(moved, 0), crop(0, moved)] if moved > 0 else [crop(-moved, 0), pad(0, -moved)]
    for branch in ([causal(5, 2)], [causal(3, 4), causal(3, 4)], CHOMPED):
        assert not same_last([*branch, *shift], [])
        assert len(said(merged([*branch, *shift], []))) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([conv(5)], [crop(4, 0)]),
        ([conv(5)], [crop(0, 4)]),
        ([conv(5, 1, 2, 2)], [conv(1), crop(2, 0), pad(0, 2)]),
        ([conv(7, 1, 3, 3)], [conv(3, 1, 0, 2), crop(0, 0)]),
        ([conv(5, 1, 0, 4)], []),
    ],
)
def test_a_crop_in_front_or_zeros_at_the_end_are_not_causal(
    left: list[Step], right: list[Step]
) -> None:
    for branches in ((left, right), (right, left)):
        reported = merged(*branches)
        assert len(said(reported)) == 1
        field = reported.rows[-1].receptive_field
        assert field is not None
        assert not field.aligned


def test_a_network_of_residual_blocks() -> None:
    """Bai, Kolter & Koltun 2018: 1 + 2·(k − 1)·(2^n − 1) samples are seen, the last its own."""
    for kernel, blocks in product((2, 3, 5), (1, 4)):
        layers = [
            {"add": [[causal(kernel, 2**i)[0], "relu", causal(kernel, 2**i)[0], "relu"], []]}
            for i in range(blocks)
        ]
        reported = cnncalc.loads(written([400, 4], *layers))
        assert said(reported) == []
        fields = [row.receptive_field for row in reported.rows]
        assert all(field is not None and field.aligned for field in fields)
        last = fields[-1]
        assert last is not None
        seen = 1 + 2 * (kernel - 1) * (2**blocks - 1)
        assert (last.size, last.padding) == ((seen,), (seen - 1,))


def test_a_picture_that_is_causal_from_above() -> None:
    """PixelCNN's vertical stack (van den Oord et al. 2016): rows above, columns on both sides."""
    down = {"conv": {"filters": 4, "kernel": [2, 3], "padding": [[1, 0], [1, 1]]}}
    right = {"conv": {"filters": 4, "kernel": [2, 5], "padding": [[1, 0], [4, 0]]}}
    layers = [{"add": [[down, down], []]}, {"add": [[right], []]}]
    reported = cnncalc.loads(written([32, 32, 4], *layers))
    assert said(reported) == []
    assert all(row.receptive_field and row.receptive_field.aligned for row in reported.rows)
