"""Consoles for output and for messages, and the ways a command ends."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import StringIO
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from cnncalc.diagnostics import Diagnostic
from cnncalc.escaping import cell
from cnncalc.render.diagnostics.full import print_diagnostic
from cnncalc.render.styled import styled


class SafeConsole(Console):
    """A console for text from outside: a string is one line, whatever is in it."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*map(_safe, objects), **options)

    def out(self, *objects: Any, **options: Any) -> None:
        """Lines that are safe already: those of a table."""
        super().print(
            *objects, markup=False, no_wrap=True, overflow="ignore", crop=False, **options
        )


def _safe(printed: Any) -> Any:
    if isinstance(printed, str):
        return cell(printed)
    return styled(printed) if isinstance(printed, Text) else printed


def output() -> Console:
    """Standard output: colour and a width on a terminal, plain and unbounded otherwise."""
    return _console(stderr=False)


def messages() -> Console:
    """Standard error."""
    return _console(stderr=True)


def plain() -> Console:
    """No stream at all: for texts that are captured, without colours or an end to lines."""
    return SafeConsole(
        file=StringIO(), width=1000, color_system=None, markup=False, highlight=False, emoji=False
    )


def _console(*, stderr: bool) -> Console:
    console = SafeConsole(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = 1000
    return console


def print_diagnostics(console: Console, diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        print_diagnostic(console, diagnostic)
    if console.file is sys.stderr:
        console.file.flush()


def remark(message: str, advice: str = "") -> None:
    """A line on standard error that begins with who says it, and one of what to do."""
    typer.echo(f"cnncalc: {cell(message)}" + (f"\n{cell(advice)}" if advice else ""), err=True)


def misuse(message: str, advice: str = "") -> NoReturn:
    """End a command that was called wrongly."""
    remark(message, advice)
    raise typer.Exit(2)
