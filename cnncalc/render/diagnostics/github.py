"""Findings as workflow commands, which GitHub shows beside the line in a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.diagnostics import Diagnostic
from cnncalc.escaping import github_message, github_property


def annotation(diagnostic: Diagnostic, place: Callable[[str], str] = str) -> str:
    """One command. `place` says how GitHub knows a file: by its path from the workspace."""
    span = diagnostic.span
    properties = {"file": place(span.file), "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:
        # GitHub takes no columns of a stretch over several lines.
        properties |= {"col": span.column, "endColumn": span.end_column}
    properties["title"] = f"cnncalc: {diagnostic.code}"
    listed = ",".join(f"{key}={github_property(str(value))}" for key, value in properties.items())
    return f"::{diagnostic.severity} {listed}::{github_message(whole_message(diagnostic))}"


def whole_message(diagnostic: Diagnostic) -> str:
    """The sentence, and below it notes and help, a line each."""
    subject = f"{diagnostic.layer}: " if diagnostic.layer else ""
    lines = [
        subject + diagnostic.message,
        *(f"note: {note}" for note in diagnostic.notes),
        *(f"help: {help}" for help in diagnostic.help),
    ]
    return "\n".join(lines)
