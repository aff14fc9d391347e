"""Consoles for output and for messages, and the ways a command ends."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import StringIO
from typing import NoReturn

import typer
from rich.console import Console

from cnncalc.diagnostics import Diagnostic
from cnncalc.render.diagnostics.full import print_diagnostic


def output() -> Console:
    """Standard output: colour and a width on a terminal, plain and unbounded otherwise."""
    return _console(stderr=False)


def messages() -> Console:
    """Standard error."""
    return _console(stderr=True)


def plain() -> Console:
    """No stream at all: for texts that are captured, without colours or an end to lines."""
    return Console(
        file=StringIO(), width=1000, color_system=None, markup=False, highlight=False, emoji=False
    )


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = 1000
    return console


def print_diagnostics(console: Console, diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        print_diagnostic(console, diagnostic)
    if console.file is sys.stderr:
        console.file.flush()


def misuse(message: str) -> NoReturn:
    """End a command that was called wrongly."""
    typer.echo(f"cnncalc: {message}", err=True)
    raise typer.Exit(2)
