"""Every diagnostic is explained, with a bad and a good example that are what they claim."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import cnncalc
from cnncalc.cli.app import app
from cnncalc.diagnostics import CATALOGUE
from cnncalc.queries.slugs import PAGES

DIAGNOSTICS = Path(__file__).parents[2] / "docs" / "diagnostics.md"


def found(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in cnncalc.loads(text).diagnostics]


def test_every_slug_has_a_page() -> None:
    assert list(PAGES) == list(CATALOGUE)


@pytest.mark.parametrize("slug", PAGES)
def test_bad_and_good(slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert found(PAGES[slug].bad) == [slug]
    assert found(PAGES[slug].good) == []


@pytest.mark.parametrize("slug", PAGES)
def test_shows_the_finding(slug: str) -> None:
    outcome = CliRunner().invoke(app, ["explain", slug])
    assert outcome.exit_code == 0
    severity, meaning = CATALOGUE[slug]
    assert outcome.stdout.startswith(f"{slug} ({severity}): {meaning}\n")
    assert f"{severity}[{slug}]: " in outcome.stdout
    for line in (*PAGES[slug].bad.splitlines(), *PAGES[slug].good.splitlines()):
        assert f"    {line}\n" in outcome.stdout


def test_document(updating: bool) -> None:
    """docs/diagnostics.md is what `cnncalc explain --all --format markdown` prints."""
    printed = CliRunner().invoke(app, ["explain", "--all", "--format", "markdown"]).stdout
    if updating:
        DIAGNOSTICS.write_text(printed, "utf-8")
    assert DIAGNOSTICS.read_text("utf-8") == printed, (
        "write it anew: cnncalc explain --all --format markdown > docs/diagnostics.md"
    )
