"""The list of bundled architectures: a table by families, the page docs/zoo.md, and records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cnncalc.escaping import Markdown
from cnncalc.render.answer import Answer, Block, Group, Title, Words
from cnncalc.render.numbers import grouped, plural
from cnncalc.render.table import Record, Table, field
from cnncalc.report.report import Report

Records = Sequence[Record]

NAME = field("name", "name")
FAMILY = field("family", "family", least=8)
NUMBERS = (
    field("input", "input", least=10),
    field("params", "params", right=True, show=grouped),
    field("macs", "MACs", right=True, show=grouped),
)
DESCRIPTION = field("description", "what it is", least=12)
SOURCE = field("source", "source")
COLUMNS = (NAME, field("title", "title"), FAMILY, *NUMBERS, DESCRIPTION, SOURCE)
"""What JSON and CSV hold. The title hardly says more than the name, so people do not see it."""

PAGE = (NAME, *NUMBERS, DESCRIPTION, SOURCE)
"""What a table of the page has; its heading says the family."""

INTRODUCTION = """\
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


@dataclass(frozen=True)
class Bundled(Answer):
    """The list under the headings of its families, or with a column for them; the whole of it is a
    page of its own."""

    listed: Records
    by_family: bool
    whole: bool

    def screen(self) -> Iterator[Group]:
        if self.by_family:
            yield [Table((NAME, *NUMBERS, DESCRIPTION), list(_headed(self.listed)))]
        else:
            yield [Table((NAME, FAMILY, *NUMBERS, DESCRIPTION), self.listed)]
        count = plural(len(self.listed), "architecture")
        yield [Words(f"{count}; `cnncalc zoo NAME` prints the file of one", whole=True)]

    def page(self) -> Iterator[Block]:
        if not self.whole:
            yield Table((NAME, FAMILY, *PAGE[1:]), self.listed)
            return
        yield Title("The zoo", level=1)
        yield Words(Markdown(INTRODUCTION))
        for family, members in _families(self.listed):
            yield Title(family)
            yield Table(PAGE, [*map(_linked, members)])

    def table(self) -> Table[Record]:
        return Table(COLUMNS, self.listed)


def _headed(listed: Records) -> Iterator[Record]:
    """The records indented below their families' names."""
    for family, members in _families(listed):
        yield {"name": family}
        for member in members:
            yield {**member, "name": f"  {member['name']}"}


def _linked(member: Record) -> Record:
    """The name as a link to the file, as seen from docs/."""
    name = member["name"]
    return {**member, "name": Markdown(f"[{name}](../architectures/{name}.yaml)")}


def _families(listed: Records) -> Iterator[tuple[str, list[Record]]]:
    for family, members in groupby(listed, lambda record: record["family"]):
        yield family or "Others", list(members)
