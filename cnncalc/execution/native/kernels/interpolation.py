"""The matrices of Winograd's convolutions, in exact fractions.

A convolution of r taps at m positions is a product of polynomials, known from its values at
n = m + r - 1 points: n multiplications instead of m·r, and in two dimensions n² instead of m²r². It
is y = A'[(G g G') x (B' d B)]A with g the taps, d the n x n numbers read, x element by element
(Lavin & Gray 2015, https://arxiv.org/abs/1509.09308). One point is infinity.

The points decide how much is lost by rounding. Those of n = 6 are far enough from each other and
from 0 that an error is a third of what the usual 0, 1, -1, 2, -2 give, and their squares and
products are exact in float32.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

Matrix = tuple[tuple[Fraction, ...], ...]

POINTS = {
    4: (Fraction(0), Fraction(1), Fraction(-1)),
    6: (Fraction(0), Fraction(5, 8), Fraction(-5, 8), Fraction(3, 2), Fraction(-3, 2)),
}
"""The finite points by n."""


class Form(NamedTuple):
    """F(m x m, r x r): m = `outputs` and r = `taps` along each of the two axes."""

    outputs: int
    taps: int

    @property
    def reads(self) -> int:
        """n, the pixels that a tile reads along an axis."""
        return self.outputs + self.taps - 1

    @property
    def products(self) -> int:
        return self.reads**2

    def __str__(self) -> str:
        return f"F({self.outputs}x{self.outputs},{self.taps}x{self.taps})"


FORMS = (Form(2, 3), Form(4, 3), Form(2, 5))


def for_input(reads: int) -> Matrix:
    """B', n x n: row i has the coefficients of the product of (x - p) over all points but point i,
    lowest power first; the last row that over all."""
    points = POINTS[reads]
    others = [points[:i] + points[i + 1 :] for i in range(len(points))]
    rows = [(*_product(roots), Fraction(0)) for roots in others]
    return (*rows, _product(points))


def for_weights(form: Form) -> Matrix:
    """G, n x r: row i has the powers of point i over the product of its distances to the others."""
    rows = []
    points = POINTS[form.reads]
    for point in points:
        distances = Fraction(1)
        for other in points:
            distances *= point - other if point != other else 1
        rows.append(tuple(point**k / distances for k in range(form.taps)))
    return (*rows, _highest(form.taps))


def for_output(form: Form) -> Matrix:
    """A', m x n: column i has the powers of point i; that of infinity has the highest alone."""
    columns = [tuple(point**k for k in range(form.outputs)) for point in POINTS[form.reads]]
    return tuple(zip(*columns, _highest(form.outputs), strict=True))


def _product(roots: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """The coefficients of the product of (x - root), lowest power first."""
    found: tuple[Fraction, ...] = (Fraction(1),)
    for root in roots:
        shifted, scaled = (Fraction(0), *found), (*(root * c for c in found), Fraction(0))
        found = tuple(a - b for a, b in zip(shifted, scaled, strict=True))
    return found


def _highest(length: int) -> tuple[Fraction, ...]:
    return (Fraction(0),) * (length - 1) + (Fraction(1),)
