"""`cnncalc sweep`: a row of figures for every point of a grid."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import SEEK_END, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TextIO

import typer

from cnncalc.cli import completion
from cnncalc.cli import variants as shared
from cnncalc.render import streams
from cnncalc.render import sweep as render
from cnncalc.render.numbers import plural
from cnncalc.render.records import Field, print_records

if TYPE_CHECKING:
    from cnncalc.queries.sweep import Plan
    from cnncalc.queries.variants import Variant


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"


def sweep(
    file: shared.File,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="KEY=VALUES",
            help="Values for a variable (width=0.5,0.75,1.0), a layer's option (conv1.stride=1..3),"
            " a kind's (conv.*.bias=true,false), the input (input=160..224:32, sides; or whole "
            "volumes) or rounding. Repeatable: all combinations.",
        ),
    ],
    where: shared.Where = None,
    sort: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Sort by these columns; a minus before one: descending."),
    ] = None,
    pareto: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Only rows that no other beats in all of these, less being better, or more after "
            "a minus: params,-receptive_field.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            autocompletion=completion.listed(render.FIGURES),
            help="Columns to show: " + ", ".join(render.FIGURES) + "; or all.",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="How to print; table unless --resume names a file."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Processes; default: as many as the grid is worth."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Work on the Dask cluster of this scheduler, tcp://host:8786 (extra: cluster).",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write rows to this .csv or .jsonl file as they come, and where it is there "
            "already, only those it lacks.",
        ),
    ] = None,
    input: shared.InputOption = None,
    set: shared.SetOption = None,
    rounding: shared.RoundingOption = None,
    batch: shared.Batch = 1,
    dtype: shared.Dtype = "float32",
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Work out every point of a grid: weights, MACs, memory, output, receptive field, fits or not.

    Example: cnncalc sweep mobilenet_v2 --vary width=0.5,0.75,1.0 --vary input=160..224:32
    """
    from cnncalc.queries.sweep import plan

    asked = _Asked(_format(format, resume), resume, columns, jobs, scheduler, sort, pareto)
    axes = _axes(vary)
    document = shared.document(file)
    given = shared.given(input, set, rounding, batch, dtype, max_layers)
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
        if self.columns is None:
            short = self.format in (Format.TABLE, Format.MARKDOWN)
            return list(render.DEFAULT if short else render.FIGURES)
        return shared.chosen(self.columns, render.FIGURES)

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
        return f"{what}; the same command goes on from there" if self.file else what


def _answer(asked: _Asked, planned: Plan, done: _Done) -> None:
    """Work the grid out, and print or write its rows."""
    from cnncalc.cli.console import output
    from cnncalc.queries.ranking import Front, keys, ordered

    if asked.resume is not None:
        if asked.sort is not None or asked.pareto is not None:
            shared.misuse(
                "--resume writes rows as they come; --sort and --pareto wait for the last one"
            )
        _to_file(asked, asked.resume, planned, done)
        return
    by, front = keys(asked.sort, planned.names), keys(asked.pareto, planned.names)
    batches = _batches(asked, planned, done, None)
    if not (by or front) and asked.format not in (Format.TABLE, Format.MARKDOWN):
        stream = _stream(asked.format, render.fields(planned.names, asked.figures()), sys.stdout)
        with closing(stream), closing(batches):
            for variants in batches:
                stream.write([variant.record() for variant in variants])
        return
    with closing(batches):
        found: Iterable[Variant] = (variant for variants in batches for variant in variants)
        rows = ordered(Front(front).of(found) if front else found, by)
    figures = asked.figures()
    if asked.columns is None and "problem" not in figures and not all(row.fits for row in rows):
        figures.append("problem")
    fields = render.fields(planned.names, figures)
    records = [row.record() for row in rows]
    if asked.format is Format.TABLE:
        if records:
            print_records(output(), fields, records)
    else:
        with closing(_stream(asked.format, fields, sys.stdout)) as stream:
            stream.write(records)


def _to_file(asked: _Asked, path: Path, planned: Plan, done: _Done) -> None:
    """Add to a file the rows that it lacks."""
    from cnncalc.cli.console import messages
    from cnncalc.queries.question import question
    from cnncalc.queries.resume import held, opened
    from cnncalc.queries.sweep import QUESTION

    wanted = (QUESTION, *planned.names, *asked.figures())
    with opened(path) as file:
        before = held(file, planned, wanted, lines=asked.format is Format.JSONL)
        columns = before.columns or wanted
        if asked.columns is not None and set(columns) != set(wanted):
            told = ", ".join(columns[1:])
            shared.misuse(f"{path} has the columns {told}; leave --columns out to go on with it")
        done.file, done.worked, done.rows = path, before.points, before.points
        done.fitting = before.points
        if before.torn:
            file.truncate(before.size)
        file.seek(0, SEEK_END)
        answered = {QUESTION: question(planned)}
        fields = [render.FIGURES.get(name, render.varied_field(name)) for name in columns]
        todo = before.missing(len(planned.grid))
        with _named(path), TextIOWrapper(file, "utf-8", newline="") as out:
            stream = _stream(asked.format, fields, out, header=before.columns is None)
            with closing(_batches(asked, planned, done, todo)) as batches:
                for variants in batches:
                    stream.write([answered | variant.record() for variant in variants])
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
    from cnncalc.queries.executors import crew
    from cnncalc.queries.sweep import jobs_for, stream

    jobs = asked.jobs or jobs_for(planned)
    watched = asked.resume is not None or not sys.stdout.isatty() or asked.format is Format.TABLE
    with crew(jobs, asked.scheduler) as workers, _progress(done, watched=watched) as advance:
        for count, variants in stream(planned, workers, todo):
            yield variants
            done.add(count, variants)
            advance()


@contextmanager
def _progress(done: _Done, *, watched: bool) -> Iterator[Callable[[], None]]:
    """A bar on standard error, if that is a terminal, and `watched`."""
    from cnncalc.cli.console import messages

    console = messages()
    if not (watched and console.is_terminal):
        yield lambda: None
        return
    from rich import progress

    # No thread refreshes it: processes that are forked have to find this one alone.
    bar = progress.Progress(
        progress.TextColumn("sweeping"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
        console=console,
        transient=True,
        auto_refresh=False,
    )
    with bar:
        task = bar.add_task("sweeping", total=done.points, completed=done.worked)

        def advance() -> None:
            bar.update(task, completed=done.worked, refresh=True)

        advance()
        yield advance


def _stream(
    format: Format, fields: Sequence[Field], out: TextIO, *, header: bool = True
) -> streams.Stream:
    match format:
        case Format.CSV:
            return streams.Csv(fields, out, header=header)
        case Format.JSONL:
            return streams.JsonLines(fields, out)
        case Format.JSON:
            return streams.Json(fields, out)
        case _:
            return streams.Markdown(fields, out)


def _format(format: Format | None, resume: Path | None) -> Format:
    """The format asked for, or that of the file's name."""
    if resume is None:
        return format or Format.TABLE
    if str(resume) == "-":
        shared.misuse("--resume -: rows on standard output cannot be gone on with; name a file")
    named = {".csv": Format.CSV, ".jsonl": Format.JSONL, ".ndjson": Format.JSONL}.get(resume.suffix)
    if format not in (None, Format.CSV, Format.JSONL):
        shared.misuse(f"--resume writes csv or jsonl, which can be added to, and no {format}")
    if format is None and named is None:
        shared.misuse(f"--resume {resume}: call it .csv or .jsonl, or say --format")
    return format or named or Format.CSV


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
