"""A text in the one layout, or as it was: nothing is changed that is not proved to mean the same.

Nothing here opens files: the caller says what a text is read as.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic, printable
from cnncalc.edit.attachment import attach
from cnncalc.edit.canonical import canonical
from cnncalc.edit.layout import lay_out
from cnncalc.edit.pieces import CannotFormat, File, read
from cnncalc.edit.sameness import written
from cnncalc.edit.suppressions import Reading, Reload, anchors
from cnncalc.report.report import Report
from cnncalc.yaml import reader
from cnncalc.yaml.edit import SECTIONS
from cnncalc.yaml.source import Source


class Formatted(NamedTuple):
    """A text before and after; the same where it may not be formatted. `findings` then say what is
    wrong with its YAML, or `reason` why it was left as it is."""

    before: str
    text: str
    findings: tuple[Diagnostic, ...] = ()
    reason: str | None = None

    @property
    def changes(self) -> bool:
        return self.text != self.before


_TELLING = {"input", "layers", "extends"}
"""One of these sections is in every architecture."""

_PLACE = re.compile(r"\S*:\d+:\d+|`[^`]*`")


def formatted(source: Source, reload: Reload) -> Formatted:
    """A file in the one layout, with the line ends that its first line has."""
    _, findings = reader.compose(source)
    if findings:
        return Formatted(source.text, source.text, findings=tuple(findings))
    try:
        return Formatted(source.text, _formatted(source, reload))
    except CannotFormat as refusal:
        return Formatted(source.text, source.text, reason=str(refusal))


def _formatted(source: Source, reload: Reload) -> str:
    if re.search("[\x85\u2028\u2029]", source.text):
        raise CannotFormat("it holds a line end other than those of Unix and Windows")
    newline = "\r\n" if re.match(r"[^\n]*\r\n", source.text) else "\n"
    text = re.sub(r"\r\n?", "\n", source.text)
    before = reload(text)
    try:
        new = _laid_out(text, before, reload)
    except _RemarkMoved:
        new = _laid_out(text, before, reload, anchors(text, before, reload))
    return new.replace("\n", newline)


class _RemarkMoved(CannotFormat):
    """A comment that speaks to the linter would be about another line."""


def _laid_out(
    text: str, before: Reading, reload: Reload, fixed: Mapping[int, int] = MappingProxyType({})
) -> str:
    file = _arranged(text, before.report, fixed)
    new = lay_out(file)
    if new != text:
        _prove(file, new, before, reload)
    return new


def _arranged(text: str, report: Report, fixed: Mapping[int, int] = MappingProxyType({})) -> File:
    """The pieces of a text, its comments where they belong, in order and as they are spelled."""
    file = read(text)
    _need_architecture(file)
    attach(file, fixed)
    canonical(file, _ranks(text, report))
    return file


def _need_architecture(file: File) -> None:
    """Raises `CannotFormat` for YAML of another kind, which has layouts of its own."""
    keys = [unit.key.value for unit in file.root.units if unit.key is not None]
    if not set(keys) & _TELLING:
        raise CannotFormat("it is no architecture: it has no `input:`, `layers:` or `extends:`")
    for key in keys:
        if key not in SECTIONS:
            raise CannotFormat(f"an architecture has no `{printable(key)}:`")


def _ranks(text: str, report: Report) -> dict[int, frozenset[int]]:
    """How many spatial axes the layers have that each item makes, by where it begins."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    found: dict[int, set[int]] = {}
    for row in report.rows:
        if row.file == report.file and row.line < len(starts):
            at = starts[row.line - 1] + row.column - 1
            found.setdefault(at, set()).update(volume.rank for volume in row.input_shapes)
    return {at: frozenset(ranks) for at, ranks in found.items()}


def _prove(before: File, text: str, known: Reading, reload: Reload) -> None:
    """Raises `CannotFormat` unless a new text means what the old one did, has the same comments,
    and would not be changed again."""
    _, faults = reader.compose(Source("", text))
    if faults:
        raise CannotFormat(f"the new text would not be read: {faults[0].message}")
    reading = reload(text)
    if written(reading.document) != written(known.document):
        raise CannotFormat("the new text would say something else")
    (network, findings), (as_it_was, told) = _network(reading.report), _network(known.report)
    if network == as_it_was and findings != told and known.document.remarks:
        raise _RemarkMoved("a comment `# cnncalc: …` would be about another line than it is")
    if (network, findings) != (as_it_was, told):
        raise CannotFormat("the new text would be another network")
    after = _arranged(text, reading.report)
    if before.comments != after.comments:
        raise CannotFormat("a comment would be lost")
    if lay_out(after) != text:
        raise CannotFormat("the new text would be changed again by a second run")


def _network(report: Report) -> tuple[Report, list[tuple[str, str, str, str]]]:
    """A report but for lines and columns, and for how options were spelled; and its findings."""
    rows = tuple(row._replace(line=0, column=0, layer=None) for row in report.rows)
    findings = sorted(
        (d.code, str(d.severity), d.layer or "", _PLACE.sub("", d.message))
        for d in report.diagnostics
    )
    return report._replace(rows=rows, diagnostics=()), findings
