"""`cnncalc summary`: the table of a network."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import common as shared
from cnncalc.cli import completion, running
from cnncalc.cli.printing import chosen_columns, format_option
from cnncalc.render.report.columns import (
    COLUMNS,
    DEFAULT,
    DEFAULT_ROOFLINE,
    DEFAULT_TIMED,
    ROOFLINE,
    TIMES,
    Layout,
    columns_of,
)
from cnncalc.render.writers import TABLE, Format, View


def summary(
    file: shared.File,
    input: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            rich_help_panel=shared.WHAT_IF,
            metavar="[NAME=]VOLUME",
            help="Another input volume, such as 224x224x3; with NAME= where there are several "
            "inputs.",
        ),
    ] = None,
    set: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            rich_help_panel=shared.WHAT_IF,
            metavar="KEY=VALUE",
            help="Another value for a variable (classes=10), a layer's option (conv1.stride=2), "
            "or an option of all layers of a kind (conv.*.padding=same). Repeatable.",
        ),
    ] = None,
    rounding: shared.RoundingOption = None,
    batch: shared.Batch = 1,
    dtype: shared.Dtype = "float32",
    depth: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=shared.PRINTING,
            help="Show blocks nested deeper than N names as one row.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            rich_help_panel=shared.PRINTING,
            autocompletion=completion.listed([*COLUMNS, *TIMES, *ROOFLINE]),
            help=f"Columns to show, in order: {', '.join(COLUMNS)}; or all. With --run also: "
            f"{', '.join(TIMES)}; with --roofline: {', '.join(ROOFLINE)}. "
            f"(default: {', '.join(DEFAULT)})",
        ),
    ] = None,
    layout: Annotated[
        Layout,
        typer.Option(rich_help_panel=shared.PRINTING, help="The order of a volume's axes."),
    ] = Layout.HWC,
    format: Annotated[Format, format_option("summary")] = TABLE,
    max_layers: shared.MaxLayers = 100_000,
    run: Annotated[
        bool,
        typer.Option(
            "--run",
            rich_help_panel=running.RUNNING,
            help="Execute the network and add times; the options below need it. Needs numpy and "
            "numba.",
        ),
    ] = False,
    backend: running.Backend = None,
    threads: running.Threads = None,
    repeat: running.Repeat = None,
    warmup: running.Warmup = None,
    seed: running.Seed = None,
    no_fold: running.NoFold = False,
    input_file: running.InputFile = None,
    output_file: running.OutputFile = None,
    roofline: running.Roofline = False,
    plot: running.Plot = None,
    explain_plan: running.ExplainPlan = False,
    algorithms: running.AlgorithmsOption = None,
    verify: running.Verify = False,
    trace: running.Trace = None,
) -> None:
    """Print a network layer by layer, with totals.

    Volumes, weights, biases, MACs and receptive fields; with --run also times.

    Example: cnncalc summary alexnet.yaml --input 195x195x3

    Example: cnncalc summary alexnet.yaml --run --threads 1
    """
    from cnncalc.cli.console import messages, misuse, output, print_diagnostics
    from cnncalc.cli.overrides import inputs_from, is_misuse, pairs_from
    from cnncalc.errors import UsageError
    from cnncalc.network import Network
    from cnncalc.render.report.summary import Summary
    from cnncalc.report.folding import fold

    asked = running.asked(
        run, backend, threads, repeat, warmup, seed, no_fold, input_file, output_file,
        roofline, plot, explain_plan, algorithms, verify, trace,
    )  # fmt: skip
    if explain_plan:
        running.refuse_plan_in(format)
    chosen = _columns(columns, timed=run, roofed=asked is not None and asked.request.roofline)
    try:
        network = Network.load(
            file,
            input=inputs_from(input or []),
            set=pairs_from(set or []),
            rounding=rounding,
            batch=batch,
            dtype=dtype,
            max_layers=max_layers,
        )
    except UsageError as error:
        misuse(str(error))
    report = network.report
    print_diagnostics(messages(), report.diagnostics)
    if any(is_misuse(diagnostic) for diagnostic in report.diagnostics):
        raise typer.Exit(2)
    if asked is not None and report.complete:
        report = running.executed(network, asked)
    rows = fold(report, depth)
    if plot is not None and report.run is not None:
        from cnncalc.cli import plotting

        plotting.save(plot, report, rows)
    if not report.rows and format.view is not View.DATA:
        raise typer.Exit(1)
    console = output()
    width = console.width if console.is_terminal else None
    known = columns_of(layout) | TIMES | ROOFLINE
    format.write(Summary(report, rows, [known[key] for key in chosen], layout, width), console)
    if not report.ok:
        raise typer.Exit(1)


def _columns(listed: str | None, *, timed: bool, roofed: bool) -> list[str]:
    """The keys of the columns asked for; those of a run need one."""
    known = [*COLUMNS, *(TIMES if timed else ()), *(ROOFLINE if roofed else ())]
    needing = dict.fromkeys(TIMES, "--run") | dict.fromkeys(ROOFLINE, "--run --roofline")
    default = DEFAULT_ROOFLINE if roofed else DEFAULT_TIMED if timed else DEFAULT
    unmet = {key: options for key, options in needing.items() if key not in known}
    return chosen_columns(listed, known, default, unmet)
