"""JSON Lines: an object a line, written as rows come."""

from __future__ import annotations

from rich.console import Console

from cnncalc.escaping import as_json
from cnncalc.render.answer import Answer


def write(answer: Answer, console: Console) -> None:
    table = answer.table()
    for row in table.rows:
        line = {column.key: column.machine(row) for column in table.columns}
        console.file.write(f"{as_json(line)}\n")
