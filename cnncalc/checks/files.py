"""Files checked: what was found in each, which findings count, each reported once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.checks.expectations import stated
from cnncalc.diagnostics import (
    CATALOGUE,
    EXPECTATION_FAILED,
    ON_REQUEST,
    Diagnostic,
    Severity,
    clipped,
    did_you_mean,
)
from cnncalc.errors import UsageError
from cnncalc.escaping import printable
from cnncalc.graph.overrides import MAX_LAYERS
from cnncalc.links import followed
from cnncalc.network import Network
from cnncalc.yaml.reading import STANDARD_INPUT

if TYPE_CHECKING:
    from concurrent.futures import Future

    from cnncalc.workers.pool import WorkerPool


class Expected(NamedTuple):
    """One expectation of a file, `layers.conv1.params`. What became of it: `finding` is None where
    it holds; not `known` where the network has errors before it."""

    path: str
    finding: Diagnostic | None = None
    known: bool = True


class Checked(NamedTuple):
    """What was found in one file, in seconds. `path` is what was read, where `file` is a bundled
    name.

    `repeats` are findings in a file that several extend, which were reported with another of them;
    `left_out` are those that were not selected, or ignored.
    """

    file: str
    path: str
    diagnostics: tuple[Diagnostic, ...]
    expectations: tuple[Expected, ...] = ()
    seconds: float = 0.0
    repeats: tuple[Diagnostic, ...] = ()
    left_out: tuple[Diagnostic, ...] = ()
    strict: bool = False

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What makes the file wrong, reported here or before; with `strict`, warnings too."""
        found = (*self.diagnostics, *self.repeats)
        return tuple(finding for finding in found if self.strict or finding.is_error)

    @property
    def ok(self) -> bool:
        return not self.errors


def check_file(
    name: str, *, max_layers: int = MAX_LAYERS, requested: frozenset[str] = frozenset()
) -> Checked:
    """What is found in a path, a bundled name or `-`, and what becomes of what it expects.

    A name with a suffix is a path: a missing file is not taken for a bundled one.
    """
    start = perf_counter()
    opened = Network.read(name) if Path(name).suffix else Network.load(name)
    overrides = opened.overrides._replace(max_layers=max_layers)
    network = replace(opened, overrides=overrides, requested=requested)
    report = network.report
    if report.complete or network.document is None:
        expected = [
            Expected(".".join(o.names), o.finding and clipped(o.finding)) for o in network.outcomes
        ]
    else:
        paths = stated(network.document)
        expected = [Expected(".".join(names), known=False) for names in paths]
    seconds = perf_counter() - start
    return Checked(name, opened.source.name, report.diagnostics, tuple(expected), seconds)


# --- which findings count -------------------------------------------------------------------------


class Selection(NamedTuple):
    """The findings that are reported, and those on request that are asked for. Errors of the
    network always are reported, see `selection`."""

    selected: frozenset[str]
    asked: frozenset[str] = frozenset()

    def apply(self, checked: Checked) -> Checked:
        kept = tuple(d for d in checked.diagnostics if d.code in self.selected)
        if len(kept) == len(checked.diagnostics):
            return checked
        left_out = tuple(d for d in checked.diagnostics if d.code not in self.selected)
        unwanted = frozenset(left_out)
        expectations = tuple(e for e in checked.expectations if e.finding not in unwanted)
        return checked._replace(diagnostics=kept, expectations=expectations, left_out=left_out)


def may_be_left_out(code: str) -> bool:
    """Whether a finding is a warning or a failed expectation. Every other one is an error after
    which numbers are unknown or wrong: a file that has it is wrong."""
    return code == EXPECTATION_FAILED or CATALOGUE[code][0] is Severity.WARNING


def selection(select: Iterable[str], ignore: Iterable[str]) -> Selection:
    """What is reported where only some of the warnings and failed expectations are wanted, or some
    are not. Texts may hold several codes separated by commas. Raises `UsageError`.

    To select a warning on request asks for it, and by itself hides nothing: a run that asks for one
    more must not pass over failed expectations.
    """
    wanted, unwanted = set(_codes("--select", select)), list(_codes("--ignore", ignore))
    for code in unwanted:
        if not may_be_left_out(code):
            raise UsageError(
                f"--ignore {code}: an error of the network cannot be left out, or a wrong file "
                "would pass; only warnings and expectation-failed can"
            )
    narrows = not wanted <= ON_REQUEST
    kept = {s for s in CATALOGUE if not (narrows and may_be_left_out(s)) or s in wanted}
    kept.difference_update(unwanted)
    return Selection(frozenset(kept), ON_REQUEST & wanted & kept)


