"""input-without-channels: an input volume that looks like a picture whose channels are left out.

Only where windows slide over it, and no layer such as `Conv1d` says that one axis was meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.checks.lints.inputs import slides_along, unusual, warning
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.meant_input import NO_CHANNELS

CODE = "input-without-channels"


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    for name, volume, found in unusual(graph, NO_CHANNELS):
        if slides_along(graph, name, 1):
            message = (
                f"{volume} is a row of {volume[0]} places with {volume.channels} channels each"
            )
            yield warning(CODE, graph, name, message, found)
