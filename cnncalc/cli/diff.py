"""`cnncalc diff`: two networks side by side."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cnncalc.cli import completion
from cnncalc.cli import variants as shared
from cnncalc.render.records import Format


def diff(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="An architecture file, a bundled name, or - for standard input.",
            autocompletion=completion.files,
        ),
    ],
    b: Annotated[
        str | None,
        typer.Argument(
            metavar="[B]", help="What to compare it with.", autocompletion=completion.files
        ),
    ] = None,
    git: Annotated[
        str | None,
        typer.Option(metavar="REV", help="Compare file A with what it was at a git revision."),
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Show what is the same, too.")] = False,
    batch: shared.Batch = 1,
    dtype: shared.Dtype = "float32",
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print.")] = Format.TABLE,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Compare two networks: layers added, removed and changed, and what that costs.

    Example: cnncalc diff resnet18 resnet50 --format markdown
    """
    from cnncalc.cli.console import messages, misuse, output, print_diagnostics
    from cnncalc.queries.override import Misuse
    from cnncalc.queries.revision import difference
    from cnncalc.render import compare, comparedata

    try:
        compared = difference(a, b, git, batch=batch, dtype=dtype, max_layers=max_layers)
    except Misuse as error:
        misuse(str(error))
    for report in (compared.before, compared.after):
        print_diagnostics(messages(), report.diagnostics)
    if not (compared.before.rows and compared.after.rows) and format is not Format.JSON:
        raise typer.Exit(int(not (compared.before.ok and compared.after.ok)))
    title = compare.title(compared)
    match format:
        case Format.TABLE:
            compare.print_comparison(output(), title, compared, all=all)
        case Format.JSON:
            comparedata.write_comparison_json(compared, sys.stdout, all=all)
        case Format.CSV:
            comparedata.write_comparison_csv(compared, sys.stdout, all=all)
        case Format.MARKDOWN:
            for line in compare.markdown(title, compared, all=all):
                typer.echo(line)
    if not (compared.before.ok and compared.after.ok):
        raise typer.Exit(1)
