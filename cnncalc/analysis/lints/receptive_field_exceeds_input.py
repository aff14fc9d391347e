"""receptive-field-exceeds-input: windows whose input has seen the whole image already.

Behind the layer whose receptive field is larger than the input on every axis, a kernel larger than
one pixel finds nothing new to combine: Richter et al., "(Input) Size Matters for CNN Classifiers",
ICANN 2021. Richter, Schöning, Wiedenroth & Krumnack, "Should You Go Deeper?", ICMLA 2021, call the
first such layer the border layer, and find that those behind it hardly contribute. The finding
stands there, once for a network, and counts them all.

Only on request: deep networks for 224x224 do so as a rule (the field of ResNet-50 is 483 pixels),
often to good effect. It helps where a network is adapted to smaller images. Told are layers with
weights and a kernel above one pixel, in networks of one input.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.analysis.lints.subject import Subject
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Node
from cnncalc.layers.sliding import Sliding

CODE = "receptive-field-exceeds-input"


def check(subject: Subject) -> Iterator[Diagnostic]:
    graph, rows = subject.graph, subject.report.rows
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
    behind = f" and {len(others):,} more like it behind" if others else ""
    yield Diagnostic(
        CODE,
        f"the receptive field of its input, {'x'.join(map(str, size))}, is larger than the image, "
        f"{'x'.join(map(str, whole.spatial))}: this window{behind} can see nothing new",
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
