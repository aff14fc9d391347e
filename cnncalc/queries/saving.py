"""A changed network as a file: the text rewritten, what it expects stated anew, and all of it
checked before anyone writes it.

Nothing here opens files: the caller says what the report of a text is.
"""

from __future__ import annotations

from cnncalc.analysis.report import Report
from cnncalc.graph.build import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.settings import Settings
from cnncalc.queries.placing import edits
from cnncalc.queries.restating import Reload, Restatement, network, restated
from cnncalc.queries.rewrite import CannotRewrite, rewrite


def rewritten(graph: Graph, settings: Settings, wanted: Report, reload: Reload) -> Restatement:
    """The text of a graph's file with `settings` written into it.

    `wanted` is the report under these settings; the text's own report is the same, but for lines
    and columns, and has no errors. Raises `CannotRewrite` where that cannot be had.
    """
    if not wanted.complete:
        raise CannotRewrite("the changed network has errors; nothing is written")
    changed = build(graph.document, settings)
    text = rewrite(graph.document.source.text, edits(changed, settings))
    held = reload(text)
    if held.document is None:
        raise CannotRewrite("the changed file would not be readable")
    saved = restated(text, held, reload)
    for finding in saved.report.diagnostics:
        if finding.is_error:
            raise CannotRewrite(f"the changed file would not check: {finding.message}")
    if network(saved.report) != network(wanted):
        raise CannotRewrite("the change cannot be written so that the file means the same")
    return saved
