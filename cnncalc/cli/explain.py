"""`cnncalc explain`: where a layer's numbers come from, or what a diagnostic means."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import completion
from cnncalc.cli import variants as shared
from cnncalc.geometry import Rounding

if TYPE_CHECKING:
    from cnncalc.analysis.derivation.explanation import Explanation
    from cnncalc.render.rules import Explained


class Format(StrEnum):
    """How an explanation is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def explain(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|CODE]",
            autocompletion=completion.files_or_codes,
            help="An architecture file, a bundled name, or - for standard input, with a layer; "
            "or the code of a diagnostic. Without it, all codes are listed.",
        ),
    ] = None,
    layer: Annotated[
        str | None, typer.Argument(help="The layer, by the name that `summary` prints.")
    ] = None,
    input: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="[NAME=]VOLUME", help="Another input volume."),
    ] = None,
    set: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Another value for a variable or an option."
        ),
    ] = None,
    rounding: Annotated[
        Rounding | None, typer.Option(help="What a stride that does not fit means.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Explain every diagnostic.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print the formulas in LaTeX.")] = False,
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print.")] = Format.TEXT,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Derive a layer's volume, weights, MACs and receptive field, or explain a diagnostic.

    Example: cnncalc explain alexnet conv2
    """
    from cnncalc.cli.console import misuse
    from cnncalc.cli.overrides import inputs_from, is_misuse, pairs_from
    from cnncalc.diagnostics import CATALOGUE
    from cnncalc.network import Network
    from cnncalc.queries.explain import explain as derive
    from cnncalc.queries.override import Misuse

    if layer is None:
        if latex or input or set or rounding:
            misuse("say a FILE and a LAYER: `cnncalc explain alexnet conv2`")
        if all and file is not None:
            misuse(f"--all explains every diagnostic, `{file}` one: say one of the two")
        codes = list(CATALOGUE) if all else [file] if file is not None else []
        show_rules(codes, format, whole=all)
        return
    if file is None or all:
        misuse("--all explains diagnostics and takes no layer")
    try:
        network = Network.load(
            file,
            input=inputs_from(input or []),
            set=pairs_from(set or []),
            rounding=rounding,
            max_layers=max_layers,
        )
        explained = derive(network, layer)
    except Misuse as error:
        misuse(str(error))
    if any(is_misuse(diagnostic) for diagnostic in explained.diagnostics):
        show(explained._replace(output=None), Format.TEXT, latex=False, placed=True)
        raise typer.Exit(2)
    show(explained, format, latex=latex, placed=True)
    if not explained.ok:
        raise typer.Exit(1)


def show(explained: Explanation, format: Format, *, latex: bool, placed: bool) -> None:
    """Print a derivation, or the findings that stand in its way; `placed`: there is a file."""
    from cnncalc.cli.console import messages, output
    from cnncalc.render import explain as render
    from cnncalc.render.diagnostics.full import as_text
    from cnncalc.render.records import Format as RecordFormat
    from cnncalc.render.records import write

    for diagnostic in explained.diagnostics:
        messages().print(as_text(diagnostic, placed=placed), soft_wrap=True)
    if format is Format.JSON:
        render.write_json(explained, sys.stdout, placed=placed)
    elif explained.output is None:
        return
    elif latex:
        for line in render.latex_lines(explained):
            typer.echo(line)
    elif format is Format.TEXT:
        render.print_explanation(output(), explained, placed=placed)
    else:
        write(RecordFormat(format), output(), render.FIELDS, render.records(explained))


def show_rules(codes: list[str], format: Format, *, whole: bool = False) -> None:
    """Print the pages of diagnostics, or the list of codes where none is given."""
    from cnncalc.cli.console import output
    from cnncalc.render import rules as render
    from cnncalc.render.records import Format as RecordFormat
    from cnncalc.render.records import write

    pages = [_explained(code) for code in codes]
    console = output()
    if not pages:
        kind = RecordFormat.TABLE if format is Format.TEXT else RecordFormat(format)
        write(kind, console, render.FIELDS, render.overview())
        if format is Format.TEXT:
            typer.echo(
                "\n`cnncalc explain CODE` explains one, `cnncalc explain FILE LAYER` a layer."
            )
    elif format is Format.TEXT:
        for number, page in enumerate(pages):
            if number:
                typer.echo()
            render.print_page(console, page)
    elif format is Format.MARKDOWN:
        for line in render.markdown(pages, whole=whole):
            typer.echo(line)
    else:
        write(RecordFormat(format), console, render.PAGE_FIELDS, render.records(pages))


def _explained(code: str) -> Explained:
    """A code's page with what is found in its wrong file."""
    from cnncalc.checks.rules import rule_page
    from cnncalc.cli.console import misuse
    from cnncalc.diagnostics import CATALOGUE, did_you_mean
    from cnncalc.network import Network, resolve
    from cnncalc.render.rules import Explained

    if code not in CATALOGUE:
        if _is_file(resolve(code)):
            misuse(f"which layer of {code}? `cnncalc summary {code}` lists them")
        near = did_you_mean(code, CATALOGUE)
        hint = near[0] if near else "`cnncalc explain` lists them"
        misuse(f"there is no diagnostic `{code}`; {hint}")
    page = rule_page(code)
    report = Network.loads(page.wrong, name="wrong.yaml").report
    return Explained(code, page, report.diagnostics[0])


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
