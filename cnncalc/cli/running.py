"""The options of commands that run networks, and how a run is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cnncalc.execution.request import Algorithms, ArrayFiles, BackendName, RunRequest
from cnncalc.render.writers import Format, View

if TYPE_CHECKING:
    from cnncalc.network import Network
    from cnncalc.report.report import Report
    from cnncalc.report.timing import Run

RUNNING = "Running"
MEASURING = "Measuring a run"
"""Groups of options on help pages."""

Backend = Annotated[
    BackendName | None,
    typer.Option(
        "--backend",
        rich_help_panel=RUNNING,
        help="What computes: kernels compiled for this processor, or NumPy (default: native).",
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        rich_help_panel=RUNNING,
        help="Threads to run with, at most (default: one for each core).",
    ),
]
Repeat = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        rich_help_panel=RUNNING,
        help="Runs to measure (default: as many as take 2 seconds).",
    ),
]
Warmup = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        rich_help_panel=MEASURING,
        help="Runs before those that are measured (default: 1).",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        rich_help_panel=MEASURING,
        help="Seed of the random weights and inputs (default: 0).",
    ),
]
NoFold = Annotated[
    bool,
    typer.Option(
        "--no-fold",
        rich_help_panel=MEASURING,
        help="Run batch norms as written, not folded into weights.",
    ),
]
InputFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=MEASURING,
        help="Read the input from a .npy file: batch first, channels last; from a .npz file where "
        "there are several inputs.",
    ),
]
OutputFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=MEASURING,
        help="Write the output to a .npy file, or several outputs to a .npz file.",
    ),
]
Roofline = Annotated[
    bool,
    typer.Option(
        "--roofline",
        rich_help_panel=MEASURING,
        help="Compare the times with what the machine's arithmetic and memory allow.",
    ),
]
ExplainPlan = Annotated[
    bool,
    typer.Option(
        "--explain-plan",
        rich_help_panel=MEASURING,
        help="Print the steps of the run, how each is computed, and where its result lies.",
    ),
]
AlgorithmsOption = Annotated[
    Algorithms | None,
    typer.Option(
        "--algorithms",
        rich_help_panel=RUNNING,
        help="The fastest ones, or direct ones alone: no convolution by Winograd's method "
        "(default: fastest).",
    ),
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        rich_help_panel=MEASURING,
        help="Compare the outputs with those of the reference in double precision, once.",
    ),
]
Trace = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=MEASURING,
        help="Write what each thread does in one more run to a .json file that chrome://tracing "
        "and Perfetto read.",
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=MEASURING,
        help="Draw the roofline to a .svg or .png file. Needs matplotlib.",
    ),
]


class RunOptions(NamedTuple):
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
    algorithms: Algorithms | None = None,
    verify: bool = False,
    trace: Path | None = None,
) -> RunOptions | None:
    """The run asked for, None where none is. Ends the command where --run is missing, or what is to
    be drawn cannot be."""
    given = {
        "backend": backend,
        "threads": threads,
        "repeat": repeat,
        "warmup": warmup,
        "seed": seed,
        "algorithms": algorithms,
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
            "verify": verify or None,
            "trace": trace,
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
        verify=verify,
    )
    return RunOptions(request, ArrayFiles(input_file, output_file, trace), plot)


def refuse_plan_in(format: Format) -> None:
    """Ends the command where a format has no room for the steps of a plan."""
    from cnncalc.cli.console import misuse

    if format.view is View.ROWS:
        misuse(
            f"--explain-plan: {format.name.upper()} holds rows alone; "
            "use --format table, json or markdown"
        )


def executed(network: Network, asked: RunOptions) -> Report:
    """The report with the times of a run in it; ends the command where it cannot be had."""
    from cnncalc.cli.progress import progress
    from cnncalc.execution.entry import run

    with ending(lambda: "interrupted"), progress(1.0) as advance:
        done = run(network, asked.request, asked.files, advance)
    remark([done.run] if done.run is not None else [])
    return done


def remark(runs: Iterable[Run]) -> None:
    """Say once what there is to be said of the backend."""
    from cnncalc.cli import console

    for line in dict.fromkeys(line for run in runs for line in run.remark.splitlines()):
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
