"""`cnncalc solve`: the largest value that conditions allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import variants as shared
from cnncalc.render import sweep as render
from cnncalc.render.records import Field, Format, write

if TYPE_CHECKING:
    from cnncalc.queries.solve import Solution


def solve(
    file: shared.File,
    key: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="KEY",
            help="What is sought: a variable (width), a layer's option (conv1.filters), a kind's "
            "(conv.*.filters), or the input's sides (input).",
        ),
    ],
    where: Annotated[
        list[str],
        typer.Option(
            "--where",
            metavar="CONDITIONS",
            help="What has to hold: NAME OP VALUE, joined by `and`, such as "
            "'macs <= 300M and peak <= 8MiB'. Repeatable.",
        ),
    ],
    smallest: Annotated[
        bool, typer.Option("--smallest", help="The smallest value rather than the largest.")
    ] = False,
    over: Annotated[
        str | None,
        typer.Option(
            metavar="VALUES",
            help="Where to search, 0.1..2.0:0.05 or 32,48,64; default: up to where the conditions "
            "break, by doubling the file's own value.",
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print.")] = Format.TABLE,
    input: shared.InputOption = None,
    set: shared.SetOption = None,
    rounding: shared.RoundingOption = None,
    batch: shared.Batch = 1,
    dtype: shared.Dtype = "float32",
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Find the largest value of a variable or option for which conditions hold.

    Example: cnncalc solve mobilenet_v2 --for width --where 'macs <= 300M'
    """
    from cnncalc.cli.console import output
    from cnncalc.queries import solve as query

    document = shared.document(file)
    given = shared.given(input, set, rounding, batch, dtype, max_layers)
    with shared.ending(lambda: "interrupted"):
        found = query.solve(document, given, key, where, over=over, smallest=smallest)
    if format is Format.TABLE:
        _print(found)
    else:
        write(format, output(), render.solution_fields(key), [found.record()])
    if found.variant is None:
        shared.nothing(f"no value of {key} tried satisfies {found.where}")


def _print(found: Solution) -> None:
    """A sentence, the rows of the value and of the next one, and what is to be known of it."""
    from cnncalc.cli.console import output

    console = output()
    how = "all tried" if found.exhaustive else f"{found.tried:,} of {found.size:,} tried"
    searched = f"{found.key}={found.searched} ({how})"
    extreme = "smallest" if found.smallest else "largest"
    if found.variant is None:
        console.print(f"searched {searched}", soft_wrap=True)
    else:
        line = f"{found.key}={found.value} is the {extreme} with {found.where}, of {searched}"
        console.print(line, soft_wrap=True)
        rows = [found.variant, *([found.beyond] if found.beyond else [])]
        satisfies = Field("satisfies", "satisfies")
        records = [
            row.record() | {"satisfies": "yes" if row is found.variant else "no"} for row in rows
        ]
        fields = [*render.fields([found.key], render.DEFAULT[:-1]), satisfies]
        write(Format.TABLE, console, fields, records)
    for note in found.notes:
        console.print(f"note: {note}", soft_wrap=True)
