"""What would move the place that a branch looks at: other ends of a crop or a padding, the volume
staying as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from cnncalc.graph.graph import Graph, Node, ValueRef
from cnncalc.language.expressions import Value
from cnncalc.layers.convolution import ConvTranspose
from cnncalc.layers.options import pairs
from cnncalc.layers.reshape import Crop, Pad
from cnncalc.layers.sliding import Sliding
from cnncalc.report.receptive_field import Field, of_input


class Move(NamedTuple):
    """Options of a layer in place of its own."""

    node: Node
    options: dict[str, Value]


class _Ends(NamedTuple):
    """What a layer adds (or cuts off, fewer than none) before and after each axis, in positions of
    its input or its output."""

    option: str
    cuts: bool
    ends: tuple[tuple[int, int], ...]
    of_input: bool = False

    def moved(self, steps: list[int]) -> dict[str, Value] | None:
        """The option where positions lie so many steps further on; None where there are too few
        pixels to move."""
        sign = 1 if self.cuts else -1
        moved = [(b + sign * n, a - sign * n) for (b, a), n in zip(self.ends, steps, strict=True)]
        if not any(steps) or min(map(min, moved)) < 0:
            return None
        return {self.option: _value(moved)}


def moves(
    graph: Graph, fields: Sequence[Field], point: ValueRef, pixels: tuple[Fraction, ...]
) -> Iterator[Move]:
    """Changes of one layer of a branch that shift it, by these input pixels on each axis, to the
    nearest whole position; the last layers of the branch first."""
    while point >= 0 and len(graph.nodes[point].inputs) == 1:
        node = graph.nodes[point]
        before = node.inputs[0]
        if (ends := _ends(node)) is not None:
            place = before if ends.of_input else point
            field = fields[place] if place >= 0 else of_input(graph.volume(place))
            if field is None:
                return
            steps = [round(p / reach.stride) for p, reach in zip(pixels, field, strict=True)]
            if options := ends.moved(steps):
                yield Move(node, options)
        point = before


def _ends(node: Node) -> _Ends | None:
    layer, rank = node.layer, node.inferred.output.rank
    if type(layer) is Crop:
        return _Ends("cropping", True, pairs(layer.cropping, rank, "cropping"))
    if type(layer) is Pad:
        return _Ends("padding", False, pairs(layer.padding, rank, "padding"))
    own = tuple((w.before, w.after) for w in node.inferred.windows)
    if isinstance(layer, ConvTranspose) and layer.padding != "same":
        return _Ends("padding", True, own)
    if isinstance(layer, Sliding) and layer.padding != "same":
        return _Ends("padding", False, own, of_input=True)
    return None


def _value(ends: list[tuple[int, int]]) -> Value:
    """As a file would say it, shortest form first."""
    if any(before != after for before, after in ends):
        return tuple(ends)
    numbers = [before for before, _ in ends]
    return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)
