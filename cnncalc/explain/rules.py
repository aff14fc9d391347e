"""The pages of the diagnostics: as text, as records, and as docs/diagnostics.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import fill
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from cnncalc.checks.rules import RulePage
from cnncalc.diagnostics import CATALOGUE, Diagnostic
from cnncalc.render.diagnostics.full import as_text
from cnncalc.render.table import field

FIELDS = (
    field("slug", "code"),
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

Every diagnostic has a code that never changes. Each section below says what the code means and how
to fix it, and shows a file that has exactly this diagnostic, what is printed for it, and the file
put right. `cnncalc explain --all --format markdown` prints this page, and
`cnncalc explain stride-misfit` one section of it.
"""


class Explained(NamedTuple):
    """A code with its page, and what is found in the page's wrong file."""

    code: str
    page: RulePage
    finding: Diagnostic


def overview() -> list[dict[str, str]]:
    """A record for every code."""
    return [_head(code) for code in CATALOGUE]


def _head(code: str) -> dict[str, str]:
    severity, meaning = CATALOGUE[code]
    return {"slug": code, "severity": str(severity), "meaning": meaning}


def records(explained: Iterable[Explained]) -> list[dict[str, str]]:
    """A record for every page, files and finding as texts."""
    return [
        {
            **_head(code),
            "explanation": page.text,
            "bad": page.wrong,
            "good": page.right,
            "finding": as_text(finding).plain,
        }
        for code, page, finding in explained
    ]


def print_page(console: Console, explained: Explained) -> None:
    code, page, finding = explained
    severity, meaning = CATALOGUE[code]
    console.print(Text.assemble((code, "bold"), f" ({severity}): {meaning}\n"))
    for paragraph in page.paragraphs:
        console.print(Text(f"{fill(paragraph, min(console.width, _WIDEST))}\n"), soft_wrap=True)
    console.print(Text("Wrong:\n", "bold"))
    console.print(Text(indented(page.wrong)), soft_wrap=True)
    console.print(as_text(finding), soft_wrap=True)
    console.print(Text("\nRight:\n", "bold"))
    console.print(Text(indented(page.right).rstrip("\n")), soft_wrap=True)


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def markdown(explained: Iterable[Explained], *, whole: bool) -> Iterator[str]:
    """The pages in Markdown; `whole` stands for all of docs/diagnostics.md."""
    if whole:
        yield _INTRODUCTION
    for number, (code, page, finding) in enumerate(explained):
        severity, meaning = CATALOGUE[code]
        if number:
            yield ""
        yield f"## {code}\n\n*{severity}*: {meaning}\n\n{page.text}"
        yield f"\nWrong:\n\n```yaml\n{page.wrong}```"
        yield f"\n```text\n{as_text(finding).plain}\n```"
        yield f"\nRight:\n\n```yaml\n{page.right}```"
