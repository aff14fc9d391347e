"""What an earlier run of a sweep left in its file, so that another one goes on from there."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.diagnostics import did_you_mean
from cnncalc.errors import UsageError
from cnncalc.sweep.grid import Cell, cell
from cnncalc.sweep.sweep import FIGURES, Plan


class Held(NamedTuple):
    """The points a file holds: a bit for each of the grid, so that millions take little room.

    `size` is how many bytes of the file are whole lines; what is behind them was torn off in the
    midst of writing. `columns` are None where there is no row or header yet.
    """

    columns: tuple[str, ...] | None = None
    bits: bytearray = bytearray()
    points: int = 0
    size: int = 0

    def missing(self, points: int) -> Iterator[int]:
        """The points of the grid that are not there, in order."""
        bits = self.bits
        return (n for n in range(points) if not bits or not bits[n >> 3] >> (n & 7) & 1)


def held(path: Path, planned: Plan, *, lines: bool) -> Held:
    """Read a CSV file, or JSON `lines`. Rows of other values of the same keys are left alone.

    Raises `UsageError` for a file that is no earlier output of such a sweep, `OSError`.
    """
    if not path.exists():
        return Held()
    columns: tuple[str, ...] | None = None
    bits = bytearray(len(planned.grid) // 8 + 1)
    points = size = 0
    with path.open("rb") as file:
        for count, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            size += len(line)
            where = f"{path}:{count}"
            row = _object(line, where) if lines else _cells(line, where)
            if columns is None:
                columns = _columns(row, planned, where)
                if not lines:
                    continue
            if len(row) != len(columns):
                raise UsageError(f"{where}: {len(row)} values under {len(columns)} columns")
            record = row if isinstance(row, dict) else dict(zip(columns, row, strict=True))
            number = _number(planned, record, where)
            if number is not None and not bits[number >> 3] >> (number & 7) & 1:
                bits[number >> 3] |= 1 << (number & 7)
                points += 1
    return Held(columns, bits, points, size)


def _cells(line: bytes, where: str) -> list[str]:
    try:
        return next(csv.reader([line.decode("utf-8")], strict=True))
    except (csv.Error, UnicodeDecodeError, StopIteration):
        raise UsageError(f"{where}: this is no row of a CSV file") from None


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise UsageError(f"{where}: this is no JSON object")
    return row


def _columns(row: Sequence[str] | dict[str, Any], planned: Plan, where: str) -> tuple[str, ...]:
    """The columns of a file, which are to be those of the sweep."""
    columns = tuple(row)
    known = (*planned.names, *FIGURES)
    for column in columns:
        if column not in known:
            near = did_you_mean(column, known)
            hint = near[0] if near else f"this sweep varies {', '.join(planned.names)}"
            raise UsageError(f"{where}: a column `{column}` of another sweep; {hint}")
    for name in planned.names:
        if name not in columns:
            raise UsageError(f"{where}: there is no column `{name}`, which this sweep varies")
    return columns


def _number(planned: Plan, record: dict[str, Any], where: str) -> int | None:
    """The point of a row, None for one that is not on the grid."""
    indices = []
    for axis, name in zip(planned.grid.axes, planned.names, strict=True):
        value = record.get(name)
        index = axis.find(_cell(value, where))
        if index is None:
            return None
        indices.append(index)
    return planned.grid.number(indices)


def _cell(value: object, where: str) -> Cell:
    """A value as it was before it was written down."""
    if not isinstance(value, str):
        if value is None or isinstance(value, (bool, int, float)):
            return value
        raise UsageError(f"{where}: {value!r} is no value of a grid")
    return cell(where, value) if value else None
