"""Findings as data. The keys are stable: docs/language.md."""

from __future__ import annotations

from typing import Any

from cnncalc.checks.files import Checked
from cnncalc.diagnostics import Diagnostic
from cnncalc.escaping import as_json


def as_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding; lines and columns count from 1, the end is exclusive."""
    span = diagnostic.span
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "layer": diagnostic.layer,
        "message": diagnostic.message,
        "notes": diagnostic.notes,
        "help": diagnostic.help,
    }


def file_entry(checked: Checked) -> str:
    """One entry of the list of files."""
    entry = {
        "file": checked.file,
        "ok": checked.ok,
        "diagnostics": [as_dict(finding) for finding in checked.diagnostics],
        "repeats": [_reference(finding) for finding in checked.repeats],
        "left_out": len(checked.left_out),
    }
    return as_json(entry)


def _reference(finding: Diagnostic) -> dict[str, Any]:
    """Enough of a finding to look it up among those of the files before."""
    span = finding.span
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "severity": finding.severity,
        "code": finding.code,
    }
