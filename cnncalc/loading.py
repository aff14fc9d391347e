"""From a file or a text to its report: the one way through all floors, for commands and callers."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from cnncalc import zoo
from cnncalc.analysis.memory import BITS
from cnncalc.analysis.report import Report, Totals, report
from cnncalc.checks import expectations
from cnncalc.checks.expectations import Held, Outcome
from cnncalc.checks.lints import lint
from cnncalc.checks.suppression import suppressed
from cnncalc.diagnostics import Diagnostic, clipped, did_you_mean
from cnncalc.document.extending import parse_file
from cnncalc.document.model import Document
from cnncalc.document.reading import STANDARD_INPUT, Unreadable, read
from cnncalc.graph.build import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.settings import MAX_LAYERS, Settings
from cnncalc.queries.override import Input, Misuse, positive, settings
from cnncalc.source import Source

if TYPE_CHECKING:
    from cnncalc.analysis.derivation.explanation import Explanation
    from cnncalc.execution.refusals import Refused
    from cnncalc.execution.request import ArrayFiles, RunRequest
    from cnncalc.queries.checking import Checked
    from cnncalc.queries.compare import Comparison
    from cnncalc.queries.whatif import WhatIf


class Request(NamedTuple):
    """What to do with a file, beyond reading it."""

    settings: Settings = Settings()
    batch: int = 1
    dtype: str = "float32"
    asked: frozenset[str] = frozenset()
    """Warnings told on request that are asked for, beside those that the file itself asks for."""


class Opened(NamedTuple):
    """A file read and parsed, but not built: `document` is None where it could not be read."""

    name: str
    source: Source
    document: Document | None
    findings: list[Diagnostic]


@contextmanager
def keeping_garbage() -> Iterator[None]:
    """Without garbage collection: nearly all that is made lives on, and looking for what does not
    takes time that grows faster than the network."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class WrongFile(ValueError):
    """A file that cannot be read or parsed, where there is no report to tell it: the first error,
    and all that was found in `diagnostics`."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        first = next(finding for finding in diagnostics if finding.is_error)
        super().__init__(f"{first.span}: {first.message}")
        self.diagnostics = diagnostics


def document_of(name: str) -> Document:
    """The tree of a path, a bundled name, or `-`, to make variants of. Raises `WrongFile`."""
    opened = open_file(name)
    if opened.document is None or any(finding.is_error for finding in opened.findings):
        raise WrongFile(_sorted(opened.source, opened.findings))
    return opened.document


def request(
    *,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = MAX_LAYERS,
    asked: frozenset[str] = frozenset(),
) -> Request:
    """Check what a caller wants. Raises `Misuse`."""
    positive("batch", batch)
    if not isinstance(dtype, str) or dtype not in BITS:
        raise Misuse(f"there is no dtype `{dtype}`; there are {', '.join(BITS)}")
    changed = settings(input=input, set=set, rounding=rounding, max_layers=max_layers)
    return Request(changed, batch, dtype, asked)


def resolve(name: str) -> Path:
    """The file a user means: their own, or else the bundled one of that name."""
    path = Path(name)
    return (zoo.find(name) or path) if _is_missing(path) else path


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except (OSError, ValueError):
        return False


def open_file(name: str) -> Opened:
    """Read and parse a path, a bundled name, or `-`. Never raises: see `Opened.findings`."""
    path = resolve(name)
    opened = open_path(str(path))
    if opened.document is not None or name == STANDARD_INPUT or not _is_missing(path):
        return opened
    if path.name != name:  # it names a folder: no bundled file is meant
        return opened
    near = did_you_mean(path.stem, zoo.names())
    help = near or ("`cnncalc zoo` lists the bundled architectures",)
    return opened._replace(findings=[finding._replace(help=help) for finding in opened.findings])


def open_path(path: str) -> Opened:
    """Read and parse a file that is there, or `-`. Never raises."""
    try:
        source = read(path)
    except Unreadable as fault:
        return Opened(path, Source(path, ""), None, [fault.diagnostic])
    return open_source(source, None if path == STANDARD_INPUT else Path(path))


def open_source(source: Source, path: Path | None = None) -> Opened:
    """Parse a text. `path` is where it came from, for `extends:`."""
    with keeping_garbage():
        document, findings = parse_file(source, path, zoo.find)
    return Opened(source.name, source, document, findings)


def load_file(name: str, request: Request) -> Report:
    """The report of a path, a bundled name, or `-`; an unreadable file is a finding in it."""
    return measure(open_file(name), request)


def check_file(name: str, request: Request) -> Checked:
    """What is found in a path, a bundled name or `-`, and what becomes of what it expects.

    A name with a suffix is a path: a missing file is not taken for a bundled one.
    """
    from cnncalc.queries.checking import Checked, Expected

    start = perf_counter()
    opened = open_path(name) if Path(name).suffix else open_file(name)
    held = hold(opened, request)
    if held.report.complete or held.document is None:
        expected = [
            Expected(".".join(o.names), o.finding and clipped(o.finding)) for o in held.outcomes
        ]
    else:
        paths = expectations.stated(held.document)
        expected = [Expected(".".join(names), known=False) for names in paths]
    findings = held.report.diagnostics
    return Checked(name, opened.source.name, findings, tuple(expected), perf_counter() - start)


def load_source(source: Source, path: Path | None, request: Request) -> Report:
    """The report of a text."""
    return measure(open_source(source, path), request)


def measure(opened: Opened, request: Request) -> Report:
    """Build a network, measure it, and hold it to what its file expects."""
    return hold(opened, request).report


def hold(opened: Opened, request: Request) -> Held:
    """As `measure`, with what became of each expectation."""
    if opened.document is None:
        return Held(_unreadable(opened))
    with keeping_garbage():
        return _held(opened, opened.document, request)


def _held(opened: Opened, document: Document, request: Request) -> Held:
    graph = build(document, request.settings)
    flawed = any(finding.is_error for finding in opened.findings)
    findings = _merged(opened.findings, _cured(graph, request, flawed))
    result = report(graph, _sorted(opened.source, findings), request.batch, request.dtype)
    behind = list(document.expect_findings)
    outcomes: tuple[Outcome, ...] = ()
    asked = request.asked.union(*(remark.asked for remark in document.remarks))
    if result.complete:
        outcomes = tuple(_outcomes(graph, result, request))
        behind += [outcome.finding for outcome in outcomes if outcome.finding is not None]
        behind += lint(graph, result, asked)
    if document.remarks:
        # Another network than the file's may do without what the file's needs.
        whole = result.complete and not request.settings.changes_network
        told = suppressed(document, [*findings, *behind], asked, whole=whole)
        result = result._replace(diagnostics=_sorted(opened.source, told))
    elif behind:
        result = result._replace(diagnostics=_sorted(opened.source, [*findings, *behind]))
    return Held(result, document, outcomes)


def execute(
    opened: Opened,
    report: Report,
    request: Request,
    wanted: RunRequest,
    files: ArrayFiles,
    advance: Callable[[str, float], None],
) -> Report:
    """The complete report of a file with the times of a run in it.

    `files` are where inputs come from and where outputs go; `advance` is told what is going on and
    the share of it that is done. Raises `Misuse` where the network cannot be run: a package or
    memory is missing, an array does not fit; `Disagreement` for a fault in cnncalc itself.
    """
    from cnncalc.execution.entry import Refused, run

    assert opened.document is not None
    graph = build(opened.document, request.settings)
    try:
        return run(graph, report, wanted, files, advance)
    except Refused as error:
        raise Misuse(str(error)) from None


def execute_all(
    files: Sequence[tuple[Opened, Report]],
    request: Request,
    wanted: RunRequest,
    advance: Callable[[str, float], None],
) -> list[Report | Refused]:
    """Complete reports of files with the times of runs in them, measured in turns; a `Refused`
    where there is too little memory for one. Raises `Misuse` where none can be run."""
    from cnncalc.execution.entry import Refused, run_all

    def jobs() -> Iterator[tuple[Graph, Report]]:
        for opened, found in files:
            assert opened.document is not None
            yield build(opened.document, request.settings), found

    try:
        return run_all(jobs(), len(files), wanted, advance)
    except Refused as error:
        raise Misuse(str(error)) from None


def _unreadable(opened: Opened) -> Report:
    return Report(
        name=opened.name, file=opened.name, description=None, source=None, family=None,
        inputs={}, batch=1, dtype="float32", rows=(), outputs={}, totals=Totals(), complete=False,
        diagnostics=tuple(opened.findings), groups={},
    )  # fmt: skip


def _cured(graph: Graph, request: Request, flawed: bool) -> list[Diagnostic]:
    """The graph's findings, with help that was tried."""
    if not graph.faults:
        return []
    from cnncalc.checks.suggestions import with_suggestions

    return with_suggestions(graph, request.settings, flawed=flawed)


