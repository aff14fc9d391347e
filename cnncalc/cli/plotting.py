"""`--plot`: a picture of a run; what it needs is checked before the network runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc import packages
from cnncalc.cli.console import misuse

if TYPE_CHECKING:
    from cnncalc.report.report import Report, Row

SUFFIXES = (".svg", ".png")


def need(path: Path) -> None:
    """Ends the command where nothing can be drawn to that file."""
    if path.suffix.lower() not in SUFFIXES:
        misuse(f"--plot {path}: call it {' or '.join(SUFFIXES)}")
    if path.is_dir():
        misuse(f"--plot {path}: this is a folder")
    if not path.parent.is_dir():
        misuse(f"--plot {path}: there is no folder {path.parent}")
    if missing := packages.missing(packages.PLOT):
        misuse(packages.need("--plot", missing))


def save(path: Path, report: Report, rows: Sequence[Row]) -> None:
    """Draw the rows of a report with a roofline. Ends the command where it cannot be written."""
    from cnncalc.errors import UsageError
    from cnncalc.render.report.roofline import drawn
    from cnncalc.saving.files import write

    picture = drawn(report, rows, path.suffix.lower().removeprefix("."))
    try:
        write(path, picture)
    except UsageError as error:
        misuse(str(error))
