"""The options that `explain` and the commands for one layer share."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.geometry import Rounding

RoundingOption = Annotated[
    Rounding | None,
    typer.Option(
        help="What to do where a stride does not fit: refuse it, round down, or round up."
    ),
]
Latex = Annotated[bool, typer.Option("--latex", help="Print the formulas in LaTeX.")]
