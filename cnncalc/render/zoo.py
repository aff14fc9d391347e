"""The list of bundled architectures."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TextIO

from rich.console import Console

from cnncalc.analysis.report import Report
from cnncalc.render.columnar import Heading, print_table
from cnncalc.render.numbers import grouped

_HEADERS = ("name", "input", "params", "MACs", "source")
_NUMBERS = ("params", "MACs")


class Entry(NamedTuple):
    name: str
    report: Report


def print_list(console: Console, entries: Sequence[Entry]) -> None:
    headings = [Heading(h, h in _NUMBERS, 12 if h == "source" else None) for h in _HEADERS]
    print_table(console, headings, [_cells(entry) for entry in entries])


def markdown(entries: Sequence[Entry]) -> Iterator[str]:
    yield "| " + " | ".join(_HEADERS) + " |"
    yield "| " + " | ".join("---:" if h in _NUMBERS else "---" for h in _HEADERS) + " |"
    for entry in entries:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in _cells(entry)) + " |"


def write_csv(entries: Sequence[Entry], out: TextIO) -> None:
    records = [_record(entry) for entry in entries]
    writer = csv.DictWriter(out, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)


def write_json(entries: Sequence[Entry], out: TextIO) -> None:
    json.dump([_record(entry) for entry in entries], out, indent=1, ensure_ascii=False)
    out.write("\n")


def _inputs(report: Report) -> str:
    return ", ".join(str(volume) for volume in report.inputs.values())


def _cells(entry: Entry) -> list[str]:
    totals = entry.report.totals
    return [
        entry.name,
        _inputs(entry.report),
        grouped(totals.params),
        grouped(totals.macs),
        entry.report.source or "",
    ]


def _record(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.report.name,
        "input": _inputs(entry.report),
        "params": entry.report.totals.params,
        "macs": entry.report.totals.macs,
        "source": entry.report.source,
    }
