"""channels-first-input: an input volume that looks as PyTorch writes it, channels first.

A first axis of 3 with long last two, or of 1 or 4 with equal long last two, looks like colours,
rows and columns. Inputs that only dense layers read are left out: they have as many weights either
way.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph
from cnncalc.language.model import Document, Option
from cnncalc.layers.dense import Dense
from cnncalc.volume import Volume
from cnncalc.yaml.nodes import Mapping
from cnncalc.yaml.source import Span

CODE = "channels-first-input"

COLOURS = 3
OTHERS = (1, 4)
"""Channels of pictures in grey, and of those with transparency or of four frames."""

SHORTEST = 16
"""Pixels along an axis from which on it is taken for one of a picture."""


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    for name, volume in graph.inputs.items():
        if looks_channels_first(volume) and not _only_stretched(graph, name):
            last = Volume((*volume[1:], volume[0]))
            yield Diagnostic(
                CODE,
                f"{volume} is {_in_words(volume)}: the channels come last",
                _span(graph.document, name),
                help=(f"is it {last}?",),
            )


def looks_channels_first(volume: Volume) -> bool:
    if volume.rank < 2 or volume[0] not in (COLOURS, *OTHERS) or volume[-2] < SHORTEST:
        return False
    if volume[0] == COLOURS:
        return volume.channels >= SHORTEST
    return volume.channels == volume[-2]


def _in_words(volume: Volume) -> str:
    axes = zip(("depth", "height", "width")[-volume.rank :], volume.spatial, strict=True)
    sizes = ", ".join(f"{axis} {size}" for axis, size in axes)
    return f"{sizes} and {volume.channels} channels"


def _only_stretched(graph: Graph, name: str) -> bool:
    point = -1 - list(graph.inputs).index(name)
    readers = [node for node in graph.nodes if point in node.inputs]
    return bool(readers) and all(
        type(node.layer) is Dense and node.layer.axes == "all" for node in readers
    )


def _span(document: Document, name: str) -> Span:
    """Where the volume is written, or what `--input` has taken the place of."""
    option = document.input
    assert option is not None
    if isinstance(option.value, Mapping):
        for key, value in option.value.entries:
            if key.text == name:
                return Option(key, value).span
    return option.span
