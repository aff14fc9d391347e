"""The variables of bundled networks that make others of them, which have no file of their own."""

from __future__ import annotations

import pytest

import cnncalc

NARROW_AND_WIDE = {
    0.35: (1_677_128, 14_080),
    0.5: (1_968_680, 18_544),
    0.75: (2_636_424, 26_640),
    1.0: (3_504_872, 34_112),
    1.4: (6_108_776, 47_936),
}
"""keras.applications.MobileNetV2 of Keras 3.15.1, by `alpha`: trainable weights, and the others."""


@pytest.mark.parametrize("width", NARROW_AND_WIDE)
def test_mobilenets_of_other_widths(width: float) -> None:
    totals = cnncalc.load("mobilenet_v2", set={"width": width}).totals
    assert (totals.trainable, totals.state) == NARROW_AND_WIDE[width]
