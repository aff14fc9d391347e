"""unused-block: a block that no layer of the network can reach, directly or through other blocks.

Blocks of a file that this one extends are left to that file: other variants may use them.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic
from cnncalc.language.model import LayerItem

CODE = "unused-block"


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    blocks = graph.document.blocks
    reached: set[str] = set()
    waiting: list[LayerItem] = list(graph.document.layers)
    while waiting:
        item = waiting.pop()
        if item.dynamic:
            return
        waiting.extend(item.children)
        if item.block is not None and item.block not in reached:
            reached.add(item.block)
            waiting.extend(blocks[item.block].layers)
    for name, definition in blocks.items():
        own = definition.key.source is graph.document.source
        if own and name not in reached:
            yield Diagnostic(CODE, f"block {name} is never used", definition.key.span)
