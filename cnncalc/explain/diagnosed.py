"""The pages of diagnostics, or the list of all, as an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cnncalc.escaping import Markdown
from cnncalc.explain import rules
from cnncalc.explain.rules import Explained
from cnncalc.render.answer import Answer, Block, Drawn, Group, Lines, Words
from cnncalc.render.table import Record, Table


@dataclass(frozen=True)
class Diagnosed(Answer):
    """Pages; the list where there are none. `whole`: the pages stand for the manual of all."""

    pages: Sequence[Explained]
    whole: bool

    def screen(self) -> Iterator[Group]:
        for page in self.pages:
            yield [Drawn(partial(rules.print_page, explained=page))]
        if not self.pages:
            yield [self.table()]
            line = "`cnncalc explain CODE` explains one, `cnncalc explain FILE LAYER` a layer."
            yield [Lines([line])]

    def page(self) -> Iterator[Block]:
        if self.pages:
            yield Words(Markdown("\n".join(rules.markdown(self.pages, whole=self.whole))))
        else:
            yield self.table()

    def table(self) -> Table[Record]:
        if self.pages:
            return Table(rules.PAGE_FIELDS, rules.records(self.pages))
        return Table(rules.FIELDS, rules.overview())
