"""`cnncalc layers`: the kinds of layers and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import completion
from cnncalc.cli.printing import format_option
from cnncalc.render.writers import TABLE, Format, View


def layers(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help="A kind by any of its names. Without it, all kinds are listed.",
            autocompletion=completion.kinds,
        ),
    ] = None,
    format: Annotated[Format, format_option("layers", View.TABLE | View.PAGE)] = TABLE,
) -> None:
    """List the kinds of layers, or explain one.

    Options with their defaults and other spellings, and the formulas.

    Example: cnncalc layers conv
    """
    from cnncalc.cli.console import misuse, output
    from cnncalc.diagnostics import did_you_mean
    from cnncalc.layers import manual, registry
    from cnncalc.render.manual import Kind, Overview

    pages = list(manual.pages())
    if kind is not None:
        named = registry.find(kind)
        pages = [page for page in pages if named is not None and page.kind == named.kind]
        if not pages:
            near = did_you_mean(kind, registry.KINDS)
            hint = near[0] if near else "`cnncalc layers` lists them"
            misuse(f"there is no kind `{kind}`; {hint}")
    format.write(Overview(pages) if kind is None else Kind(pages[0]), output())
