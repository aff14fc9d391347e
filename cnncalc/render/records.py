"""Lists of records as a table for people, or as JSON, CSV and Markdown: one way for all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

if TYPE_CHECKING:
    from rich.console import Console


class Format(StrEnum):
    """How a command prints what it found."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class Field(NamedTuple):
    """A column: its key for machines, its header and the look of its values for people.

    `least` is the width it may be cut to on a narrow terminal. JSON and CSV hold the values as they
    are; None is an empty cell, and null.
    """

    key: str
    header: str
    right: bool = False
    show: Callable[[Any], str] = str
    least: int | None = None

    def text(self, record: Mapping[str, Any]) -> str:
        value = record.get(self.key)
        return "" if value is None else self.show(value)


def print_records(
    console: Console, fields: Sequence[Field], records: Sequence[Mapping[str, Any]]
) -> None:
    """A table."""
    from cnncalc.render.columnar import Heading, print_table

    headings = [Heading(field.header, field.right, field.least) for field in fields]
    rows = [[field.text(record) for field in fields] for record in records]
    left_out = print_table(console, headings, rows)
    if left_out:
        names = ", ".join(left_out)
        console.print(f"({names}: no room on a terminal of {console.width} columns)")


def markdown_lines(fields: Sequence[Field], records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A Markdown table."""
    yield markdown_row([field.header for field in fields])
    yield markdown_row(["---:" if field.right else "---" for field in fields])
    for record in records:
        yield markdown_row([field.text(record) for field in fields])


def markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def write_csv(fields: Sequence[Field], records: Sequence[Mapping[str, Any]], out: TextIO) -> None:
    """A header of keys, then a line a record."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.key for field in fields])
    writer.writerows([record.get(field.key) for field in fields] for record in records)


def write_json(fields: Sequence[Field], records: Sequence[Mapping[str, Any]], out: TextIO) -> None:
    """A list of objects."""
    import json

    listed = [{field.key: record.get(field.key) for field in fields} for record in records]
    json.dump(listed, out, indent=1, ensure_ascii=False)
    out.write("\n")


def write(
    format: Format,
    console: Console,
    fields: Sequence[Field],
    records: Sequence[Mapping[str, Any]],
) -> None:
    """In the format asked for, to the console's file."""
    match format:
        case Format.TABLE:
            print_records(console, fields, records)
        case Format.JSON:
            write_json(fields, records, console.file)  # type: ignore[arg-type]
        case Format.CSV:
            write_csv(fields, records, console.file)  # type: ignore[arg-type]
        case Format.MARKDOWN:
            console.file.writelines(f"{line}\n" for line in markdown_lines(fields, records))
