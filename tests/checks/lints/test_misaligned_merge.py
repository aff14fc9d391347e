"""Which branches lie apart, and by how much, against marking what every position depends on."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

import cnncalc
from tests.analysis import marking
from tests.networks import written

WIDTH = 64

Step = tuple[dict[str, Any], marking.Layer]


def conv(kernel: int, stride: int = 1, before: int = 0, after: int = 0) -> Step:
    options = {"filters": 4, "kernel": kernel, "stride": stride, "padding": [[before, after]]}
    return {"conv": options}, marking.slide(kernel, stride, before, after)


def crop(before: int, after: int) -> Step:
    return {"crop": [[before, after]]}, marking.crop(before, after)


def pool(kernel: int) -> Step:
    return {"max_pool": kernel}, marking.slide(kernel, kernel)


def up(scale: int) -> Step:
    return {"upsample": scale}, marking.repeat(scale)


def found(*branches: list[Step]) -> list[cnncalc.Diagnostic]:
    items = [[item for item, _ in branch] for branch in branches]
    text = written([WIDTH, 4], {"concat": items}, rounding="floor")
    reported = cnncalc.loads(text)
    assert reported.complete, reported.diagnostics
    return [d for d in reported.diagnostics if d.code == "misaligned-merge"]


def mean_centre(branch: list[Step], period: int) -> Fraction:
    """Of the positions in the middle that depend on nothing beyond a border, whole periods."""
    line = marking.chain(*(layer for _, layer in branch))(marking.pixels(WIDTH))
    inside = marking.inside(line)
    start = len(line) // 2 // period * period - period
    centres = [Fraction(min(inside[o]) + max(inside[o]), 2) for o in range(start, start + period)]
    return sum(centres, Fraction(0)) / period


def shift(diagnostic: cnncalc.Diagnostic) -> Fraction:
    """What a message says that branch 2 lies behind branch 1."""
    said = re.search(r"branch (\d) .* looks ([\d.]+) input pixels? (behind|in front of)",
                     diagnostic.message)  # fmt: skip
    assert said
    sign = 1 if said[3] == "behind" else -1
    return Fraction(said[2]) * sign * (1 if said[1] == "2" else -1)


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_crops_beside_a_convolution(kernel: int) -> None:
    for before, padding in product(range(kernel), range(3)):
        branches = (
            [conv(kernel, 1, padding, 0), crop(padding, 0)],
            [crop(before, kernel - 1 - before)],
        )
        apart = mean_centre(list(branches[1]), 2) - mean_centre(list(branches[0]), 2)
        reported = found(*map(list, branches))
        assert bool(reported) == (2 * abs(apart) > 1), (kernel, before, padding)
        assert all(shift(d) == apart for d in reported)


def test_encoders_and_decoders() -> None:
    """Pools and upsamplings around convolutions, beside a skip that is cropped anyhow."""
    random = Random(3)
    reported = quiet = 0
    for _ in range(60):
        scale, kernel = random.choice([2, 4]), random.choice([1, 3])
        lost = scale * (kernel - 1)
        before = random.randint(0, lost)
        deep = [pool(scale), conv(kernel), up(scale)]
        skip = [crop(before, lost - before)]
        apart = mean_centre(skip, scale) - mean_centre(deep, scale)
        findings = found(deep, skip)
        assert bool(findings) == (2 * abs(apart) > 1)
        assert all(shift(d) == apart for d in findings)
        reported, quiet = reported + bool(findings), quiet + (not findings)
    assert reported > 10
    assert quiet > 10


def test_half_a_step_of_a_grid_that_is_not_centred_is_inevitable() -> None:
    """As in feature pyramids: 3x3 at stride 2 with padding 1, upsampled again, any number deep."""
    for depth in range(1, 5):
        deep = [conv(3, 2, 1, 1) for _ in range(depth)] + [up(2**depth)]
        assert found(deep, []) == []
        # Two whole coarse steps beside it are not inevitable.
        moved = 2 * 2**depth
        assert found(deep, [({"pad": [[moved, 0]]}, marking.pad(moved, 0)), crop(0, moved)])
