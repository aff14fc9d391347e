"""Wrong calls: reported in our words, whatever version of the library that reads them."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer.main

from cnncalc.cli import usage
from cnncalc.cli.app import app
from cnncalc.render.writers import Format
from tests.cli.conftest import Run
from tests.together import together

COMMANDS: dict[str, Any] = vars(typer.main.get_command(app))["commands"]


@pytest.mark.parametrize(
    ("line", "message", "command"),
    [
        ("sumary", "there is no command `sumary`; did you mean `summary`?", ""),
        ("nothing-like-it", "there is no command `nothing-like-it`", ""),
        ("--nope", "there is no option `--nope`", ""),
        ("--version=3", "`--version` takes no value", ""),
        ("summary", "the argument FILE is missing", "summary"),
        ("diff", "the argument A is missing", "diff"),
        ("summary x --maxlayers 3",
         "there is no option `--maxlayers`; did you mean `--max-layers`?",
         "summary"),
        ("conv -x 7", "there is no option `-x`", "conv"),
        ("conv 7 --filters 3", "`--kernel` is missing", "conv"),
        ("conv 7 --filters", "`--filters` takes a value", "conv"),
        ("conv 7 8 --filters 3 -k 3",
         "more arguments than it takes: `7 8 --filters 3 -k 3`", "conv"),
        ("conv 7 --filters 3 -k 3 --rounding up",
         "`--rounding` takes one of exact, floor, ceil, not `up`",
         "conv"),
        ("summary x --run=3", "`--run` takes no value", "summary"),
        ("summary x -f html", "`--format`: summary has no html: table, json, jsonl, csv, markdown",
         "summary"),
        ("summary x --max-layers many",
         "`--max-layers` takes a whole number of 1 or more, not `many`",
         "summary"),
        ("summary x --max-layers=0", "`--max-layers` takes a whole number of 1 or more, not `0`",
         "summary"),
        ("diff a b --batch 0.5", "`--batch` takes a whole number of 1 or more, not `0.5`", "diff"),
        ("check x --jobs -5", "`--jobs` takes a whole number of 1 or more, not `-5`", "check"),
    ],
)  # fmt: skip
def test_wrong_calls(run: Run, line: str, message: str, command: str) -> None:
    outcome = run(*line.split())
    called = f"cnncalc {command}".strip()
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr == f"cnncalc: {message}\nTry `{called} --help`.\n"


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("alexnet", "cnncalc summary alexnet"),
        ("net.yaml", "cnncalc summary net.yaml"),
        ("there.txt --run", "cnncalc summary there.txt --run"),
        ("- --batch 2", "cnncalc summary - --batch 2"),
    ],
)
def test_a_file_alone_names_summary(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("there.txt").write_text("input: 8x8x3\nlayers: [relu]\n", "utf-8")
    outcome = run(*line.split())
    (file, *_) = line.split()
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr == (
        f"cnncalc: say what to do with {file}: `{command}` prints its table\n"
    )


def test_the_words_of_the_library_are_not_looked_at() -> None:
    error = usage._USAGE_ERROR("in new words")
    words = ["7", "8"]
    reported, _ = usage._fault(error, COMMANDS["conv"], words)
    assert reported == "more arguments than it takes: `7 8`"
    error = typer.BadParameter("in new words", param=option("summary", "max_layers"))
    reported, _ = usage._fault(error, COMMANDS["summary"], [])
    assert reported == "`--max-layers` takes a whole number of 1 or more"


def option(command: str, name: str) -> Any:
    (found,) = [p for p in COMMANDS[command].params if p.name == name]
    return found


@together("command", COMMANDS)
def test_every_parameter_that_can_be_refused_says_what_it_takes(command: str) -> None:
    function = inspect.unwrap(COMMANDS[command].callback)
    hints = get_type_hints(function, include_extras=True)
    for parameter in COMMANDS[command].params:
        if parameter.name == "help":
            continue
        written = hints[parameter.name].__origin__
        types = {*(get_args(written) or (written,))} - {type(None), Path, str, bool, Format}
        if types and types != {list[str]} and types != {list[Path]} and list not in types:
            assert usage._taken(function, parameter.name) != "another value", parameter.name
