"""A report as a table for people, with its totals and the conventions they follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.report import Report, Row
from cnncalc.render.columnar import Heading, print_labelled, print_table
from cnncalc.render.report.columns import Column, Layout
from cnncalc.render.report.footer import conventions, summary_lines
from cnncalc.render.report.plan import print_plan

_LEAST = {"name": 16, "kind": 8, "from": 8, "shares": 8}
"""Widths that columns of names may be cut to on a narrow terminal."""


def print_report(
    console: Console,
    report: Report,
    rows: Sequence[Row],
    columns: Sequence[Column],
    layout: Layout,
) -> None:
    title = Text(report.name, style="bold")
    if report.description:
        title.append(f"  {report.description}", style="not bold dim")
    _say(console, title)
    if report.source:
        _say(console, Text(report.source, style="dim"))
    _say(console, Text())
    left_out = print_table(
        console,
        [Heading(c.header, c.right, _LEAST.get(c.key), c.key in _LEAST) for c in columns],
        _Cells(rows, columns, layout),
        _totals(report, columns),
    )
    if left_out:
        names = ", ".join(left_out)
        _say(console, Text(f"({names}: no room on a terminal of {console.width} columns)"))
    _say(console, Text())
    print_labelled(console, summary_lines(report, layout))
    _say(console, Text())
    _say(console, Text(" ".join(conventions(report)), style="dim"))
    if report.run is not None and report.run.plan is not None:
        print_plan(console, report.run.plan)


class _Cells:
    """The cells of all rows, made anew each time they are gone through."""

    def __init__(self, rows: Sequence[Row], columns: Sequence[Column], layout: Layout) -> None:
        self.rows = rows
        self.readers = [column.people for column in columns]
        self.layout = layout

    def __iter__(self) -> Iterator[list[str]]:
        for row in self.rows:
            yield [read(row, self.layout) for read in self.readers]


def _totals(report: Report, columns: Sequence[Column]) -> list[str] | None:
    """The last row; None where no column has a total."""
    shown = [c.show_total(c.total(report.totals)) if c.total is not None else "" for c in columns]
    if not any(shown):
        return None
    return shown if shown[0] else ["total", *shown[1:]]


def _say(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=not console.is_terminal)
