"""Places of a file whose numbers may be changed: an item, the layers it became, its options.

What is worth changing, and whether it helps, is the affair of `repair`. Nothing here knows a kind
by name: an option is what has its name, and what it says on each axis the layer's windows tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from cnncalc.diagnostics import Problem
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Graph
from cnncalc.language.expressions import Value
from cnncalc.language.model import LayerItem
from cnncalc.layers.base import InvalidOptions, Layer
from cnncalc.layers.options import pairs

OPTIONS = ("padding", "kernel", "stride", "rounding")
"""What may be changed; of repairs of as many places, the one that stays further left is less."""

Number = int | tuple[int, int] | Rounding
"""An option's value on one axis: padding as (before, after)."""


class Place:
    """An item of the file with the nodes it became, and what may be changed about it."""

    def __init__(self, graph: Graph, item: LayerItem, indices: list[int]) -> None:
        self.graph = graph
        self.item = item
        self.indices = indices
        self.made: dict[tuple[int, str], Layer | None] = {}

    @property
    def layer(self) -> Layer:
        """The first of its layers, which speaks for the others."""
        return self.graph.nodes[self.indices[0]].layer

    @cached_property
    def options(self) -> dict[str, tuple[Number, ...]]:
        """The values per axis of the options that may be changed: those equal in all layers."""
        each = [self.numbers(index) for index in self.indices]
        return {
            option: each[0][option]
            for option in OPTIONS
            if all(option in numbers for numbers in each)
            and len({numbers[option] for numbers in each}) == 1
        }

    def numbers(self, index: int) -> dict[str, tuple[Number, ...]]:
        node = self.graph.nodes[index]
        fields = node.layer.options
        windows = node.inferred.windows
        padding = getattr(node.layer, "padding", None)
        numbers: dict[str, tuple[Number, ...]] = {}
        if padding != "same" and "padding" in fields:
            if windows:
                numbers["padding"] = tuple((w.before, w.after) for w in windows)
            else:
                rank = self.graph.volume(node.inputs[0]).rank
                numbers["padding"] = pairs(padding or 0, rank, "padding")
        if windows and padding != "same":
            numbers["kernel"] = tuple(w.kernel for w in windows)
        if windows:
            numbers["stride"] = tuple(w.stride for w in windows)
        if "rounding" in fields:
            numbers["rounding"] = (getattr(node.layer, "rounding", None) or Rounding.EXACT,)
        return {option: values for option, values in numbers.items() if option in fields}

    def value(self, option: str, moved: Mapping[int, Number]) -> Value:
        """The option's value as the file would say it, with other numbers on some axes."""
        if option == "rounding":
            return str(next(iter(moved.values())))
        numbers = [moved.get(i, number) for i, number in enumerate(self.options[option])]
        if option == "padding":
            ends = [n for n in numbers if isinstance(n, tuple)]
            if any(before != after for before, after in ends):
                return tuple(ends)
            numbers = [before for before, _ in ends]
        return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)

    def changed(self, values: Mapping[str, Value]) -> dict[int, Layer] | None:
        """Its layers by node with other values for options; None where they are refused."""
        instead = {}
        for index in self.indices:
            layer = self.graph.nodes[index].layer
            key = (id(layer), repr(sorted(values.items())))
            if key not in self.made:
                try:
                    self.made[key] = layer.with_options(**values)
                except InvalidOptions:
                    self.made[key] = None
            made = self.made[key]
            if made is None:
                return None
            instead[index] = made
        return instead


def places_of(graph: Graph) -> list[Place]:
    by_item: dict[int, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        by_item.setdefault(id(node.item), []).append(index)
    places = []
    for indices in by_item.values():
        node = graph.nodes[indices[0]]
        try:
            place = Place(graph, node.item, indices)
            if len(node.inputs) == 1 and place.options:
                places.append(place)
        except Problem:
            continue
    return places
