"""The report: frozen data that renderers and features read.

Every number a user sees is worked out here or below, never while printing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Graph, Node
from cnncalc.layers.base import Inferred, Layer, Role
from cnncalc.report.memory import bytes_of, peak_elements
from cnncalc.report.receptive_field import ReceptiveField, receptive_fields
from cnncalc.report.timing import LayerTime, Run
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
    layer: Layer | None = None
    """The options, for comparing one row with another."""
    timing: LayerTime | None = None
    """What was measured, where the network was run."""

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
    family: str | None
    inputs: dict[str, Volume]
    batch: int
    dtype: str
    rows: tuple[Row, ...]
    outputs: dict[str, Volume]
    totals: Totals
    complete: bool
    diagnostics: tuple[Diagnostic, ...]
    groups: dict[str, Group]
    run: Run | None = None
    """What was measured as a whole, where the network was run."""

    @property
    def ok(self) -> bool:
        """Whether there are no errors; warnings may be."""
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)


class _Numbers(NamedTuple):
    """What layers of one kind, options and input volume have in common."""

    weights: int
    biases: int
    state: int
    macs: int
    flops: int
    activation_bytes: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    dropped: tuple[int, ...]


class _Counter:
    """Numbers of layers, worked out once for all that are alike."""

    def __init__(self, batch: int, dtype: str) -> None:
        self.batch = batch
        self.dtype = dtype
        self.known: dict[int, _Numbers] = {}

    def of(self, inferred: Inferred) -> _Numbers:
        numbers = self.known.get(id(inferred))
        if numbers is None:
            numbers = self.known[id(inferred)] = self.count(inferred)
        return numbers

    def count(self, inferred: Inferred) -> _Numbers:
        windows = inferred.windows
        return _Numbers(
            inferred.count(Role.WEIGHTS),
            inferred.count(Role.BIASES),
            inferred.count(Role.STATE),
            inferred.macs * self.batch,
            (2 * inferred.macs + inferred.operations) * self.batch,
            bytes_of(inferred.output.size * self.batch, self.dtype),
            tuple(w.kernel for w in windows),
            tuple(w.stride for w in windows),
            tuple((w.before, w.after) for w in windows),
            tuple(w.dilation for w in windows),
            inferred.unread or (0,) * inferred.output.rank,
        )


def report(
    graph: Graph, diagnostics: Iterable[Diagnostic], batch: int = 1, dtype: str = "float32"
) -> Report:
    """The report of a graph, complete or not."""
    counter = _Counter(batch, dtype)
    sums = _totals(graph, counter)
    rows = tuple(
        _row(graph, node, field, counter.of(node.inferred), sums.params)
        for node, field in zip(graph.nodes, receptive_fields(graph), strict=True)
    )
    found = tuple(diagnostics)
    return Report(
        name=graph.document.name,
        file=graph.document.source.name,
        description=graph.document.description,
        source=graph.document.citation,
        family=graph.document.family,
        inputs=graph.inputs,
        batch=batch,
        dtype=dtype,
        rows=rows,
        outputs={name: graph.volume(point) for name, point in graph.outputs.items()},
        totals=sums,
        complete=graph.complete and not any(diagnostic.is_error for diagnostic in found),
        diagnostics=found,
        groups=_groups(graph),
    )


def _row(
    graph: Graph,
    node: Node,
    field: ReceptiveField | None,
    numbers: _Numbers,
    all_params: int,
) -> Row:
    inferred = node.inferred
    shared = node.owner is not None
    weights, biases = (0, 0) if shared else (numbers.weights, numbers.biases)
    source, start, _ = node.span
    line, column = source.locate(start)
    return Row(
        name=node.name,
        kind=node.layer.kind,
        inputs=tuple(map(graph.point_name, node.inputs)),
        input_shapes=tuple(map(graph.volume, node.inputs)),
        output_shape=inferred.output,
        weights=weights,
        biases=biases,
        state=0 if shared else numbers.state,
        trainable=weights + biases if node.trainable else 0,
        macs=numbers.macs,
        flops=numbers.flops,
        activation_bytes=numbers.activation_bytes,
        receptive_field=field,
        kernel=numbers.kernel,
        stride=numbers.stride,
        padding=numbers.padding,
        dilation=numbers.dilation,
        dropped=numbers.dropped,
        rounded=inferred.rounded,
        declared=inferred.declared,
        shares=graph.nodes[node.owner].name if node.owner is not None else None,
        share_of_params=(weights + biases) / all_params if all_params else 0.0,
        file=source.name,
        line=line,
        column=column,
        layer=node.layer,
    )


def totals(graph: Graph, batch: int = 1, dtype: str = "float32") -> Totals:
    """The sums alone, without a report's rows: all that many variants of a network need."""
    return _totals(graph, _Counter(batch, dtype))


def _totals(graph: Graph, counter: _Counter) -> Totals:
    weights = biases = trainable = state = macs = flops = activation_bytes = 0
    for node in graph.nodes:
        numbers = counter.of(node.inferred)
        macs += numbers.macs
        flops += numbers.flops
        activation_bytes += numbers.activation_bytes
        if node.owner is None:
            weights += numbers.weights
            biases += numbers.biases
            state += numbers.state
            if node.trainable:
                trainable += numbers.weights + numbers.biases
    return Totals(
        layers=len(graph.nodes),
        weights=weights,
        biases=biases,
        trainable=trainable,
        state=state,
        macs=macs,
        flops=flops,
        param_bytes=bytes_of(weights + biases, counter.dtype),
        activation_bytes=activation_bytes,
        peak_activation_bytes=bytes_of(peak_elements(graph) * counter.batch, counter.dtype),
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
