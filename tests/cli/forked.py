"""Commands run with faulty standard streams, each in a process of its own.

`python forked.py` reads cases from standard input, `{"args": […], "output": "full"}`, and prints an
object with `code`, `output` and `errors` for each. A process is forked for a case once all modules
are there, which takes a tenth of the time of a new interpreter.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import import_module
from typing import Any

OUTPUTS = ("file", "full", "closed", "pipe")
"""What standard output is: a file, a full disk, nothing, or a pipe that nobody reads any more."""


def run(case: dict[str, Any]) -> dict[str, Any]:
    """One case, in another process."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            _be(case, output.fileno(), errors.fileno())
        _, status = os.waitpid(child, 0)
        output.seek(0)
        errors.seek(0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "output": output.read().decode(),
            "errors": errors.read().decode(),
        }


def _be(case: dict[str, Any], output: int, errors: int) -> None:
    """Become the command."""
    from cnncalc.__main__ import main

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
    main()
    sys.exit(0)


if __name__ == "__main__":
    from cnncalc.cli.app import COMMANDS

    for module in COMMANDS.values():
        import_module(module)
    for case in json.load(sys.stdin):
        sys.stdout.write(json.dumps(run(case)) + "\n")
        sys.stdout.flush()
