"""`cnncalc whatif`: a network before and after changes."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import common as shared
from cnncalc.cli.printing import format_option
from cnncalc.render.writers import TABLE, Format, View


def whatif(
    file: shared.File,
    changes: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=VALUE...",
            help="A variable, input, rounding, layer.option, or kind.*.option for all layers of a "
            "kind. A list such as conv1.stride=1,2,4 makes one column for each value.",
        ),
    ],
    all: Annotated[bool, typer.Option("--all", help="Show also what stays the same.")] = False,
    write: Annotated[
        str | None,
        typer.Option(
            metavar="OUT.yaml",
            help="Save the changed file; comments and layout stay.",
        ),
    ] = None,
    batch: shared.Batch = 1,
    dtype: shared.Dtype = "float32",
    format: Annotated[Format, format_option("whatif")] = TABLE,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Compare a network with itself after changes.

    Layer by layer, with the totals.

    Example: cnncalc whatif alexnet conv1.stride=2 rounding=floor
    """
    from cnncalc.cli.console import messages, misuse, output, print_diagnostics
    from cnncalc.compare.rendering import Changed
    from cnncalc.compare.whatif import ask
    from cnncalc.errors import UsageError
    from cnncalc.network import Network
    from cnncalc.render.expectations import written_lines
    from cnncalc.saving.rewritten import save

    pairs = [(key, value) for key, _, value in (text.partition("=") for text in changes)]
    try:
        network = Network.load(file, batch=batch, dtype=dtype, max_layers=max_layers)
        answer = ask(network, pairs)
        if write is not None and len(answer.variants) > 1:
            raise UsageError(f"{write} can hold one network: give one value for each key")
    except UsageError as error:
        misuse(str(error))
    print_diagnostics(messages(), answer.before.diagnostics)
    for variant in answer.variants:
        if variant.news and len(answer.variants) > 1:
            messages().print(f"with {variant.label}:", soft_wrap=True)
        print_diagnostics(messages(), variant.news)
    known = any(variant.after.rows for variant in answer.variants)
    if known or format.view is View.DATA:
        format.write(Changed(answer, all), output())
    if not answer.ok:
        if write is not None:
            messages().print(f"{write} is not written: the changed network has errors")
        raise typer.Exit(1)
    if write is not None:
        try:
            saved = save(answer.variants[0].network, write)
        except UsageError as error:
            misuse(str(error))
        for line in written_lines(write, saved.changes):
            messages().print(line, soft_wrap=True)
