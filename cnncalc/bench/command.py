"""`cnncalc bench`: several networks run, and compared with an earlier time."""

from __future__ import annotations

from io import StringIO
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import common as shared
from cnncalc.cli import running
from cnncalc.cli.printing import format_option
from cnncalc.render.writers import TABLE, Format, View, named_by

if TYPE_CHECKING:
    from cnncalc.bench.bench import Baseline, Bench

COMPARING = "Comparing"
"""A group of options on the help page."""


def bench(
    paths: shared.Files,
    batch: Annotated[
        int,
        typer.Option(
            min=1, metavar="N", rich_help_panel=running.RUNNING, help="Images in a batch."
        ),
    ] = 1,
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
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=COMPARING,
            help="Compare with this earlier output of --format json.",
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="PERCENT",
            rich_help_panel=COMPARING,
            help="How much longer than in the baseline a median may be; beyond that, exit with 1 "
            "(default: 10).",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        format_option(
            "bench", help="How to print (default: as the name of --output says, or a table)."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=shared.PRINTING,
            help="Write to a file, whole or not at all.",
        ),
    ] = None,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Run networks and compare with an earlier time.

    They run in turns, so that what disturbs the machine disturbs them all. Latency, throughput and
    speed of each; exits with 1 where one is slower than the baseline allows. --input-file,
    --output-file, --plot, --explain-plan, --verify and --trace take exactly one network.

    Example: cnncalc bench resnet18 mobilenet_v2 --baseline before.json
    """
    from cnncalc.bench import data, words
    from cnncalc.cli import console, plotting
    from cnncalc.cli.files import STANDARD_OUTPUT, check_target, meant

    output = None if output in STANDARD_OUTPUT else output
    if tolerance is not None and (baseline is None or not isfinite(tolerance)):
        shared.misuse("--tolerance needs --baseline" if baseline is None
                      else f"--tolerance {tolerance}: say a number of percent")  # fmt: skip
    files = meant(paths)
    if output is not None:
        check_target(output, files)
    for_one = {
        "--input-file": input_file is not None,
        "--output-file": output_file is not None,
        "--plot": plot is not None,
        "--explain-plan": explain_plan,
        "--verify": verify,
        "--trace": trace is not None,
    }
    for option, given in for_one.items():
        if given and len(files) != 1:
            shared.misuse(f"{option} takes exactly one network; {len(files):,} files are given")
    chosen = format or (named_by(output) if output else None) or TABLE
    if explain_plan:
        running.refuse_plan_in(chosen)
    asked = running.asked(
        True, backend, threads, repeat, warmup, seed, no_fold, input_file, output_file, roofline,
        plot, explain_plan, algorithms, verify, trace,
    )  # fmt: skip
    assert asked is not None
    with running.ending(lambda: "interrupted"):
        before = data.read(baseline) if baseline is not None else None
        measured, well = _measured(files, batch, max_layers, asked, before, tolerance)
        if plot is not None:
            for entry in measured.entries:
                plotting.save(plot, entry.report, entry.report.rows)
        _print(measured, chosen, output)
    comparison = measured.comparison
    for line in words.remarks(comparison) if comparison is not None else ():
        console.remark(line)
    if not well or measured.unmeasured or (comparison is not None and not comparison.passed):
        raise typer.Exit(1)


def _measured(
    files: list[str],
    batch: int,
    max_layers: int,
    asked: running.RunOptions,
    baseline: Baseline | None,
    tolerance: float | None,
) -> tuple[Bench, bool]:
    """The bench of all files, and whether all files are well. What is wrong with them is printed
    first."""
    from cnncalc.bench.measuring import measure
    from cnncalc.cli import console
    from cnncalc.cli.console import messages, print_diagnostics
    from cnncalc.cli.progress import progress
    from cnncalc.execution.entry import need
    from cnncalc.network import Network

    need("bench")
    found = {file: Network.load(file, batch=batch, max_layers=max_layers) for file in files}
    for network in found.values():
        if not network.report.ok:
            print_diagnostics(messages(), network.report.diagnostics)
    allowed = (10 if tolerance is None else tolerance) / 100
    arrays = asked.files if any(asked.files) else None
    with progress(1.0) as advance:
        measured = measure(found, batch, asked.request, baseline, allowed, advance, arrays)
    for failure in measured.unmeasured:
        if not failure.diagnostics:
            console.remark(failure.reason)
    running.remark(entry.run for entry in measured.entries)
    return measured, all(network.report.ok for network in found.values())


def _print(measured: Bench, format: Format, target: Path | None) -> None:
    """Print, or write, in the format asked for."""
    from cnncalc.bench.answer import Measured
    from cnncalc.cli.console import output, plain
    from cnncalc.saving.files import write

    console = output() if target is None else plain()
    if measured.entries or format.view is View.DATA:
        format.write(Measured(measured, measured.comparison), console)
    if target is not None:
        assert isinstance(console.file, StringIO)
        write(target, console.file.getvalue())
