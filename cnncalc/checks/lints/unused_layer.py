"""unused-layer: a layer or input whose volume is neither read by a layer nor an output."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph
from cnncalc.yaml.nodes import Mapping
from cnncalc.yaml.source import Span

CODE = "unused-layer"


def _places(graph: Graph) -> dict[str, Span]:
    """Where the inputs are declared: each at its own key where there are several."""
    option = graph.document.input
    assert option is not None
    if isinstance(option.value, Mapping):
        return {key.text: key.span for key, _ in option.value.entries}
    return dict.fromkeys(graph.inputs, option.key.span)


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    read = {point for node in graph.nodes for point in node.inputs} | set(graph.outputs.values())
    unread = [name for index, name in enumerate(graph.inputs) if -1 - index not in read]
    places = _places(graph) if unread else {}
    for name in unread:
        yield Diagnostic(CODE, f"input `{name}` is never read", places[name])
    reported: set[int] = set()
    for index, node in enumerate(graph.nodes):
        if index not in read and id(node.item) not in reported:
            reported.add(id(node.item))
            yield Diagnostic(
                CODE,
                "nothing reads the output of this layer",
                node.item.kind_span,
                node.name,
                help=("name it in `outputs:` if it is one",),
            )
