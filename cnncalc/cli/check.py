"""`cnncalc check`: files parsed, inferred and compared with what they expect."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import common as shared
from cnncalc.cli import completion
from cnncalc.cli.printing import choice_option

if TYPE_CHECKING:
    from cnncalc.checks.files import Checked, Selection, Tally


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


def check(
    paths: shared.Files,
    format: Annotated[Format, choice_option("check", lambda: Format, Format)] = Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the findings to a file, whole or not at all.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print findings only, without the closing line.")
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE,...",
            autocompletion=completion.left_out,
            help="Of warnings and failed expectations, report only these; other errors are always "
            "reported. Warnings that are given only on request are asked for like this, and "
            "hide no others. Repeatable.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE,...",
            autocompletion=completion.left_out,
            help="Leave out these warnings, or expectation-failed. Repeatable.",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")] = False,
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Write what the network is into `expect:` of each file; comments and layout stay.",
        ),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Processes to use, at most (default: one for each core)."
        ),
    ] = None,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Check that every layer fits and `expect:` holds.

    Files, folders and globs; exits with 1 where a file has errors.

    Example: cnncalc check architectures/
    """
    from cnncalc.checks.files import Tally, selection
    from cnncalc.cli.files import STANDARD_OUTPUT, check_target, meant

    output = None if output in STANDARD_OUTPUT else output
    files = meant(paths)
    tally = Tally(strict)
    with shared.ending(lambda: f"interrupted after {tally.files:,} of {len(files):,} files"):
        if update:
            from cnncalc.cli.updating import update_files

            if format is not Format.TEXT or output or select or ignore or strict:
                shared.misuse("--update writes files and says what changed: of the other options "
                              "it takes --quiet and --max-layers")  # fmt: skip
            update_files(files, max_layers, quiet=quiet)
            return
        if output is not None:
            check_target(output, files)
        _run(files, format, output, selection(select or (), ignore or ()), tally, jobs, max_layers)
        if not quiet:
            _close(tally, on_output=format is Format.TEXT and output is None)
    if tally.faulty:
        raise typer.Exit(1)


def _run(
    files: list[str],
    format: Format,
    output: Path | None,
    selection: Selection,
    tally: Tally,
    jobs: int | None,
    max_layers: int,
) -> None:
    """Check files and print, or write, what is found in them."""
    from cnncalc.checks.files import check_files
    from cnncalc.cli.progress import with_progress
    from cnncalc.saving.files import write

    found = check_files(files, selection, strict=tally.strict, jobs=jobs, max_layers=max_layers)

    def counted() -> Iterable[Checked]:
        for one in with_progress(found, "checking", len(files)):
            tally.add(one)
            yield one

    if output is None:
        for piece in _pieces(format, counted(), coloured=True):
            typer.echo(piece, nl=False)
    else:
        write(output, "".join(_pieces(format, counted(), coloured=False)))


def _pieces(format: Format, found: Iterable[Checked], *, coloured: bool) -> Iterable[str]:
    """The output, piece by piece where the format allows."""
    match format:
        case Format.TEXT:
            return _text(found, coloured=coloured)
        case Format.JSON:
            return _json(found)
        case Format.GITHUB:
            return _github(found)
        case Format.SARIF:
            from cnncalc.render.diagnostics import places, sarif

            root = _root()
            findings = [finding for one in found for finding in one.diagnostics]
            return [sarif.log(findings, lambda file: places.uri(_whole(file), root)) + "\n"]
        case Format.JUNIT:
            from cnncalc.render.diagnostics import junit

            return [junit.report(found) + "\n"]


def _text(found: Iterable[Checked], *, coloured: bool) -> Iterable[str]:
    from cnncalc.cli.console import output, print_diagnostics
    from cnncalc.render.diagnostics.full import as_plain
    from cnncalc.render.diagnostics.verdict import repeats

    console = output()
    if not (coloured and console.is_terminal):
        for one in found:
            lines = [*map(as_plain, one.diagnostics), *([repeats(one)] if one.repeats else [])]
            yield "".join([f"{line}\n" for line in lines])
        return
    for one in found:
        with console.capture() as printed:
            print_diagnostics(console, one.diagnostics)
            if one.repeats:
                console.print(repeats(one), soft_wrap=True)
        yield printed.get()


def _json(found: Iterable[Checked]) -> Iterable[str]:
    from cnncalc.render.diagnostics.json import file_entry

    yield '{"files": [\n'
    for number, one in enumerate(found):
        yield (",\n" if number else "") + file_entry(one)
    yield "\n]}\n"


def _github(found: Iterable[Checked]) -> Iterable[str]:
    from cnncalc.render.diagnostics.github import annotation
    from cnncalc.render.diagnostics.places import relative

    root = _root()
    for one in found:
        for finding in one.diagnostics:
            yield annotation(finding, lambda file: relative(_whole(file), root)) + "\n"


def _root() -> Path:
    """What paths are relative to: the checkout where GitHub names it, otherwise the current
    folder."""
    return Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())


def _whole(file: str) -> Path:
    """The path of a file from the top, links kept."""
    return Path(os.path.normpath(Path.cwd() / file))


def _close(tally: Tally, *, on_output: bool) -> None:
    from cnncalc.cli.console import messages, output
    from cnncalc.render.diagnostics.verdict import verdict

    (output() if on_output else messages()).print(verdict(tally), soft_wrap=True)
