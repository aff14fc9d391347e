"""What `summary --run` takes beside the other options, and how it shows what it is doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cnncalc.execution.request import ArrayFiles, BackendName, RunRequest

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report
    from cnncalc.loading import Opened, Request

Backend = Annotated[
    BackendName | None,
    typer.Option("--backend", help="With --run: who computes."),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="With --run: at most so many threads (default: cores)."),
]
Repeat = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="With --run: so many measured runs (default: 2 seconds' worth)."
    ),
]
Warmup = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="With --run: so many runs before that (default: 1)."),
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="With --run: of random weights, inputs (default: 0)."),
]
NoFold = Annotated[
    bool,
    typer.Option("--no-fold", help="With --run: batch norms as written, not in the weights."),
]
InputFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="With --run: the input, a .npy of batch x volume, channels last; a .npz of several.",
    ),
]
OutputFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="With --run: write the output there, .npy or .npz."),
]


class Asked(NamedTuple):
    """What the command line says of the run."""

    request: RunRequest
    files: ArrayFiles


def asked(
    run: bool,
    backend: BackendName | None,
    threads: int | None,
    repeat: int | None,
    warmup: int | None,
    seed: int | None,
    no_fold: bool,
    input_file: Path | None,
    output_file: Path | None,
) -> Asked | None:
    """The run asked for, None where none is. Ends the command where --run is missing."""
    given = {
        "backend": backend,
        "threads": threads,
        "repeat": repeat,
        "warmup": warmup,
        "seed": seed,
    }
    given = {name: value for name, value in given.items() if value is not None}
    if not run:
        others = {"no-fold": no_fold or None, "input-file": input_file, "output-file": output_file}
        for name, value in {**given, **others}.items():
            if value is not None:
                from cnncalc.cli.console import misuse

                misuse(f"--{name} needs --run")
        return None
    return Asked(RunRequest(**given, fold=not no_fold), ArrayFiles(input_file, output_file))  # type: ignore[arg-type]


def executed(opened: Opened, report: Report, request: Request, asked: Asked) -> Report:
    """The report with the times of a run in it; ends the command where it cannot be had."""
    from cnncalc.cli.console import misuse
    from cnncalc.execution.entry import Disagreement
    from cnncalc.loading import execute
    from cnncalc.queries.override import Misuse

    try:
        with _progress() as advance:
            return execute(opened, report, request, asked.request, asked.files, advance)
    except Misuse as error:
        misuse(str(error))
    except Disagreement as error:
        typer.echo(f"cnncalc: internal error, please report it: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("cnncalc: interrupted", err=True)
        raise typer.Exit(130) from None


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """A bar on standard error where that is a terminal."""
    from cnncalc.cli.console import messages

    console = messages()
    if not console.is_terminal:
        yield lambda _what, _share: None
        return
    from time import monotonic

    from rich import progress

    # No thread refreshes it: it would take time from what is measured.
    bar = progress.Progress(console=console, transient=True, auto_refresh=False)
    shown = 0.0
    with bar:
        task = bar.add_task("", total=1.0)

        def advance(what: str, share: float) -> None:
            nonlocal shown
            if monotonic() - shown > 0.1:
                bar.update(task, description=what, completed=share, refresh=True)
                shown = monotonic()

        yield advance
