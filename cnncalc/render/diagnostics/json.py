"""Findings as data. The keys are stable: docs/language.md."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cnncalc.diagnostics import Diagnostic


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


def file_entry(file: str, ok: bool, diagnostics: Iterable[Diagnostic]) -> str:
    """One entry of the list of files."""
    entry = {"file": file, "ok": ok, "diagnostics": [as_dict(d) for d in diagnostics]}
    return json.dumps(entry, ensure_ascii=False)
