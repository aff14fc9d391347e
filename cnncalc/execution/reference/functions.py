"""Functions of one number, as their papers and PyTorch define them, on arrays of any shape."""

from __future__ import annotations

from collections.abc import Callable
from math import erf

import numpy as np

from cnncalc.execution.operations import Elementwise, Function
from cnncalc.execution.weights import Array

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
"""Klambauer et al. 2017, section 2: the values that fix mean 0 and variance 1."""

_BLOCK = 1 << 12
"""Numbers that become Python's at a time: they take ten times the room there."""


def elementwise(o: Elementwise, x: Array) -> Array:
    return FUNCTIONS[o.function](x, o.parameter).astype(x.dtype, copy=False)


def _sigmoid(x: Array) -> Array:
    """1/(1 + exp(−x)), with the exponential of what is not positive: it cannot overflow."""
    small = np.exp(-np.abs(x))
    result: Array = np.where(x < 0, small, 1) / (1 + small)
    return result


def _softplus(x: Array) -> Array:
    result: Array = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return result


def _elu(x: Array, alpha: float) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _normal_distribution(x: Array) -> Array:
    """Φ(x), by the error function of Python itself."""
    flat = x.ravel()
    found = np.empty(flat.shape, np.float64)
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK] / np.sqrt(2)
        found[start : start + _BLOCK] = [0.5 * (1 + erf(v)) for v in block.tolist()]
    return found.reshape(x.shape)


FUNCTIONS: dict[Function, Callable[[Array, float], Array]] = {
    Function.RELU: lambda x, _: np.maximum(x, 0),
    Function.RELU6: lambda x, _: np.minimum(np.maximum(x, 0), 6),
    Function.LEAKY_RELU: lambda x, slope: np.where(x > 0, x, x * slope),
    Function.ELU: _elu,
    Function.SELU: lambda x, _: SELU_SCALE * _elu(x, SELU_ALPHA),
    Function.GELU: lambda x, _: x * _normal_distribution(x),
    Function.SILU: lambda x, _: x * _sigmoid(x),
    Function.MISH: lambda x, _: x * np.tanh(_softplus(x)),
    Function.SIGMOID: lambda x, _: _sigmoid(x),
    Function.HARD_SIGMOID: lambda x, _: np.minimum(np.maximum(x + 3, 0), 6) / 6,
    Function.HARD_SWISH: lambda x, _: x * (np.minimum(np.maximum(x + 3, 0), 6) / 6),
    Function.TANH: lambda x, _: np.tanh(x),
    Function.SOFTPLUS: lambda x, _: _softplus(x),
    Function.EXP: lambda x, _: np.exp(x),
}


def gate(x: Array) -> Array:
    first, second = np.split(x, 2, -1)
    result: Array = first * _sigmoid(second)
    return result
