"""A report as CSV: a row a layer, plain numbers, no totals."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from cnncalc.analysis.report import Row
from cnncalc.render.report.columns import Column, Layout


def write(rows: Iterable[Row], columns: Sequence[Column], layout: Layout, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.key for column in columns])
    writer.writerows([column.machine(row, layout) for column in columns] for row in rows)
