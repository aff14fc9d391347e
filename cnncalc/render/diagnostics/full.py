"""A finding as people read it: the place, the sentence, the line with a caret, notes and help."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cnncalc.diagnostics import Diagnostic, Severity
from cnncalc.escaping import printable, terminal

WIDEST_LINE = 120
"""Characters of a source line that are shown; a longer line is cut around the caret."""

_LEAD = 24
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


Part = tuple[str, str]
"""A piece of text and its style."""


def print_diagnostic(console: Console, diagnostic: Diagnostic) -> None:
    if console.is_terminal:
        console.print(as_text(diagnostic), soft_wrap=True)
    else:
        console.file.write(f"{as_plain(diagnostic)}\n")


def as_plain(diagnostic: Diagnostic) -> str:
    """A finding without colours. There may be hundreds of thousands, for which the library that
    prints them takes its time."""
    plain = "".join([text for text, _ in _parts(diagnostic, placed=True)])
    return terminal(plain.rstrip())


def as_text(diagnostic: Diagnostic, *, placed: bool = True) -> Text:
    """A finding; without its place where there is no file to look at."""
    text = Text.assemble(*_parts(diagnostic, placed=placed))
    text.rstrip()
    return text


def _parts(diagnostic: Diagnostic, *, placed: bool) -> Iterator[Part]:
    span = diagnostic.span
    place = printable(str(span) if span.source.text else span.file)
    subject = f"{diagnostic.layer}: " if diagnostic.layer else ""
    style = _STYLES[diagnostic.severity]
    yield f"{place}: " if placed else "", "bold"
    yield f"{diagnostic.severity}[{diagnostic.code}]", style
    yield f": {subject}{diagnostic.message}\n", ""
    gutter = len(str(span.line)) + 2
    line = span.source.line_text(span.line)
    if placed and line.strip():
        shown, before, marked = _excerpt(diagnostic, line)
        yield f"{span.line:>{gutter}} | ", "blue"
        yield f"{shown}\n", ""
        yield " " * gutter + " | ", "blue"
        yield " " * before + "^" * marked + "\n", style
    for note in diagnostic.notes:
        yield f"  note: {note}\n", ""
    for help in diagnostic.help:
        yield "  help", "bold green"
        yield f": {help}\n", ""


def _visible(line: str) -> str:
    """A source line with a blank for every character that is none to look at."""
    return "".join(c if c.isprintable() else " " for c in line)


def _excerpt(diagnostic: Diagnostic, line: str) -> tuple[str, int, int]:
    """The part of the line to show, the cells before the mark, and the cells marked."""
    span = diagnostic.span
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    first = 0
    lead = ""
    if len(line) > WIDEST_LINE and start > WIDEST_LINE - _LEAD:
        first, lead = start - _LEAD, "…"
    shown = line[first : first + WIDEST_LINE]
    trail = "…" if first + WIDEST_LINE < len(line) else ""
    marked = cell_len(line[start : min(end, first + WIDEST_LINE)])
    before = cell_len(lead + line[first:start])
    return lead + _visible(shown) + trail, before, max(marked, 1)
