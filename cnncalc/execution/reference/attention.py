"""Attention, products of volumes, and rows of tables. Volumes are (N, *spatial, C)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod, sqrt

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.reference.contractions import Tally
from cnncalc.execution.reference.norms import softmax
from cnncalc.execution.weights import Array


def attention(
    o: op.Attention, inputs: Sequence[Array], arrays: dict[str, Array], tally: Tally
) -> Array:
    """Softmax(q·kᵀ/√d + bias)·v, head by head."""
    query, *others = _side_by_side(o, inputs)
    key = others[0] if others else query
    value = others[-1] if others else query
    q = _in_heads(_projected("query", query, arrays, tally), o.query_axes, o.heads)
    k = _in_heads(_projected("key", key, arrays, tally), o.key_axes, o.heads)
    v = _in_heads(_projected("value", value, arrays, tally), o.key_axes, o.heads)
    scores = tally.product(q, k.swapaxes(-1, -2)) / sqrt(q.shape[-1])
    if o.grid:
        scores = scores + _by_difference(o.grid, arrays["position_bias"])
    if o.causal:
        later = np.triu(np.ones(scores.shape[-2:], bool), 1)
        scores = np.where(later, -np.inf, scores)
    shares = softmax(op.Softmax(), scores).astype(v.dtype, copy=False)
    y = tally.product(shares, v).swapaxes(-2, -3)
    y = y.reshape(*y.shape[:-2], -1)
    kept = [n for axis, n in enumerate(query.shape[1:-1]) if axis not in o.query_axes]
    axes = [query.shape[1 + axis] for axis in o.query_axes]
    y = y.reshape(len(query), *kept, *axes, -1)
    first = 1 + len(kept)
    seen: Array = np.moveaxis(
        y, range(first, first + len(axes)), [1 + axis for axis in o.query_axes]
    )
    return seen


def _side_by_side(o: op.Attention, inputs: Sequence[Array]) -> Sequence[Array]:
    if not o.parts:
        return inputs
    (joint,) = inputs
    return np.split(joint, np.cumsum(o.parts)[:-1], -1)


def _projected(name: str, x: Array, arrays: dict[str, Array], tally: Tally) -> Array:
    if f"{name}_weight" not in arrays:
        return x
    weight = arrays[f"{name}_weight"]
    y = tally.product(x, weight.reshape(weight.shape[-2:]))
    return y + arrays[f"{name}_bias"] if f"{name}_bias" in arrays else y


def _in_heads(x: Array, axes: tuple[int, ...], heads: int) -> Array:
    """(N, places apart, heads, positions, channels of a head)."""
    moved = np.moveaxis(x, [1 + axis for axis in axes], range(-1 - len(axes), -1))
    positions = prod(x.shape[1 + axis] for axis in axes)
    split = moved.reshape(len(x), -1, positions, heads, x.shape[-1] // heads)
    return split.swapaxes(-2, -3)


def _by_difference(grid: tuple[int, ...], table: Array) -> Array:
    """(heads, positions, positions): the table's number for the one place less the other."""
    places = np.stack(np.meshgrid(*map(np.arange, grid), indexing="ij"), -1).reshape(-1, len(grid))
    apart = places[:, None] - places[None] + np.array(grid) - 1
    rows = np.ravel_multi_index(tuple(np.moveaxis(apart, -1, 0)), [2 * n - 1 for n in grid])
    result: Array = np.moveaxis(table[rows], -1, 0)
    return result


def matrix_product(o: op.MatrixProduct, inputs: Sequence[Array], tally: Tally) -> Array:
    first, second = (
        x.swapaxes(-1, -2) if turned else x for x, turned in zip(inputs, o.transposed, strict=True)
    )
    return tally.product(first, second)


def lookup(x: Array, arrays: dict[str, Array]) -> Array:
    table = arrays["weight"]
    rows = np.clip(np.nan_to_num(np.rint(x)), 0, len(table) - 1).astype(np.int64)
    result: Array = table[rows]
    return result
