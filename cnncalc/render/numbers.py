"""Digits grouped and units picked: the one place that turns a number into text for people."""

from __future__ import annotations

from fractions import Fraction

_DECIMAL = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_BINARY = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def grouped(number: int) -> str:
    """62,378,344"""
    return f"{number:,}"


def short(number: int) -> str:
    """62.4M: three digits that count, decimal units."""
    for unit, letter in _DECIMAL:
        if number >= unit:
            return f"{_three_digits(number / unit)}{letter}"
    return str(number)


def bytes_short(number: int) -> str:
    """237.95 MiB: binary units, 1 MiB = 2^20 bytes."""
    for unit, letter in _BINARY:
        if number >= unit:
            return f"{number / unit:,.2f} {letter}"
    return f"{number} B"


def milliseconds(seconds: float) -> str:
    """12.345 ms"""
    return f"{1000 * seconds:,.3f} ms"


def duration(seconds: float) -> str:
    """484 s, 1.23 s, 15.8 ms, 0.143 ms: three digits that count."""
    if seconds >= 0.9995:
        return f"{_three_digits(seconds)} s"
    shown = 1000 * seconds
    return f"{_three_digits(shown) if shown >= 0.9995 else f'{shown:.3f}'} ms"


def tenths(number: float) -> str:
    """1,104.2"""
    return f"{number:,.1f}"


def gigas(rate: float) -> str:
    """104.2, of what there are so many a second."""
    return tenths(rate / 10**9)


def per_byte(intensity: float) -> str:
    """18.45, FLOPs for each byte."""
    return f"{intensity:,.2f}"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def fraction(value: Fraction) -> str:
    """4, or 0.5 for the steps of upsampled volumes."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.4g}"


def exact(value: Fraction) -> str:
    """7.5, or 1/3 where no six decimals are all of it."""
    if (value * 10**6).denominator > 1:
        return str(value)
    if value.denominator == 1:
        return str(value.numerator)
    return f"{value.numerator / value.denominator:.6f}".rstrip("0")


def yes(truth: bool) -> str:
    """yes, or no"""
    return "yes" if truth else "no"


def plural(number: int, noun: str) -> str:
    """1 file, 2 files"""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _three_digits(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
