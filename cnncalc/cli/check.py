"""`cnncalc check`: files parsed, inferred and held to what they expect."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cnncalc.cli import completion


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            autocompletion=completion.files,
            help="Architecture files, folders, globs, bundled names, or - for standard input.",
        ),
    ],
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print.")] = Format.TEXT,
    max_layers: Annotated[
        int, typer.Option(min=1, metavar="N", help="Refuse networks of more layers.")
    ] = 100_000,
) -> None:
    """Check files: does every layer fit, and is the network what `expect:` says?

    Example: cnncalc check architectures/
    """
    from cnncalc.cli.console import messages, output, print_diagnostics
    from cnncalc.cli.files import bundled, meant, with_progress
    from cnncalc.loading import load_path, request
    from cnncalc.render.diagnostics.github import annotation
    from cnncalc.render.diagnostics.json import file_entry
    from cnncalc.render.numbers import plural

    files = meant(paths)
    wanted = request(max_layers=max_layers)
    console = output()
    faulty = errors = warnings = 0
    if format is Format.JSON:
        typer.echo('{"files": [')
    for number, file in enumerate(with_progress(files, "checking")):
        report = load_path(bundled(file), wanted)
        faulty += not report.ok
        errors += sum(diagnostic.is_error for diagnostic in report.diagnostics)
        warnings += sum(not diagnostic.is_error for diagnostic in report.diagnostics)
        if format is Format.JSON:
            separator = ",\n" if number else ""
            typer.echo(separator + file_entry(file, report.ok, report.diagnostics), nl=False)
        elif format is Format.GITHUB:
            for diagnostic in report.diagnostics:
                typer.echo(annotation(diagnostic))
        else:
            print_diagnostics(console, report.diagnostics)
    if format is Format.JSON:
        typer.echo("\n]}")
    verdict = f"{plural(len(files), 'file')} checked: "
    verdict += f"{faulty} with errors" if faulty else "all well"
    if errors or warnings:
        verdict += f" ({plural(errors, 'error')}, {plural(warnings, 'warning')})"
    (console if format is Format.TEXT else messages()).print(verdict, soft_wrap=True)
    if faulty:
        raise typer.Exit(1)
