"""Formula trees as text and as LaTeX, in symbols or in numbers."""

from __future__ import annotations

import re

from cnncalc import escaping
from cnncalc.explain.derivation.formulas import (
    Largest,
    Product,
    Quantity,
    Ratio,
    Rounded,
    Sum,
    Term,
    Value,
    Worked,
)
from cnncalc.render import numbers

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_LETTER = re.compile(r"[A-Za-z](?:_(\w+))?")


def symbol(name: str) -> str:
    """W₁ for W_1; words as they are."""
    letter, underscore, below = name.partition("_")
    if not underscore or not _LETTER.fullmatch(name):
        return name
    return letter + below.translate(_SUBSCRIPTS) if below.isdigit() else name


def latex_symbol(name: str) -> str:
    if _LETTER.fullmatch(name):
        letter, underscore, below = name.partition("_")
        return f"{letter}_{{{below}}}" if underscore else letter
    return latex_words(name)


def latex_words(text: str) -> str:
    return r"\text{" + escaping.latex(text) + "}"


def number(value: Value) -> str:
    return numbers.grouped(value) if isinstance(value, int) else numbers.fraction(value)


def latex_number(value: Value) -> str:
    return number(value).replace(",", "{,}")


def text(term: Term, *, symbols: bool) -> str:
    """A formula on one line."""
    match term:
        case int():
            return number(term)
        case Quantity(name, value):
            return symbol(name) if symbols else number(value)
        case Worked(inner):
            return _in_product(inner, symbols=True) if symbols else _worked(term)
        case Sum(terms):
            return _signed([(sign, _in_sum(t, symbols)) for sign, t in terms], "−")
        case Product(factors):
            return _juxtaposed(factors, [_in_product(f, symbols) for f in factors], "·", symbols)
        case Ratio(numerator, denominator):
            return f"{_in_product(numerator, symbols)}/{_in_product(denominator, symbols)}"
        case Rounded(inner, up):
            left, right = "⌈⌉" if up else "⌊⌋"
            return f"{left}{text(inner, symbols=symbols)}{right}"
        case Largest(terms):
            return f"max({', '.join(text(inner, symbols=symbols) for inner in terms)})"


def latex(term: Term, *, symbols: bool) -> str:
    """A formula in LaTeX's mathematics, without delimiters."""
    match term:
        case int():
            return latex_number(term)
        case Quantity(name, value):
            return latex_symbol(name) if symbols else latex_number(value)
        case Worked(inner):
            worked = _worked(term).replace(",", "{,}")
            return _latex_part(inner, True, (Sum, Product)) if symbols else worked
        case Sum(terms):
            return _signed([(sign, _latex_part(t, symbols)) for sign, t in terms], "-")
        case Product(factors):
            parts = [_latex_part(factor, symbols) for factor in factors]
            return _juxtaposed(factors, parts, r" \cdot ", symbols)
        case Ratio(numerator, denominator):
            above, below = latex(numerator, symbols=symbols), latex(denominator, symbols=symbols)
            return rf"\frac{{{above}}}{{{below}}}"
        case Rounded(inner, up):
            side = "ceil" if up else "floor"
            return rf"\left\l{side} {latex(inner, symbols=symbols)} \right\r{side}"
        case Largest(terms):
            listed = ", ".join(latex(inner, symbols=symbols) for inner in terms)
            return rf"\max\left({listed}\right)"


def _worked(term: Worked) -> str:
    return number(term.value)


def _in_sum(term: Term, symbols: bool) -> str:
    written = text(term, symbols=symbols)
    return f"({written})" if isinstance(term, Sum) else written


def _in_product(term: Term, symbols: bool) -> str:
    written = text(term, symbols=symbols)
    return f"({written})" if isinstance(term, (Sum, Product, Ratio)) else written


def _latex_part(term: Term, symbols: bool, bracketed: type | tuple[type, ...] = Sum) -> str:
    written = latex(term, symbols=symbols)
    return rf"\left({written}\right)" if isinstance(term, bracketed) else written


def _signed(terms: list[tuple[int, str]], minus: str) -> str:
    (first_sign, first), *rest = terms
    lead = first if first_sign > 0 else f"{minus}{first}"
    return lead + "".join(f" {'+' if sign > 0 else minus} {written}" for sign, written in rest)


def _juxtaposed(factors: tuple[Term, ...], written: list[str], dot: str, symbols: bool) -> str:
    """2P rather than 2·P, and a dot everywhere else."""
    first, second = factors[0], factors[1]
    tight = symbols and isinstance(first, int) and isinstance(second, Quantity)
    if tight and _LETTER.fullmatch(second.symbol):  # type: ignore[union-attr]
        return written[0] + dot.join(written[1:])
    return dot.join(written)