def _outcomes(graph: Graph, result: Report, request: Request) -> Iterable[Outcome]:
    """What becomes of `expect:`, which speaks of the file as it stands, not of variants."""
    if request.settings.changes_network or not graph.document.expect:
        return ()
    if (request.batch, request.dtype) != (1, "float32"):
        result = report(graph, result.diagnostics)
    return expectations.outcomes(graph, result)


def _merged(*groups: list[Diagnostic]) -> list[Diagnostic]:
    """Findings of all stages, each once: the parser and the builder may see the same fault."""
    seen: dict[tuple[str, int, int], Diagnostic] = {}
    for finding in (finding for group in groups for finding in group):
        seen.setdefault((finding.code, id(finding.span.source), finding.span.start), finding)
    return list(seen.values())


def _sorted(source: Source, findings: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In the order of the file, those in other files behind."""
    return tuple(
        sorted(
            map(clipped, findings),
            key=lambda finding: (finding.span.source is not source, finding.place),
        )
    )


def explain_layer(
    opened: Opened, layer: str, request: Request, *, channels_known: bool = True
) -> Explanation:
    """How the numbers of one layer of a file come about. Raises `Misuse` for an unknown name."""
    from cnncalc.analysis.derivation.explanation import Explanation
    from cnncalc.queries.explain import explain

    report = measure(opened, request)
    if opened.document is None:
        return Explanation(layer, opened.name, diagnostics=report.diagnostics)
    graph = build(opened.document, request.settings)
    return explain(graph, report, layer, channels_known=channels_known)


def explain_alone(
    kind: str,
    input: str | int | tuple[int, ...],
    options: Mapping[str, object],
    rounding: str | None = None,
) -> Explanation:
    """How the numbers of one layer come about that is in no file. Raises `Misuse`."""
    from cnncalc.queries.layer import alone, reworded

    layer = alone(kind, input, options)
    opened = open_source(layer.source)
    wanted = request(rounding=rounding)
    known = layer.channels_known
    explained = explain_layer(opened, layer.name, wanted, channels_known=known)
    # There is no network to warn of.
    findings = tuple(reworded(finding) for finding in explained.diagnostics if finding.is_error)
    return explained._replace(kind=layer.name, diagnostics=findings)


def what_if(opened: Opened, changes: Iterable[tuple[str, object]], request: Request) -> WhatIf:
    """A file's network before and after changes. Raises `Misuse`, see `whatif.ask`."""
    from cnncalc.queries.whatif import ask

    bound = request.settings.max_layers
    return ask(lambda made: measure(opened, request._replace(settings=made)), changes, bound)


def difference(a: str, b: str | None, revision: str | None, request: Request) -> Comparison:
    """Two networks compared, or, without `b`, a file at a git revision with the file as it is.

    Raises `Misuse` where it is not clear which two, or git does not have the first.
    """
    from cnncalc.queries.compare import compare

    if (b is None) == (revision is None):
        given = "one is" if b is None else "three are"
        raise Misuse(f"a comparison is of two networks, and {given} given: say A B, or --git REV A")
    if b is not None:
        if a == b == STANDARD_INPUT:
            raise Misuse("standard input can be read once: say - for one of the two")
        return compare(load_file(a, request), load_file(b, request))
    assert revision is not None
    return compare(_at_revision(revision, a, request), load_file(a, request))


def _at_revision(revision: str, name: str, request: Request) -> Report:
    from tempfile import TemporaryDirectory

    from cnncalc.queries.revision import text_at

    path = resolve(name)
    if name == STANDARD_INPUT:
        raise Misuse("standard input has no revisions: name a file")
    with TemporaryDirectory() as folder:
        text = text_at(revision, path, Path(folder))
        source = Source(f"{revision}:{path}", text.removeprefix("\ufeff"))
        return load_source(source, Path(folder) / path.name, request)
