"""A bench: its networks in a table, with how they were run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.analysis.bench import Bench, Comparison
from cnncalc.render.answer import Answer, Group, Labelled
from cnncalc.render.bench import columns, data, words
from cnncalc.render.table import Record, Table


class Measured(Answer):
    """Networks beside one another, and beside an earlier time."""

    def __init__(self, bench: Bench, comparison: Comparison | None) -> None:
        self.bench = bench
        self.comparison = comparison

    def screen(self) -> Iterator[Group]:
        chosen = columns.for_people(roofline=self._roofline(), baseline=self._baseline())
        yield [Table(chosen, columns.records(self.bench, self.comparison))]
        yield [Labelled(words.footer(self.bench))]

    def table(self) -> Table[Record]:
        chosen = columns.for_machines(roofline=self._roofline(), baseline=self._baseline())
        return Table(chosen, columns.records(self.bench, self.comparison))

    def data(self) -> dict[str, Any]:
        return data.of(self.bench, self.comparison)

    def _roofline(self) -> bool:
        return self.bench.entries[0].run.roofline is not None

    def _baseline(self) -> bool:
        return self.comparison is not None
