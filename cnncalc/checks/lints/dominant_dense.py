"""dominant-dense: one dense layer over a stretched volume holds most of the network's parameters.

What global average pooling would leave is worked out by the dense layer's own rule; its output, and
with it everything after it, stays. A dense layer that reads a vector from the start is not reported
(a perceptron is made of such layers), nor is one where there is only one pixel to average.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph, Node
from cnncalc.layers.base import Role
from cnncalc.layers.dense import Dense
from cnncalc.volume import Volume

CODE = "dominant-dense"

FEWEST = 1_000_000
"""A dense layer with fewer parameters than this is not worth shrinking."""


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph, whole = context.graph, context.report.totals.params
    if whole < FEWEST:
        return
    for node, row in zip(graph.nodes, context.report.rows, strict=True):
        if not (type(node.layer) is Dense and node.layer.axes == "all"):
            continue
        if FEWEST <= row.params < whole < 2 * row.params:
            stretched = _stretched(graph, node)
            if stretched is not None:
                yield _finding(context, node, stretched, row.params, whole)


def _stretched(graph: Graph, node: Node) -> Volume | None:
    """The volume of several pixels that the layer's input is made of, number for number."""
    point = node.inputs[0]
    while True:
        volume = graph.volume(point)
        if volume.rank:
            return volume if prod(volume.spatial) > 1 else None
        if point < 0:
            return None
        node = graph.nodes[point]
        if len(node.inputs) > 1 or node.inferred.tensors or node.inferred.macs:
            return None
        point = node.inputs[0]
        if graph.volume(point).size != volume.size:
            return None


def _finding(
    context: LintContext, node: Node, stretched: Volume, params: int, whole: int
) -> Diagnostic:
    pooled = node.layer.infer((Volume((stretched.channels,)),), ())
    left = pooled.count(Role.WEIGHTS) + pooled.count(Role.BIASES)
    help = (
        f"`global_avg_pool` instead of stretching {stretched} would leave {left:,} of them, and "
        f"{whole - params + left:,} in all",
    )
    return Diagnostic(
        CODE,
        f"its {params:,} parameters are {100 * params // whole}% of the network's {whole:,}",
        node.item.kind_span,
        node.name,
        help=() if id(node.item) in context.sharing else help,
    )
