"""redundant-bias: a bias right before batch-norm, which subtracts the mean and the bias with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph
from cnncalc.layers.base import Role

CODE = "redundant-bias"


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    cancelling = _cancelling(graph)
    if not cancelling:
        return
    effective = _effective(context, cancelling)
    reported: set[int] = set()
    for index, after in cancelling.items():
        node = graph.nodes[index]
        if id(node.item) in reported or id(node.item) in effective:
            continue
        reported.add(id(node.item))
        option = node.item.options.get("bias")
        yield Diagnostic(
            CODE,
            f"its {node.inferred.count(Role.BIASES):,} biases are cancelled by "
            f"{graph.nodes[after].name} right after it",
            option.span if option is not None else node.item.kind_span,
            node.name,
            help=("say `bias: false`",),
        )


def _cancelling(graph: Graph) -> dict[int, int]:
    """The layers whose bias is cancelled, each with the normalisation that does it."""
    readers = Counter(point for node in graph.nodes for point in node.inputs)
    readers.update(graph.outputs.values())
    return {
        node.inputs[0]: index
        for index, node in enumerate(graph.nodes)
        if node.layer.cancels_bias
        and node.inputs[0] >= 0
        and readers[node.inputs[0]] == 1
        and graph.nodes[node.inputs[0]].layer.biases_channels
    }


def _effective(context: LintContext, cancelling: dict[int, int]) -> set[int]:
    """The items that have a bias which is not cancelled in some copy, or shared with such a one."""
    return context.sharing | {
        id(node.item)
        for index, node in enumerate(context.graph.nodes)
        if index not in cancelling and node.layer.biases_channels
    }
