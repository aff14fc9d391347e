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
    from cnncalc.bench.bench import Bench, Comparison
    from cnncalc.execution.request import RunRequest


def bench(
    paths: shared.Files,
    batch: shared.Batch = 1,
    threads: running.Threads = None,
    repeat: running.Repeat = None,
    warmup: running.Warmup = None,
    seed: running.Seed = None,
    no_fold: running.NoFold = False,
    backend: running.Backend = None,
    roofline: running.Roofline = False,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Compare with this earlier output of --format json."),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="PERCENT",
            help="With --baseline: a median may be longer by so much, exit 1 else (default: 10).",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        format_option("bench", help="How to print; else as the name of --output says, or a table."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to a file, whole or not at all."
        ),
    ] = None,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Execute networks in turns: latency, throughput, speed; slower than an earlier time or not.

    Example: cnncalc bench resnet18 mobilenet_v2 --baseline before.json
    """
    from cnncalc.bench import data, words
    from cnncalc.cli import console
    from cnncalc.cli.files import STANDARD_OUTPUT, check_target, meant

    output = None if output in STANDARD_OUTPUT else output
    if tolerance is not None and (baseline is None or not isfinite(tolerance)):
        shared.misuse("--tolerance needs --baseline" if baseline is None
                      else f"--tolerance {tolerance}: say a number of percent")  # fmt: skip
    files = meant(paths)
    if output is not None:
        check_target(output, files)
    asked = running.asked(True, backend, threads, repeat, warmup, seed, no_fold, None, None,
                          roofline, None)  # fmt: skip
    assert asked is not None
    with running.ending(lambda: "interrupted"):
        before = data.read(baseline) if baseline is not None else None
        measured, well = _measured(files, batch, max_layers, asked.request)
        comparison = None
        if before is not None and measured.entries:
            from cnncalc.bench.bench import compare

            comparison = compare(measured, before, (10 if tolerance is None else tolerance) / 100)
        chosen = format or (named_by(output) if output else None) or TABLE
        _print(measured, comparison, chosen, output)
    for line in words.remarks(comparison) if comparison is not None else ():
        console.remark(line)
    if not well or measured.unmeasured or (comparison is not None and not comparison.passed):
        raise typer.Exit(1)


def _measured(
    files: list[str], batch: int, max_layers: int, wanted: RunRequest
) -> tuple[Bench, bool]:
    """The networks of all files that are well, run; and whether all files are. What is wrong with
    the others is told first."""
    from cnncalc.bench.bench import Settings, Unmeasured, bench
    from cnncalc.cli import console
    from cnncalc.cli.console import messages, print_diagnostics
    from cnncalc.cli.progress import progress
    from cnncalc.execution.entry import conditions, run_all
    from cnncalc.network import Network
    from cnncalc.report.report import Report

    machine, threads = conditions(wanted)
    found = {file: Network.load(file, batch=batch, max_layers=max_layers) for file in files}
    for network in found.values():
        if not network.report.ok:
            print_diagnostics(messages(), network.report.diagnostics)
    complete = {file: network for file, network in found.items() if network.report.complete}
    with progress(1.0) as advance:
        answers = run_all([*complete.values()], wanted, advance)
    failed = [Unmeasured(file, "it has errors") for file in found if file not in complete]
    for file, answer in zip(complete, answers, strict=True):
        if not isinstance(answer, Report):
            failed.append(Unmeasured(file, str(answer)))
            console.remark(str(answer))
    reports = [answer for answer in answers if isinstance(answer, Report)]
    running.remark(reports)
    backend = next((one.run.backend for one in reports if one.run is not None), wanted.backend)
    settings = Settings(machine, backend, threads, batch, wanted.fold)
    return bench(settings, reports, failed), all(n.report.ok for n in found.values())


def _print(
    measured: Bench, comparison: Comparison | None, format: Format, target: Path | None
) -> None:
    """Print, or write, in the format asked for."""
    from cnncalc.bench.answer import Measured
    from cnncalc.cli.console import output, plain
    from cnncalc.saving.files import write

    console = output() if target is None else plain()
    if measured.entries or format.view is View.DATA:
        format.write(Measured(measured, comparison), console)
    if target is not None:
        assert isinstance(console.file, StringIO)
        write(target, console.file.getvalue())
