"""A report: its layers in a table, with the totals and the conventions they follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cnncalc.render.answer import Answer, Block, Group, Labelled, Title, Words
from cnncalc.render.report.columns import Layout
from cnncalc.render.report.footer import conventions, summary_lines
from cnncalc.render.report.plan import plan_blocks
from cnncalc.render.table import Column, Table
from cnncalc.report.report import Report, Row


@dataclass(frozen=True)
class Summary(Answer):
    """A report with those of its layers that are shown, in these columns."""

    report: Report
    rows: Sequence[Row]
    columns: Sequence[Column[Row]]
    layout: Layout
    width: int | None = None
    """Of the terminal; None where there is none."""

    def screen(self) -> Iterator[Group]:
        return self._groups(self.width)

    def page(self) -> Iterator[Block]:
        return (block for group in self._groups(None) for block in group)

    def _groups(self, width: int | None) -> Iterator[Group]:
        report = self.report
        yield [Title(report.name, 2, report.description or "", report.source or "")]
        yield [self.table()]
        yield [Labelled(summary_lines(report, self.layout))]
        yield [Words(" ".join(conventions(report)), dim=True)]
        if report.run is not None and report.run.plan is not None:
            yield from plan_blocks(report.run.plan, width)

    def table(self) -> Table[Row]:
        return Table(self.columns, self.rows, self.report.totals)

    def data(self) -> dict[str, Any]:
        from cnncalc.render.report import data

        return data.of(self.report, self.rows, self.layout)
