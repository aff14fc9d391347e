"""Exponentials, logarithms and what is made of them, on vectors of float32.

Polynomials and the exponent's bits; the polynomials are minimax fits of our own, made in double
precision. Errors are within a few units of the last place, NaNs stay NaNs, and what lies out of
range goes to the limits that IEEE 754 has for it. Results below 2⁻¹²⁶ count as zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log, nan

from cnncalc.execution.native.kernels.builder import Function, Value

LN2_HIGH = 0.693359375
LN2_LOW = log(2) - LN2_HIGH
"""ln 2 in two parts: a whole number of up to 15 bits times the first is exact in float32."""

EXPONENTIAL = (0.5, 0.16666542, 0.04166628, 0.00836671, 0.0013946667)
"""(eʳ − 1 − r)/r² for |r| ≤ ln(2)/2, lowest power first; error of eʳ − 1: 1.3e-8 of it."""

LOGARITHM = (-0.4999999, 0.3333395, -0.25001755, 0.1996207,
             -0.16570514, 0.14917989, -0.14307483, 0.08734751)  # fmt: skip
"""(ln(1 + f) − f)/f² from √½ − 1 to √2 − 1; error of ln(1 + f): 3e-8 of it."""

LOGARITHM_OF_MORE = (0.99999994, -0.49999493, 0.33319095, -0.24842978, 0.19105989,
                     -0.13663207, 0.07822549, -0.029504957, 0.0052326242)  # fmt: skip
"""ln(1 + u)/u from 0 to 1; error: 3e-8 of it."""

TAIL = (-0.99999994, -1.15110755, -0.4591941, -0.05252043, 0.0070605283, -8.984173e-05,
        -0.00023799104, 6.4861553e-05, -9.06787e-06, 6.9034814e-07, -2.2602644e-08)  # fmt: skip
"""log₂ of Φ(−a), the part of a normal distribution below −a, for a up to 5.5; error of Φ: 3e-8 of
it, growing to 6e-7 where Φ is 2e-8. Beyond it falls on, faster than Φ does."""

_ROUND = 1.5 * 2**23
"""Added to a float32 of less than 2²², it leaves the nearest whole number in the low bits."""
_BIAS = 127
_MANTISSA = 23
"""The exponent of a float32 stands above so many bits, with the bias added."""
_LOWEST = -126
_SQUARE_ROOT_OF_HALF = 0x3F3504F3
_SMALLEST_NORMAL = 2.0**-126


def polynomial(f: Function, x: Value, coefficients: Sequence[float]) -> Value:
    """By Horner's rule; the lowest power comes first."""
    *others, total = [f.constant(c) for c in coefficients]
    for c in reversed(others):
        total = f.fma(total, x, c)
    return total


def exponential(f: Function, x: Value) -> Value:
    """eˣ, from zero to infinity."""
    held = f.at_least(f.at_most(x, f.constant(89)), f.constant(_LOWEST * log(2)))
    rest, half = _split(f, held, _BIAS - 1)
    return f.times(_twice_exponential(f, rest), half)


def exponential_less_one(f: Function, x: Value) -> Value:
    """eˣ − 1 for x ≤ 0, as precise near 0 as elsewhere."""
    rest, power = _split(f, f.at_least(x, f.constant(-30)), _BIAS)
    more = polynomial(f, rest, EXPONENTIAL)
    less_one = f.fma(more, f.times(rest, rest), rest)
    return f.fma(less_one, power, f.minus(power, f.constant(1)))


def power_of_two(f: Function, y: Value) -> Value:
    """2ʸ, from zero to infinity."""
    held = f.at_least(f.at_most(y, f.constant(129)), f.constant(_LOWEST))
    whole, half = _rounded(f, f.plus(held, _rounding(f, _BIAS - 1)), _BIAS - 1)
    rest = f.times(f.minus(held, whole), f.constant(log(2)))
    return f.times(_twice_exponential(f, rest), half)


def _twice_exponential(f: Function, rest: Value) -> Value:
    return polynomial(f, rest, [2, 2, *(2 * c for c in EXPONENTIAL)])


def _split(f: Function, x: Value, bias: int) -> tuple[Value, Value]:
    """x as n·ln 2 and a rest: the rest, and 2 to the power n + bias − 127."""
    nearest = f.fma(x, f.constant(1 / log(2)), _rounding(f, bias))
    whole, power = _rounded(f, nearest, bias)
    rest = f.fma(whole, f.constant(-LN2_HIGH), x)
    return f.fma(whole, f.constant(-LN2_LOW), rest), power


def _rounding(f: Function, bias: int) -> Value:
    return f.constant(_ROUND + bias)


