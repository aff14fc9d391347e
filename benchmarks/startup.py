"""How much longer does `cnncalc summary resnet50` take than the least program that could do it?

Both are whole processes, in processor time. The least program is a typer app of one command that
imports yaml and prints a rich table of one row: what is above it is cnncalc's own.
Besides: numpy, which belongs to execution alone, is not imported.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from measuring import (
    CNNCALC,
    busy,
    fresh_environment,
    interleaved,
    number_of_runs,
    print_conditions,
    print_table,
    print_verdict,
    ratio,
    run,
)

TARGET = 1.3

LEAST = """
import typer
import yaml

app = typer.Typer()


@app.command()
def main(file: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("layer", "output")
    table.add_row(file, "1")
    Console().print(table)


app()
"""

COMMANDS = ("summary resnet50", "summary resnet50 --format json", "check resnet50.yaml", "--help")

TELLTALE = """
import atexit, sys
atexit.register(lambda: print("numpy" in sys.modules))
"""


def imports_numpy(
    code: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> bool:
    """Whether a program imports numpy. An empty one is put in its way, so that a program that
    wants numpy finds one, installed or not."""
    (folder / "numpy.py").touch()
    paths = [str(folder), *filter(None, [environment.get("PYTHONPATH")])]
    found = {**environment, "PYTHONPATH": os.pathsep.join(paths)}
    ended = run((sys.executable, "-c", TELLTALE + code, *arguments), found)
    return ended.output.splitlines()[-1] == "True"


def main() -> None:
    runs = number_of_runs(__doc__, 20)
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as name:
        file = Path(name) / "resnet50.yaml"
        file.write_text(run((*CNNCALC, "zoo", "resnet50"), environment).output, encoding="utf-8")
        candidates = {
            "least": partial(run, (sys.executable, "-c", LEAST, "resnet50"), environment)
        } | {
            command: partial(
                run,
                (*CNNCALC, *command.replace("resnet50.yaml", str(file)).split(" ")),
                environment,
            )
            for command in COMMANDS
        }
        measured = interleaved(candidates, runs)
        assert imports_numpy("import numpy", [], environment, Path(name))
        numpy = imports_numpy(CNNCALC[-1], COMMANDS[0].split(" "), environment, Path(name))
    least = busy(measured["least"])
    ratios = {command: ratio(busy(measured[command]), least) for command in COMMANDS}
    print_table(
        ["whole process", "processor time / the least program's"],
        [[f"`cnncalc {command}`", times] for command, times in ratios.items()],
    )
    print_conditions(runs)
    print_verdict(
        {
            f"`cnncalc {COMMANDS[0]}` takes at most {TARGET} times as long": (
                ratios[COMMANDS[0]].median <= TARGET
            ),
            "numpy is not imported": not numpy,
        }
    )


if __name__ == "__main__":
    main()
