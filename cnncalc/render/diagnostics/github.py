"""Findings as workflow commands, which GitHub shows beside the line in a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from cnncalc.diagnostics import Diagnostic


def annotation(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    properties = {
        "file": span.file,
        "line": span.line,
        "endLine": span.end_line,
        "col": span.column,
        "endColumn": span.end_column,
        "title": f"cnncalc: {diagnostic.code}",
    }
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    subject = f"{diagnostic.layer}: " if diagnostic.layer else ""
    lines = [
        subject + diagnostic.message,
        *(f"note: {note}" for note in diagnostic.notes),
        *(f"help: {help}" for help in diagnostic.help),
    ]
    return f"::{diagnostic.severity} {listed}::{_message(chr(10).join(lines))}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