def _rounded(f: Function, nearest: Value, bias: int) -> tuple[Value, Value]:
    """Of a number to which the constant for rounding was added: the whole number next to it, and
    2 to that power, times 2 to the power bias − 127; 0 where the exponent comes to 0."""
    whole = f.minus(nearest, _rounding(f, bias))
    moved = f.at_end.shl(f.bits_of(nearest), f.pattern(_MANTISSA))
    return whole, f.with_bits(moved)


def logarithm(f: Function, x: Value) -> Value:
    """ln x; −Inf for zero, NaN below."""
    exponent, more = _exponent(f, x)
    curve = f.times(f.times(more, more), polynomial(f, more, LOGARITHM))
    low = f.fma(exponent, f.constant(LN2_LOW), curve)
    return _outside(f, x, f.fma(exponent, f.constant(LN2_HIGH), f.plus(more, low)))


def power(f: Function, x: Value, exponent: Value) -> Value:
    """x to a negative power for x ≥ 0, NaN below: 2 to the power exponent·log₂ x."""
    whole, more = _exponent(f, x)
    curve = f.times(f.times(more, more), polynomial(f, more, LOGARITHM))
    rest = f.times(f.plus(more, curve), f.constant(1 / log(2)))
    log2 = f.fma(exponent, whole, f.times(exponent, rest))
    out = f.times(exponent, _outside(f, x, f.constant(0)))
    usual = f.at_end.and_(
        f.ordered(">=", x, f.constant(_SMALLEST_NORMAL)), f.ordered("<", x, f.constant(inf))
    )
    return power_of_two(f, f.choose(usual, log2, out))


def _exponent(f: Function, x: Value) -> tuple[Value, Value]:
    """x as 2ⁿ·(1 + f), f from √½ − 1 to √2 − 1: n and f."""
    bits = f.bits_of(x)
    above = f.at_end.sub(bits, f.pattern(_SQUARE_ROOT_OF_HALF))
    exponent = f.at_end.ashr(above, f.pattern(_MANTISSA))
    moved = f.at_end.sub(bits, f.at_end.shl(exponent, f.pattern(_MANTISSA)))
    more = f.minus(f.with_bits(moved), f.constant(1))
    return f.at_end.sitofp(exponent, f.module.vector), more


def _outside(f: Function, x: Value, inside: Value) -> Value:
    """The logarithm where x has none that is a number: Inf or NaN as x is, −Inf for zero."""
    above = f.choose(f.ordered("<", x, f.constant(inf)), inside, x)
    small = f.ordered("<", x, f.constant(_SMALLEST_NORMAL))
    below = f.choose(f.ordered("<", x, f.constant(0)), f.constant(nan), f.constant(-inf))
    return f.choose(small, below, above)


def sigmoid(f: Function, x: Value) -> Value:
    """1/(1 + e⁻ˣ)."""
    return f.over(f.constant(1), _one_and_exponential(f, x))


def silu(f: Function, x: Value) -> Value:
    """x/(1 + e⁻ˣ)."""
    return f.over(x, _one_and_exponential(f, x))


def _one_and_exponential(f: Function, x: Value) -> Value:
    return f.plus(f.constant(1), exponential(f, f.minus(f.constant(0), x)))


def tanh(f: Function, x: Value) -> Value:
    """−e/(2 + e) of e = exp(−2|x|) − 1, with the sign of x."""
    less = exponential_less_one(f, f.times(f.intrinsic("fabs", x), f.constant(-2)))
    size = f.over(less, f.minus(f.constant(-2), less))
    return f.intrinsic("copysign", size, x)


def softplus(f: Function, x: Value) -> Value:
    """ln(1 + eˣ): max(x, 0) and ln(1 + e^−|x|)."""
    small = exponential(f, f.minus(f.constant(0), f.intrinsic("fabs", x)))
    more = f.times(small, polynomial(f, small, LOGARITHM_OF_MORE))
    return f.plus(f.at_least(x, f.constant(0)), more)


def mish(f: Function, x: Value) -> Value:
    """x·tanh(ln(1 + eˣ)): with w = eˣ(eˣ + 2) that is x·(w/(w + 2)), which is x from 20 on."""
    e = exponential(f, f.at_most(x, f.constant(20)))
    w = f.times(e, f.plus(e, f.constant(2)))
    return f.times(x, f.over(w, f.plus(w, f.constant(2))))


def normal_distribution(f: Function, x: Value) -> Value:
    """Φ(x): the tail on one side, 1 less the tail on the other."""
    tail = power_of_two(f, polynomial(f, f.intrinsic("fabs", x), TAIL))
    return f.choose(f.ordered(">", x, f.constant(0)), f.minus(f.constant(1), tail), tail)
