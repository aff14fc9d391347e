"""Comments that suppress warnings: where they stand, what they cost, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc
from cnncalc.checks.rules import rule_page
from cnncalc.diagnostics import CATALOGUE, ON_REQUEST, UNUSED_IGNORE, Severity
from cnncalc.language.suppressions import remarks_of
from cnncalc.yaml.reader import compose
from cnncalc.yaml.source import Source
from tests.together import together

WARNINGS = [code for code, (severity, _) in CATALOGUE.items() if severity is Severity.WARNING]


def lines_meant(text: str) -> list[tuple[int, list[str]]]:
    source = Source("t", text)
    root, _ = compose(source)
    return [(r.line, [code.text for code in r.codes]) for r in remarks_of(source, root)]


@together("code", [code for code in WARNINGS if code != UNUSED_IGNORE])
def test_every_warning_can_be_suppressed_on_its_line(code: str) -> None:
    text = rule_page(code).wrong
    (finding,) = cnncalc.loads(text).diagnostics
    lines = text.splitlines()
    lines[finding.span.line - 1] += f"  # cnncalc: ignore[{code}]"
    assert cnncalc.loads("\n".join(lines)).diagnostics == ()
    lines = text.splitlines()
    lines.insert(finding.span.line - 1, f"# cnncalc: ignore[{code}]")
    assert cnncalc.loads("\n".join(lines)).diagnostics == ()


@pytest.mark.parametrize("text", [
    'a: "x # cnncalc: ignore[b]"',
    "a: 'x # cnncalc: ignore[b]'",
    "a: 'x\n  # cnncalc: ignore[b]\n  y'",
    "a: |\n  # cnncalc: ignore[b]\n",
    "a: >-\n  x\n\n  # cnncalc: ignore[b]\nc: 1",
    "a: x#cnncalc:ignore[b]",
    '"x # cnncalc: ignore[b]": a',
    "- - 'x # cnncalc: ignore[b]'",
    "a: 1  # cnncalc calls this: ignore[b]",
])  # fmt: skip
def test_no_comment(text: str) -> None:
    assert lines_meant(text) == []


@together(("text", "line"), [
    ("a: 1 # cnncalc: ignore[b]", 1),
    ("a: 1 #cnncalc:ignore[b]", 1),
    ("a: 1  # why. # cnncalc: ignore[b] or why", 1),
    ("a: | # cnncalc: ignore[b]\n  text", 1),
    ("a: [1, # cnncalc: ignore[b]\n 2]", 1),
    ("a: '#' # cnncalc: ignore[b]", 1),
    ("# cnncalc: ignore[b]\n\n# more\na: 1", 4),
    ("# why. # cnncalc: ignore[b]\na: 1", 2),
    ("# cnncalc: ignore[b]\r\na: 1\r\n", 2),
    ("a: |\n  text\n# cnncalc: ignore[b]\nc: 1", 4),
    ("a: 1\n# cnncalc: ignore[b]\n", 2),
])  # fmt: skip
def test_comment(text: str, line: int) -> None:
    assert lines_meant(text) == [(line, ["b"])]


def test_a_row_of_comments_is_about_the_line_below() -> None:
    text = "".join(f"# cnncalc: ignore[s{n}, t]\n" for n in range(20_000)) + "a: 1\n"
    assert lines_meant(text) == [(20_001, [f"s{n}", "t"]) for n in range(20_000)]


def test_a_changed_network_calls_no_comment_unused() -> None:
    text = ("input: 8x8x2\nvars: {bias: true}\nlayers:\n"
            "  - {conv: {filters: 2, kernel: 1, bias: $bias}}  # cnncalc: ignore[redundant-bias]\n"
            "  - batch_norm\n")  # fmt: skip
    assert cnncalc.loads(text).diagnostics == ()
    assert cnncalc.loads(text, set={"bias": False}).diagnostics == ()
    unused = cnncalc.loads(text.replace("bias: true", "bias: false")).diagnostics
    assert [d.code for d in unused] == [UNUSED_IGNORE]


def test_on_request_are_warnings_that_keep_still_unasked() -> None:
    for code in ON_REQUEST:
        assert code in WARNINGS
        asked = rule_page(code).wrong
        comment = f"# cnncalc: warn[{code}]\n"
        assert comment in asked
        assert cnncalc.loads(asked.replace(comment, "")).diagnostics == ()


def test_a_base_asks_for_those_that_extend_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(rule_page("receptive-field-exceeds-input").wrong)
    (tmp_path / "own.yaml").write_text("extends: base.yaml\ninput: 8x8x3\n")
    found = cnncalc.load(tmp_path / "own.yaml").diagnostics
    assert [d.code for d in found] == ["receptive-field-exceeds-input"]
