"""What a file expects, brought into line with its network; everything else in the file stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cnncalc.checks.expectations import Outcome
from cnncalc.diagnostics import EXPECTATION_FAILED
from cnncalc.language.model import Document
from cnncalc.network import Network, same_network
from cnncalc.report.report import Report
from cnncalc.yaml.edit import CannotRewrite, Edit, rewrite
from cnncalc.yaml.nodes import Scalar, plain
from cnncalc.yaml.spelling import spelled

MISSING = "unknown-layer"
"""The code of an expectation of a layer that is not there."""


class ExpectationChange(NamedTuple):
    """One expectation, `layers.conv1.params`, before and after: None where it was, or is, not."""

    path: str
    before: str | None
    after: str | None


class Rewritten(NamedTuple):
    """A file's new text, in which every expectation is true, those that changed, and its report."""

    text: str
    changes: tuple[ExpectationChange, ...]
    report: Report


def with_true_expectations(network: Network) -> Rewritten:
    """The text of a network's file with every expectation that fails corrected, and those of
    layers that are not there taken out. Raises `CannotRewrite` where that cannot be had."""
    wrong = [
        outcome for outcome in network.outcomes
        if outcome.failed or (outcome.finding and outcome.finding.code == MISSING)
    ]  # fmt: skip
    text = network.source.text
    if network.document is None or not wrong:
        return Rewritten(text, (), network.report)
    changes = tuple(map(_change, wrong))
    return verified(network, rewrite(text, _edits(network.document, wrong)), changes)


def has_other_errors(report: Report) -> bool:
    """Whether a file has errors other than expectations that fail."""
    return any(d.is_error and d.code != EXPECTATION_FAILED for d in report.diagnostics)


def verified(wanted: Network, text: str, changes: tuple[ExpectationChange, ...] = ()) -> Rewritten:
    """A text once it was read in the place of a network's file and found to be the same network,
    without errors. Raises `CannotRewrite` where it is not."""
    report = wanted.reparsed(text).report
    refuse_errors(report)
    refuse_another(report, wanted.report)
    return Rewritten(text, changes, report)


def refuse_errors(report: Report) -> None:
    """Raises `CannotRewrite` where a changed file has errors."""
    for finding in report.diagnostics:
        if finding.is_error:
            raise CannotRewrite(f"the changed file would not check: {finding.message}")


def refuse_another(report: Report, wanted: Report) -> None:
    """Raises `CannotRewrite` where a changed file is not the network that is wanted."""
    if same_network(report) != same_network(wanted):
        raise CannotRewrite("the change cannot be written so that the file means the same")


def _change(outcome: Outcome) -> ExpectationChange:
    value = outcome.option.value
    before = value.text if isinstance(value, Scalar) else spelled(plain(value))
    after = _after(outcome) if outcome.failed else None
    return ExpectationChange(".".join(outcome.names), before, after)


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
