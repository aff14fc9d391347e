"""The plot of a roofline: what is drawn, and that names do not cover one another."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.text import Text

from cnncalc.render.report.roofline import LABELS, drawn, figure
from cnncalc.report.report import Report
from cnncalc.report.roofline import Limits, roof, roofline
from cnncalc.report.timing import LayerTime, Run, Spread
from tests.networks import report
from tests.slowness import slow

LIMITS = Limits(200e9, 30e9)


def placed(layers: list[tuple[str, int, int, float]], name: str = "Net") -> Report:
    """A report of layers with these names, FLOPs, bytes and seconds."""
    found = report(4, *["relu"] * len(layers))._replace(name=name)
    whole = sum(seconds for *_, seconds in layers) or 1.0
    rows = [
        row._replace(
            name=label,
            timing=LayerTime(
                "numpy", seconds, seconds / whole, flops / seconds if flops else None, None, 0,
                flops=flops, roof=roof(flops, bytes, LIMITS),
            ),
        )
        for row, (label, flops, bytes, seconds) in zip(found.rows, layers, strict=True)
    ]  # fmt: skip
    places = [(roof(flops, bytes, LIMITS), seconds) for _, flops, bytes, seconds in layers]
    run = Run("reference", 2, 0, True, 5, 1, Spread(whole, whole, whole), 1.0, 1.0, 200e9, 0.0, 0.0,
              0, (), roofline(places, LIMITS))  # fmt: skip
    return found._replace(rows=tuple(rows), run=run)


def crowded(seed: int) -> Report:
    """Thirty layers, many of them close to one another."""
    random = Random(seed)
    layers = []
    for number in range(30):
        flops = 10 ** random.randint(5, 8) * random.randint(1, 9)
        bytes = max(1, int(flops / 10 ** random.uniform(0, 2)))
        seconds = max(flops / 200e9, bytes / 30e9) * 10 ** random.uniform(-0.2, 2)
        layers.append((f"block{number}.branch.conv{number}", flops, bytes, seconds))
    return placed(layers)


@pytest.mark.parametrize("seed", range(3))
def test_names_cover_neither_one_another_nor_the_frame(seed: int) -> None:
    made = crowded(seed)
    drawing = figure(made, made.rows)
    axes = drawing.axes[0]
    texts = [text for text in axes.texts if text.get_text()]
    boxes = [Text.get_window_extent(text) for text in texts]
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)]
    frame = axes.get_window_extent()
    names = [box for box, text in zip(boxes, texts, strict=True) if "block" in text.get_text()]
    assert 3 <= len(names) <= LABELS
    for box in names:
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1


def test_dots() -> None:
    made = placed([("a", 100, 100, 1.0), ("b", 10_000, 100, 3.0), ("none", 0, 50, 1.0)])
    axes = figure(made, made.rows).axes[0]
    groups: list[Any] = list(axes.collections)
    dots = {
        tuple(place): area
        for group in groups
        for place, area in zip(group.get_offsets().tolist(), group.get_sizes(), strict=True)
    }
    assert dots == {(1.0, 1e-7): pytest.approx(700 / 3), (100.0, 10_000 / 3e9): 700.0}
    slope: Any = axes.lines[0]
    ((left, low), (bend, peak), (_, flat)) = slope.get_xydata().tolist()
    assert (bend, peak, flat) == (pytest.approx(20 / 3), 200.0, 200.0)
    assert low / left == pytest.approx(30)


@pytest.mark.parametrize("name", ["$x^{2", *slow(r"\\frac", "網", "")])
@pytest.mark.slow
def test_any_name_is_drawn_as_it_is(name: str) -> None:
    made = placed([(name, 100, 100, 1.0)], name=name)
    picture = drawn(made, made.rows, "svg")
    assert picture == drawn(made, made.rows, "svg"), "the same again"
    assert ElementTree.fromstring(picture).tag.endswith("svg")


def test_nothing_to_show_but_the_roof() -> None:
    made = placed([("none", 0, 50, 1.0)])
    assert drawn(made, made.rows, "png").startswith(b"\x89PNG")
