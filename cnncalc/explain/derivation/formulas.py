"""Formulas as trees: one tree gives the symbols, the numbers and the value.

`explain.formulas` writes a tree as text or LaTeX.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, prod
from typing import NamedTuple

Value = int | Fraction
"""An exact number: an int wherever it is whole."""


class Quantity(NamedTuple):
    """A symbol with its value and what it means: W_1 = 27, the input's width.

    What follows `_` is a subscript.
    """

    symbol: str
    value: Value
    meaning: str = ""


class Sum(NamedTuple):
    """Terms with their signs, +1 or -1."""

    terms: tuple[tuple[int, Term], ...]


class Product(NamedTuple):
    factors: tuple[Term, ...]


class Ratio(NamedTuple):
    numerator: Term
    denominator: Term


class Rounded(NamedTuple):
    """Rounded to a whole number, up or down."""

    term: Term
    up: bool


class Largest(NamedTuple):
    """The largest of some terms."""

    terms: tuple[Term, ...]


class Worked(NamedTuple):
    """A part that is worked out already: a formula in symbols, and one number."""

    term: Term
    value: Value


Term = int | Quantity | Sum | Product | Ratio | Rounded | Largest | Worked


def plus(*terms: Term) -> Sum:
    return Sum(tuple((1, term) for term in terms))


def minus(first: Term, *others: Term) -> Sum:
    return Sum(((1, first), *((-1, term) for term in others)))


def times(*factors: Term) -> Term:
    """A product; one factor stands for itself."""
    return factors[0] if len(factors) == 1 else Product(factors)


def value(term: Term) -> Value:
    """What a formula comes to, exactly."""
    exact = _value(term)
    return exact.numerator if exact.denominator == 1 else exact


def _value(term: Term) -> Fraction:
    match term:
        case int():
            return Fraction(term)
        case Quantity(_, number):
            return Fraction(number)
        case Sum(terms):
            return sum((sign * _value(inner) for sign, inner in terms), Fraction(0))
        case Product(factors):
            return prod((_value(factor) for factor in factors), start=Fraction(1))
        case Ratio(numerator, denominator):
            return _value(numerator) / _value(denominator)
        case Rounded(inner, up):
            return Fraction(ceil(_value(inner)) if up else floor(_value(inner)))
        case Largest(terms):
            return max(map(_value, terms))
        case Worked(_, known):
            return Fraction(known)


def worked(term: Term) -> Worked:
    """A part with the number it comes to."""
    return Worked(term, value(term))


def quantities(term: Term) -> list[Quantity]:
    """The quantities of a formula, each once, in the order they stand in."""
    found: dict[str, Quantity] = {}

    def visit(part: Term) -> None:
        match part:
            case int():
                pass
            case Quantity():
                found.setdefault(part.symbol, part)
            case Sum(terms):
                for _, inner in terms:
                    visit(inner)
            case Product(inners) | Largest(inners):
                for inner in inners:
                    visit(inner)
            case Ratio(numerator, denominator):
                visit(numerator)
                visit(denominator)
            case Rounded(inner) | Worked(inner):
                visit(inner)

    visit(term)
    return list(found.values())
