"""Intervals of medians, held to every way in which numbers can lie around the true one."""

from __future__ import annotations

from itertools import product

import pytest

from cnncalc.execution.medians import interval

LARGEST = 13


def covered(n: int, place: int) -> float:
    """How often the true median lies from the number at this place up to the one that is as far
    from the other end, when each of n lies below or above it by the toss of a coin."""
    sides = (sum(below) for below in product((0, 1), repeat=n))
    held = [place < below < n - place for below in sides]
    return held.count(True) / len(held)


@pytest.mark.parametrize("confidence", [0.5, 0.85, 0.95])
@pytest.mark.parametrize("n", range(2, LARGEST))
def test_it_is_the_narrowest_that_is_sure_enough(n: int, confidence: float) -> None:
    found = interval([float(number) for number in range(n, 0, -1)], confidence)
    assert found is not None
    place = int(found.low) - 1
    assert found.high == n - place
    assert found.confidence == pytest.approx(covered(n, place))
    assert found.confidence >= confidence or place == 0
    narrower = place + 1
    assert 2 * narrower >= n or covered(n, narrower) < confidence


def test_known_ones() -> None:
    """Six are the fewest whose extremes hold the median with 95 %: 1 - 2/2^6."""
    found = interval([3, 1, 2, 6, 5, 4])
    assert found == (1, 6, 1 - 2 / 64)
    few = interval([2.0, 1.0])
    assert few == (1, 2, 0.5)
    assert interval([1.0]) is None
