"""The formats: one module each, which has a `write(answer, console)`, and one entry here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from cnncalc.render.answer import Answer


class View(Flag):
    """A way to see an answer; a command offers several, a format takes one."""

    TABLE = auto()
    """For people at a terminal: `Answer.screen`."""
    TEXT = auto()
    """The same, where it is prose rather than tables."""
    PAGE = auto()
    """As a document: `Answer.page`."""
    ROWS = auto()
    """One table for machines: `Answer.table`."""
    DATA = auto()
    """All there is, nested: `Answer.data`."""

    RECORDS = TABLE | PAGE | ROWS | DATA
    """What most commands offer."""


@dataclass(frozen=True)
class Format:
    """How answers are printed: its name, the view that it takes, and the module that writes it.

    `suffixes` are those of files that hold it.
    """

    name: str
    view: View
    module: str
    suffixes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    def write(self, answer: Answer, console: Console) -> None:
        """Write to the console's file, all of it before anything is said elsewhere."""
        import_module(self.module).write(answer, console)
        console.file.flush()


TABLE = Format("table", View.TABLE, "cnncalc.render.writers.screen")
TEXT = Format("text", View.TEXT, "cnncalc.render.writers.screen")

FORMATS = {
    format.name: format
    for format in (
        TABLE,
        TEXT,
        Format("json", View.DATA, "cnncalc.render.writers.json", (".json",)),
        Format("jsonl", View.ROWS, "cnncalc.render.writers.jsonl", (".jsonl", ".ndjson")),
        Format("csv", View.ROWS, "cnncalc.render.writers.csv", (".csv",)),
        Format("markdown", View.PAGE, "cnncalc.render.writers.markdown", (".md",)),
    )
}
"""Every format by its name."""


def offered(views: View) -> list[str]:
    """The formats of a command that offers these views."""
    return [format.name for format in FORMATS.values() if format.view in views]


def named_by(path: Path) -> Format | None:
    """The format that a file's name says."""
    suffix = path.suffix.lower()
    return next((format for format in FORMATS.values() if suffix in format.suffixes), None)
