"""`cnncalc zoo`: the bundled architectures."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def zoo(
    name: Annotated[
        str | None, typer.Argument(help="Print this architecture's file; list all without.")
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", "-f", help="How to print the list.")
    ] = Format.TABLE,
) -> None:
    """List the bundled architectures, or print the YAML of one.

    Example: cnncalc zoo resnet50 > mine.yaml
    """
    from cnncalc import zoo as bundled
    from cnncalc.cli.console import misuse, output
    from cnncalc.diagnostics import did_you_mean
    from cnncalc.loading import load_path, request
    from cnncalc.render import zoo as render

    if name is not None:
        path = bundled.find(name)
        if path is None:
            near = did_you_mean(name, bundled.names()) or ("`cnncalc zoo` lists them",)
            misuse(f"there is no bundled architecture `{name}`; {near[0]}")
        typer.echo(path.read_text("utf-8"), nl=False)
        return
    wanted = request()
    entries = [
        render.Entry(stem, load_path(str(bundled.folder() / f"{stem}.yaml"), wanted))
        for stem in bundled.names()
    ]
    if format is Format.TABLE:
        render.print_list(output(), entries)
    elif format is Format.CSV:
        render.write_csv(entries, sys.stdout)
    elif format is Format.JSON:
        render.write_json(entries, sys.stdout)
    else:
        for line in render.markdown(entries):
            typer.echo(line)
