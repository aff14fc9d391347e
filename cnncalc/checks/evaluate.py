"""From a graph to its report: measured, held to what its file expects, with all findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cnncalc.checks import expectations
from cnncalc.checks.expectations import Outcome
from cnncalc.checks.lints import lint
from cnncalc.checks.suppression import suppressed
from cnncalc.diagnostics import Diagnostic, clipped
from cnncalc.graph.graph import Graph
from cnncalc.graph.overrides import Overrides
from cnncalc.report.report import Report, Totals, report
from cnncalc.yaml.source import Source


class Evaluation(NamedTuple):
    """A report with what became of each expectation of the file; none where layers are unknown."""

    report: Report
    outcomes: tuple[Outcome, ...] = ()


def evaluate(
    graph: Graph,
    overrides: Overrides,
    parsing: Sequence[Diagnostic],
    *,
    batch: int = 1,
    dtype: str = "float32",
    requested: frozenset[str] = frozenset(),
    is_single_layer: bool = False,
) -> Evaluation:
    """The report of a graph that was built with `overrides`.

    `parsing` are the findings of the parser, `requested` the warnings on request that a caller
    asks for, beside those that the file itself asks for. `is_single_layer`: the layer is in no
    file, and help does not speak of one.
    """
    document = graph.document
    flawed = any(finding.is_error for finding in parsing)
    helped = _with_suggestions(graph, overrides, flawed=flawed, is_single_layer=is_single_layer)
    findings = _merged(parsing, helped)
    result = report(graph, in_order(document.source, findings), batch, dtype)
    later = list(document.expect_findings)
    outcomes: tuple[Outcome, ...] = ()
    requested = requested.union(*(remark.asked for remark in document.remarks))
    if result.complete:
        outcomes = tuple(_outcomes(graph, overrides, result))
        later += [outcome.finding for outcome in outcomes if outcome.finding is not None]
        later += lint(graph, result, requested)
    if document.remarks:
        # Another network than the file's may do without what the file's needs.
        whole = result.complete and not overrides.changes_network
        kept = suppressed(document, [*findings, *later], requested, whole=whole)
        result = result._replace(diagnostics=in_order(document.source, kept))
    elif later:
        result = result._replace(diagnostics=in_order(document.source, [*findings, *later]))
    return Evaluation(result, outcomes)


def unreadable(name: str, findings: Sequence[Diagnostic]) -> Report:
    """The report of a file that could not be read or parsed at all."""
    return Report(
        name=name, file=name, description=None, source=None, family=None,
        inputs={}, batch=1, dtype="float32", rows=(), outputs={}, totals=Totals(), complete=False,
        diagnostics=tuple(findings), groups={},
    )  # fmt: skip


def in_order(source: Source, findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In the order of the file, those in other files last; so many of each code, and how many more
    there are."""
    ordered = sorted(
        findings,
        key=lambda finding: (
            finding.span.source is not source,
            finding.span.file,
            finding.span.start,
        ),
    )
    return tuple(map(clipped, _few_of_each(ordered)))


MOST_OF_A_CODE = 1000
"""Findings of one code that are listed; the rest is counted."""


def _few_of_each(findings: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    if len(findings) <= MOST_OF_A_CODE:
        yield from findings
        return
    left = Counter(finding.code for finding in findings)
    listed: Counter[str] = Counter()
    for finding in findings:
        code = finding.code
        listed[code] += 1
        if listed[code] <= MOST_OF_A_CODE:
            yield finding
        elif listed[code] == MOST_OF_A_CODE + 1:
            more = left[code] - MOST_OF_A_CODE
            message = f"{more:,} more from here on that are not listed" if more > 1 else None
            yield finding if message is None else Diagnostic(code, message, finding.span)


def _with_suggestions(
    graph: Graph, overrides: Overrides, *, flawed: bool, is_single_layer: bool
) -> list[Diagnostic]:
    """The graph's findings, with help that was tried."""
    if not graph.faults:
        return []
    from cnncalc.checks.suggestions import with_suggestions

    return with_suggestions(graph, overrides, flawed=flawed, is_single_layer=is_single_layer)


def _outcomes(graph: Graph, overrides: Overrides, result: Report) -> Iterable[Outcome]:
    """What becomes of `expect:`, which speaks of the file as it stands, not of variants."""
    if overrides.changes_network or not graph.document.expect:
        return ()
    if (result.batch, result.dtype) != (1, "float32"):
        result = report(graph, result.diagnostics)
    return expectations.outcomes(graph, result)


def _merged(*groups: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Findings of all stages, each once: the parser and the builder may see the same fault."""
    seen: dict[tuple[str, int, int], Diagnostic] = {}
    for finding in (finding for group in groups for finding in group):
        seen.setdefault((finding.code, id(finding.span.source), finding.span.start), finding)
    return list(seen.values())
