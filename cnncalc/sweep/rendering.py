"""The rows of a sweep, and what `solve` found with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc.render.answer import Answer, Group, Lines
from cnncalc.render.numbers import bytes_short, grouped, yes
from cnncalc.render.table import Column, Record, Table, field

if TYPE_CHECKING:
    from cnncalc.sweep.solve import Solution
    from cnncalc.sweep.variants import Variant


def _plain(value: object) -> str:
    """A varied value as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


FIGURES = {
    column.key: column
    for column in (
        field("params", "params", right=True, show=grouped),
        field("weights", "weights", right=True, show=grouped),
        field("biases", "biases", right=True, show=grouped),
        field("macs", "MACs", right=True, show=grouped),
        field("flops", "FLOPs", right=True, show=grouped),
        field("memory", "memory", right=True, show=bytes_short),
        field("peak", "peak memory", right=True, show=bytes_short),
        field("param_bytes", "size", right=True, show=bytes_short),
        field("output", "output", right=True),
        field("receptive_field", "field", right=True),
        field("fits", "fits", show=yes),
        field("problem", "problem", least=16),
    )
}
"""Columns by key. Memory is of all volumes, peak memory of those alive at one time."""

DEFAULT = ("params", "macs", "peak", "output", "receptive_field", "fits")


@dataclass(frozen=True)
class Points(Answer):
    """The rows of a sweep under what varies and figures; nothing on a terminal where there are
    none."""

    columns: Sequence[Column[Record]]
    rows: Iterable[Variant]
    headed: bool = True

    def screen(self) -> Iterator[Group]:
        rows = list(self.table().rows)
        if rows:
            yield [Table(self.columns, rows)]

    def table(self) -> Table[Record]:
        return Table(self.columns, (row.record() for row in self.rows), headed=self.headed)


@dataclass(frozen=True)
class Solved(Answer):
    """What `solve` found: the value, how it was found, and the figures there. On a terminal a
    sentence, the rows of the value and of the next one, and what is to be known of it."""

    found: Solution

    def screen(self) -> Iterator[Group]:
        found = self.found
        how = "all tried" if found.exhaustive else f"{found.tried:,} of {found.size:,} tried"
        searched = f"{found.key}={found.searched} ({how})"
        notes = Lines([f"note: {note}" for note in found.notes])
        if found.variant is None:
            yield [Lines([f"searched {searched}"]), notes]
            return
        extreme = "smallest" if found.smallest else "largest"
        line = f"{found.key}={found.value} is the {extreme} with {found.where}, of {searched}"
        rows = [found.variant, *([found.beyond] if found.beyond else [])]
        records = [row.record() | {"satisfies": row is found.variant} for row in rows]
        satisfies = field("satisfies", "satisfies", show=yes)
        columns = [*columns_of([found.key], DEFAULT[:-1]), satisfies]
        yield [Lines([line]), Table(columns, records), notes]

    def table(self) -> Table[Record]:
        columns = (
            field("key", "key"),
            field("value", self.found.key, right=True, show=_plain),
            field("where", "where"),
            field("sought", "sought"),
            field("searched", "searched"),
            field("tried", "tried", right=True, show=grouped),
            field("exhaustive", "all tried", show=yes),
            field("monotone", "monotone", show=yes),
            field("notes", "notes", least=16),
            *(column for key, column in FIGURES.items() if key not in ("fits", "problem")),
        )
        return Table(columns, [self.found.record()])


def columns_of(varied: Iterable[str], figures: Iterable[str]) -> list[Column[Record]]:
    """The columns of what varies, then figures."""
    return [*map(varied_column, varied), *(FIGURES[key] for key in figures)]


def varied_column(name: str) -> Column[Record]:
    return field(name, name, right=True, show=_plain)
