"""CSV: a header of keys, then a line a row with plain values, written as rows come."""

from __future__ import annotations

import csv

from rich.console import Console

from cnncalc.escaping import csv_cell
from cnncalc.render.answer import Answer


def write(answer: Answer, console: Console) -> None:
    table = answer.table()
    writer = csv.writer(console.file, lineterminator="\n")
    if table.headed:
        writer.writerow([csv_cell(column.key) for column in table.columns])
    readers = [column.machine for column in table.columns]
    writer.writerows([csv_cell(read(row)) for read in readers] for row in table.rows)
