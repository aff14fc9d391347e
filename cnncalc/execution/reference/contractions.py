"""Operations with multiply-accumulates. They go through `Tally`, which counts what is executed.

x is (N, *spatial, C), weight (*F, C/groups, K); see `operations`.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.reference.windows import surrounded, taps, under
from cnncalc.execution.weights import Array
from cnncalc.volume import Volume


class Tally:
    """Multiply-accumulates, counted by the shapes of what is multiplied."""

    def __init__(self) -> None:
        self.macs = 0

    def product(self, a: Array, b: Array) -> Array:
        """a (…, m, k) times b (…, k, n), one multiply-accumulate for each m, k and n."""
        result: Array = a @ b
        self.macs += result.size * a.shape[-1]
        return result

    def grouped(self, x: Array, weight: Array, groups: int) -> Array:
        """x (…, C) times weight (C/groups, K), group by group: (…, K)."""
        if groups == 1:
            return self.product(x, weight)
        places, each = prod(x.shape[:-1]), x.shape[-1] // groups
        if each == 1:
            result: Array = np.repeat(x, weight.shape[-1] // groups, axis=-1) * weight[0]
            self.macs += result.size
            return result
        split = x.reshape(places, groups, each).transpose(1, 0, 2)
        filters = weight.reshape(each, groups, -1).transpose(1, 0, 2)
        return self.product(split, filters).transpose(1, 0, 2).reshape(*x.shape[:-1], -1)


def convolution(
    o: op.Convolution, x: Array, arrays: dict[str, Array], out: Volume, tally: Tally
) -> Array:
    """One product of all positions with each tap of the kernel."""
    padded = surrounded(x, o.windows, out.spatial, 0)
    y = np.zeros((len(x), *out), x.dtype)
    for tap in taps(o.windows):
        seen = under(padded, o.windows, out.spatial, tap)
        y += tally.grouped(seen, arrays["weight"][tap], o.groups)
    return _biased(y, arrays)


def table_convolution(
    o: op.TableConvolution, x: Array, arrays: dict[str, Array], out: Volume, tally: Tally
) -> Array:
    """Filter by filter, each on the channels that the table gives it."""
    padded = surrounded(x, o.windows, out.spatial, 0)
    y = np.zeros((len(x), *out), x.dtype)
    first = 0
    for filter, channels in enumerate(o.connections):
        weight = arrays["weight"][..., first : first + len(channels)]
        first += len(channels)
        for tap in taps(o.windows):
            seen = under(padded, o.windows, out.spatial, tap)[..., list(channels)]
            y[..., filter] += tally.product(seen, weight[tap][:, None])[..., 0]
    return _biased(y, arrays)


def unshared_convolution(
    o: op.UnsharedConvolution, x: Array, arrays: dict[str, Array], out: Volume, tally: Tally
) -> Array:
    """At each position a product of the batch with that position's weights."""
    padded = surrounded(x, o.windows, out.spatial, 0)
    y = np.zeros((*out.spatial, len(x), out.channels), x.dtype)
    for tap in taps(o.windows):
        seen = np.moveaxis(under(padded, o.windows, out.spatial, tap), 0, -2)
        own: tuple[Any, ...] = (..., *tap, slice(None), slice(None))
        y += tally.product(seen, arrays["weight"][own])
    return _biased(np.moveaxis(y, -2, 0), arrays)


def transposed_convolution(
    o: op.TransposedConvolution, x: Array, arrays: dict[str, Array], out: Volume, tally: Tally
) -> Array:
    """Every tap of the kernel, times all pixels, is added to the canvas where it lands."""
    widths = x.shape[1:-1]
    axes = list(zip(o.windows, widths, out.spatial, strict=True))
    canvas_sizes = (max((n - 1) * w.stride + w.effective, w.before + m) for w, n, m in axes)
    canvas = np.zeros((len(x), *canvas_sizes, out.channels), x.dtype)
    for tap in taps(o.windows):
        stamped = tally.grouped(x, arrays["weight"][tap], o.groups)
        landing = under(canvas, o.windows, widths, tap)
        landing += stamped
    cut = tuple(slice(w.before, w.before + m) for w, _, m in axes)
    return _biased(canvas[(slice(None), *cut)], arrays)


def product(x: Array, arrays: dict[str, Array], tally: Tally) -> Array:
    """The volume as a vector, last axis fastest, times the weights."""
    return _biased(tally.product(x.reshape(len(x), -1), arrays["weight"]), arrays)


def _biased(y: Array, arrays: dict[str, Array]) -> Array:
    return y + arrays["bias"] if "bias" in arrays else y
