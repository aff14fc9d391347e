"""The list of bundled architectures: a table by families, the page docs/zoo.md, and records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from cnncalc.analysis.report import Report
from cnncalc.render import records
from cnncalc.render.numbers import grouped, plural
from cnncalc.render.records import Field, Format, markdown_lines

if TYPE_CHECKING:
    from rich.console import Console

Records = Sequence[dict[str, Any]]

NAME = Field("name", "name")
FAMILY = Field("family", "family", least=8)
NUMBERS = (
    Field("input", "input", least=10),
    Field("params", "params", right=True, show=grouped),
    Field("macs", "MACs", right=True, show=grouped),
)
DESCRIPTION = Field("description", "what it is", least=12)
SOURCE = Field("source", "source")
FIELDS = (NAME, Field("title", "title"), FAMILY, *NUMBERS, DESCRIPTION, SOURCE)
"""What JSON and CSV hold. The title hardly says more than the name, so people do not see it."""

PAGE = (NAME, *NUMBERS, DESCRIPTION, SOURCE)
"""What a table of the page has; its heading says the family."""

INTRODUCTION = """\
# The zoo

The networks that come with cnncalc, by families. Any command takes their names
(`cnncalc summary resnet50`), and `cnncalc zoo resnet50 > mine.yaml` copies one to start from. Each
names its source, and its `expect:` holds it to what was published. Parameters are weights and
biases, MACs are multiply-accumulates for one image: see [conventions.md](conventions.md). Where
sources disagree, [disagreements.md](disagreements.md) says so. This page is printed by
`cnncalc zoo --format markdown`."""


def record(name: str, report: Report) -> dict[str, Any]:
    """What the list says of a network."""
    return {
        "name": name,
        "title": report.name,
        "family": report.family,
        "input": _inputs(report.inputs.values()),
        "params": report.totals.params,
        "macs": report.totals.macs,
        "description": report.description,
        "source": report.source,
    }


def _inputs(volumes: Iterable[object]) -> str:
    return ", ".join(map(str, volumes))


def write(
    format: Format, console: Console, listed: Records, *, by_family: bool, whole: bool
) -> None:
    """Print the list: under the headings of its families, or with a column for them. The whole list
    in Markdown is a page of its own."""
    if format is Format.TABLE:
        _print_table(console, listed, by_family=by_family)
    elif format is Format.MARKDOWN and whole:
        console.file.writelines(f"{line}\n" for line in _page(listed))
    elif format is Format.MARKDOWN:
        records.write(format, console, (NAME, FAMILY, *PAGE[1:]), listed)
    else:
        records.write(format, console, FIELDS, listed)


def _print_table(console: Console, listed: Records, *, by_family: bool) -> None:
    if by_family:
        records.print_records(console, (NAME, *NUMBERS, DESCRIPTION), list(_headed(listed)))
    else:
        records.print_records(console, (NAME, FAMILY, *NUMBERS, DESCRIPTION), listed)
    count = plural(len(listed), "architecture")
    console.print(f"\n{count}; `cnncalc zoo NAME` prints the file of one", soft_wrap=True)


def _headed(listed: Records) -> Iterator[dict[str, Any]]:
    """The records indented below their families' names."""
    for family, members in _families(listed):
        yield {"name": family}
        for member in members:
            yield {**member, "name": f"  {member['name']}"}


def _page(listed: Records) -> Iterator[str]:
    yield INTRODUCTION
    for family, members in _families(listed):
        yield f"\n## {family}\n"
        yield from markdown_lines(PAGE, list(map(_linked, members)))


def _linked(member: dict[str, Any]) -> dict[str, Any]:
    """The name as a link to the file, as seen from docs/."""
    name = member["name"]
    return {**member, "name": f"[{name}](../architectures/{name}.yaml)"}


def _families(listed: Records) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for family, members in groupby(listed, lambda record: record["family"]):
        yield family or "Others", list(members)
