"""What a file expects, said anew where it does not hold; all else of the file stays as it is.

One way for all that write files: `check --update`, `whatif --write`, `fit --apply`. Nothing here
opens files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from cnncalc.checks.expectations import Held, Outcome, spoken
from cnncalc.diagnostics import EXPECTATION_FAILED
from cnncalc.language.model import Document
from cnncalc.report.report import Report
from cnncalc.yaml import nodes
from cnncalc.yaml.edit import CannotRewrite, Edit, plain, rewrite, spelled, with_section

Reload = Callable[[str], Held]
"""From a text to what it holds to, as if it stood where it is to be saved."""

GONE = "unknown-layer"
"""The finding that a layer which is expected to be something is not there."""


class Restated(NamedTuple):
    """One expectation, `layers.conv1.params`, before and after: None where it was, or is, not."""

    path: str
    before: str | None
    after: str | None


class Restatement(NamedTuple):
    """A file's text with its expectations true, those that are said anew, and its report."""

    text: str
    changes: tuple[Restated, ...]
    report: Report


def refreshed(text: str, held: Held, reload: Reload) -> Restatement:
    """The text of a file that holds to itself, with a fresh `expect:` where there is none.

    What holds stays as it is written. A number or a volume that does not is replaced; of a bound,
    the end that fails is moved to the number. What an extended file expects in vain is said in this
    one. Raises `CannotRewrite` for a file with any other error, and where that cannot be had.
    """
    document = held.document
    for finding in held.report.diagnostics:
        if finding.is_error and finding.code != EXPECTATION_FAILED:
            raise CannotRewrite("the file has errors")
    if document is None or document.expect:
        return restated(text, held, reload)
    facts = _facts(held.report)
    fresh = with_section(text, "expect", {name: spelled(value) for name, value in facts.items()})
    changes = tuple(Restated(name, None, spelled(value)) for name, value in facts.items())
    return _proved(fresh, changes, held.report, reload)


def restated(text: str, held: Held, reload: Reload) -> Restatement:
    """The text with every expectation that failed said anew, and those of layers that are gone
    taken out. Raises `CannotRewrite` where that cannot be had."""
    assert held.document is not None
    wrong = [o for o in held.outcomes if o.failed or (o.finding and o.finding.code == GONE)]
    if not wrong:
        return Restatement(text, (), held.report)
    changes = tuple(map(_change, wrong))
    text = rewrite(text, _edits(held.document, wrong))
    return _proved(text, changes, held.report, reload)


def network(report: Report) -> tuple[object, ...]:
    """What a report says of the network, wherever it is written."""
    rows = tuple(row._replace(file="", line=0, column=0) for row in report.rows)
    return report.inputs, rows, report.outputs, report.totals


def _proved(
    text: str, changes: tuple[Restated, ...], wanted: Report, reload: Reload
) -> Restatement:
    report = reload(text).report
    for finding in report.diagnostics:
        if finding.is_error:
            raise CannotRewrite(f"the changed file would not check: {finding.message}")
    if network(report) != network(wanted):
        raise CannotRewrite("the change cannot be written so that the file means the same")
    return Restatement(text, changes, report)


def _facts(report: Report) -> dict[str, Any]:
    """What a fresh `expect:` says."""
    volumes = {name: spoken(volume) for name, volume in report.outputs.items()}
    output = next(iter(volumes.values())) if len(volumes) == 1 else volumes
    return {"output": output, "params": report.totals.params, "macs": report.totals.macs}


def _change(outcome: Outcome) -> Restated:
    value = outcome.option.value
    before = value.text if isinstance(value, nodes.Scalar) else spelled(plain(value))
    return Restated(".".join(outcome.names), before, _after(outcome) if outcome.failed else None)


def _after(outcome: Outcome) -> str:
    return "~" if outcome.instead is None else str(outcome.instead)


def _edits(document: Document, wrong: Iterable[Outcome]) -> Iterator[Edit]:
    """Entries of the file's own one by one. What it inherits comes key by key of `expect:`, and so
    `layers` as a whole."""
    inherited: dict[str, list[Outcome]] = {}
    for outcome in wrong:
        if document.expect[outcome.names[0]].key.source is not document.source:
            inherited.setdefault(outcome.names[0], []).append(outcome)
            continue
        path = tuple((name,) for name in ("expect", *outcome.names))
        yield Edit(path, _spelled(outcome.instead) if outcome.failed else None)
    for quantity, outcomes in inherited.items():
        value = plain(document.expect[quantity].value)
        for outcome in outcomes:
            value = _corrected(value, outcome.names[1:], outcome)
        yield Edit((("expect",), (quantity,)), _spelled(value))


def _spelled(value: Any) -> str:
    return "~" if value is None else spelled(value)


def _corrected(value: Any, names: tuple[str, ...], outcome: Outcome) -> Any:
    if not names:
        return outcome.instead
    changed = dict(value)
    if len(names) == 1 and not outcome.failed:
        del changed[names[0]]
    else:
        changed[names[0]] = _corrected(changed[names[0]], names[1:], outcome)
    return changed
