"""`cnncalc solve`: the largest value that conditions allow."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import common as shared
from cnncalc.cli.printing import format_option
from cnncalc.render.writers import TABLE, Format


def solve(
    file: shared.File,
    key: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="KEY",
            help="What to find: a variable (width), a layer's option (conv1.filters), that of all "
            "layers of a kind (conv.*.filters), or the input's sides (input).",
        ),
    ],
    where: Annotated[
        list[str],
        typer.Option(
            "--where",
            metavar="CONDITIONS",
            help="Conditions that must hold: NAME OP VALUE, joined by `and`, such as "
            "'macs <= 300M and peak <= 8MiB'. Repeatable.",
        ),
    ],
    smallest: Annotated[
        bool, typer.Option("--smallest", help="Find the smallest value instead of the largest.")
    ] = False,
    over: Annotated[
        str | None,
        typer.Option(
            metavar="VALUES",
            help="The values to search, such as 0.1..2.0:0.05 or 32,48,64 (default: from the "
            "file's own value up, doubling it until the conditions break).",
        ),
    ] = None,
    format: Annotated[Format, format_option("solve")] = TABLE,
    input: shared.InputOption = None,
    set: shared.SetOption = None,
    rounding: shared.RoundingOption = None,
    batch: shared.Batch = 1,
    dtype: shared.Dtype = "float32",
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Find the largest value for which conditions hold.

    The value of a variable, of an option, or of the input's sides.

    Example: cnncalc solve mobilenet_v2 --for width --where 'macs <= 300M'
    """
    from cnncalc.cli.console import output
    from cnncalc.sweep import solve as query
    from cnncalc.sweep.command_options import given as given_for_all
    from cnncalc.sweep.rendering import Solved

    document = shared.document(file)
    given = given_for_all(input, set, rounding, batch, dtype, max_layers)
    with shared.ending(lambda: "interrupted"):
        found = query.solve(document, given, key, where, over=over, smallest=smallest)
    format.write(Solved(found), output())
    if found.variant is None:
        shared.nothing(f"no value of {key} tried satisfies {found.where}")
