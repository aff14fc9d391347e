"""The network itself: layers in file order, what each reads, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.language.expressions import Value
from cnncalc.language.model import Document, LayerItem
from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis
from cnncalc.volume import Volume
from cnncalc.yaml.source import Span

ValueRef = int
"""Where a volume comes from: a node by its index, or a network input as -1, -2, …"""


class Node(NamedTuple):
    """A layer in its place. `owner` is the node whose weights it shares, None for its own."""

    name: str
    layer: Layer
    inputs: tuple[ValueRef, ...]
    inferred: Inferred
    item: LayerItem
    trainable: bool = True
    owner: int | None = None

    @property
    def span(self) -> Span:
        return self.item.node.span


class Named(NamedTuple):
    """What a name stands for: a volume (None: unknown, after a fault) and its range of nodes."""

    point: ValueRef | None
    start: int
    stop: int
    item: LayerItem | None


class FailedLayer(NamedTuple):
    """A finding together with the layer that failed, so that fixes can be tried on it; `points` are
    where its inputs come from."""

    diagnostic: Diagnostic
    item: LayerItem | None = None
    layer: Layer | None = None
    inputs: tuple[Volume, ...] = ()
    rounding: RoundingPerAxis = ()
    points: tuple[ValueRef, ...] = ()


class Graph(NamedTuple):
    """A network as far as it is known: complete where there are no faults."""

    document: Document
    inputs: dict[str, Volume]
    nodes: list[Node]
    outputs: dict[str, ValueRef]
    names: dict[str, Named]
    variables: Mapping[str, Value]
    faults: list[FailedLayer]
    work: int = 0
    """Items looked at while building, a measure of the time it took."""
    ordered_inputs: tuple[tuple[str, Volume], ...] = ()
    """`inputs` by number, as points count them."""
    warnings: tuple[Diagnostic, ...] = ()
    """What was noticed while it was built, and is hardly meant."""

    @property
    def complete(self) -> bool:
        return bool(self.outputs) and not any(f.diagnostic.is_error for f in self.faults)

    def volume(self, point: ValueRef) -> Volume:
        if point < 0:
            return self.ordered_inputs[-1 - point][1]
        return self.nodes[point].inferred.output

    def point_name(self, point: ValueRef) -> str:
        if point < 0:
            return self.ordered_inputs[-1 - point][0]
        return self.nodes[point].name
