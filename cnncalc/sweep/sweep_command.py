"""`cnncalc sweep`: a row of figures for every point of a grid."""

from __future__ import annotations

import errno
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import SEEK_END, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TextIO

import typer

from cnncalc.cli import common as shared
from cnncalc.cli import completion
from cnncalc.cli.printing import chosen_columns, format_option
from cnncalc.cli.progress import progress
from cnncalc.render.numbers import plural
from cnncalc.render.writers import TABLE, Format, View, named_by
from cnncalc.sweep import rendering as render

if TYPE_CHECKING:
    from cnncalc.sweep.sweep import Plan
    from cnncalc.sweep.variants import Variant


GRID = "The grid"
WORKING = "How to work"
"""Groups of options on the help page."""

RESUMED = ("csv", "jsonl")
"""Formats whose files can be read again and added to."""


def sweep(
    file: shared.File,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="KEY=VALUES",
            rich_help_panel=GRID,
            help="Values for a variable (width=0.5,0.75,1.0), a layer's option (conv1.stride=1..3),"
            " that of all layers of a kind (conv.*.bias=true,false), the input (input=160..224:32 "
            "for its sides, or whole volumes) or rounding. Repeatable: all combinations are worked "
            "out.",
        ),
    ],
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITIONS",
            rich_help_panel=GRID,
            help="Keep only the points that satisfy these: NAME OP VALUE, joined by `and`, such as "
            "'macs <= 300M and peak <= 8MiB'. Repeatable.",
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            rich_help_panel=shared.PRINTING,
            help="Sort by these columns, smallest first; largest first after a minus.",
        ),
    ] = None,
    pareto: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            rich_help_panel=shared.PRINTING,
            help="Keep only rows that no other row beats in all of these. Less is better; more is "
            "after a minus: params,-receptive_field.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            rich_help_panel=shared.PRINTING,
            autocompletion=completion.listed(render.FIGURES),
            help="Columns to show: " + ", ".join(render.FIGURES) + "; or all.",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        format_option(
            "sweep", help="How to print (default: a table, or as the name of --resume says)."
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=WORKING,
            help="Processes to use (default: as many as the grid is worth).",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            rich_help_panel=WORKING,
            help="Work on the Dask cluster of this scheduler, tcp://host:8786 (extra: cluster).",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=WORKING,
            help="Write rows to this .csv or .jsonl file as they come. If it exists, only the rows "
            "that it lacks are worked out and added.",
        ),
    ] = None,
    input: shared.InputOption = None,
    set: shared.SetOption = None,
    rounding: shared.RoundingOption = None,
    batch: shared.Batch = 1,
    dtype: shared.Dtype = "float32",
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Work out every point of a grid of variants.

    Weights, MACs, memory, output and receptive field of each, and whether it fits.

    Example: cnncalc sweep mobilenet_v2 --vary width=0.5,0.75,1.0 --vary input=160..224:32
    """
    from cnncalc.sweep.command_options import given as given_for_all
    from cnncalc.sweep.sweep import plan

    asked = _Asked(_format(format, resume), resume, columns, jobs, scheduler, sort, pareto)
    axes = _axes(vary)
    document = shared.document(file)
    given = given_for_all(input, set, rounding, batch, dtype, max_layers)
    done = _Done()
    with shared.ending(done.interrupted):
        planned = plan(document, given, axes, where, with_fields=asked.needs_fields())
        done.points = len(planned.grid)
        _answer(asked, planned, done)
    whole = plural(len(planned.grid), "point")
    if planned.conditions.terms and not done.rows:
        shared.nothing(f"none of the {whole} satisfies {planned.conditions}")
    if not planned.conditions.terms and not done.fitting:
        shared.nothing(f"none of the {whole} fits")


class _Asked(NamedTuple):
    """The options that say what becomes of the rows."""

    format: Format
    resume: Path | None
    columns: str | None
    jobs: int | None
    scheduler: str | None
    sort: str | None
    pareto: str | None

    def figures(self) -> list[str]:
        """The columns beside what varies."""
        short = self.format.view in View.TABLE | View.PAGE
        default = render.DEFAULT if short else render.FIGURES
        return chosen_columns(self.columns, render.FIGURES, default)

    def needs_fields(self) -> bool:
        spoken = f"{self.sort},{self.pareto}"
        return "receptive_field" in self.figures() or "receptive_field" in spoken


@dataclass
class _Done:
    """How far a run has come."""

    points: int = 0
    worked: int = 0
    rows: int = 0
    fitting: int = 0
    file: Path | None = None

    def add(self, points: int, variants: Sequence[Variant]) -> None:
        self.worked += points
        self.rows += len(variants)
        self.fitting += sum(variant.fits for variant in variants)

    def interrupted(self) -> str:
        what = f"interrupted after {self.worked:,} of {plural(self.points, 'point')}"
        return f"{what}; the same command continues from there" if self.file else what


def _answer(asked: _Asked, planned: Plan, done: _Done) -> None:
    """Work the grid out, and print or write its rows."""
    from cnncalc.cli.console import output
    from cnncalc.sweep.ranking import Front, keys, ordered

    if asked.resume is not None:
        if asked.sort is not None or asked.pareto is not None:
            shared.misuse(
                "--resume writes rows as they come; --sort and --pareto wait for the last one"
            )
        _to_file(asked, asked.resume, planned, done)
        return
    by, front = keys(asked.sort, planned.names), keys(asked.pareto, planned.names)
    figures = asked.figures()
    with closing(_batches(asked, planned, done, None)) as batches:
        rows: Iterable[Variant] = _flushed(batches, sys.stdout)
        if by or front or asked.format.view not in View.ROWS | View.DATA:
            rows = ordered(Front(front).of(rows) if front else rows, by)
            misfits = not all(row.fits for row in rows)
            if asked.columns is None and "problem" not in figures and misfits:
                figures.append("problem")
        columns = render.columns_of(planned.names, figures)
        asked.format.write(render.Points(columns, rows), output())


def _flushed(batches: Iterable[Sequence[Variant]], out: TextIO) -> Iterator[Variant]:
    """The rows of all batches. Whoever reads the output has those of a batch when the next one is
    worked on."""
    for variants in batches:
        yield from variants
        out.flush()


def _to_file(asked: _Asked, path: Path, planned: Plan, done: _Done) -> None:
    """Add to a file the rows that it lacks."""
    from rich.console import Console

    from cnncalc.cli.console import messages
    from cnncalc.render.table import Column
    from cnncalc.sweep.question import question
    from cnncalc.sweep.resume import held, opened
    from cnncalc.sweep.sweep import QUESTION

    wanted = (QUESTION, *planned.names, *asked.figures())
    with opened(path) as file:
        before = held(file, planned, wanted, lines=asked.format.name == "jsonl")
        columns = before.columns or wanted
        if asked.columns is not None and set(columns) != set(wanted):
            told = ", ".join(columns[1:])
            shared.misuse(f"{path} has the columns {told}; leave --columns out to add to it")
        done.file, done.worked, done.rows = path, before.points, before.points
        done.fitting = before.points
        if before.torn:
            file.truncate(before.size)
        file.seek(0, SEEK_END)
        figures = [
            render.FIGURES[name] if name in render.FIGURES else render.varied_column(name)
            for name in columns[1:]
        ]
        todo = before.missing(len(planned.grid))
        asked_of = question(planned)
        figures.insert(0, Column(QUESTION, QUESTION, lambda _: asked_of, lambda _: asked_of))
        with (
            _named(path),
            TextIOWrapper(file, "utf-8", newline="") as out,
            closing(_batches(asked, planned, done, todo)) as batches,
        ):
            rows = _flushed(batches, out)
            answer = render.Points(figures, rows, before.columns is None)
            asked.format.write(answer, Console(file=out))
    whole = plural(len(planned.grid), "point")
    already = f", {before.points:,} of them before" if before.points else ""
    messages().print(f"{path}: {done.rows:,} rows of {whole}{already}", soft_wrap=True)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """A write that fails says which file it was."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            error.filename = error.filename or str(path)
        raise


