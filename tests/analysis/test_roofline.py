"""Layers under the roofline, on a machine of 100 FLOP/s and 10 bytes a second."""

from __future__ import annotations

import pytest

from cnncalc.report.roofline import Bound, Limits, Roof, joined, roof, roofline
from cnncalc.report.timing import LayerTime, together

LIMITS = Limits(100.0, 10.0)


@pytest.mark.parametrize(
    ("flops", "bytes", "predicted", "bound", "intensity"),
    [
        (1000, 50, 10.0, Bound.COMPUTE, 20.0),
        (1000, 200, 20.0, Bound.MEMORY, 5.0),
        (1000, 100, 10.0, Bound.COMPUTE, 10.0),
        (1000, 101, 10.1, Bound.MEMORY, 1000 / 101),
        (0, 30, 3.0, Bound.MEMORY, 0.0),
        (0, 0, 0.0, None, None),
    ],
)
def test_a_layer(
    flops: int, bytes: int, predicted: float, bound: Bound | None, intensity: float | None
) -> None:
    found = roof(flops, bytes, LIMITS)
    assert found == Roof(flops, bytes, predicted, bound)
    assert found.intensity == intensity


def test_balance() -> None:
    assert LIMITS.balance == 10


def test_layers_taken_together_are_one_after_the_other() -> None:
    fast, slow, idle = roof(1000, 50, LIMITS), roof(0, 30, LIMITS), roof(0, 0, LIMITS)
    assert joined([fast, slow]) == Roof(1000, 80, 13.0, Bound.MIXED)
    assert joined([slow, idle]) == slow
    assert joined([idle]) == idle
    assert joined([]) is None
    times = [LayerTime("a", 20.0, roof=fast), LayerTime(computed_in="a"), LayerTime("b", 6.0)]
    whole = together([*times, LayerTime("c", 6.0, roof=slow)])
    assert whole is not None
    assert whole.roof == joined([fast, slow])
    assert whole.of_roof == 13 / 32


def test_a_network() -> None:
    layers = [
        (roof(1000, 50, LIMITS), 20.0),
        (roof(0, 30, LIMITS), 4.0),
        (roof(10, 30, LIMITS), 6.0),
        (roof(0, 0, LIMITS), 10.0),
    ]
    found = roofline(layers, LIMITS)
    assert found == (LIMITS, 16.0, 3, 2, 0.25)
    assert roofline([], LIMITS) == (LIMITS, 0, 0, 0, 0)
