"""Commands in processes of their own, with whatever standard streams and surroundings.

`python -m tests.forked` reads a case a line and answers each with a line of what became of it. A
process is forked for a case once all modules are there, which takes a tenth of the time of a new
interpreter.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

LONGEST = 120
"""Seconds after which a command is ended."""


class Told(NamedTuple):
    """What became of a command."""

    code: int
    output: str
    errors: str


class Forks:
    """Where commands are run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self,
        folder: Path,
        args: Sequence[str],
        output: str = "file",
        variables: Mapping[str, str] | None = None,
        *,
        gone: bool = False,
    ) -> Told:
        """One command. Its standard output is a file, a full disk, closed, or a pipe that nobody
        reads any more; its folder may be deleted before it starts."""
        case = {
            "args": args,
            "folder": str(folder),
            "gone": gone,
            "output": output,
            "variables": {**os.environ, **(variables or {})},
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        return Told(**json.loads(self._process.stdout.readline()))


@contextmanager
def forks() -> Iterator[Forks]:
    with subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        yield Forks(process)


def _run(case: dict[str, Any]) -> Told:
    """One case, in another process."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            _be(case, output.fileno(), errors.fileno())
        _, status = os.waitpid(child, 0)
        output.seek(0)
        errors.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return Told(code, output.read().decode(), errors.read().decode())


def _be(case: dict[str, Any], output: int, errors: int) -> None:
    """Become the command."""
    from cnncalc.__main__ import main

    signal.alarm(LONGEST)
    os.environ.clear()
    os.environ.update(case["variables"])
    os.chdir(case["folder"])
    if case["gone"]:
        Path(case["folder"]).rmdir()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    os.dup2(errors, 2)
    match case["output"]:
        case "file":
            os.dup2(output, 1)
        case "full":
            os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
        case "pipe":
            nobody, end = os.pipe()
            os.close(nobody)
            os.dup2(end, 1)
        case "closed":
            os.close(1)
            sys.stdout = None  # as the interpreter does
    sys.argv = ["cnncalc", *case["args"]]
    # By this the command is told from `python -m tests.forked`.
    vars(sys.modules["__main__"])["__package__"] = ""
    main()
    sys.exit(0)


if __name__ == "__main__":
    from cnncalc.cli.app import COMMANDS

    for module in COMMANDS.values():
        import_module(module)
    # Whatever a case does with its own standard output.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        for line in iter(sys.stdin.readline, ""):
            answers.write(json.dumps(_run(json.loads(line))._asdict()) + "\n")
            answers.flush()
