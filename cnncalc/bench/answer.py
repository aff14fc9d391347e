"""A bench: its networks in a table, with how they were run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cnncalc.bench import columns, data, words
from cnncalc.bench.bench import Bench, BenchComparison
from cnncalc.render.answer import Answer, Block, Group, Labelled
from cnncalc.render.report.plan import plan_blocks
from cnncalc.render.table import Column, Record, Table


@dataclass(frozen=True)
class Measured(Answer):
    """Networks beside one another, and beside an earlier time."""

    bench: Bench
    comparison: BenchComparison | None
    width: int | None = None

    def screen(self) -> Iterator[Group]:
        return ([block] for block in self.page())

    def page(self) -> Iterator[Block]:
        yield self._table(columns.for_people)
        yield Labelled(words.footer(self.bench))
        for entry in self.bench.entries:
            if entry.run.plan is not None:
                for group in plan_blocks(entry.run.plan, self.width):
                    yield from group

    def table(self) -> Table[Record]:
        return self._table(columns.for_machines)

    def data(self) -> dict[str, Any]:
        return data.of(self.bench, self.comparison)

    def _table(self, columns_for: Callable[..., Sequence[Column[Record]]]) -> Table[Record]:
        roofline = self.bench.entries[0].run.roofline is not None
        chosen = columns_for(roofline=roofline, baseline=self.comparison is not None)
        return Table(chosen, columns.records(self.bench, self.comparison))
