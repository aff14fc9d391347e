"""A changed network as a file: the text rewritten, what it expects stated anew, and all of it
checked before anyone writes it.

Nothing here opens files: the caller says what the report of a text is.
"""

from __future__ import annotations

from cnncalc.network import Network
from cnncalc.saving.from_overrides import edits
from cnncalc.saving.update_expect import Reload, Restatement, network, restated
from cnncalc.yaml.edit import CannotRewrite, rewrite


def rewritten(changed: Network, reload: Reload) -> Restatement:
    """The text of a network's file with its settings written into it.

    The text's own report is the network's, but for lines and columns, and has no errors. Raises
    `CannotRewrite` where that cannot be had.
    """
    wanted = changed.report
    if not wanted.complete:
        raise CannotRewrite("the changed network has errors; nothing is written")
    text = rewrite(changed.source.text, edits(changed.graph, changed.settings))
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
