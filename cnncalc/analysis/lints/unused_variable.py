"""unused-variable: a variable of `vars:` or an argument of a block that no expression mentions.

Usually a leftover, or a typo at the place that was to use it.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph

CODE = "unused-variable"


def check(graph: Graph) -> Iterator[Diagnostic]:
    document = graph.document
    for name, option in document.vars.items():
        if name not in document.mentioned:
            yield Diagnostic(CODE, f"variable `{name}` is never used", option.key.span)
    for block, definition in document.blocks.items():
        for name, option in definition.arguments.items():
            if name not in document.mentioned:
                message = f"argument `{name}` of block {block} is never used"
                yield Diagnostic(CODE, message, option.key.span)
