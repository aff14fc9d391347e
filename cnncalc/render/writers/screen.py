"""For people: blocks on a terminal, or in a pipe the same lines without colour, uncut."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cnncalc.escaping import cell, terminal
from cnncalc.render.answer import Answer, Block, Cut, Drawn, Labelled, Lines, Title, Words
from cnncalc.render.styled import styled
from cnncalc.render.table import Table
from cnncalc.render.writers.columnar import print_table

_BETWEEN = 2
"""Spaces between a label and its text."""


def write(answer: Answer, console: Console) -> None:
    first = True
    for group in answer.screen():
        if group and not first:
            console.file.write("\n")
        for block in group:
            _print(console, block)
            first = False


def _print(console: Console, block: Block) -> None:
    match block:
        case Table():
            _table(console, block)
        case Title():
            title = Text(cell(block.text), style="bold")
            if block.beside:
                title.append(f"  {cell(block.beside)}", style="not bold dim")
            _say(console, title)
            if block.below:
                _say(console, Text(cell(block.below), style="dim"))
        case Words():
            text = Text.assemble(
                (block.lead, "bold"), terminal(block.text), style="dim" if block.dim else ""
            )
            _say(console, text, whole=block.whole)
        case Lines():
            for line in block.lines:
                _say(console, Text(cell(line)), whole=True)
        case Labelled():
            _labelled(console, block)
        case Cut():
            _table(console, block.table)
        case Drawn():
            block.draw(console)


def _say(console: Console, text: Text, *, whole: bool = False) -> None:
    console.print(styled(text), soft_wrap=whole or not console.is_terminal)


def _table(console: Console, table: Table[Any]) -> None:
    left_out = print_table(console, table)
    if left_out:
        names = ", ".join(left_out)
        _say(console, Text(f"({names}: no room on a terminal of {console.width} columns)"))


def _labelled(console: Console, block: Labelled) -> None:
    """Texts after their labels, as wide as the widest; they wrap on a narrow terminal."""
    entries = [(cell(label), terminal(text)) for label, text in block.entries]
    if console.is_terminal:
        from rich.table import Table as Grid

        grid = Grid.grid(padding=(0, _BETWEEN, 0, 0))
        for label, text in entries:
            grid.add_row(Text(label, style="bold"), text)
        console.print(grid, crop=False)
        return
    width = max((cell_len(label) for label, _ in entries), default=0) + _BETWEEN
    for label, text in entries:
        console.file.write(f"{label}{' ' * (width - cell_len(label))}{text}\n")
