"""Other options for a layer with which its volume stays what it is.

A network sees of a layer only the volume, so that all behind it fits as before: such a change is
tried by working out this one layer.
"""

from __future__ import annotations

from collections import defaultdict

from cnncalc.diagnostics import Problem
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Graph, Node
from cnncalc.layers.options import shown

_EXACT = (Rounding.EXACT,) * 3
"""What fits exactly fits whatever a misfit means."""


class Copies:
    """The layers of a graph by the item of the file that made them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.shared = sharing(graph)
        self.nodes: dict[int, list[Node]] = defaultdict(list)
        for node in graph.nodes:
            self.nodes[id(node.item)].append(node)
        self.tried: dict[tuple[object, ...], bool] = {}

    def keep_volume(self, node: Node, **options: object) -> bool:
        """Whether all layers of a node's item make the same volume with these options in place of
        their own. False where the item's weights are shared: two items would have to change."""
        return id(node.item) not in self.shared and all(
            self._keeps(copy, options) for copy in self.nodes[id(node.item)]
        )

    def _keeps(self, node: Node, options: dict[str, object]) -> bool:
        """One of the copies; those that are alike are tried once."""
        key = (id(node.layer), id(node.inferred), *options.items())
        if key not in self.tried:
            self.tried[key] = _keeps_volume(self.graph, node, options)
        return self.tried[key]


def _keeps_volume(graph: Graph, node: Node, options: dict[str, object]) -> bool:
    inputs = tuple(map(graph.volume, node.inputs))
    values = node.layer.model_dump(exclude_unset=True) | options
    try:
        changed = type(node.layer).model_validate(values).infer(inputs, _EXACT)
    except (Problem, ValueError):
        return False
    return changed.output == node.inferred.output


def sharing(graph: Graph) -> set[int]:
    """The items whose weights another item uses, and those that use another's: their kernels and
    biases change together or not at all."""
    items: set[int] = set()
    for node in graph.nodes:
        if node.owner is not None and graph.nodes[node.owner].item is not node.item:
            items |= {id(node.item), id(graph.nodes[node.owner].item)}
    return items


def compact(axes: tuple[int, ...]) -> object:
    """One number for all axes where they agree, as a file would say it."""
    return axes[0] if len(set(axes)) == 1 else axes


def in_words(options: dict[str, object]) -> str:
    """`kernel 4, padding 1 and output_padding 0`."""
    *some, last = (f"{name} {shown(value)}" for name, value in options.items())
    return f"{', '.join(some)} and {last}" if some else last
