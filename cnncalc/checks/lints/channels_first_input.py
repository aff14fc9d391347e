"""channels-first-input: an input volume that looks like PyTorch's, channels first.

Inputs that only dense layers read are left out: they have as many weights either way.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.checks.lints.inputs import in_words, unusual, warning
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph
from cnncalc.graph.meant_input import CHANNELS_FIRST
from cnncalc.layers.dense import Dense

CODE = "channels-first-input"


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    for name, volume, found in unusual(graph, CHANNELS_FIRST):
        if not _only_stretched(graph, name):
            message = f"{volume} is {in_words(volume)}: the channels come last"
            yield warning(CODE, graph, name, message, found)


def _only_stretched(graph: Graph, name: str) -> bool:
    point = -1 - list(graph.inputs).index(name)
    readers = [node for node in graph.nodes if point in node.inputs]
    return bool(readers) and all(
        type(node.layer) is Dense and node.layer.axes == "all" for node in readers
    )
