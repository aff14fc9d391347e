"""Exponentials, logarithms and what is made of them, on vectors of float32.

Polynomials and the exponent's bits; the polynomials are minimax fits of our own, made in double
precision. Errors are within a few units of the last place, NaNs stay NaNs, and what lies out of
range goes to the limits that IEEE 754 has for it. Results below 2⁻¹²⁶ count as zero.
"""

from __future__ import annotations

from math import inf, log, nan

from cnncalc.execution.native.kernels.compiler import kernel
from cnncalc.execution.native.kernels.vectors import (
    Vector,
    as_numbers,
    at_least,
    at_most,
    bits_of,
    choose,
    fma,
    polynomial,
    size,
    with_bits,
    with_sign,
)

LN2 = log(2)
PER_LN2 = 1 / LN2
LN2_HIGH = 0.693359375
LN2_LOW = LN2 - LN2_HIGH
"""ln 2 in two parts: a whole number of up to 15 bits times the first is exact in float32."""

EXPONENTIAL = (0.5, 0.16666542, 0.04166628, 0.00836671, 0.0013946667)
"""(eʳ − 1 − r)/r² for |r| ≤ ln(2)/2, lowest power first; error of eʳ − 1: 1.3e-8 of it."""
TWICE_EXPONENTIAL = (2.0, 2.0, *(2 * c for c in EXPONENTIAL))

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

MANTISSA = 23
"""The exponent of a float32 stands above so many bits, with the bias added."""
BIAS = 127
WHOLE = 1.5 * 2.0**23 + BIAS
"""Added to a float32 of less than 2²², it leaves the nearest whole number in the low bits, with the
bias of an exponent."""
HALF = WHOLE - 1
"""Likewise with an exponent less: half of the power."""
LOWEST = -126.0
LOWEST_EXPONENT = LOWEST * LN2
SQUARE_ROOT_OF_HALF = 0x3F3504F3
SMALLEST_NORMAL = 2.0**-126


@kernel
def power_in_bits(nearest: Vector) -> Vector:
    """2 to the whole number in the low bits; 0 where the exponent comes to 0."""
    return with_bits(bits_of(nearest) << MANTISSA)


@kernel
def rest_of(x: Vector, whole: Vector) -> Vector:
    """x − whole·ln 2."""
    return fma(whole, -LN2_LOW, fma(whole, -LN2_HIGH, x))


@kernel
def exponential(x: Vector) -> Vector:
    """eˣ, from zero to infinity."""
    held = at_least(at_most(x, 89.0), LOWEST_EXPONENT)
    nearest = fma(held, PER_LN2, HALF)
    rest = rest_of(held, nearest - HALF)
    return polynomial(rest, TWICE_EXPONENTIAL) * power_in_bits(nearest)


@kernel
def exponential_less_one(x: Vector) -> Vector:
    """eˣ − 1 for x ≤ 0, as precise near 0 as elsewhere."""
    held = at_least(x, -30.0)
    nearest = fma(held, PER_LN2, WHOLE)
    rest, power = rest_of(held, nearest - WHOLE), power_in_bits(nearest)
    less_one = fma(polynomial(rest, EXPONENTIAL), rest * rest, rest)
    return fma(less_one, power, power - 1.0)


@kernel
def power_of_two(y: Vector) -> Vector:
    """2ʸ, from zero to infinity."""
    held = at_least(at_most(y, 129.0), LOWEST)
    nearest = held + HALF
    rest = (held - (nearest - HALF)) * LN2
    return polynomial(rest, TWICE_EXPONENTIAL) * power_in_bits(nearest)


@kernel
def exponent_of(x: Vector) -> Vector:
    """n of x = 2ⁿ·(1 + f), f from √½ − 1 to √2 − 1, as bits."""
    return (bits_of(x) - SQUARE_ROOT_OF_HALF) >> MANTISSA


@kernel
def more_than_one(x: Vector, exponent: Vector) -> Vector:
    """f of it."""
    return with_bits(bits_of(x) - (exponent << MANTISSA)) - 1.0


@kernel
def outside(x: Vector, inside: Vector) -> Vector:
    """The logarithm where x has none that is a number: Inf or NaN as x is, −Inf for zero."""
    above = choose(x < inf, inside, x)
    below = choose(x < 0.0, nan, -inf)
    return choose(x < SMALLEST_NORMAL, below, above)


@kernel
def logarithm(x: Vector) -> Vector:
    """ln x; −Inf for zero, NaN below."""
    bits = exponent_of(x)
    exponent, more = as_numbers(bits), more_than_one(x, bits)
    curve = more * more * polynomial(more, LOGARITHM)
    low = fma(exponent, LN2_LOW, curve)
    return outside(x, fma(exponent, LN2_HIGH, more + low))


@kernel
def power(x: Vector, exponent: Vector) -> Vector:
    """x to a negative power for x ≥ 0, NaN below: 2 to the power exponent·log₂ x."""
    bits = exponent_of(x)
    more = more_than_one(x, bits)
    curve = more * more * polynomial(more, LOGARITHM)
    log2 = fma(exponent, as_numbers(bits), exponent * ((more + curve) * PER_LN2))
    usual = (x >= SMALLEST_NORMAL) & (x < inf)
    return power_of_two(choose(usual, log2, exponent * outside(x, 0.0)))


@kernel
def one_and_exponential(x: Vector) -> Vector:
    """1 + e⁻ˣ."""
    return 1.0 + exponential(0.0 - x)


@kernel
def sigmoid(x: Vector) -> Vector:
    """1/(1 + e⁻ˣ)."""
    return 1.0 / one_and_exponential(x)


@kernel
def silu(x: Vector) -> Vector:
    """x/(1 + e⁻ˣ)."""
    return x / one_and_exponential(x)


@kernel
def tanh(x: Vector) -> Vector:
    """−e/(2 + e) of e = exp(−2|x|) − 1, with the sign of x."""
    less = exponential_less_one(size(x) * -2.0)
    return with_sign(less / (-2.0 - less), x)


@kernel
def softplus(x: Vector) -> Vector:
    """ln(1 + eˣ): max(x, 0) and ln(1 + e^−|x|)."""
    small = exponential(0.0 - size(x))
    return at_least(x, 0.0) + small * polynomial(small, LOGARITHM_OF_MORE)


@kernel
def mish(x: Vector) -> Vector:
    """x·tanh(ln(1 + eˣ)): with w = eˣ(eˣ + 2) that is x·(w/(w + 2)), which is x from 20 on."""
    e = exponential(at_most(x, 20.0))
    w = e * (e + 2.0)
    return x * (w / (w + 2.0))


@kernel
def normal_distribution(x: Vector) -> Vector:
    """Φ(x): the tail on one side, 1 less the tail on the other."""
    tail = power_of_two(polynomial(size(x), TAIL))
    return choose(x > 0.0, 1.0 - tail, tail)
