"""`cnncalc fmt`: architecture files in the one layout."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import completion

if TYPE_CHECKING:
    from cnncalc.diagnostics import Diagnostic
    from cnncalc.edit.formatted import Formatted

_STANDARD_INPUT = "-"
_CHANGED = {True: "formatted", False: "would be formatted"}
"""What is said of a file that changes, by whether anything is written."""
_ORDER = (*_CHANGED.values(), "unchanged", "left as it is", "with errors")


def fmt(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...",
            autocompletion=completion.files,
            help="Architecture files, folders, globs, or - to read standard input and write to "
            "standard output.",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 1 if a file would change."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; print what would change.")
    ] = False,
) -> None:
    """Write files in the one layout, comments kept.

    What a file means never changes.

    Example: cnncalc fmt architectures/
    """
    from cnncalc.cli.console import messages, misuse, output, print_diagnostics
    from cnncalc.cli.files import meant
    from cnncalc.cli.progress import with_progress
    from cnncalc.edit.formatted import format_path

    if not paths:
        misuse("fmt takes files: `cnncalc fmt .` formats those in this folder, `cnncalc fmt -` "
               "standard input")  # fmt: skip
    files = meant(paths)
    writes = not (check or diff)
    # Standard output is the texts' or the differences', where there are any.
    console = messages() if diff or _STANDARD_INPUT in files else output()
    found: Counter[str] = Counter()
    for file in with_progress(files, "formatting", len(files)):
        done = format_path(file)
        if diff:
            _print_difference(file, done)
        wrong = _write(file, done) if writes else None
        print_diagnostics(console, _explained(file, done))
        outcome = "with errors" if done.findings or wrong else _outcome(done, writes=writes)
        found[outcome] += 1
        if wrong:
            console.print(wrong, soft_wrap=True)
        elif done.reason is not None:
            console.print(f"{_shown(file)} is left as it is: {done.reason}", soft_wrap=True)
        elif done.changes and not (writes and file == _STANDARD_INPUT):
            console.print(f"{_shown(file)} {outcome}", soft_wrap=True)
    if files != [_STANDARD_INPUT]:
        console.print(_verdict(found), soft_wrap=True)
    if found["with errors"] or (check and found[_CHANGED[writes]]):
        raise typer.Exit(1)


def _outcome(done: Formatted, *, writes: bool) -> str:
    if done.reason is not None:
        return "left as it is"
    return _CHANGED[writes] if done.changes else "unchanged"


def _verdict(found: Counter[str]) -> str:
    """How many files came out how: `12 files: 1 formatted, 11 unchanged`."""
    from cnncalc.render.numbers import plural

    counts = ", ".join(f"{found[outcome]} {outcome}" for outcome in _ORDER if found[outcome])
    return f"{plural(found.total(), 'file')}: {counts}"


def _shown(file: str) -> str:
    return "<stdin>" if file == _STANDARD_INPUT else file


def _write(file: str, done: Formatted) -> str | None:
    """Write a text where it belongs; what went wrong, if anything did."""
    from cnncalc.edit.formatted import write_formatted
    from cnncalc.errors import UsageError

    if done.findings:
        return None
    if file == _STANDARD_INPUT:
        sys.stdout.flush()
        sys.stdout.buffer.write((done.source.mark + done.text).encode())
        sys.stdout.buffer.flush()
    else:
        try:
            write_formatted(file, done)
        except UsageError as error:
            return str(error)
    return None


def _print_difference(file: str, done: Formatted) -> None:
    from difflib import unified_diff

    from cnncalc.escaping import terminal

    before, after = done.source.text.splitlines(), done.text.splitlines()
    shown = _shown(file)
    for line in unified_diff(before, after, shown, f"{shown} formatted", lineterm=""):
        typer.echo(terminal(line))


def _explained(file: str, done: Formatted) -> tuple[Diagnostic, ...]:
    """The findings; a bundled name is pointed to its copy, as the file itself is not the user's."""
    from cnncalc import bundled

    if Path(file).suffix or Path(file).exists() or bundled.find(file) is None:
        return done.findings
    help = (f"`cnncalc zoo {file} > {file}.yaml` makes a copy of the bundled file",)
    return tuple(finding._replace(help=help) for finding in done.findings)
