"""CSV: a header of keys, then a line a row with plain values, written as rows come."""

from __future__ import annotations

import csv

from rich.console import Console

from cnncalc.render.answer import Answer


def write(answer: Answer, console: Console) -> None:
    table = answer.table()
    writer = csv.writer(console.file, lineterminator="\n")
    if table.headed:
        writer.writerow([column.key for column in table.columns])
    readers = [column.machine for column in table.columns]
    writer.writerows([_cell(read(row)) for read in readers] for row in table.rows)


def _cell(value: object) -> object:
    """Truth values as YAML and JSON have them."""
    return ("true" if value else "false") if isinstance(value, bool) else value
