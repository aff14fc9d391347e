"""JSON: the data of an answer as one object, or its rows as a list of objects.

What comes one by one is written so: the rows of a list, and the items of iterators in the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from rich.console import Console

from cnncalc.escaping import as_json, json_pieces
from cnncalc.render.answer import Answer
from cnncalc.render.table import Table


def write(answer: Answer, console: Console) -> None:
    data = answer.data()
    out = console.file
    if data is None:
        _list(answer.table(), out)
    elif any(isinstance(value, Iterator) for value in data.values()):
        _members(data, out)
    else:
        out.writelines(json_pieces(data, indent=1))
        out.write("\n")


def _list(table: Table[Any], out: IO[str]) -> None:
    """The list is whole even where the rows break off."""
    readers = [(f"  {as_json(column.key)}: ", column.machine) for column in table.columns]
    before = "[\n"
    try:
        for row in table.rows:
            members = ",\n".join([key + as_json(read(row)) for key, read in readers])
            out.write(f"{before} {{\n{members}\n }}")
            before = ",\n"
    finally:
        out.write("[]\n" if before == "[\n" else "\n]\n")


def _members(data: Mapping[str, Any], out: IO[str]) -> None:
    """A line a member, and a line an item of those that come one by one."""
    before = "{\n"
    for key, value in data.items():
        out.write(f"{before}{as_json(key)}: ")
        before = ",\n"
        if not isinstance(value, Iterator):
            out.write(as_json(value))
            continue
        between = "[\n"
        for item in value:
            out.write(between + as_json(item))
            between = ",\n"
        out.write("\n]" if between == ",\n" else "[\n]")
    out.write("\n}\n")
