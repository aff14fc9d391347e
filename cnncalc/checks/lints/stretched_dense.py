"""stretched-dense: a dense layer by a framework's name stretches a volume, which the framework does
not do.

`Linear` and `Dense` see the last axis there and leave the others. A layer that says by `axes` which
of the two is meant is not reported, and neither is `dense` or `fc`, which stretch as in CS231n.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Node
from cnncalc.layers.base import Role
from cnncalc.layers.dense import Dense, last_axis_elsewhere
from cnncalc.volume import Volume

CODE = "stretched-dense"


def check(context: LintContext) -> Iterator[Diagnostic]:
    for node in context.graph.nodes:
        framework = last_axis_elsewhere(node.item.kind_key.text)
        if framework is None or type(node.layer) is not Dense or "axes" in node.layer.given:
            continue
        if "in_features" in node.item.options:
            continue  # it was held against the number that is stretched
        volume = context.graph.volume(node.inputs[0])
        if volume.rank:
            yield _finding(node, framework, volume)


def _finding(node: Node, framework: str, volume: Volume) -> Diagnostic:
    name = node.item.kind_key.text
    other = node.layer.with_options(axes="channels").infer((volume,), ())
    params = other.count(Role.WEIGHTS) + other.count(Role.BIASES)
    return Diagnostic(
        CODE,
        f"in {framework} {name} sees the last axis alone, and makes {other.output} of {volume} "
        f"with {params:,} parameters; here all {volume.size:,} numbers are stretched to a vector",
        node.item.kind_span,
        node.name,
        help=(
            "say `axes: channels` for what it does there, or `axes: all` or a `flatten` before it "
            "for what is done here",
        ),
    )
