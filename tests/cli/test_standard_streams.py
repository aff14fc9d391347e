"""Output that is lost: on a full disk, on a closed stream, in a pipe that nobody reads any more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cnncalc.cli.app import app
from tests.forked import Forks, Told
from tests.slowness import slow
from tests.together import together

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk")

ARGS = {
    "summary": ["small.yaml"],
    "bench": ["small.yaml", "--repeat", "1", "--backend", "reference"],
    "check": ["small.yaml"],
    "fmt": ["--check", "small.yaml"],
    "layers": [],
    "schema": [],
    "zoo": [],
    "conv": ["8x8x3", "--filters", "4", "--kernel", "3"],
    "pool": ["8", "--kernel", "2", "--stride", "2"],
    "conv_transpose": ["8x8x3", "--filters", "4", "--kernel", "3"],
    "dense": ["8x8x3", "--units", "4"],
    "explain": ["small.yaml", "a"],
    "whatif": ["small.yaml", "a.filters=5"],
    "fit": ["small.yaml"],
    "sweep": ["small.yaml", "--vary", "a.filters=1..3"],
    "solve": ["small.yaml", "--for", "a.filters", "--where", "params <= 1k"],
    "diff": ["small.yaml", "other.yaml"],
}
"""Something that each command answers on standard output."""

REGISTERED = vars(typer.main.get_command(app))["commands"]

SILENT = {("check", "github")}
"""Formats that say nothing of a file that is well."""

FEW = (
    ["summary", "small.yaml"],
    ["check", "small.yaml"],
    ["schema"],
    ["sweep", *ARGS["sweep"], "-f", "csv"],
)
"""One for each way in which commands print."""


def formats(name: str) -> list[str]:
    """What a command's --format takes."""
    command: Any = vars(typer.main.get_command(app))["commands"][name]
    shown = [p.metavar for p in command.params if "--format" in p.opts]
    return [format for metavar in shown for format in metavar.strip("[]").split("|")]


def calls(name: str) -> list[list[str]]:
    """A command, plain, in every format and asked for help."""
    plain = [name, *ARGS[name]]
    listed = [format for format in formats(name) if (name, format) not in SILENT]
    return [plain, *([*plain, "--format", format] for format in listed), [name, "--help"]]


Done = Callable[[list[list[str]], tuple[str, ...]], list[tuple[str, Told]]]
"""What became of every call with every output, each with a name."""


@pytest.fixture
def done(forks: Forks, tmp_path: Path) -> Done:
    text = "input: 8x8x3\nlayers:\n  - {name: a, conv: {filters: 4, kernel: 3}}\n"
    (tmp_path / "small.yaml").write_text(text)
    (tmp_path / "other.yaml").write_text(text.replace("filters: 4", "filters: 5"))

    def run(args: list[list[str]], outputs: tuple[str, ...]) -> list[tuple[str, Told]]:
        cache = {"CNNCALC_CACHE": str(tmp_path / "cache")}
        return [
            (f"{' '.join(call)} > {output}", forks.run(tmp_path, call, output, cache))
            for call in args
            for output in outputs
        ]

    return run


def assert_told(name: str, told: Told) -> None:
    lost = name.rpartition(" > ")[2]
    if lost == "pipe":
        assert (told.code, told.errors) == (1, ""), name
        return
    why = "No space left on device" if lost == "full" else "it was closed"
    assert told.code == 2, name
    assert told.errors.splitlines()[-1] == f"cnncalc: standard output: {why}", name
    assert "Traceback" not in told.errors, name


def test_every_command_is_here() -> None:
    assert sorted(ARGS) == sorted(REGISTERED)


def test_lost_output_is_told(done: Done) -> None:
    for name, told in done(list(FEW), ("full", "closed", "pipe")):
        assert_told(name, told)


def test_nothing_is_told_where_nothing_is_lost(done: Done) -> None:
    """What is above is not told of calls that are wrong anyway, nor where nothing is printed."""
    for name, told in done(list(FEW), ("file",)):
        assert (told.code, told.errors) == (0, ""), name
        assert told.output, name
    silent = [["check", "small.yaml", "--quiet"]]
    for name, told in done(silent, ("full", "closed", "pipe")):
        assert (told.code, told.errors, told.output) == (0, "", ""), name


@pytest.mark.slow
@pytest.mark.parametrize("name", REGISTERED)
def test_lost_output_of_every_command(name: str, done: Done) -> None:
    for call, told in done(calls(name), ("file", "full", "closed", "pipe")):
        if call.endswith(" > file"):
            assert (told.code, told.output != "") == (0, True), (call, told)
        else:
            assert_told(call, told)


@pytest.mark.slow
def test_lost_output_of_no_command(done: Done) -> None:
    for call, told in done([["--help"], ["--version"]], ("full", "closed", "pipe")):
        assert_told(call, told)


def test_formats_are_found() -> None:
    assert {"table", "json", "csv", "markdown"} <= set(formats("summary"))
    assert {"jsonl"} <= set(formats("sweep"))
    assert formats("schema") == []


COMMAND = [sys.executable, "-m", "cnncalc"]


@together(
    ("redirected", "code", "errors"),
    [
        ("schema > /dev/full", 2, "cnncalc: standard output: No space left on device\n"),
        ("schema >&-", 2, "cnncalc: standard output: it was closed\n"),
        ("schema >&- 2>&-", 2, ""),
        ("schema 2>&-", 0, ""),
        ("summary nosuch 2> /dev/full", 2, ""),
        ("summary nosuch 2>&-", 1, ""),
        ("schema > /dev/full 2> /dev/full", 2, ""),
        ("check -q - <&-", 1, "<stdin>"),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", *slow("1")])
@pytest.mark.slow
def test_shells_redirections(redirected: str, code: int, errors: str, unbuffered: str) -> None:
    """In an interpreter of its own, which sets its streams up itself."""
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {' '.join(COMMAND)} {redirected}"],
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    if code == 1:
        assert errors in done.stderr + done.stdout
    else:
        assert done.stderr == errors
