"""A text in the one layout, or as it was: every change is proved to mean the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.edit.attachment import attach
from cnncalc.edit.canonical import canonical
from cnncalc.edit.layout import lay_out
from cnncalc.edit.pieces import CannotFormat, File, read
from cnncalc.edit.sameness import written
from cnncalc.edit.suppressions import anchors
from cnncalc.errors import UsageError
from cnncalc.escaping import printable
from cnncalc.language.parser import SECTIONS
from cnncalc.network import Network, same_network
from cnncalc.report.report import Report
from cnncalc.saving.files import write_edited
from cnncalc.yaml.nodes import Node
from cnncalc.yaml.reader import compose
from cnncalc.yaml.reading import STANDARD_INPUT, Unreadable
from cnncalc.yaml.reading import read as read_file
from cnncalc.yaml.source import Source


class Formatted(NamedTuple):
    """A file as it was read, and its new text; the same where it may not be formatted. `findings`
    then say what is wrong with its YAML, or `reason` why it was left as it is."""

    source: Source
    text: str
    findings: tuple[Diagnostic, ...] = ()
    reason: str | None = None

    @property
    def changes(self) -> bool:
        return self.text != self.source.text


_TELLING = {"input", "layers", "extends"}
"""One of these sections is in every architecture."""

_PLACE = re.compile(r"\S*:\d+:\d+|`[^`]*`")


def formatted(network: Network) -> Formatted:
    """A network's file in the one layout, with the line ends that its first line has."""
    source = network.source
    text = re.sub(r"\r\n?", "\n", source.text)
    before = network if text == source.text else network.reparsed(text)
    root, findings = compose(before.source)
    if root is None or findings:
        _, findings = compose(source)
        return Formatted(source, source.text, findings=tuple(findings))
    try:
        if re.search("[\x85\u2028\u2029]", text):
            raise CannotFormat("it holds a line end other than those of Unix and Windows")
        try:
            new = _laid_out(before, root)
        except _RemarkMoved:
            new = _laid_out(before, root, anchors(before, root))
    except CannotFormat as refusal:
        return Formatted(source, source.text, reason=str(refusal))
    return Formatted(source, new.replace("\n", source.newline))


class _RemarkMoved(CannotFormat):
    """A comment for the linter would be about another line."""


def _laid_out(before: Network, root: Node, fixed: Mapping[int, int] = MappingProxyType({})) -> str:
    file = _arranged(before, root, fixed)
    new = lay_out(file)
    if new != before.source.text:
        _prove(file, before, new)
    return new


def _arranged(
    network: Network, root: Node, fixed: Mapping[int, int] = MappingProxyType({})
) -> File:
    """The pieces of a file, its comments where they belong, in order and as they are spelled."""
    file = read(root)
    _need_architecture(file)
    attach(file, fixed)
    canonical(file, _ranks(network.source.text, network.report))
    return file


def _need_architecture(file: File) -> None:
    """Raises `CannotFormat` for YAML of another kind, which has layouts of its own."""
    keys = [unit.key.value for unit in file.root.units if unit.key is not None]
    if not set(keys) & _TELLING:
        raise CannotFormat("it is not an architecture: it has no `input:`, `layers:` or `extends:`")
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


def _prove(file: File, before: Network, text: str) -> None:
    """Raises `CannotFormat` unless a new text means what the old one did, has the same comments,
    and would not be changed again."""
    root, faults = compose(Source("", text))
    if root is None or faults:
        raise CannotFormat(f"the new text would not be read: {faults[0].message}")
    after = before.reparsed(text)
    assert before.document is not None
    assert after.document is not None
    if written(after.document) != written(before.document):
        raise CannotFormat("the new text would say something else")
    same = _network(after.report) == _network(before.report)
    if same and _findings(after.report) != _findings(before.report) and before.document.remarks:
        raise _RemarkMoved("a comment `# cnncalc: …` would be about another line than it is")
    if not same or _findings(after.report) != _findings(before.report):
        raise CannotFormat("the new text would be another network")
    again = _arranged(after, root)
    if file.comments != again.comments:
        raise CannotFormat("a comment would be lost")
    if lay_out(again) != text:
        raise CannotFormat("the new text would be changed again by a second run")


def _network(report: Report) -> tuple[object, ...]:
    """The network, however its options are spelled, and the names of its parts."""
    return same_network(report, options=False), report.groups, report.complete


def _findings(report: Report) -> Counter[tuple[str, str, str, str]]:
    """What is reported about a file, apart from the places."""
    return Counter(
        (d.code, str(d.severity), d.layer or "", _PLACE.sub("", d.message))
        for d in report.diagnostics
    )


def format_path(path: str) -> Formatted:
    """The text of a file, or of `-`, in the one layout; nothing is written. Never raises for what
    is in the file."""
    try:
        source = read_file(path)
    except Unreadable as fault:
        return Formatted(Source(path, ""), "", findings=(fault.diagnostic,))
    return formatted(Network.parsed(source, None if path == STANDARD_INPUT else Path(path)))


def write_formatted(path: str, done: Formatted) -> None:
    """Write a text back where it was read, if it changes. Raises `UsageError`."""
    if path == STANDARD_INPUT:
        raise UsageError("standard input cannot be written to")
    if done.changes:
        write_edited(path, done.text, done.source)
