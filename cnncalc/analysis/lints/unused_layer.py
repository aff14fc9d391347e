"""unused-layer: a layer or input whose volume is neither read by a layer nor an output.

Its weights and MACs count all the same. A side head is made an output with `outputs:`.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.diagnostics import Diagnostic
from cnncalc.document.nodes import Mapping
from cnncalc.graph.graph import Graph
from cnncalc.source import Span

CODE = "unused-layer"


def _place(graph: Graph, name: str) -> Span:
    """Where an input is declared: its own key where there are several."""
    option = graph.document.input
    assert option is not None
    entries = option.value.entries if isinstance(option.value, Mapping) else []
    return next((key.span for key, _ in entries if key.text == name), option.key.span)


def check(graph: Graph) -> Iterator[Diagnostic]:
    read = {point for node in graph.nodes for point in node.inputs} | set(graph.outputs.values())
    for index, name in enumerate(graph.inputs):
        if -1 - index not in read:
            yield Diagnostic(CODE, f"input `{name}` is never read", _place(graph, name))
    told: set[int] = set()
    for index, node in enumerate(graph.nodes):
        if index not in read and id(node.item) not in told:
            told.add(id(node.item))
            yield Diagnostic(
                CODE,
                "nothing reads the output of this layer",
                node.item.kind_span,
                node.name,
                help=("name it in `outputs:` if it is one",),
            )
