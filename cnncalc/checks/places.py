"""Places of a file whose options may be changed: an item, the layers it became, and what it makes
of other options. Suggestions, repairs and lints look for changes here.

An option is known by its name; its value on each axis comes from the layer's windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Graph
from cnncalc.language.expressions import Value
from cnncalc.language.model import LayerItem
from cnncalc.layers.base import InvalidOptions, Layer
from cnncalc.layers.options import pairs

OPTIONS = ("padding", "kernel", "stride", "rounding")
"""What a repair may change. Of repairs of as many places, one that stays further left is less."""

Number = int | tuple[int, int] | Rounding
"""An option's value on one axis: padding as (before, after)."""

_EXACT = (Rounding.EXACT,) * 3
"""Rounding exactly: what fits so also fits under every other rounding."""


class Place:
    """An item of the file with the nodes it became, and what may be changed about it."""

    def __init__(self, graph: Graph, item: LayerItem, indices: list[int]) -> None:
        self.graph = graph
        self.item = item
        self.indices = indices
        self._changed: dict[tuple[int, str], Layer | None] = {}

    @property
    def layer(self) -> Layer:
        """The first of its layers, which speaks for the others."""
        return self.graph.nodes[self.indices[0]].layer

    @property
    def tunable(self) -> bool:
        """Whether it has one input, and options that a repair may change."""
        try:
            return len(self.graph.nodes[self.indices[0]].inputs) == 1 and bool(self.options)
        except RuleError:
            return False

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
        return compact(numbers)

    def changed(self, values: Mapping[str, Value]) -> dict[int, Layer] | None:
        """Its layers by node with other values for options; None where they are refused."""
        instead = {}
        for index in self.indices:
            layer = self.graph.nodes[index].layer
            key = (id(layer), repr(sorted(values.items())))
            if key not in self._changed:
                self._changed[key] = with_options(layer, values)
            made = self._changed[key]
            if made is None:
                return None
            instead[index] = made
        return instead

    def keeps_volume(self, values: Mapping[str, Value]) -> bool:
        """Whether all its layers make the same volume with these options in place of their own.

        A network sees of a layer only the volume, so that everything after it fits as before.
        """
        layers = self.changed(values)
        if layers is None:
            return False
        nodes = self.graph.nodes
        alike = {(id(layer), id(nodes[index].inferred)): index for index, layer in layers.items()}
        return all(self._keeps(index, layers[index]) for index in alike.values())

    def _keeps(self, index: int, layer: Layer) -> bool:
        node = self.graph.nodes[index]
        try:
            inferred = layer.infer(tuple(map(self.graph.volume, node.inputs)), _EXACT)
        except (RuleError, ValueError):
            return False
        return inferred.output == node.inferred.output


def with_options(layer: Layer, values: Mapping[str, Value]) -> Layer | None:
    """A layer with other values for some of its options; None where they are refused."""
    try:
        return layer.with_options(**values)
    except InvalidOptions:
        return None


def compact(numbers: Iterable[Value]) -> Value:
    """One number for all axes where they agree, as a file would say it."""
    axes = tuple(numbers)
    return axes[0] if len(set(axes)) == 1 else axes


def places_of(graph: Graph) -> dict[int, Place]:
    """Every item that made layers, by its identity, in the order of the network."""
    places: dict[int, Place] = {}
    for index, node in enumerate(graph.nodes):
        if id(node.item) not in places:
            places[id(node.item)] = Place(graph, node.item, [])
        places[id(node.item)].indices.append(index)
    return places
