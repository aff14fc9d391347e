"""Every diagnostic is explained, with a bad and a good example that are what they claim."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import cnncalc
from cnncalc.checks.rules import rule_page
from cnncalc.cli.app import app
from cnncalc.diagnostics import CATALOGUE

ROOT = Path(__file__).parents[2]
DIAGNOSTICS = ROOT / "docs" / "diagnostics.md"
RULES = ROOT / "cnncalc" / "checks" / "rules"


def found(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in cnncalc.loads(text).diagnostics]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert sorted(page.stem for page in RULES.glob("*.md")) == sorted(CATALOGUE)


def test_no_page_without_a_code() -> None:
    with pytest.raises(KeyError):
        rule_page("../rules/stride-misfit")


@pytest.mark.parametrize("code", CATALOGUE)
def test_bad_and_good(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert found(rule_page(code).wrong) == [code]
    assert found(rule_page(code).right) == []


@pytest.mark.parametrize("code", CATALOGUE)
def test_shows_the_finding(code: str) -> None:
    outcome = CliRunner().invoke(app, ["explain", code])
    assert outcome.exit_code == 0
    severity, meaning = CATALOGUE[code]
    assert outcome.stdout.startswith(f"{code} ({severity}): {meaning}\n")
    assert f"{severity}[{code}]: " in outcome.stdout
    for line in (*rule_page(code).wrong.splitlines(), *rule_page(code).right.splitlines()):
        assert f"    {line}\n" in outcome.stdout


def test_document(updating: bool) -> None:
    """docs/diagnostics.md is what `cnncalc explain --all --format markdown` prints."""
    printed = CliRunner().invoke(app, ["explain", "--all", "--format", "markdown"]).stdout
    if updating:
        DIAGNOSTICS.write_text(printed, "utf-8")
    assert DIAGNOSTICS.read_text("utf-8") == printed, (
        "write it again: cnncalc explain --all --format markdown > docs/diagnostics.md"
    )
