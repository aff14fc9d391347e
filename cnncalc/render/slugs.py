"""The pages of the diagnostics: as text, as records, and as docs/diagnostics.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import fill
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from cnncalc.diagnostics import CATALOGUE, Diagnostic
from cnncalc.render.diagnostics.full import as_text
from cnncalc.render.table import field

FIELDS = (
    field("slug", "slug"),
    field("severity", "severity"),
    field("meaning", "meaning", least=16),
)

PAGE_FIELDS = (
    *FIELDS,
    field("explanation", "explanation"),
    field("bad", "wrong"),
    field("good", "right"),
    field("finding", "finding"),
)

_WIDEST = 100
"""Characters of a line of words."""

_INTRODUCTION = """\
# Diagnostics

Every finding has a stable slug. Below, each with its meaning, a file that has exactly this finding
and what is said about it, and the file put right. This page is printed by
`cnncalc explain --all --format markdown`; `cnncalc explain stride-misfit` prints one."""


class Explained(NamedTuple):
    """A slug with its meaning in full, a bad and a good file, and the bad one's finding."""

    slug: str
    text: str
    bad: str
    good: str
    finding: Diagnostic


def overview() -> list[dict[str, str]]:
    """A record for every slug."""
    return [_head(slug) for slug in CATALOGUE]


def _head(slug: str) -> dict[str, str]:
    severity, meaning = CATALOGUE[slug]
    return {"slug": slug, "severity": str(severity), "meaning": meaning}


def records(slugs: Iterable[Explained]) -> list[dict[str, str]]:
    """A record for every page, files and finding as texts."""
    return [
        {
            **_head(slug),
            "explanation": text,
            "bad": bad,
            "good": good,
            "finding": as_text(finding).plain,
        }
        for slug, text, bad, good, finding in slugs
    ]


def print_page(console: Console, explained: Explained) -> None:
    slug, text, bad, good, finding = explained
    head = _head(slug)
    console.print(Text.assemble((slug, "bold"), f" ({head['severity']}): {head['meaning']}"))
    console.print(f"\n{fill(text, min(console.width, _WIDEST))}\n", soft_wrap=True)
    console.print(Text("Wrong:\n", "bold"))
    console.print(_indented(bad), soft_wrap=True)
    console.print(as_text(finding), soft_wrap=True)
    console.print(Text("\nRight:\n", "bold"))
    console.print(_indented(good).rstrip("\n"), soft_wrap=True)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def markdown(slugs: Iterable[Explained], *, whole: bool) -> Iterator[str]:
    """The pages in Markdown; `whole` stands for all of docs/diagnostics.md."""
    if whole:
        yield _INTRODUCTION
        yield ""
    for number, (slug, text, bad, good, finding) in enumerate(slugs):
        if number:
            yield ""
        severity, meaning = CATALOGUE[slug]
        yield f"## {slug}"
        yield ""
        yield f"*{severity}*: {meaning}"
        yield ""
        yield text
        yield ""
        yield f"```yaml\n{bad}```"
        yield ""
        yield f"```text\n{as_text(finding).plain}\n```"
        yield ""
        yield f"Right:\n\n```yaml\n{good}```"
