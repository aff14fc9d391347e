"""`cnncalc schema`: the language for editors."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the JSON Schema of architecture files, which editors check and complete by.

    Example: cnncalc schema > cnncalc.schema.json
    """
    from cnncalc.schema.language import text

    typer.echo(text(), nl=False)
