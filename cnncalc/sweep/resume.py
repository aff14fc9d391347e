"""What an earlier run of a sweep left in its file, so that another one goes on from there."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cnncalc.diagnostics import did_you_mean
from cnncalc.errors import UsageError
from cnncalc.escaping import from_csv
from cnncalc.saving.locking import Locked, locked
from cnncalc.sweep.grid import Cell, cell
from cnncalc.sweep.question import question
from cnncalc.sweep.sweep import FIGURES, QUESTION, Plan


class ResumeState(NamedTuple):
    """The points a file holds: a bit for each of the grid, so that millions take little room.

    `size` is how many bytes of the file are whole lines; where it is `torn`, what is after them was
    torn off in the midst of writing. `columns` are None where there is no row or header yet.
    """

    columns: tuple[str, ...] | None = None
    bits: bytearray = bytearray()
    points: int = 0
    size: int = 0
    torn: bool = False

    def missing(self, points: int) -> Iterator[int]:
        """The points of the grid that are not there, in order."""
        bits = self.bits
        return (n for n in range(points) if not bits or not bits[n >> 3] >> (n & 7) & 1)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A results file to read and to add to, made where it is not there, and nobody else's to add to
    until the block is left. Raises `UsageError`, `OSError`."""
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        raise UsageError(f"--resume {path}: this is not a regular file")
    with path.open("a+b") as file:
        try:
            with locked(file):
                yield file
        except Locked:
            raise UsageError(f"{path}: another sweep is writing to it") from None


def held(file: BinaryIO, planned: Plan, columns: Sequence[str], *, lines: bool) -> ResumeState:
    """Read a CSV file, or JSON `lines`. Rows of other values of the same keys are left alone.

    `columns` are those that a new file gets. What was torn off in the midst of writing can only be
    the end of a file of this sweep. Raises `UsageError` for a file that is no earlier output of
    such a sweep, `OSError`.
    """
    asked = question(planned)
    first = f'{{"{QUESTION}": ' if lines else f"{QUESTION},"
    header, start = ",".join(columns), f'{first}"{asked}"' if lines else f"{asked},"
    found: tuple[str, ...] | None = None
    bits = bytearray(len(planned.grid) // 8 + 1)
    points = size = 0
    torn = False
    file.seek(0)
    whole = file.read(len(first)) == first.encode()
    file.seek(0)
    for count, line in enumerate(_lines(file, whole=whole), 1):
        where = f"{file.name}:{count}"
        if not line.endswith(b"\n"):
            expected = (start if lines or found else header).encode()
            if expected.startswith(line) or (line.startswith(expected) and (lines or found)):
                torn = True
                break
            raise UsageError(f"{where}: {_FOREIGN}")
        size += len(line)
        if not whole:
            raise UsageError(f"{where}: {_FOREIGN}")
        row = _object(line, where) if lines else _cells(line, where)
        if found is None:
            found = _columns(row, planned, where)
            if not lines:
                continue
        if len(row) != len(found):
            raise UsageError(f"{where}: {len(row)} values under {len(found)} columns")
        record = row if isinstance(row, dict) else dict(zip(found, row, strict=True))
        if record.get(QUESTION) != asked:
            raise UsageError(f"{where}: {_ANOTHER}")
        number = _number(planned, record, where)
        if number is not None and not bits[number >> 3] >> (number & 7) & 1:
            bits[number >> 3] |= 1 << (number & 7)
            points += 1
    return ResumeState(found, bits, points, size, torn)


_FOREIGN = (
    "these are not rows that --resume wrote; it adds only to those, and leaves this file as it is"
)
_ANOTHER = (
    "a row of another question: of another text of the network or what it extends, another --set, "
    "--input, --rounding, --batch, --dtype, --max-layers or --where, or of another version of "
    "cnncalc; give these rows a file of their own"
)


def _lines(file: BinaryIO, *, whole: bool) -> Iterator[bytes]:
    """The lines of a file; what begins as no results do may be long, and is not read on."""
    if whole:
        return iter(file)
    begun = file.readline(_LONGEST_BEGINNING)
    return iter([begun] if begun else [])


_LONGEST_BEGINNING = 2**16


def _cells(line: bytes, where: str) -> list[str]:
    try:
        return [*map(from_csv, next(csv.reader([line.decode("utf-8")], strict=True)))]
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
    known = (QUESTION, *planned.names, *FIGURES)
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
