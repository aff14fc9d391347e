"""`cnncalc check`: files parsed, inferred and held to what they expect."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
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
    from cnncalc.cli.console import messages, misuse, output, print_diagnostics
    from cnncalc.loading import load_path, request
    from cnncalc.render.diagnostics.github import annotation
    from cnncalc.render.diagnostics.json import file_entry
    from cnncalc.render.numbers import plural

    files = list(dict.fromkeys(_files(paths)))
    if not files:
        misuse(f"no architecture files in {', '.join(paths)}")
    wanted = request(max_layers=max_layers)
    console = output()
    faulty = errors = warnings = 0
    if format is Format.JSON:
        typer.echo('{"files": [')
    for number, file in enumerate(_with_progress(files)):
        report = load_path(_bundled(file), wanted)
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


def _files(paths: list[str]) -> Iterator[str]:
    """The files that paths, folders and globs mean, in order."""
    from glob import has_magic

    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from _inside(Path(path))
        elif has_magic(path) and not Path(path).exists():
            pattern = Path(path)
            for found in sorted(
                Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
            ):
                yield from _inside(found) if found.is_dir() else (str(found),)
        else:
            yield path


def _bundled(path: str) -> str:
    """The file of a bundled name. With a suffix it is a path: a missing file must not pass."""
    from cnncalc import zoo

    if Path(path).suffix or Path(path).exists():
        return path
    return str(zoo.find(path) or path)


def _inside(folder: Path) -> Iterator[str]:
    """The YAML files in a folder and its folders, hidden ones passed over."""
    for path in sorted(folder.rglob("*.y*ml")):
        parts = path.relative_to(folder).parts
        if path.suffix in (".yaml", ".yml") and not any(part.startswith(".") for part in parts):
            yield str(path)


def _with_progress(files: list[str]) -> Iterator[str]:
    """The files, with a progress bar where there are many and someone watches."""
    from cnncalc.cli.console import messages

    console = messages()
    if len(files) < 50 or not console.is_terminal:
        yield from files
        return
    from rich.progress import track

    yield from track(files, description="checking", console=console, transient=True)
