"""JSON Lines: an object a line, written as rows come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cnncalc.render.answer import Answer

if TYPE_CHECKING:
    from rich.console import Console


def write(answer: Answer, console: Console) -> None:
    table = answer.table()
    encode = json.JSONEncoder(ensure_ascii=False).encode
    for row in table.rows:
        line = {column.key: column.machine(row) for column in table.columns}
        console.file.write(f"{encode(line)}\n")
