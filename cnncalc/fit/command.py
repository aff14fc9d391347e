"""`cnncalc fit`: the input sizes that a network fits, and what would make one fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import common as shared
from cnncalc.cli.printing import format_option
from cnncalc.render.writers import TABLE, Format

if TYPE_CHECKING:
    from cnncalc.fit.repair import Repairs
    from cnncalc.graph.overrides import Overrides
    from cnncalc.language.model import Document


def fit(
    file: shared.File,
    input: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="[NAME=]VOLUME", help="Another size than the file's."),
    ] = None,
    set: shared.OneSetOption = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Allow no rounding, not even where a layer asks for it."),
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="List the smallest changes that make the size fit.")
    ] = False,
    most: Annotated[int, typer.Option(min=1, metavar="N", help="List at most N repairs.")] = 10,
    apply: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Apply repair N of the list, and write the file with --write."
        ),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file that --apply writes.")
    ] = None,
    format: Annotated[Format, format_option("fit")] = TABLE,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Find the input sizes that fit, or what would make one fit.

    The sizes at which the whole network fits exactly, and those at which it works with misfits
    rounded down. With --repair, the smallest changes that make the given size fit.

    Example: cnncalc fit alexnet --input 224x224x3 --repair
    """
    from cnncalc.cli.console import messages, output, print_diagnostics
    from cnncalc.cli.overrides import inputs_from, is_misuse, pairs_from
    from cnncalc.errors import UsageError
    from cnncalc.fit import sizes as queries
    from cnncalc.fit.rendering import FittingSizes, FoundRepairs
    from cnncalc.fit.repair import Repairs, repairs
    from cnncalc.graph.overrides import overrides_from

    if (apply is None) is not (write is None):
        shared.misuse("--apply N and --write FILE go together")
    try:
        changed = overrides_from(
            input=inputs_from(input or []), set=pairs_from(set or []), max_layers=max_layers
        )
    except UsageError as error:
        shared.misuse(str(error))
    document = shared.document(file)
    result = queries.fit(document, changed, strict=strict)
    print_diagnostics(messages(), result.diagnostics)
    if result.diagnostics:
        raise typer.Exit(2 if any(map(is_misuse, result.diagnostics)) else 1)
    wanted = repair or apply is not None
    known = Repairs()
    if wanted and not result.fits:
        known = repairs(document, changed, strict=strict, most=max(most, apply or 1))
    answer = FoundRepairs(result, known) if wanted else FittingSizes(result)
    format.write(answer, output())
    if apply is not None and write is not None:
        _write(document, changed, known, apply, write)
    if not (result.fits or known.found if wanted else result.ok):
        raise typer.Exit(1)


def _write(
    document: Document, overrides: Overrides, known: Repairs, number: int, target: Path
) -> None:
    """Write a repair, and say which of the file's expectations it changes."""
    from cnncalc.cli.console import messages, print_diagnostics
    from cnncalc.errors import UsageError
    from cnncalc.fit.apply import save_repair
    from cnncalc.render.expectations import written_lines

    try:
        saved = save_repair(document, overrides, known, number, target)
    except UsageError as error:
        shared.misuse(str(error))
    for line in written_lines(str(target), saved.changes):
        messages().print(line, soft_wrap=True)
    print_diagnostics(messages(), saved.report.diagnostics)