def _batches(
    asked: _Asked, planned: Plan, done: _Done, todo: Iterable[int] | None
) -> Generator[list[Variant]]:
    """Rows batch by batch, counted, with a progress bar where someone watches."""
    from cnncalc.sweep.sweep import jobs_for, stream
    from cnncalc.workers.pool import worker_pool

    jobs = asked.jobs or jobs_for(planned)
    watched = asked.resume is not None or not sys.stdout.isatty() or asked.format is TABLE
    points = len(planned.grid)
    with (
        worker_pool(jobs, asked.scheduler) as workers,
        progress(points, watched=watched) as advance,
    ):
        for count, variants in stream(planned, workers, todo):
            yield variants
            done.add(count, variants)
            advance(f"{done.worked:,} of {plural(points, 'point')}", done.worked)


def _format(format: Format | None, resume: Path | None) -> Format:
    """The format asked for, or that of the file's name."""
    if resume is None:
        return format or TABLE
    if str(resume) == "-":
        shared.misuse("--resume -: rows on standard output cannot be resumed; name a file")
    found = format or named_by(resume)
    if format is not None and format.name not in RESUMED:
        shared.misuse(
            f"--resume writes {' or '.join(RESUMED)}, which can be added to, not {format}"
        )
    if found is None or found.name not in RESUMED:
        shared.misuse(f"--resume {resume}: call it .csv or .jsonl, or say --format")
    return found


def _axes(given: Sequence[str]) -> dict[str, str]:
    """KEY=VALUES, … as a mapping."""
    axes: dict[str, str] = {}
    for text in given:
        key, equals, values = text.partition("=")
        key = key.strip()
        if not equals or not key:
            shared.misuse(
                f"--vary {text}: say KEY=VALUES, such as width=0.5,0.75 or input=160..224:32"
            )
        if key in axes:
            shared.misuse(f"--vary {key} is given twice; join the values with commas")
        axes[key] = values
    return axes
