"""The input sizes nearest to the given one with which a network fits, far or near."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Graph
from cnncalc.graph.overrides import Overrides
from cnncalc.layers.base import axis_names
from cnncalc.sizes.complete_graph import complete_graph
from cnncalc.sizes.congruence import Undetermined
from cnncalc.sizes.sizes import Question, Sizes, axes_of
from cnncalc.sizes.words import text
from cnncalc.volume import NoVolume, Volume

MOST_LAYERS = 2000
"""Larger networks are not asked: that takes time."""

MOST_BUILT = 50_000
"""Layers that may be built while a size is looked for from which to start."""


class Nearest(NamedTuple):
    """The inputs nearest to the given ones, below and above, and all that fit in words."""

    inputs: tuple[dict[str, Volume], ...] = ()
    all: str = ""


def nearest(graph: Graph, overrides: Overrides, rounding: Rounding) -> Nearest:
    """The nearest sizes of inputs that move together; empty where there is no closed form."""
    given = graph.inputs
    apart = len({volume.spatial for volume in given.values()}) != 1
    if apart or len(graph.nodes) > MOST_LAYERS:
        return Nearest()
    complete = complete_graph(graph.document, overrides, MOST_BUILT)
    if not complete.complete or len(complete.nodes) > MOST_LAYERS:
        return Nearest()
    spatial = next(iter(given.values())).spatial
    found: list[Sizes] = []
    for axis, side in zip(axes_of(complete), spatial, strict=True):
        question = Question(graph.document, overrides, complete, axis, strict=False)
        try:
            sizes = question.closed_form(question.replay(rounding), rounding, side)
        except Undetermined:
            return Nearest()
        found.append(sizes)
    below = [n if n in s else s.below(n) for s, n in zip(found, spatial, strict=True)]
    above = [n if n in s else s.above(n) for s, n in zip(found, spatial, strict=True)]
    inputs = [
        moved
        for sides in (below, above)
        if tuple(sides) != spatial and (moved := _moved(given, sides)) is not None
    ]
    return Nearest(tuple(inputs), _in_words(found, spatial))


def _moved(given: dict[str, Volume], sides: list[int | None]) -> dict[str, Volume] | None:
    """The inputs with other sides; None where one is unknown, or they are too large."""
    known = [side for side in sides if side is not None]
    if len(known) < len(sides):
        return None
    try:
        return {name: Volume((*known, volume.channels)) for name, volume in given.items()}
    except NoVolume:
        return None


def _in_words(found: list[Sizes], spatial: tuple[int, ...]) -> str:
    """The sizes of the axes that have to move."""
    names = axis_names(len(spatial))
    moved = {
        name: text(sizes)
        for name, sizes, side in zip(names, found, spatial, strict=True)
        if side not in sizes
    }
    if len(set(moved.values())) == 1 and len(moved) == len(names):
        return next(iter(moved.values()))
    return ", ".join(f"{name} {words}" for name, words in moved.items())
