"""JSON Lines: an object a line, written as rows come."""

from __future__ import annotations

import json

from rich.console import Console

from cnncalc.render.answer import Answer


def write(answer: Answer, console: Console) -> None:
    table = answer.table()
    encode = json.JSONEncoder(ensure_ascii=False).encode
    for row in table.rows:
        line = {column.key: column.machine(row) for column in table.columns}
        console.file.write(f"{encode(line)}\n")
