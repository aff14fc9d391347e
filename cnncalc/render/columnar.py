"""Tables on a terminal or in a pipe, for two rows as for a hundred thousand.

A terminal gets them through rich: cells are handed to it a column at a time, as texts of many
lines, since a report of hundreds of rows then costs a fraction of what one cell a row would. A pipe
gets the same lines, and rich's tables are not even imported. Long tables are printed in stretches
of equal widths, so that memory does not grow with their length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text

if TYPE_CHECKING:
    from rich.table import Table

STRETCH = 1000
"""Rows given to rich at a time."""

_BETWEEN = 2
"""Spaces between columns: rich's divider and the padding to the left of it."""


class Heading(NamedTuple):
    """A column: its header, its side, and the width it may be cut to on a narrow terminal.

    Where `least` is None it is never cut. `tail` keeps the end of what is cut, as names need it.
    """

    text: str
    right: bool = False
    least: int | None = None
    tail: bool = False


def print_table(
    console: Console,
    headings: Sequence[Heading],
    rows: Sequence[Sequence[str]] | Iterable[Sequence[str]],
    last: Sequence[str] | None = None,
) -> list[str]:
    """Print rows, and `last` below them. `rows` is gone through twice.

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
    leasts = [
        width if heading.least is None else min(width, heading.least)
        for width, heading in zip(widths, headings, strict=True)
    ]
    kept = len(headings)
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


def _print(
    console: Console,
    headings: Sequence[Heading],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    *,
    header: bool,
    last: Sequence[str] | None = None,
) -> None:
    if not console.is_terminal:
        for line in _lines(headings, widths, rows, header=header, last=last):
            console.file.write(f"{line.rstrip()}\n")
        return
    table = _table(show_header=header, padding=0, header_style="bold")
    columns = []
    for index, heading in enumerate(headings):
        # The gap to the next column is part of a cell: padding would cost rich a second pass.
        gap = " " * (_BETWEEN - 1) if index < len(headings) - 1 else ""
        width = widths[index] + len(gap)
        header_text = _cell(heading.text, widths[index], heading) + gap
        table.add_column(Text(header_text), width=width, no_wrap=True)
        lines = [_cell(row[index], widths[index], heading) + gap for row in rows]
        total = _cell(last[index], widths[index], heading) + gap if last else None
        columns.append(_Lines(lines, total, width))
    table.add_row(*columns)
    console.print(table, width=sum(widths) + _BETWEEN * len(widths), crop=False)


def _lines(
    headings: Sequence[Heading],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    *,
    header: bool,
    last: Sequence[str] | None,
) -> Iterator[str]:
    """What a terminal would show, without styles."""

    def line(cells: Iterable[str]) -> str:
        return (" " * _BETWEEN).join(map(_cell, cells, widths, headings))

    if header:
        yield line(heading.text for heading in headings)
        yield "─" * (sum(widths) + _BETWEEN * (len(widths) - 1))
    yield from map(line, rows)
    if last:
        yield line(last)


def _table(**options: Any) -> Table:
    """A table of rich's in this project's style: a rule below the header, no edges."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, **options)


def print_labelled(console: Console, entries: Iterable[tuple[str, str]]) -> None:
    """Print texts behind their labels, as wide as the widest; they wrap on a narrow terminal."""
    entries = list(entries)
    if console.is_terminal:
        from rich.table import Table

        grid = Table.grid(padding=(0, _BETWEEN, 0, 0))
        for label, text in entries:
            grid.add_row(Text(label, style="bold"), text)
        console.print(grid, crop=False)
        return
    width = max((cell_len(label) for label, _ in entries), default=0) + _BETWEEN
    for label, text in entries:
        console.file.write(f"{label}{' ' * (width - cell_len(label))}{text}\n")


def print_wrapped(
    console: Console, headings: Sequence[Heading], rows: Iterable[Sequence[str]]
) -> None:
    """Print a short table whose texts wrap on a narrow terminal, columns that may shrink first."""
    table = _table(padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(
            Text(heading.text),
            justify="right" if heading.right else "left",
            no_wrap=heading.least is None,
            overflow="fold",
            header_style="bold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    print_trimmed(console, table)


def print_trimmed(console: Console, renderable: RenderableType, width: int | None = None) -> None:
    """Print without blanks at the ends of lines, which are noise in files and diffs."""
    if console.is_terminal:
        console.print(renderable, width=width, crop=False)
        return
    with console.capture() as captured:
        console.print(renderable, width=width, crop=False)
    console.file.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


class _Lines:
    """A column's lines, all of one width, as rich renders them."""

    def __init__(self, lines: Sequence[str], total: str | None, width: int) -> None:
        self.lines = lines
        self.total = total
        self.width = width

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        end = Segment.line()
        for line in self.lines:
            yield Segment(line)
            yield end
        if self.total is not None:
            yield Segment(self.total, console.get_style("bold"))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.width, self.width)


def _cell(cell: str, width: int, heading: Heading) -> str:
    """A cell of exactly `width` terminal columns, cut with an ellipsis where it is longer."""
    if len(cell) <= width and cell.isascii():
        return cell.rjust(width) if heading.right else cell.ljust(width)
    if heading.tail and cell_len(cell) > width:
        cell = "…" + cell[len(cell) - width + 1 :]
    text = Text(cell)
    text.truncate(width, overflow="ellipsis")
    text.align("right" if heading.right else "left", width)
    return text.plain
