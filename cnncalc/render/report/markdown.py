"""A report as a Markdown table with its totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cnncalc.analysis.report import Report, Row
from cnncalc.render.records import markdown_row
from cnncalc.render.report.columns import Column, Layout
from cnncalc.render.report.footer import conventions, summary_lines
from cnncalc.render.report.plan import plan_lines


def lines(
    report: Report, rows: Iterable[Row], columns: Sequence[Column], layout: Layout
) -> Iterator[str]:
    yield f"## {report.name}"
    yield ""
    yield markdown_row([column.header for column in columns])
    yield markdown_row(["---:" if column.right else "---" for column in columns])
    for row in rows:
        yield markdown_row([column.people(row, layout) for column in columns])
    yield markdown_row(list(_totals(report, columns)))
    yield ""
    for label, value in summary_lines(report, layout):
        yield f"- **{label}**: {value}"
    yield ""
    yield " ".join(conventions(report))
    if report.run is not None and report.run.plan is not None:
        yield from plan_lines(report.run.plan)


def _totals(report: Report, columns: Sequence[Column]) -> Iterator[str]:
    for index, column in enumerate(columns):
        if column.total is not None:
            yield f"**{column.show_total(column.total(report.totals))}**"
        else:
            yield "**total**" if index == 0 else ""
