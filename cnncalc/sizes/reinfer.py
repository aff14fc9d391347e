"""A network run again at other input sizes along one axis, without building it again.

The layers and their wiring are those of a finished graph; only volumes are inferred again, and only
one input axis moves. What the other axes bring about is rounded down, so that a misfit there says
nothing about this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Graph, Node, ValueRef
from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis
from cnncalc.volume import NoVolume, Volume

LARGEST_CACHE = 200_000
"""Inferences kept; beyond, all are forgotten."""

OWN, FOREIGN = 1, 2
"""What a length follows from: the axis that moves, another one, neither (0) or both."""

Sway = tuple[int, ...]
"""For each axis of a volume, its channels included, what its length follows from."""


class Axis(NamedTuple):
    """A spatial axis, counted from 0, of the inputs that move together (by their numbers)."""

    inputs: tuple[int, ...]
    position: int

    def moved(self, volumes: Mapping[str, Volume], size: int) -> dict[str, Volume]:
        """The input volumes with this axis of the length `size`. Raises `NoVolume`."""
        return {
            name: Volume((*v[: self.position], size, *v[self.position + 1 :]))
            if number in self.inputs
            else v
            for number, (name, v) in enumerate(volumes.items())
        }


class Replay:
    """A graph's nodes at other sizes of one axis, with `rounding` along it.

    `strict` refuses a rounded stride along the axis even where the layer itself asks for it.
    `spent` counts the inferences made.
    """

    def __init__(
        self, graph: Graph, axis: Axis, rounding: Rounding, *, strict: bool = False
    ) -> None:
        self.graph = graph
        self.axis = axis
        self.strict = strict
        self.spent = 0
        self._rounding = rounding
        self._known: dict[tuple[object, ...], tuple[Layer, Inferred | None]] = {}
        self._rules: list[RoundingPerAxis] = []
        self._sways: list[Sway] = []
        for node in graph.nodes:
            self._follow(node)

    def rule(self, index: int) -> RoundingPerAxis:
        """How a node rounds."""
        return self._rules[index]

    def infer(
        self, index: int, volumes: tuple[Volume, ...], instead: Layer | None = None
    ) -> Inferred | None:
        """What a node's layer, or another in its place, makes of volumes; None where it fails."""
        layer = instead or self.graph.nodes[index].layer
        rule = self._rules[index]
        key = (id(layer), rule, volumes)
        if key in self._known:
            return self._known[key][1]
        if len(self._known) > LARGEST_CACHE:
            self._known.clear()
        self.spent += 1
        inferred: Inferred | None
        try:
            inferred = layer.infer(volumes, rule)
        except (RuleError, NoVolume):
            inferred = None
        if inferred is not None and self.strict and self._rounds(index, volumes, inferred):
            inferred = None
        self._known[key] = layer, inferred
        return inferred

    def volumes_at(
        self,
        size: int,
        instead: Mapping[int, Layer] | None = None,
        known: Sequence[Volume] = (),
    ) -> tuple[list[Volume], int | None]:
        """The outputs of the nodes at a size, up to the first node that does not fit.

        `instead` puts other layers in the places of nodes; `known` are the outputs of the first
        nodes. Raises `NoVolume` for an impossible size.
        """
        inputs = tuple(self.axis.moved(self.graph.inputs, size).values())
        outputs = list(known)
        nodes = self.graph.nodes
        for index in range(len(outputs), len(nodes)):
            sources = nodes[index].inputs
            volumes = tuple(outputs[p] if p >= 0 else inputs[-1 - p] for p in sources)
            inferred = self.infer(index, volumes, instead.get(index) if instead else None)
            if inferred is None:
                return outputs, index
            outputs.append(inferred.output)
        return outputs, None

    def fits(self, size: int) -> bool:
        """Whether every node fits at a size."""
        try:
            return self.volumes_at(size)[1] is None
        except NoVolume:
            return False

    def _rounds(self, index: int, volumes: tuple[Volume, ...], inferred: Inferred) -> bool:
        """Whether a stride that does not fit was rounded where this axis is to blame."""
        if inferred.rounded is None:
            return False
        sway = self.sway(self.graph.nodes[index].inputs[0])
        return any(
            w.travel(width) % w.stride
            for w, width, by in zip(inferred.windows, volumes[0].spatial, sway, strict=False)
            if by != FOREIGN
        )

    # --- what a length follows from ------------------------------------------------------------

    def sway(self, point: ValueRef) -> Sway:
        """What the lengths of a volume follow from."""
        if point >= 0:
            return self._sways[point]
        number = -1 - point
        volume = list(self.graph.inputs.values())[number]
        moves = number in self.axis.inputs
        spatial = (
            OWN if moves and position == self.axis.position else FOREIGN
            for position in range(volume.rank)
        )
        return (*spatial, 0)

    def _follow(self, node: Node) -> None:
        """Work out how the next node rounds and what its output's lengths follow from."""
        sways = [self.sway(point) for point in node.inputs]
        rounding = [self._rounding] * 3
        for position, by in enumerate(sways[0][:-1]):
            if by == FOREIGN:
                rounding[position] = Rounding.FLOOR
        self._rules.append(tuple(rounding))
        if len(sways) > 1:
            found = tuple(reduce(or_, row) for row in zip(*sways, strict=False))
        elif node.inferred.reach is not None and len(node.inferred.output) == len(sways[0]):
            found = sways[0]
        else:
            found = self._tried(node, sways[0])
        self._sways.append(found)

    def _tried(self, node: Node, sway: Sway) -> Sway:
        """Which lengths of the output change with which of the input, found by changing them."""
        volume = self.graph.volume(node.inputs[0])
        found = [0] * len(node.inferred.output)
        for position, by in enumerate(sway):
            longer = Volume((*volume[:position], volume[position] + 1, *volume[position + 1 :]))
            try:
                output = node.layer.infer((longer,), (Rounding.FLOOR,) * 3).output
            except (RuleError, NoVolume):
                output = Volume((1,))
            for place, old in enumerate(node.inferred.output):
                if len(output) != len(found) or output[place] != old:
                    found[place] |= by
        return tuple(found)
