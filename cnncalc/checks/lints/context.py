"""What lints look at: a network whose every layer is known, and what its items make of other
options."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from cnncalc.checks.places import Place, places_of
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Graph, Node
from cnncalc.language.expressions import Value
from cnncalc.layers.options import shown
from cnncalc.report.report import Report


class LintContext:
    """A complete graph and its report; a node and a row of the same number are the same layer."""

    def __init__(self, graph: Graph, report: Report) -> None:
        self.graph = graph
        self.report = report

    @cached_property
    def _places(self) -> dict[int, Place]:
        return places_of(self.graph)

    @cached_property
    def sharing(self) -> set[int]:
        """The items whose weights another item uses, and those that use another's: their kernels
        and biases change together or not at all."""
        items: set[int] = set()
        for node in self.graph.nodes:
            if node.owner is not None and self.graph.nodes[node.owner].item is not node.item:
                items |= {id(node.item), id(self.graph.nodes[node.owner].item)}
        return items

    def keeps_volume(self, node: Node, options: Mapping[str, Value]) -> bool:
        """Whether all layers of a node's item make the same volume with these options in place of
        their own. False where the item's weights are shared: two items would have to change."""
        item = id(node.item)
        return item not in self.sharing and self._places[item].keeps_volume(options)

    def changed(self, node: Node, options: Mapping[str, Value]) -> Graph | None:
        """The graph in which all layers of a node's item have these options in place of their own;
        None where a volume would change, or another item uses the item's weights."""
        if not self.keeps_volume(node, options):
            return None
        nodes = list(self.graph.nodes)
        for index, layer in (self._places[id(node.item)].changed(options) or {}).items():
            inputs = tuple(map(self.graph.volume, nodes[index].inputs))
            inferred = layer.infer(inputs, (Rounding.EXACT,) * 3)
            nodes[index] = nodes[index]._replace(layer=layer, inferred=inferred)
        return self.graph._replace(nodes=nodes)


def in_words(options: Mapping[str, Value]) -> str:
    """`kernel 4, padding 1 and output_padding 0`."""
    *some, last = (f"{name} {shown(value)}" for name, value in options.items())
    return f"{', '.join(some)} and {last}" if some else last
