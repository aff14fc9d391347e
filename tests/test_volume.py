"""Volumes: read, printed, and refused where an axis is no size."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest

from cnncalc.volume import LARGEST_NUMBER, Volume
from tests.together import together

SMALL = [axes for rank in range(1, 5) for axes in product((1, 2, 13), repeat=rank)]


def test_text_and_numbers_are_two_spellings() -> None:
    for axes in SMALL:
        text = "x".join(map(str, axes))
        assert Volume.parse(text) == Volume(axes) == axes
        assert str(Volume(axes)) == text


def test_parts() -> None:
    for axes in SMALL:
        volume = Volume(axes)
        assert (*volume.spatial, volume.channels) == axes
        assert volume.rank == len(volume.spatial) == len(axes) - 1
        assert volume.size == prod(axes)
        assert volume.with_channels(7) == (*axes[:-1], 7)


@pytest.mark.parametrize("text", ["227 x 227 x 3", "227X227X3", "227x227x3"])
def test_spellings(text: str) -> None:
    assert Volume.parse(text) == (227, 227, 3)


@together(
    "text",
    ["", "x", "3x", "x3", "3xx3", "3x-1", "3x0x1", "3.0x1", "3*3", "axb", "٣x٣", "1x2x3x4x5"],
)
def test_what_is_no_volume(text: str) -> None:
    with pytest.raises(ValueError, match=r"volume|ax[ei]s"):
        Volume.parse(text)


@pytest.mark.parametrize("axes", [(), (0,), (3, -1), (1, 2, 3, 4, 5), (LARGEST_NUMBER + 1,)])
def test_numbers_that_are_no_volume(axes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"ax[ei]s"):
        Volume(axes)


def test_the_largest_axis() -> None:
    assert LARGEST_NUMBER == 2**63 - 1
    assert Volume((LARGEST_NUMBER, 1)).size == LARGEST_NUMBER
