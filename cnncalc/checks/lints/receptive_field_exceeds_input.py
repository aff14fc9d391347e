"""receptive-field-exceeds-input: windows whose input has seen the whole image already.

The finding stands at the first such layer, once for a network, and counts them all. Layers with
weights and a kernel above one pixel count, in networks of one input.
Richter et al., "(Input) Size Matters for CNN Classifiers", ICANN 2021; Richter, Schöning,
Wiedenroth & Krumnack, "Should You Go Deeper?", ICMLA 2021.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Node
from cnncalc.layers.sliding import Sliding

CODE = "receptive-field-exceeds-input"


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph, rows = context.graph, context.report.rows
    if len(graph.inputs) > 1:
        return
    whole = next(iter(graph.inputs.values()))
    blind = []
    for node in graph.nodes:
        if node.inputs[0] >= 0 and _looks_around(node):
            field = rows[node.inputs[0]].receptive_field
            if field is not None and all(
                size > width for size, width in zip(field.size, whole.spatial, strict=True)
            ):
                blind.append((node, field.size))
    if not blind:
        return
    (first, size), *others = blind
    later = f" and {len(others):,} later ones like it" if others else ""
    yield Diagnostic(
        CODE,
        f"the receptive field of its input, {'x'.join(map(str, size))}, is larger than the image, "
        f"{'x'.join(map(str, whole.spatial))}: this window{later} can see nothing new",
        first.item.kind_span,
        first.name,
    )


def _looks_around(node: Node) -> bool:
    windows = node.inferred.windows
    return (
        isinstance(node.layer, Sliding)
        and node.inferred.macs > 0
        and any(window.kernel > 1 for window in windows)
    )
