"""Tables on a terminal or in a pipe, through rich, for two rows as for a hundred thousand.

Cells are handed to rich a column at a time, as texts of many lines: a report of hundreds of rows
costs a fraction of what one cell a row would. Long tables are printed in stretches of equal widths,
so that memory does not grow with their length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

STRETCH = 1000
"""Rows given to rich at a time."""

NARROWEST = 8
"""Cells that a column which may shrink keeps at least."""

_BETWEEN = 2
"""Spaces between columns: rich's divider and the padding to the left of it."""


class Heading(NamedTuple):
    """A column: its header, its side, and whether it may be cut on a narrow terminal."""

    text: str
    right: bool = False
    shrinks: bool = False


def print_table(
    console: Console,
    headings: Sequence[Heading],
    rows: Sequence[Sequence[str]] | Iterable[Sequence[str]],
    last: Sequence[str] | None = None,
) -> list[str]:
    """Print rows, and `last` below a rule. `rows` is gone through twice.

    On a terminal that is too narrow, columns that may shrink are cut with an ellipsis; if that is
    not enough the last columns are left out, and their headers returned. Elsewhere all is printed.
    """
    widths = [cell_len(heading.text) for heading in headings]
    for row in (*([last] if last else []), *rows):
        for index, cell in enumerate(row):
            if len(cell) > widths[index] or not cell.isascii():
                widths[index] = max(widths[index], cell_len(cell))
    kept = len(headings)
    if console.is_terminal:
        kept = _fit(widths, headings, console.width)
    stretch: list[Sequence[str]] = []
    first = True
    for row in rows:
        stretch.append(row)
        if len(stretch) == STRETCH:
            _print(console, headings[:kept], widths, stretch, header=first)
            stretch, first = [], False
    if stretch or first:
        _print(console, headings[:kept], widths, stretch, header=first, last=last)
    elif last:
        _print(console, headings[:kept], widths, [], header=False, last=last)
    return [heading.text for heading in headings[kept:]]


def _fit(widths: list[int], headings: Sequence[Heading], available: int) -> int:
    """Shrink widths in place to what is available; how many columns can be kept."""
    kept = len(headings)
    while kept > 1:
        surplus = sum(widths[:kept]) + _BETWEEN * (kept - 1) - available
        slack = sum(
            max(width - NARROWEST, 0)
            for width, heading in zip(widths[:kept], headings, strict=False)
            if heading.shrinks
        )
        if surplus <= slack:
            break
        kept -= 1
    while surplus > 0:
        shrinkable = [i for i in range(kept) if headings[i].shrinks and widths[i] > NARROWEST]
        if not shrinkable:
            break
        widest = max(shrinkable, key=lambda i: widths[i])
        widths[widest] -= 1
        surplus -= 1
    return kept


def _print(
    console: Console,
    headings: Sequence[Heading],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    *,
    header: bool,
    last: Sequence[str] | None = None,
) -> None:
    table = Table(
        box=SIMPLE_HEAD,
        show_edge=False,
        show_header=header,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    cells = []
    for index, heading in enumerate(headings):
        width = widths[index]
        table.add_column(
            heading.text, width=width, no_wrap=True, justify="right" if heading.right else "left"
        )
        column = Text(no_wrap=True)
        lines = [row[index] for row in rows]
        column.append("\n".join(_cut(line, width) for line in lines))
        if last is not None:
            column.append(("\n" if lines else "") + _cut(last[index], width), style="bold")
        cells.append(column)
    table.add_row(*cells)
    console.print(table, width=sum(widths) + _BETWEEN * len(widths), crop=False)


def _cut(cell: str, width: int) -> str:
    if len(cell) <= width and cell.isascii():
        return cell
    text = Text(cell)
    text.truncate(width, overflow="ellipsis")
    return text.plain
