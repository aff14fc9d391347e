"""Rows written as they come, for tables that are longer than memory. Nothing is computed."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TextIO

from cnncalc.render.records import Field, markdown_row


class Stream(Protocol):
    """Takes record after record; each call leaves whole lines behind."""

    def write(self, records: Sequence[Mapping[str, Any]]) -> None: ...

    def close(self) -> None: ...


class Csv:
    """A line a record, below a header of keys."""

    def __init__(self, fields: Sequence[Field], out: TextIO, *, header: bool = True) -> None:
        self.fields = fields
        self.out = out
        self.writer = csv.writer(out, lineterminator="\n")
        if header:
            self.writer.writerow([field.key for field in fields])
            out.flush()

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            self.writer.writerow([_csv_cell(record.get(field.key)) for field in self.fields])
        self.out.flush()

    def close(self) -> None:
        pass


class JsonLines:
    """An object a line."""

    def __init__(self, fields: Sequence[Field], out: TextIO) -> None:
        self.fields = fields
        self.out = out

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            line = {field.key: record.get(field.key) for field in self.fields}
            self.out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.out.flush()

    def close(self) -> None:
        pass


class Json(JsonLines):
    """A list of objects, one a line; the list is whole once the stream is closed."""

    def __init__(self, fields: Sequence[Field], out: TextIO) -> None:
        super().__init__(fields, out)
        self.before = "[\n"

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            line = {field.key: record.get(field.key) for field in self.fields}
            self.out.write(f"{self.before} {json.dumps(line, ensure_ascii=False)}")
            self.before = ",\n"
        self.out.flush()

    def close(self) -> None:
        self.out.write("[]\n" if self.before == "[\n" else "\n]\n")
        self.out.flush()


class Markdown:
    """A line a record, below a header."""

    def __init__(self, fields: Sequence[Field], out: TextIO) -> None:
        self.fields = fields
        self.out = out
        self._line([field.header for field in fields])
        self._line(["---:" if field.right else "---" for field in fields])

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            self._line([field.text(record) for field in self.fields])
        self.out.flush()

    def close(self) -> None:
        pass

    def _line(self, cells: Sequence[str]) -> None:
        self.out.write(markdown_row(cells) + "\n")


def _csv_cell(value: object) -> object:
    """Truth values as YAML and JSON have them."""
    return str(value).lower() if isinstance(value, bool) else value
