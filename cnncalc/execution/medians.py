"""The interval that a median lies in, by the order of what was measured alone: no distribution is
assumed (Conover, Practical Nonparametric Statistics, 1999, 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from cnncalc.report.timing import Interval

CONFIDENCE = 0.95


def interval(numbers: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """The narrowest one, from the k-th least to the k-th largest of the numbers, that holds the
    median with the confidence wanted; all of them where there are too few for that, with the
    confidence they have. None of a single number.

    The median lies outside where fewer than k of n numbers are on one side of it, each with the
    probability 1/2: at either end Σ_{i<k} C(n, i)/2^n.
    """
    n = len(numbers)
    if n < 2:
        return None
    ordered = sorted(numbers)
    outside = 1
    place = 0
    while 2 * (outside + comb(n, place + 1)) <= (1 - confidence) * 2**n:
        place += 1
        outside += comb(n, place)
    return Interval(ordered[place], ordered[n - 1 - place], 1 - 2 * outside / 2**n)
