"""`cnncalc zoo`: the bundled architectures."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import completion
from cnncalc.render.records import Format


def zoo(
    name: Annotated[
        str | None,
        typer.Argument(
            help="Print this architecture's file; list all without.",
            autocompletion=completion.bundled,
        ),
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
    from cnncalc.render.records import write

    if name is not None:
        path = bundled.find(name)
        if path is None:
            near = did_you_mean(name, bundled.names()) or ("`cnncalc zoo` lists them",)
            misuse(f"there is no bundled architecture `{name}`; {near[0]}")
        typer.echo(path.read_text("utf-8"), nl=False)
        return
    wanted = request()
    records = [
        render.record(stem, load_path(str(bundled.folder() / f"{stem}.yaml"), wanted))
        for stem in bundled.names()
    ]
    write(format, output(), render.FIELDS, records)
