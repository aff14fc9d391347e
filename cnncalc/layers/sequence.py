"""Layers over positions that look at each other, and over tokens."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from cnncalc.diagnostics import RuleError
from cnncalc.layers.axes import SPATIAL, AxesOption, numbered
from cnncalc.layers.base import (
    Inferred,
    Layer,
    Option,
    Role,
    RoundingPerAxis,
    Tensor,
    learned,
    need_spatial,
)
from cnncalc.layers.options import Count, Extent, Flag, Rate
from cnncalc.volume import Volume

SOFTMAX = 3
"""Operations for each score: an exponential, a sum, a division."""


class Heads(NamedTuple):
    """How attention shares out what it reads: axes of positions counted from 0, for the queries
    and for the keys, and the numbers of a query and of a value in each head."""

    query_axes: tuple[int, ...]
    key_axes: tuple[int, ...]
    dims: int
    value_dims: int


class Attention(Layer):
    """Multi-head scaled dot-product attention (Vaswani et al. 2017): every position looks at all.
    A volume attends to itself; with `branches` `[q, kv]` or `[q, k, v]` queries attend to others.
    These have C, Cₖ and Cᵥ channels, n positions ask and m answer in each of b places apart, and
    h heads have d dims and e value_dims.

    Output: the query's spatial axes, units channels
    Weights: (C + Cₖ)·hd + Cᵥ·he + he·units; 0 with `project: false`; with a position bias also
        h·∏(2g − 1)
    Biases: 2hd + he + units
    MACs: b·(n·C + m·Cₖ)·hd + b·m·Cᵥ·he + b·n·he·units for the projections, as PyTorch and fvcore
        count linear layers, and b·h·n·m·(d + e) for the two products, as they count matmul
    FLOPs: 2·MACs, one addition for each bias, and for each of the b·h·n·m scores 4 (the scale, then
        exponential, sum and division), 5 with a position bias
    Example: {attention: 12} on 197x768 gives 197x768, 2359296 weights, 3072 biases,
        524391936 MACs
    Example: {attention: {heads: 2, project: false}} on 4x4x8 gives 4x4x8, 0 weights, 0 biases,
        4096 MACs
    Example: {attention: {heads: 4, axes: width, dims: 8, bias: false}} on 4x64x16 gives 4x64x16,
        2048 weights, 0 biases, 1572864 MACs
    """

    kind = "attention"
    default_option = "heads"
    aliases = ("MultiheadAttention",)
    may_merge = True

    heads = Count("heads, each with queries, keys and values of its own", "num_heads")
    dims: Option[int | None] = Count(
        "numbers of a query and of a key in each head",
        "key_dim",
        "head_dim",
        default=None,
        none_means="C/heads",
    )
    value_dims: Option[int | None] = Count(
        "numbers of a value in each head", "value_dim", default=None, none_means="dims"
    )
    units: Option[int | None] = Count(
        "channels that come out", "output_shape", default=None, none_means="C"
    )
    project = Flag(
        "whether queries, keys, values and what comes out pass a dense layer each", default=True
    )
    bias = Flag("whether these dense layers add biases", "use_bias", default=True)
    qkv_bias: Option[bool | None] = Flag(
        "whether those of queries, keys and values do", default=None, none_means="as bias"
    )
    axes = AxesOption(
        "spatial axes whose positions look at each other; the others keep theirs apart",
        default=SPATIAL,
    )
    position_bias: Option[int | tuple[int, ...] | None] = Extent(
        "the grid g of the positions, such as 7x7: each head learns a summand for each difference "
        "of two places (Swin, CoAtNet)",
        default=None,
    )
    causal = Flag(
        "whether a position sees those before it alone", "is_causal", "use_causal_mask",
        default=False,
    )  # fmt: skip
    dropout = Rate("share of the scores that training drops", default=0.0)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        query, key, value = sources(inputs)
        parts = self.parts(inputs)
        asking = prod(query[axis] for axis in parts.query_axes)
        answering = prod(key[axis] for axis in parts.key_axes)
        places = prod(query.spatial) // asking
        h, d, e = self.heads, parts.dims, parts.value_dims
        scores = places * h * asking * answering
        output = query.with_channels(self._units(query, value))
        tensors: tuple[Tensor, ...] = ()
        macs, operations = scores * (d + e), scores * (1 + SOFTMAX)
        if self.project:
            dense = [
                ("query", query, asking, h * d),
                ("key", key, answering, h * d),
                ("value", value, answering, h * e),
            ]
            if len(inputs) == 1:
                # One array for all three, as PyTorch and timm keep them.
                dense = [("qkv", query, asking, h * (2 * d + e))]
            dense.append(("output", query.with_channels(h * e), asking, output.channels))
            for name, volume, positions, units in dense:
                bias = self.bias if name == "output" or self.qkv_bias is None else self.qkv_bias
                macs += places * positions * volume.channels * units
                operations += places * positions * units if bias else 0
                kernel = (*(1 for _ in volume.spatial), volume.channels, units)
                own = learned(kernel, (units,) if bias else None)
                tensors += tuple(t._replace(name=f"{name}_{t.name}") for t in own)
        if self.position_bias is not None:
            differences = prod(2 * side - 1 for side in self._grid(asking, answering))
            tensors += (Tensor("position_bias", Role.WEIGHTS, (differences, h)),)
            operations += scores
        return Inferred(output, tensors, macs, operations, reach=None)

    def _units(self, query: Volume, value: Volume) -> int:
        if not self.project:
            return value.channels
        return query.channels if self.units is None else self.units

    def parts(self, inputs: tuple[Volume, ...]) -> Heads:
        """How the volumes are shared out. Raises `RuleError` where they cannot be."""
        query, key, value = sources(inputs)
        for volume in inputs:
            need_spatial(self, volume)
        query_axes, key_axes = (self._axes(volume) for volume in (query, key))
        apart = [
            tuple(size for axis, size in enumerate(volume.spatial) if axis not in axes)
            for volume, axes in ((query, query_axes), (key, key_axes))
        ]
        if apart[0] != apart[1]:
            raise RuleError(
                "shape-mismatch",
                f"attention needs equal axes where positions are kept apart, and queries are "
                f"{query}, keys {key}",
            )
        if key.spatial != value.spatial:
            raise RuleError(
                "shape-mismatch",
                f"attention needs a value for every key, and keys are {key}, values {value}",
            )
        dims = self._dims(query, key)
        if self.project:
            return Heads(query_axes, key_axes, dims, self.value_dims or dims)
        return Heads(query_axes, key_axes, dims, self._shared(value))

    def _axes(self, volume: Volume) -> tuple[int, ...]:
        axes = numbered(self.axes, volume, "axes")
        if volume.rank in axes:
            raise RuleError("bad-value", "positions have spatial axes, not channels", at="axes")
        return axes

    def _dims(self, query: Volume, key: Volume) -> int:
        if self.project:
            return self._shared(query) if self.dims is None else self.dims
        for option in ("dims", "value_dims", "units", "qkv_bias"):
            if getattr(self, option) is not None:
                raise RuleError(
                    "bad-value", f"`{option}` has no place beside `project: false`", at=option
                )
        if query.channels != key.channels:
            raise RuleError(
                "shape-mismatch",
                f"without projections queries and keys have equal channels, and these are {query} "
                f"and {key}",
            )
        return self._shared(query)

    def _shared(self, volume: Volume) -> int:
        if volume.channels % self.heads:
            raise RuleError(
                "groups-misfit",
                f"{self.heads} heads do not divide the {volume.channels} channels",
                at="heads",
            )
        return volume.channels // self.heads

    def _grid(self, asking: int, answering: int) -> tuple[int, ...]:
        assert self.position_bias is not None
        grid = self.position_bias
        grid = (grid,) if isinstance(grid, int) else grid
        if not prod(grid) == asking == answering:
            raise RuleError(
                "shape-mismatch",
                f"a grid of {'x'.join(map(str, grid))} has {prod(grid)} positions, and {asking} "
                f"look at {answering}",
                at="position_bias",
            )
        return grid


def sources(inputs: tuple[Volume, ...]) -> tuple[Volume, Volume, Volume]:
    """The volumes of queries, keys and values. Raises `RuleError` for more than three."""
    if len(inputs) > 3:
        raise RuleError(
            "bad-value", f"attention takes queries, keys and values, not {len(inputs)} branches"
        )
    query, *others = inputs
    key = others[0] if others else query
    return query, key, others[-1] if others else query


class Embedding(Layer):
    """A learned vector for each token: the numbers of the input are whole, from 0. A sequence of
    T tokens is a vector of T numbers, `input: 128`. A run takes the nearest number
    that the table has.

    Output: the input's axes, then dims channels
    Weights: tokens·dims
    FLOPs: 0 (vectors are looked up)
    Example: {embedding: {tokens: 1000, dims: 64}} on 128 gives 128x64, 64000 weights
    """

    kind = "embedding"
    default_option = "dims"

    tokens = Count("number of different tokens", "num_embeddings", "input_dim", "vocabulary")
    dims = Count("numbers of each vector", "embedding_dim", "output_dim")

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        output = Volume((*volume, self.dims))
        return Inferred(output, learned((self.tokens, self.dims)), reach=None)
