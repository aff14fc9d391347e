"""Columns and tables: what a row says to people and to machines, in whatever format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

R = TypeVar("R")
"""A row: whatever the columns read."""


class Column(NamedTuple, Generic[R]):
    """`people` and `machine` turn a row into a cell, `total` the totals of all rows.

    On a narrow terminal a column with a `least` width is cut to no less than that; `tail` keeps the
    end of what is cut, as names need it, and `wraps` breaks lines instead. `code` marks cells that
    are names of a program's: pages set them as such.
    """

    key: str
    header: str
    people: Callable[[R], str]
    machine: Callable[[R], object]
    total: Callable[[Any], str] | None = None
    right: bool = False
    description: str = ""
    least: int | None = None
    tail: bool = False
    wraps: bool = False
    code: bool = False


Record = Mapping[str, Any]
"""A row as values by the keys of its columns. None, or no value: an empty cell, and null."""


def field(
    key: str, header: str, show: Callable[[Any], str] = str, **options: Any
) -> Column[Record]:
    """A column of records: `show` is the look of its values for people, the rest as in `Column`."""

    def people(record: Record) -> str:
        value = record.get(key)
        return "" if value is None else show(value)

    return Column(key, header, people, lambda record: record.get(key), **options)


class Table(NamedTuple, Generic[R]):
    """Rows under columns. `rows` may come one by one; then they can be gone through once.

    `totals` is what the columns' `total` reads, None where there is no row of totals. `headed` is
    False where the rows are added to a file that has a header already.
    """

    columns: Sequence[Column[R]]
    rows: Iterable[R]
    totals: Any = None
    headed: bool = True

    def last(self) -> list[str] | None:
        """The row of totals; None where no column has one."""
        if self.totals is None:
            return None
        cells = [column.total(self.totals) if column.total else "" for column in self.columns]
        if not any(cells):
            return None
        return cells if cells[0] else ["total", *cells[1:]]
