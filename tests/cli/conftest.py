"""How the tests call the command line: in this process, in a folder of their own, no terminal."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from typer.testing import CliRunner

from cnncalc.cli.app import app
from tests import forked
from tests.forked import Forks

_GOLDEN = Path(__file__).parents[1] / "golden"


class Outcome(NamedTuple):
    """What a command left behind; `output` is standard output and standard error as they came."""

    code: int
    stdout: str
    stderr: str
    output: str


class Run(Protocol):
    def __call__(self, *args: str, stdin: str | None = None) -> Outcome: ...


Terminal = Callable[[int], None]
"""Make standard output and standard error a terminal of so many columns."""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    def set_up(columns: int) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(columns))

    return set_up


def without_colour(text: str) -> str:
    """A text as a terminal shows it: its colours aside, and the blanks at the ends of lines."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return "".join(f"{line.rstrip()}\n" for line in plain.splitlines())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: the files that the stored outputs are about, and nothing else."""
    for name in ("sample", "faulty", "warned", "odd"):
        shutil.copy(_GOLDEN / f"{name}.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def invoke(*args: str, stdin: str | None = None) -> Outcome:
        result = CliRunner().invoke(app, args, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr, result.output)

    return invoke


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    with forked.forks() as there:
        yield there
