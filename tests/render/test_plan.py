"""Words of a plan: names that share a path, numbers that are neighbours."""

from __future__ import annotations

import pytest

from cnncalc.render.numbers import duration
from cnncalc.render.report.plan import layers_text, ranges
from tests.together import together


@together(
    ("names", "width", "expected"),
    [
        (["conv1"], None, "conv1"),
        (["conv1", "relu1"], None, "conv1 + relu1"),
        (["b1.conv", "b1.norm", "b1.relu"], None, "b1.conv + .norm + .relu"),
        (["b1.conv", "b1.inner.norm", "add"], None, "b1.conv + .inner.norm + add"),
        (["b1.conv", "b11.norm"], None, "b1.conv + b11.norm"),
        (["b1.x.conv", "b1.add"], None, "b1.x.conv + b1.add"),
        (["b1.conv", "b1.norm"], 15, "b1.conv + .norm"),
        (["b1.conv", "b1.norm"], 14, "b1.conv +1"),
        (["b1.conv", "b1.norm", "b1.relu"], 10, "b1.conv +2"),
        (["stage1.conv", "b1.norm", "b1.relu"], 10, "…1.conv +2"),
        (["stage1.conv"], 8, "…e1.conv"),
    ],
)
def test_layers(names: list[str], width: int | None, expected: str) -> None:
    assert layers_text(names, width) == expected
    assert width is None or len(expected) <= width


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], ""),
        ([4], "4"),
        ([4, 5], "4, 5"),
        ([4, 5, 6], "4–6"),
        ([1, 3, 4, 5, 6, 8, 9], "1, 3–6, 8, 9"),
    ],
)
def test_ranges(numbers: list[int], expected: str) -> None:
    assert ", ".join(ranges(numbers)) == expected


@together(
    ("seconds", "expected"),
    [
        (0, "0.000 ms"),
        (0.000143, "0.143 ms"),
        (0.00099949, "0.999 ms"),
        (0.0009996, "1.00 ms"),
        (0.0158, "15.8 ms"),
        (0.4842, "484 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.00 s"),
        (12.34, "12.3 s"),
        (1234.5, "1,234 s"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected
