"""`cnncalc layers`: the kinds of layers and their options."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cnncalc.cli import completion


class Format(StrEnum):
    TABLE = "table"
    MARKDOWN = "markdown"


def layers(
    kind: Annotated[
        str | None,
        typer.Argument(
            help="A kind by any of its names; all kinds without.", autocompletion=completion.kinds
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print.")] = Format.TABLE,
) -> None:
    """List the kinds of layers, or explain one: options, defaults, spellings, formulas.

    Example: cnncalc layers conv
    """
    from cnncalc.cli.console import misuse, output
    from cnncalc.diagnostics import did_you_mean
    from cnncalc.layers import manual, registry
    from cnncalc.render.manual import markdown, print_overview, print_page

    pages = list(manual.pages())
    if kind is not None:
        named = registry.find(kind)
        pages = [page for page in pages if named is not None and page.kind == named.kind]
        if not pages:
            near = did_you_mean(kind, registry.KINDS)
            hint = near[0] if near else "`cnncalc layers` lists them"
            misuse(f"there is no kind `{kind}`; {hint}")
    if format is Format.MARKDOWN:
        for line in markdown(pages):
            typer.echo(line)
    elif kind is not None:
        print_page(output(), pages[0])
    else:
        print_overview(output(), pages)
