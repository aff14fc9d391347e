"""batch-in-input: an input volume that looks like a batch of pictures.

Only where windows slide over it alike on all three axes, and no layer says that three were meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.checks.lints.inputs import in_words, slides_along, unusual, warning
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.meant_input import BATCH

CODE = "batch-in-input"


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    for name, volume, found in unusual(graph, BATCH):
        if slides_along(graph, name, 3):
            message = (
                f"{volume} is {in_words(volume)}, over which windows slide in three dimensions"
            )
            yield warning(CODE, graph, name, message, found)