def _codes(option: str, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        named = [code.strip() for code in text.split(",") if code.strip()]
        if not named:
            raise UsageError(f"{option} names no diagnostic; `cnncalc explain --all` lists them")
        for code in named:
            if code not in CATALOGUE:
                near = did_you_mean(code, CATALOGUE)
                help = near[0] if near else "`cnncalc explain --all` lists them"
                raise UsageError(f"{option}: there is no diagnostic `{code}`; {help}")
            yield code


# --- each finding once ----------------------------------------------------------------------------


class Deduplicator:
    """Findings in files that others extend, reported with the first file that has them."""

    def __init__(self) -> None:
        self.reported: set[tuple[object, ...]] = set()
        self.places: dict[str, str] = {}
        """Files by the names that findings give them."""

    def apply(self, checked: Checked) -> Checked:
        reported: list[Diagnostic] = []
        repeats: list[Diagnostic] = []
        for finding in checked.diagnostics:
            key = self._key(finding)
            if key in self.reported:
                repeats.append(finding)
                continue
            self.reported.add(key)
            reported.append(_with_origin(finding, checked))
        return checked._replace(diagnostics=tuple(reported), repeats=tuple(repeats))

    def _key(self, finding: Diagnostic) -> tuple[object, ...]:
        span = finding.span
        if span.file not in self.places:
            self.places[span.file] = _resolved(span.file)
        file = self.places[span.file]
        return file, span.start, span.end, finding.code, finding.layer, finding.message


def _resolved(file: str) -> str:
    try:
        return str(followed(file))
    except (OSError, ValueError):
        return file


def _with_origin(finding: Diagnostic, checked: Checked) -> Diagnostic:
    """A finding in an extended file, with a note on the file that extends it."""
    if finding.span.file == checked.path:
        return finding
    note = f"in the network of {printable(checked.file)}, which extends this file"
    return finding._replace(notes=(*finding.notes, note))


# --- all files together ---------------------------------------------------------------------------


@dataclass
class Tally:
    """Sums over the files of a run; a finding that is repeated counts once."""

    strict: bool = False
    files: int = 0
    faulty: int = 0
    errors: int = 0
    warnings: int = 0
    left_out: int = 0
    excused: int = 0
    """Errors among those left out: expectations that failed."""

    def add(self, checked: Checked) -> None:
        self.files += 1
        self.faulty += not checked.ok
        errors = sum(finding.is_error for finding in checked.diagnostics)
        self.errors += errors
        self.warnings += len(checked.diagnostics) - errors
        self.left_out += len(checked.left_out)
        self.excused += sum(finding.is_error for finding in checked.left_out)


# --- many files -----------------------------------------------------------------------------------


def check_files(
    files: Sequence[str],
    selection: Selection,
    *,
    strict: bool = False,
    jobs: int | None = None,
    max_layers: int = MAX_LAYERS,
) -> Iterator[Checked]:
    """What was found in files, in their order: what is selected, each finding with the first file
    that has it. Up to `jobs` processes do the work, by default one for each core; standard
    input is for this one."""
    once = Deduplicator()
    check = partial(check_file, max_layers=max_layers, requested=selection.asked)
    for one in _checked(files, check, jobs):
        yield once.apply(selection.apply(one._replace(strict=strict)))


SECONDS_ALONE = 0.25
"""Seconds that one process works on its own before it is worth starting others."""


def _checked(files: Sequence[str], check: partial[Checked], jobs: int | None) -> Iterator[Checked]:
    """Files one by one, or shared out where they take longer than processes take to begin."""
    if jobs == 1:
        yield from map(check, files)
        return
    start, done = perf_counter(), 0
    while done < len(files) and perf_counter() - start < SECONDS_ALONE:
        yield check(files[done])
        done += 1
    rest = files[done:]
    spent = perf_counter() - start
    if not rest or (done > 1 and len(rest) * spent / done < SECONDS_ALONE):
        yield from map(check, rest)
        return
    from cnncalc.workers.pool import cores, worker_pool

    with worker_pool(min(jobs or cores(), len(rest))) as workers:
        yield from _shared_out(rest, check, workers)


def _shared_out(
    files: Sequence[str], check: partial[Checked], workers: WorkerPool
) -> Iterator[Checked]:
    """Files checked by other processes; those left unchecked when they die, by this one."""
    from concurrent.futures.process import BrokenProcessPool

    waiting: list[tuple[str, Future[Checked] | None]] = []
    broken = False
    upcoming = iter(files)
    while True:
        while not broken and len(waiting) < workers.in_flight:
            file = next(upcoming, None)
            if file is None:
                break
            try:
                waiting.append(
                    (file, None if file == STANDARD_INPUT else workers.submit(check, file))
                )
            except BrokenProcessPool:
                broken = True
                waiting.append((file, None))
        if not waiting:
            break
        file, future = waiting.pop(0)
        try:
            yield check(file) if future is None or broken else workers.result(future)
        except BrokenProcessPool:
            broken = True
            yield check(file)
    yield from map(check, upcoming)
