"""redundant-bias: a bias right before batch-norm, which subtracts the mean and the bias with it.

The biases are parameters that can learn nothing: `bias: false` saves them.
Ioffe & Szegedy 2015, section 3.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph
from cnncalc.layers.base import Role

CODE = "redundant-bias"


def check(graph: Graph) -> Iterator[Diagnostic]:
    readers = Counter(point for node in graph.nodes for point in node.inputs)
    readers.update(graph.outputs.values())
    told: set[int] = set()
    for node in graph.nodes:
        point = node.inputs[0]
        if not node.layer.cancels_bias or point < 0 or readers[point] > 1:
            continue
        before = graph.nodes[point]
        if not before.layer.biases_channels or id(before.item) in told:
            continue
        told.add(id(before.item))
        option = before.item.options.get("bias")
        yield Diagnostic(
            CODE,
            f"its {before.inferred.count(Role.BIASES):,} biases are cancelled by {node.name} "
            "right behind it",
            option.span if option is not None else before.item.kind_span,
            before.name,
            help=("say `bias: false`",),
        )
