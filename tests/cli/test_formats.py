"""What `--format` means to all commands: a new format, one that is missing, terminals and pipes."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console

from cnncalc.render.answer import Answer
from cnncalc.render.writers import FORMATS, Format, View

from .conftest import Run, Terminal, without_colour

ANSWERS = {
    "summary": ("summary", "sample.yaml"),
    "whatif": ("whatif", "sample.yaml", "stem.stride=1"),
    "whatif-list": ("whatif", "sample.yaml", "stem.stride=1,2"),
    "diff": ("diff", "sample.yaml", "warned.yaml"),
    "sweep": ("sweep", "warned.yaml", "--vary", "input=8..9"),
    "solve": ("solve", "warned.yaml", "--for", "width", "--where", "params <= 2000"),
    "fit": ("fit", "warned.yaml"),
    "repair": ("fit", "sample.yaml", "--input", "16x11x3", "--repair"),
    "zoo": ("zoo", "lenet5", "--sort", "name"),
    "explain": ("explain", "warned.yaml", "conv1"),
    "diagnostics": ("explain",),
    "conv": ("conv", "8x8x3", "--filters", "4", "--kernel", "3"),
}
"""What commands print, by a name; all of it is to be had as a page, and as rows."""

PAGES = {**ANSWERS, "layers": ("layers",), "layers-conv": ("layers", "conv")}

FORMATTED = ("summary", "whatif", "diff", "sweep", "solve", "fit", "zoo", "explain", "conv", "pool",
             "conv_transpose", "dense", "layers", "bench", "check")  # fmt: skip
"""The commands that have formats."""


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[[View], None]:
    """Add the format `toy`, which takes a view: one module, one entry."""

    def write(answer: Answer, console: Console) -> None:
        for block in answer.page():
            console.file.write(f"{type(block).__name__}\n")

    def write_rows(answer: Answer, console: Console) -> None:
        table = answer.table()
        for row in table.rows:
            console.file.write(" & ".join(str(c.machine(row)) for c in table.columns) + "\n")

    def add(view: View) -> None:
        module: Any = ModuleType("toy")
        module.write = write if view is View.PAGE else write_rows
        monkeypatch.setitem(sys.modules, "toy", module)
        monkeypatch.setitem(FORMATS, "toy", Format("toy", view, "toy"))

    return add


class TestANewFormat:
    @pytest.mark.parametrize("name", PAGES)
    def test_is_a_page_of_every_command(
        self, run: Run, register: Callable[[View], None], name: str
    ) -> None:
        register(View.PAGE)
        blocks = run(*PAGES[name], "--format", "toy").stdout.split()
        assert "Table" in blocks or "Cut" in blocks

    @pytest.mark.parametrize("name", ANSWERS)
    def test_has_the_rows_of_every_command(
        self, run: Run, register: Callable[[View], None], name: str
    ) -> None:
        register(View.ROWS)
        lines = run(*ANSWERS[name], "--format", "toy").stdout.splitlines()
        rows = [*csv.reader(io.StringIO(run(*ANSWERS[name], "--format", "csv").stdout))][1:]
        assert len(lines) == len(rows)
        for line, row in zip(lines, rows, strict=True):
            assert line.split(" & ")[0] == row[0]

    def test_is_unknown_where_it_is_not_registered(self, run: Run) -> None:
        outcome = run("fit", "warned.yaml", "--format", "toy")
        assert (outcome.code, outcome.stdout) == (2, "")


class TestAFormatThatIsMissing:
    @pytest.mark.parametrize("command", FORMATTED)
    def test_is_refused_by_name(self, run: Run, command: str) -> None:
        given = {"conv": ["8"], "pool": ["8"], "dense": ["8"], "conv_transpose": ["8"]}
        outcome = run(command, *given.get(command, ["warned.yaml"]), "--format", "html")
        assert (outcome.code, outcome.stdout) == (2, "")
        assert outcome.stderr.startswith(f"cnncalc: `--format`: {command} has no html: ")
        assert outcome.stderr.count("\n") == 2

    @pytest.mark.parametrize(
        ("command", "format", "known"),
        [
            ("layers", "csv", "table, markdown"),
            ("fit", "text", "table, json, jsonl, csv, markdown"),
            ("explain", "table", "text, json, jsonl, csv, markdown"),
            ("check", "csv", "text, json, github, sarif, junit"),
        ],
    )
    def test_is_refused_with_those_that_are_there(
        self, run: Run, command: str, format: str, known: str
    ) -> None:
        outcome = run(command, "conv", "--format", format)
        message = f"`--format`: {command} has no {format}: {known}"
        assert outcome.stderr == f"cnncalc: {message}\nTry `cnncalc {command} --help`.\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_terminal_shows_what_a_pipe_gets(run: Run, terminal: Terminal, name: str) -> None:
    piped = run(*PAGES[name]).stdout
    terminal(1000)
    shown = run(*PAGES[name]).stdout
    assert without_colour(shown) == without_colour(piped)
    assert shown != piped or "─" not in piped, "the headers are bold"
