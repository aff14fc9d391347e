"""Markdown: titles, lists and tables, with a blank line between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console

from cnncalc.escaping import markdown, markdown_code, markdown_line
from cnncalc.render.answer import Answer, Block, Cut, Drawn, Labelled, Lines, Title, Words
from cnncalc.render.numbers import plural
from cnncalc.render.table import Column, Table

LONGEST_TABLE = 60_000
"""Characters of a table that may be cut; a comment on a pull request may have 65,536 in all."""


def write(answer: Answer, console: Console) -> None:
    for number, block in enumerate(answer.page()):
        if number:
            console.file.write("\n")
        console.file.writelines(f"{line}\n" for line in _lines(block))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Table():
            yield from _table(block)
        case Title():
            yield f"{'#' * block.level} {markdown(block.text)}"
        case Words():
            yield markdown_line(block.text)
        case Lines():
            yield from (f"- {markdown_line(line)}" for line in block.lines)
        case Labelled():
            yield from (
                f"- **{markdown(label)}**: {markdown(text)}" for label, text in block.entries
            )
        case Cut():
            if block.summary:
                yield f"<details><summary>{markdown(block.summary)}</summary>"
                yield ""
            yield from _cut(block.table)
            if block.summary:
                yield ""
                yield "</details>"
        case Drawn():
            raise TypeError("a page has no blocks that are drawn on a terminal")


def _table(table: Table[Any]) -> Iterator[str]:
    yield _row([markdown(column.header) for column in table.columns])
    yield _row(["---:" if column.right else "---" for column in table.columns])
    readers = [_reader(column) for column in table.columns]
    for row in table.rows:
        yield _row([read(row) for read in readers])
    last = table.last()
    if last is not None:
        yield _row([cell and f"**{markdown(cell)}**" for cell in last])


def _reader(column: Column[Any]) -> Any:
    safe = markdown_code if column.code else markdown
    return lambda row: safe(column.people(row))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cut(table: Table[Any]) -> Iterator[str]:
    """A table's lines as long as they may be."""
    rows = list(table.rows)
    left = LONGEST_TABLE
    for number, line in enumerate(_table(table._replace(rows=rows))):
        left -= len(line) + 1
        if left < 0:
            yield ""
            yield f"… and {plural(len(rows) - number + 2, 'line')} more"
            return
        yield line
