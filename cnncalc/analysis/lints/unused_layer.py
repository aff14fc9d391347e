"""unused-layer: a layer or input whose volume is neither read by a layer nor an output.

Its weights and MACs count all the same. A side head is made an output with `outputs:`.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph

CODE = "unused-layer"


def check(graph: Graph) -> Iterator[Diagnostic]:
    read = {point for node in graph.nodes for point in node.inputs} | set(graph.outputs.values())
    option = graph.document.input
    for index, name in enumerate(graph.inputs):
        if -1 - index not in read and option is not None:
            yield Diagnostic(CODE, f"input `{name}` is never read", option.key.span)
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
