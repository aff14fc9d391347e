"""The report: frozen data that renderers and queries read and nothing else.

Every number a user sees is worked out here or below, never while printing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cnncalc.analysis.memory import bytes_of, peak_elements
from cnncalc.analysis.receptive_field import ReceptiveField, receptive_fields
from cnncalc.diagnostics import Diagnostic
from cnncalc.geometry import Rounding, Window
from cnncalc.graph.graph import Graph, Node
from cnncalc.layers.base import Role
from cnncalc.volume import Volume


class Row(NamedTuple):
    """A layer of the report. MACs, FLOPs and activation bytes are for the whole batch.

    Parameters of a layer that shares its weights are counted at `shares`, where they live.
    `kernel` … `dilation` stand for sliding layers only. A row that stands for a folded block has
    `layers` > 1 and no line of its own kind.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    input_shapes: tuple[Volume, ...]
    output_shape: Volume
    weights: int
    biases: int
    state: int
    trainable: int
    macs: int
    flops: int
    activation_bytes: int
    receptive_field: ReceptiveField | None
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    dropped: tuple[int, ...]
    rounded: Rounding | None
    declared: bool
    shares: str | None
    share_of_params: float
    file: str
    line: int
    column: int
    layers: int = 1

    @property
    def params(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def is_trainable(self) -> bool:
        """Whether no parameter of the layer is held fixed."""
        return self.trainable == self.params


class Totals(NamedTuple):
    """Sums over the network. Parameters are trainable or not; state is neither."""

    layers: int = 0
    weights: int = 0
    biases: int = 0
    trainable: int = 0
    state: int = 0
    macs: int = 0
    flops: int = 0
    param_bytes: int = 0
    activation_bytes: int = 0
    peak_activation_bytes: int = 0

    @property
    def params(self) -> int:
        return self.weights + self.biases

    @property
    def non_trainable(self) -> int:
        return self.params - self.trainable


class Group(NamedTuple):
    """A named scope of layers: a block's instance, its copies together, or a sequential."""

    kind: str
    output: int
    """The row whose output is the group's; below 0 where it passes an input through."""


class Report(NamedTuple):
    """All that cnncalc knows of a network. `complete` is false where faults left gaps, and then
    the rows and totals cover only the layers that are known."""

    name: str
    file: str
    description: str | None
    source: str | None
    inputs: dict[str, Volume]
    batch: int
    dtype: str
    rows: tuple[Row, ...]
    outputs: dict[str, Volume]
    totals: Totals
    complete: bool
    diagnostics: tuple[Diagnostic, ...]
    groups: dict[str, Group]

    @property
    def ok(self) -> bool:
        """Whether there are no errors; warnings may be."""
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)


def report(
    graph: Graph, diagnostics: Iterable[Diagnostic], batch: int = 1, dtype: str = "float32"
) -> Report:
    """The report of a graph, complete or not."""
    params = sum(_count(node, Role.WEIGHTS) + _count(node, Role.BIASES) for node in graph.nodes)
    fields = receptive_fields(graph)
    rows = tuple(
        _row(graph, node, field, params, batch, dtype)
        for node, field in zip(graph.nodes, fields, strict=True)
    )
    found = tuple(diagnostics)
    return Report(
        name=graph.document.name,
        file=graph.document.source.name,
        description=graph.document.description,
        source=graph.document.citation,
        inputs=graph.inputs,
        batch=batch,
        dtype=dtype,
        rows=rows,
        outputs={name: graph.volume(point) for name, point in graph.outputs.items()},
        totals=_totals(rows, peak_elements(graph) * batch, dtype),
        complete=graph.complete and not any(diagnostic.is_error for diagnostic in found),
        diagnostics=found,
        groups=_groups(graph),
    )


def _count(node: Node, role: Role) -> int:
    return node.inferred.count(role) if node.owner is None else 0


def _row(
    graph: Graph,
    node: Node,
    field: ReceptiveField | None,
    all_params: int,
    batch: int,
    dtype: str,
) -> Row:
    inferred = node.inferred
    weights, biases = _count(node, Role.WEIGHTS), _count(node, Role.BIASES)
    kernel, stride, padding, dilation = _columns_of(inferred.windows)
    span = node.span
    line, column = span.source.locate(span.start)
    return Row(
        name=node.name,
        kind=node.layer.kind,
        inputs=tuple(map(graph.point_name, node.inputs)),
        input_shapes=tuple(map(graph.volume, node.inputs)),
        output_shape=inferred.output,
        weights=weights,
        biases=biases,
        state=_count(node, Role.STATE),
        trainable=weights + biases if node.trainable else 0,
        macs=inferred.macs * batch,
        flops=(2 * inferred.macs + inferred.operations) * batch,
        activation_bytes=bytes_of(inferred.output.size * batch, dtype),
        receptive_field=field,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        dropped=inferred.dropped or _NOTHING_DROPPED[inferred.output.rank],
        rounded=inferred.rounded,
        declared=inferred.declared,
        shares=graph.nodes[node.owner].name if node.owner is not None else None,
        share_of_params=(weights + biases) / all_params if all_params else 0.0,
        file=span.source.name,
        line=line,
        column=column,
    )


_NOTHING_DROPPED = ((), (0,), (0, 0), (0, 0, 0))

_Axes = tuple[int, ...]


@lru_cache(maxsize=1024)
def _columns_of(
    windows: tuple[Window, ...],
) -> tuple[_Axes, _Axes, tuple[tuple[int, int], ...], _Axes]:
    """Kernels, strides, paddings and dilations; layers with equal windows share them."""
    return (
        tuple(w.kernel for w in windows),
        tuple(w.stride for w in windows),
        tuple((w.before, w.after) for w in windows),
        tuple(w.dilation for w in windows),
    )


def _totals(rows: tuple[Row, ...], peak: int, dtype: str) -> Totals:
    weights = sum(row.weights for row in rows)
    biases = sum(row.biases for row in rows)
    return Totals(
        layers=len(rows),
        weights=weights,
        biases=biases,
        trainable=sum(row.trainable for row in rows),
        state=sum(row.state for row in rows),
        macs=sum(row.macs for row in rows),
        flops=sum(row.flops for row in rows),
        param_bytes=bytes_of(weights + biases, dtype),
        activation_bytes=sum(row.activation_bytes for row in rows),
        peak_activation_bytes=bytes_of(peak, dtype),
    )


def _groups(graph: Graph) -> dict[str, Group]:
    groups = {}
    for name, named in graph.names.items():
        item = named.item
        # Merges and plain layers open no scope, unless their copies are numbered under one name.
        if item is None or named.point is None or named.stop - named.start < 1:
            continue
        if graph.nodes[named.start].name.startswith(f"{name}."):
            kind = item.block or (item.kind.kind if item.kind else item.kind_key.text)
            groups[name] = Group(kind, named.point)
    return groups
