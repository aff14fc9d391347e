"""A table's lines, for two rows as for a hundred thousand: cells of equal widths in a column.

A pipe gets them as they are. A terminal gets them no wider than it is, with the header in bold;
rich prints only what wraps there. Lines are made as they are printed, so that memory does not grow
with their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cnncalc import escaping
from cnncalc.render.table import Column, Table

Columns = Sequence[Column[Any]]

STRETCH = 1000
"""Lines printed on a terminal at a time."""

_BETWEEN = 2
"""Spaces between columns."""


def print_table(console: Console, table: Table[Any]) -> list[str]:
    """Print a table.

    On a terminal that is too narrow, columns that may shrink are cut with an ellipsis; if that is
    not enough the last columns are left out, and their headers returned. Elsewhere all is printed.
    """
    columns = table.columns
    rows = table.rows if isinstance(table.rows, Sequence) else list(table.rows)
    if console.is_terminal and any(column.wraps for column in columns):
        _print_wrapped(console, columns, rows)
        return []
    last = [*map(escaping.cell, table.last() or ())]
    headers = [escaping.cell(column.header) for column in columns]
    readers = [column.people for column in columns]
    widths = _widths([headers, *([last] if last else [])], _cells(readers, rows))
    kept = _fit(widths, columns, console.width) if console.is_terminal else len(columns)
    cells = _cells(readers[:kept], rows)

    def line(row: Iterable[str]) -> str:
        return (" " * _BETWEEN).join(map(_cell, row, widths, columns))

    whole = sum(widths[:kept]) + _BETWEEN * (kept - 1)
    _print_bold(console, headers[:kept], widths, columns)
    _print_plain(console, iter(["─" * whole]))
    _print_plain(console, map(line, cells))
    if last:
        _print_bold(console, last[:kept], widths, columns)
    return headers[kept:]


def _cells(readers: Sequence[Callable[[Any], str]], rows: Iterable[Any]) -> Iterator[list[str]]:
    return ([escaping.cell(read(row)) for read in readers] for row in rows)


def _widths(*rows: Iterable[Sequence[str]]) -> list[int]:
    """The width of each column in terminal columns."""
    widths: list[int] = []
    for row in (row for some in rows for row in some):
        widths = widths or [0] * len(row)
        for index, cell in enumerate(row):
            if len(cell) > widths[index] or not cell.isascii():
                widths[index] = max(widths[index], cell_len(cell))
    return widths


def _fit(widths: list[int], columns: Columns, available: int) -> int:
    """Shrink widths in place to what is available; how many columns can be kept."""
    leasts = [
        width if column.least is None else min(width, column.least)
        for width, column in zip(widths, columns, strict=True)
    ]
    kept = len(columns)
    while kept > 1 and sum(leasts[:kept]) + _BETWEEN * (kept - 1) > available:
        kept -= 1
    surplus = sum(widths[:kept]) + _BETWEEN * (kept - 1) - available
    while surplus > 0:
        widest = max(range(kept), key=lambda index: widths[index] - leasts[index])
        if widths[widest] == leasts[widest]:
            break
        widths[widest] -= 1
        surplus -= 1
    return kept


def _print_plain(console: Console, lines: Iterator[str]) -> None:
    if not console.is_terminal:
        console.file.writelines(f"{line.rstrip()}\n" for line in lines)
        return
    while stretch := "\n".join(islice(lines, STRETCH)):
        console.out(stretch, highlight=False)


def _print_bold(
    console: Console, row: Sequence[str], widths: Sequence[int], columns: Columns
) -> None:
    cells = list(map(_cell, row, widths, columns))
    if not console.is_terminal:
        console.file.write(f"{(' ' * _BETWEEN).join(cells).rstrip()}\n")
        return
    gap = " " * (_BETWEEN - 1)
    for cell in cells[:-1]:
        console.out(cell + gap, style="bold", end="", highlight=False)
        console.out(" ", end="", highlight=False)
    console.out(cells[-1], style="bold", highlight=False)


def _print_wrapped(console: Console, columns: Columns, rows: Iterable[Any]) -> None:
    """A short table whose texts wrap, columns that may shrink first."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Grid

    grid = Grid(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        grid.add_column(
            Text(escaping.cell(column.header)),
            justify="right" if column.right else "left",
            no_wrap=not column.wraps,
            overflow="fold",
            header_style="bold",
        )
    for row in rows:
        grid.add_row(*(Text(escaping.terminal(column.people(row))) for column in columns))
    console.print(grid, crop=False)


def _cell(cell: str, width: int, column: Column[Any]) -> str:
    """A cell of exactly `width` terminal columns, cut with an ellipsis where it is longer."""
    if len(cell) <= width and cell.isascii():
        return cell.rjust(width) if column.right else cell.ljust(width)
    if column.tail and cell_len(cell) > width:
        cell = "…" + cell[len(cell) - width + 1 :]
    text = Text(cell)
    text.truncate(width, overflow="ellipsis")
    text.align("right" if column.right else "left", width)
    return text.plain
