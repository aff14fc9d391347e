"""`cnncalc diff`: two networks side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import common as shared
from cnncalc.cli import completion
from cnncalc.cli.printing import format_option
from cnncalc.render.writers import TABLE, Format, View


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
            metavar="B", help="What to compare it with.", autocompletion=completion.files
        ),
    ] = None,
    git: Annotated[
        str | None,
        typer.Option(
            metavar="REV", help="Compare file A as it is with what it was at a git revision."
        ),
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Show also what is the same.")] = False,
    batch: shared.Batch = 1,
    dtype: shared.Dtype = "float32",
    format: Annotated[Format, format_option("diff")] = TABLE,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Compare two networks, layer by layer.

    Layers added, removed and changed, and what that costs.

    Example: cnncalc diff resnet18 resnet50 --format markdown
    """
    from cnncalc.cli.console import messages, misuse, output, print_diagnostics
    from cnncalc.compare.git import difference
    from cnncalc.compare.rendering import Compared
    from cnncalc.errors import UsageError

    try:
        compared = difference(a, b, git, batch=batch, dtype=dtype, max_layers=max_layers)
    except UsageError as error:
        misuse(str(error))
    for report in (compared.before, compared.after):
        print_diagnostics(messages(), report.diagnostics)
    if not (compared.before.rows and compared.after.rows) and format.view is not View.DATA:
        raise typer.Exit(int(not (compared.before.ok and compared.after.ok)))
    format.write(Compared(compared, all), output())
    if not (compared.before.ok and compared.after.ok):
        raise typer.Exit(1)
