"""`cnncalc schema`: the language for editors."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the JSON Schema of architecture files.

    Editors check and complete files with it.

    Example: cnncalc schema > cnncalc.schema.json
    """
    from cnncalc.schema.language import text

    typer.echo(text(), nl=False)
