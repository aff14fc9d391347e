"""Layers computed one number at a time, from their definitions and nothing of the package.

x is one image (*spatial, C). What is asked outside of it is zero, or not there for a maximum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from cnncalc.execution.weights import Array

Numbers = tuple[int, ...]


class Sliding(NamedTuple):
    """Per axis: kernel, stride, padding before, dilation."""

    kernel: Numbers
    stride: Numbers
    before: Numbers
    dilation: Numbers


def seen(w: Sliding, position: Numbers, shape: Sequence[int]) -> Iterator[tuple[Numbers, Numbers]]:
    """Every tap of the kernel at a position that lies inside: the tap, and the pixel there."""
    for tap in product(*map(range, w.kernel)):
        pixel = tuple(
            o * s - p + t * d
            for o, s, p, t, d in zip(position, w.stride, w.before, tap, w.dilation, strict=True)
        )
        if all(0 <= i < n for i, n in zip(pixel, shape, strict=True)):
            yield tap, pixel


def convolution(
    x: Array, weight: Array, bias: Array, w: Sliding, out: Numbers, groups: int
) -> Array:
    """weight (*F, C/groups, K): filter k sees the channels of its group."""
    each, filters = weight.shape[-2:]
    y = np.zeros((*out, filters))
    for position in product(*map(range, out)):
        for k in range(filters):
            group = k // (filters // groups)
            total = bias[k]
            for tap, pixel in seen(w, position, x.shape[:-1]):
                for c in range(each):
                    total += x[(*pixel, group * each + c)] * weight[(*tap, c, k)]
            y[(*position, k)] = total
    return y


def unshared(x: Array, weight: Array, bias: Array, w: Sliding, out: Numbers) -> Array:
    """weight (*out, *F, C, K)."""
    y = np.zeros((*out, weight.shape[-1]))
    for position in product(*map(range, out)):
        at = Sliding(*w)
        for tap, pixel in seen(at, position, x.shape[:-1]):
            for c, k in product(range(x.shape[-1]), range(weight.shape[-1])):
                y[(*position, k)] += x[(*pixel, c)] * weight[(*position, *tap, c, k)]
        y[position] += bias[position]
    return y


def transposed(
    x: Array, weight: Array, bias: Array, w: Sliding, out: Numbers, groups: int
) -> Array:
    """Output pixel o is reached from input pixel i by tap t where i·S + t·D − P = o."""
    each, filters = weight.shape[-2:]
    y = np.zeros((*out, filters)) + bias
    pixels = product(*map(range, x.shape[:-1]))
    for pixel, tap in product(pixels, product(*map(range, w.kernel))):
        lands = tuple(
            i * s + t * d - p
            for i, s, t, d, p in zip(pixel, w.stride, tap, w.dilation, w.before, strict=True)
        )
        if not all(0 <= o < n for o, n in zip(lands, out, strict=True)):
            continue
        for k, c in product(range(filters), range(each)):
            group = k // (filters // groups)
            y[(*lands, k)] += x[(*pixel, group * each + c)] * weight[(*tap, c, k)]
    return y


def max_pool(x: Array, w: Sliding, out: Numbers) -> Array:
    y = np.full((*out, x.shape[-1]), -np.inf)
    for position, c in product(product(*map(range, out)), range(x.shape[-1])):
        for _, pixel in seen(w, position, x.shape[:-1]):
            y[(*position, c)] = max(y[(*position, c)], x[(*pixel, c)])
    return y


def avg_pool(x: Array, w: Sliding, out: Numbers, behind: Numbers | None) -> Array:
    """`behind` is the padding behind where padding counts, None where it does not."""
    y = np.zeros((*out, x.shape[-1]))
    widths = x.shape[:-1]
    for position, c in product(product(*map(range, out)), range(x.shape[-1])):
        total = sum(x[(*pixel, c)] for _, pixel in seen(w, position, widths))
        counted = 1
        for o, f, s, p, n, b in zip(
            position, w.kernel, w.stride, w.before, widths, behind or w.before, strict=True
        ):
            inside = [o * s - p + t for t in range(f)]
            low, high = (0, n) if behind is None else (-p, n + b)
            counted *= sum(low <= i < high for i in inside)
        y[(*position, c)] = total / counted
    return y
