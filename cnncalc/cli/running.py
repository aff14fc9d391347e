"""What commands that run networks take beside other options, and how they show what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cnncalc.execution.request import ArrayFiles, BackendName, RunRequest

if TYPE_CHECKING:
    from cnncalc.network import Network
    from cnncalc.report.report import Report

Backend = Annotated[
    BackendName | None,
    typer.Option("--backend", help="Who computes: compiled kernels, or NumPy (default: native)."),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="A run takes at most so many threads (default: cores)."),
]
Repeat = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="So many measured runs (default: 2 seconds' worth)."),
]
Warmup = Annotated[
    int | None,
    typer.Option(
        min=0, metavar="N", help="So many runs before those that are measured (default: 1)."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="Of a run's random weights and inputs (default: 0)."),
]
NoFold = Annotated[
    bool,
    typer.Option("--no-fold", help="Run batch norms as written, not folded into weights."),
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
Roofline = Annotated[
    bool,
    typer.Option(
        "--roofline",
        help="Hold a run to what the machine's arithmetic and memory allow.",
    ),
]
ExplainPlan = Annotated[
    bool,
    typer.Option(
        "--explain-plan",
        help="With --run: print the steps it took, how they are computed, where results lie.",
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="With --run: draw the roofline, as .svg or .png. Needs matplotlib.",
    ),
]


class Asked(NamedTuple):
    """What the command line says of the run."""

    request: RunRequest
    files: ArrayFiles = ArrayFiles()
    plot: Path | None = None


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
    roofline: bool,
    plot: Path | None,
    explain_plan: bool = False,
) -> Asked | None:
    """The run asked for, None where none is. Ends the command where --run is missing, or what is to
    be drawn cannot be."""
    given = {
        "backend": backend,
        "threads": threads,
        "repeat": repeat,
        "warmup": warmup,
        "seed": seed,
    }
    given = {name: value for name, value in given.items() if value is not None}
    if not run:
        others = {
            "no-fold": no_fold or None,
            "input-file": input_file,
            "output-file": output_file,
            "roofline": roofline or None,
            "plot": plot,
            "explain-plan": explain_plan or None,
        }
        for name, value in {**given, **others}.items():
            if value is not None:
                from cnncalc.cli.console import misuse

                misuse(f"--{name} needs --run")
        return None
    if plot is not None:
        from cnncalc.cli import plotting

        plotting.need(plot)
    request = RunRequest(
        **given,  # type: ignore[arg-type]
        fold=not no_fold,
        roofline=roofline or plot is not None,
        explain_plan=explain_plan,
    )
    return Asked(request, ArrayFiles(input_file, output_file), plot)


def executed(network: Network, asked: Asked) -> Report:
    """The report with the times of a run in it; ends the command where it cannot be had."""
    from cnncalc.cli.progress import progress
    from cnncalc.execution.entry import run

    with ending(lambda: "interrupted"), progress(1.0) as advance:
        done = run(network, asked.request, asked.files, advance)
    remark([done])
    return done


def remark(reports: Iterable[Report]) -> None:
    """Say once what there is to be said of the backend."""
    from cnncalc.cli import console

    for line in dict.fromkeys(report.run.remark for report in reports if report.run is not None):
        if line:
            console.remark(line)


@contextmanager
def ending(interrupted: Callable[[], str]) -> Iterator[None]:
    """Turns what may go wrong while networks run into a line and an exit code."""
    from cnncalc.cli import console
    from cnncalc.cli.common import ending
    from cnncalc.execution.interruption import end_if_busy
    from cnncalc.execution.refusals import Disagreement

    try:
        with ending(interrupted):
            yield
    except typer.Exit as end:
        end_if_busy(end.exit_code)
        raise
    except Disagreement as error:
        console.remark(f"internal error, please report it: {error}")
        raise typer.Exit(1) from None
