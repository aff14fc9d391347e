"""Findings as SARIF 2.1.0, which code scanners exchange.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any

from cnncalc import __version__
from cnncalc.checks.rules import rule_page
from cnncalc.diagnostics import CATALOGUE, Diagnostic
from cnncalc.escaping import as_json, sarif_message
from cnncalc.render.diagnostics.github import whole_message

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"

FINGERPRINT = "cnncalcFinding/v1"
"""What stays the same while a finding moves with its line; see `_fingerprints`."""

Place = Callable[[str], tuple[str, bool]]
"""From a file to its URI, and whether that is relative to the root."""


def log(findings: Iterable[Diagnostic], place: Place) -> str:
    """The whole log, with one run."""
    found = list(findings)
    places = {file: place(file) for file in dict.fromkeys(d.span.file for d in found)}
    marks = _fingerprints(found, places)
    run = {
        "tool": {
            "driver": {
                "name": "cnncalc",
                "version": __version__,
                "rules": [_rule(code) for code in CATALOGUE],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            ROOT: {"description": {"text": "The checkout, or the folder of the run."}}
        },
        "invocations": [{"executionSuccessful": True}],
        "results": [
            _result(finding, places[finding.span.file], mark)
            for finding, mark in zip(found, marks, strict=True)
        ],
    }
    return as_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _rule(code: str) -> dict[str, Any]:
    severity, meaning = CATALOGUE[code]
    page = rule_page(code)
    text, wrong, right = page.text, page.wrong, page.right
    plain = f"{text}\n\nWrong:\n\n{_indented(wrong)}\nRight:\n\n{_indented(right)}"
    markdown = f"{text}\n\nWrong:\n\n```yaml\n{wrong}```\n\nRight:\n\n```yaml\n{right}```\n"
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": text},
        "help": {"text": plain, "markdown": markdown},
        "defaultConfiguration": {"level": str(severity)},
    }


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _result(finding: Diagnostic, place: tuple[str, bool], mark: str) -> dict[str, Any]:
    address, is_relative = place
    location: dict[str, Any] = {"artifactLocation": {"uri": address}}
    if is_relative:
        location["artifactLocation"]["uriBaseId"] = ROOT
    if finding.span.source.text:
        location["region"] = _region(finding)
    where: dict[str, Any] = {"physicalLocation": location}
    if finding.layer:
        where["logicalLocations"] = [{"fullyQualifiedName": finding.layer, "kind": "layer"}]
    return {
        "ruleId": finding.code,
        "ruleIndex": list(CATALOGUE).index(finding.code),
        "level": str(finding.severity),
        "message": {"text": sarif_message(whole_message(finding))},
        "locations": [where],
        "partialFingerprints": {FINGERPRINT: mark},
        "properties": {"notes": list(finding.notes), "help": list(finding.help)},
    }


def _region(finding: Diagnostic) -> dict[str, Any]:
    span = finding.span
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fingerprints(found: list[Diagnostic], places: dict[str, tuple[str, bool]]) -> Iterator[str]:
    """A hash of the file, the code, the layer and the text underlined, and of how many of the same
    came before: lines may move, and numbers in the sentence change."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in found:
        span = finding.span
        text = span.source.text[span.start : span.end]
        same = (places[span.file][0], finding.code, finding.layer or "", text)
        written = json.dumps([*same, seen[same]])
        seen[same] += 1
        yield sha256(written.encode("ascii")).hexdigest()[:32]
