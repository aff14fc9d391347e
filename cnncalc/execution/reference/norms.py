"""Normalisations and learned factors. x is (N, *spatial, C)."""

from __future__ import annotations

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.operations import Together
from cnncalc.execution.weights import Array


def channel_affine(o: op.ChannelAffine, x: Array, arrays: dict[str, Array]) -> Array:
    """By stored statistics, then the learned factors, each where it is there."""
    if "running_mean" in arrays:
        x = (x - arrays["running_mean"]) / np.sqrt(arrays["running_var"] + o.eps)
    return _learned(x, arrays)


def standardization(o: op.Standardization, x: Array, arrays: dict[str, Array]) -> Array:
    """By the mean and the variance of what is taken together, in double precision."""
    if o.together is Together.CHANNELS:
        y = _standard(x, (-1,), o.eps)
    elif o.together is Together.ALL:
        y = _standard(x, tuple(range(1, x.ndim)), o.eps)
    else:
        groups = x.reshape(len(x), -1, o.groups, x.shape[-1] // o.groups)
        y = _standard(groups, (1, 3), o.eps).reshape(x.shape)
    return _learned(y, arrays).astype(x.dtype, copy=False)


def _standard(x: Array, axes: tuple[int, ...], eps: float) -> Array:
    deviation = x - x.mean(axes, np.float64, keepdims=True)
    variance = (deviation**2).mean(axes, keepdims=True)
    result: Array = deviation / np.sqrt(variance + eps)
    return result


def neighbour_normalization(o: op.NeighbourNormalization, x: Array) -> Array:
    """Squares of the neighbouring channels, added up one neighbour after the other."""
    before, after = o.size // 2, (o.size - 1) // 2
    around = [(0, 0)] * (x.ndim - 1)
    squares = np.pad(x**2, [*around, (before, after)])
    total = np.zeros_like(x)
    for neighbour in range(o.size):
        total += squares[..., neighbour : neighbour + x.shape[-1]]
    result: Array = x / (o.k + o.alpha * total) ** o.beta
    return result


def learned_slope(x: Array, arrays: dict[str, Array]) -> Array:
    return np.where(x > 0, x, x * arrays["weight"])


def softmax(o: op.Softmax, x: Array) -> Array:
    """The largest is taken away first, so that no exponential overflows."""
    below = x - x.max(-1, keepdims=True)
    total = np.exp(below).sum(-1, keepdims=True)
    result: Array = below - np.log(total) if o.logarithm else np.exp(below) / total
    return result


def _learned(x: Array, arrays: dict[str, Array]) -> Array:
    if "weight" in arrays:
        x = x * arrays["weight"]
    return x + arrays["bias"] if "bias" in arrays else x


def length_normalization(o: op.LengthNormalization, x: Array) -> Array:
    axes = tuple(1 + axis for axis in o.axes)
    length = np.sqrt((x.astype(np.float64) ** 2).sum(axes, keepdims=True))
    result: Array = (x / np.maximum(length, o.eps)).astype(x.dtype, copy=False)
    return result


def root_normalization(o: op.RootNormalization, x: Array, arrays: dict[str, Array]) -> Array:
    axes = (-1,) if o.together is Together.CHANNELS else tuple(range(1, x.ndim))
    square = (x.astype(np.float64) ** 2).mean(axes, keepdims=True)
    return _learned(x / np.sqrt(square + o.eps), arrays).astype(x.dtype, copy=False)


def response_normalization(
    o: op.ResponseNormalization, x: Array, arrays: dict[str, Array]
) -> Array:
    length = np.sqrt((x.astype(np.float64) ** 2).sum(tuple(range(1, x.ndim - 1)), keepdims=True))
    response = length / (length.mean(-1, keepdims=True) + o.eps)
    return (_learned(x * response, arrays) + x).astype(x.dtype, copy=False)


def rescaling(o: op.Rescaling, x: Array) -> Array:
    result: Array = x * np.array(o.factor, x.dtype) + np.array(o.offset, x.dtype)
    return result
