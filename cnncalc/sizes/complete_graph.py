"""A complete graph of a network, built at the given input size or at one nearby.

The given size may be one that the network refuses, so sizes nearby are tried until one builds.
And where an expression reads the size, another size may make another network: that is found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from cnncalc.geometry import Rounding
from cnncalc.graph.builder import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.overrides import Overrides, everywhere
from cnncalc.language.model import Branch, Document, LayerItem, Option
from cnncalc.sizes.reinfer import Replay
from cnncalc.volume import NoVolume, Volume
from cnncalc.yaml.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.yaml.source import Span

SHAPES = frozenset({"stride-misfit", "kernel-too-large", "shape-mismatch", "bad-value"})
"""Faults that another input size may not have."""

NEAR, FARTHEST = 16, 512
"""How many sizes above and below the given one are looked at, at first and in the end."""

EQUAL = 64
LARGE = (2**12, 2**20, 2**40)
"""Sides that are tried for all axes alike, so many in a row from each."""

BUDGET = 100_000
"""Layers that may be built while looking: some seconds."""

_READS_SIZE = re.compile(r"\b(?:in|block_input)\s*\.\s*(height|width|depth|size)\b")
_READS_CHANNELS = re.compile(r"\b(?:in|block_input)\s*\.\s*channels\b")


def complete_graph(document: Document, overrides: Overrides, most: int = BUDGET) -> Graph:
    """A graph without faults at the given size or one near it, strides rounded down; the faulty
    graph of the given size where there is none. At most about `most` layers are built."""
    floored = overrides._replace(rounding=everywhere(Rounding.FLOOR))
    given = build(document, floored)
    budget = most - len(given.nodes)
    wrong = {fault.diagnostic.code for fault in given.faults if fault.diagnostic.is_error}
    if not wrong or not wrong <= SHAPES:
        return given
    for inputs in _nearby(given.inputs):
        trial = build(document, floored._replace(inputs=inputs, stop_at_first_error=True))
        if trial.complete:
            return trial
        budget -= len(trial.nodes) + 20
        if budget < 0:
            break
    return given


def _nearby(given: dict[str, Volume]) -> Iterator[dict[str, Volume]]:
    """Other sizes: all sides a little longer or shorter by as much, then all equal, then farther
    off, then very large."""
    longest = max((max(volume.spatial, default=1) for volume in given.values()), default=1)
    yield from _longer(given, range(1, NEAR + 1))
    yield from _equal(given, longest)
    yield from _longer(given, range(NEAR + 1, FARTHEST + 1))
    for start in LARGE:
        yield from _equal(given, start)


def _longer(given: dict[str, Volume], amounts: Iterable[int]) -> Iterator[dict[str, Volume]]:
    """All sides longer or shorter by as much."""
    for amount in (sign * n for n in amounts for sign in (1, -1)):
        with suppress(NoVolume):
            yield {
                name: Volume((*(side + amount for side in volume.spatial), volume.channels))
                for name, volume in given.items()
            }


def _equal(given: dict[str, Volume], start: int) -> Iterator[dict[str, Volume]]:
    """All sides of one length."""
    for side in range(start, start + EQUAL):
        yield {
            name: Volume((*(side for _ in volume.spatial), volume.channels))
            for name, volume in given.items()
        }


def reads_size(graph: Graph, replay: Replay) -> Span | None:
    """An expression that may come out otherwise at another size along the replay's axis."""
    inputs: dict[int, list[tuple[int, ...]]] = {}
    for node in graph.nodes:
        for point in node.inputs:
            inputs.setdefault(id(node.item), []).append(replay.sway(point))
    varied = any(sway and sway[-1] for sways in inputs.values() for sway in sways)
    for item, expression in _expressions(graph.document):
        sways = None if item is None else inputs.get(id(item))
        if _READS_SIZE.search(expression.text):
            if sways is None or any(any(sway) for sway in sways):
                return expression.span
        # Channels move with the size after a flatten.
        elif varied and _READS_CHANNELS.search(expression.text) and any(s[-1] for s in sways or ()):
            return expression.span
    return None


def names_axes(document: Document) -> bool:
    """Whether any expression speaks of the height, the width or the depth."""
    return any(_READS_SIZE.search(scalar.text) for _, scalar in _expressions(document))


def _expressions(document: Document) -> Iterator[tuple[LayerItem | None, Scalar]]:
    """Scalars of the layers that may be expressions, with the item whose layer alone they shape;
    None where they decide about more than the options of one layer."""
    waiting = list(document.layers)
    for block in document.blocks.values():
        waiting.extend(block.layers)
        yield from ((None, scalar) for scalar in _of_options(block.arguments.values()))
    for options in document.defaults.values():
        yield from ((None, scalar) for scalar in _of_options(options.values()))
    while waiting:
        item = waiting.pop()
        waiting.extend(item.children)
        waiting.extend(item.copies.values())
        for options in (item.defaults or {}).values():
            yield from ((None, scalar) for scalar in _of_options(options.values()))
        yield from ((None, scalar) for scalar in _of_options(item.wiring))
        for branch in item.branches or ():
            yield from ((None, scalar) for scalar in _of_conditions(branch))
        yield None, item.kind_key
        own = item if item.kind is not None and item.layers is None else None
        written = [*item.options.values(), *item.written]
        yield from ((own, scalar) for scalar in _of_options(written))
        if item.branches is None and item.layers is None and item.main is not None:
            yield from ((own, scalar) for scalar in _scalars(item.main))


def _of_conditions(branch: Branch) -> Iterator[Scalar]:
    """What decides whether a branch is there."""
    if branch.when is not None:
        yield from _scalars(branch.when.value)
    if branch.otherwise is not None:
        yield from _of_conditions(branch.otherwise)


def _of_options(options: Iterable[Option]) -> Iterator[Scalar]:
    for option in options:
        yield from _scalars(option.value)


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, Mapping):
        for _, value in node.entries:
            yield from _scalars(value)
