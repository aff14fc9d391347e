"""Every file in tests/cases says in comments what is found in it: exactly that, where it stands.

`# error[stride-misfit] "stride: 2"`: on this line, under the caret `stride: 2`. Behind it may stand
`says "…"` (part of the message), `help "…"`, `note "…"` (each begins one line of help or notes) and
`layer "…"`. A line `# set NAME=VALUE` or `# max_layers N` is an argument of the call; a finding on
it is one in the value.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.diagnostics import CATALOGUE, Diagnostic
from tests.together import together

CASES = Path(__file__).parent.parent / "cases"
FILES = sorted(CASES.glob("*.yaml"))

_STRING = r'"(?:[^"\\]|\\.)*"'
_FINDING = re.compile(
    rf"(error|warning)\[([a-z-]+)\] ({_STRING})((?: (?:says|help|note|layer) {_STRING})*)"
)
_DETAIL = re.compile(rf"(says|help|note|layer) ({_STRING})")
_SET = re.compile(r"# set (\S+?)=(\S+)")
_MAX_LAYERS = re.compile(r"# max_layers (\d+)")
_EXTENDS = re.compile(r"^extends: (\S+\.yaml)", re.MULTILINE)


class Finding(NamedTuple):
    """What a comment promises, or a diagnostic says."""

    file: str
    line: int
    severity: str
    code: str
    under_caret: str


def promised(name: str, text: str) -> list[tuple[Finding, list[tuple[str, str]]]]:
    """The findings that the comments of a text promise, each with its details."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        file, place = ("--set", 1) if _SET.match(line) else (name, number)
        for severity, code, caret, details in _FINDING.findall(line.partition("  # ")[2]):
            finding = Finding(file, place, severity, code, json.loads(caret))
            found.append((finding, [(k, json.loads(v)) for k, v in _DETAIL.findall(details)]))
    return found


def as_found(diagnostic: Diagnostic) -> Finding:
    span = diagnostic.span
    caret = span.source.text[span.start : span.end]
    return Finding(span.file, span.line, diagnostic.severity, diagnostic.code, caret)


def promised_by(path: Path) -> list[tuple[Finding, list[tuple[str, str]]]]:
    """The promises of a file and of those it extends."""
    chain: list[Path] = []
    while path.is_file() and path.is_relative_to(CASES) and path not in chain:
        chain.append(path)
        extended = _EXTENDS.search(path.read_text("utf-8"))
        if extended is None:
            break
        path = path.parent / extended[1]
    names = [file.relative_to(CASES).as_posix() for file in chain]
    return [p for n, f in zip(names, chain, strict=True) for p in promised(n, f.read_text("utf-8"))]


@cache
def findings_of(path: Path) -> tuple[Diagnostic, ...]:
    text = path.read_text("utf-8")
    bound = _MAX_LAYERS.search(text)
    return cnncalc.load(
        path.relative_to(CASES),
        set=dict(_SET.findall(text)),
        max_layers=int(bound[1]) if bound else 100_000,
    ).diagnostics


@pytest.fixture(autouse=True)
def _among_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)


@together("path", FILES)
def test_exactly_what_is_promised(path: Path) -> None:
    assert sorted(map(as_found, findings_of(path))) == sorted(f for f, _ in promised_by(path))


@together("path", FILES)
def test_details(path: Path) -> None:
    by_finding = {as_found(diagnostic): diagnostic for diagnostic in findings_of(path)}
    missing = [
        (finding.line, kind, text)
        for finding, details in promised_by(path)
        for kind, text in details
        if finding in by_finding and not _has(by_finding[finding], kind, text)
    ]
    assert missing == []


def _has(diagnostic: Diagnostic, kind: str, text: str) -> bool:
    match kind:
        case "says":
            return text in diagnostic.message
        case "layer":
            return diagnostic.layer == text
        case "note":
            return any(line.startswith(text) for line in diagnostic.notes)
        case _:
            return any(text in line for line in diagnostic.help)


def test_every_code_has_two_cases() -> None:
    counted = Counter(finding.code for path in FILES for finding, _ in promised_by(path))
    assert {code: counted[code] for code in CATALOGUE if counted[code] < 2} == {}


def test_every_promise_is_read() -> None:
    """A misspelt promise would promise nothing."""
    for path in [*FILES, *CASES.glob("bases/*.yaml")]:
        text = path.read_text("utf-8")
        words = len(re.findall(r"(?:error|warning)\[", text))
        assert words == len(promised(path.name, text)), path.name


def test_a_promise_can_be_broken() -> None:
    text = '- {stride: 2}  # error[stride-misfit] "stride: 2" help "x"\n'
    text += '# set a.b=2  # error[bad-value] "b=2"\n'
    assert promised("f", text) == [
        (Finding("f", 1, "error", "stride-misfit", "stride: 2"), [("help", "x")]),
        (Finding("--set", 1, "error", "bad-value", "b=2"), []),
    ]
    (diagnostic, *_) = cnncalc.loads("input: 8x8x6\nlayers: [rleu]").diagnostics
    assert as_found(diagnostic) == Finding("<text>", 2, "error", "unknown-kind", "rleu")
    assert not _has(diagnostic, "help", "did you mean `tanh`?")
    assert not _has(diagnostic, "layer", "rleu1")
