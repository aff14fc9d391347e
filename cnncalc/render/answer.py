"""What a command has found, in the four ways that formats ask for it.

A command's answer offers views; a format's writer (`cnncalc.render.writers`) takes the one it
needs. Neither depends on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.render.table import Table

if TYPE_CHECKING:
    from rich.console import Console


class Title(NamedTuple):
    """A heading; a page leaves out what stands beside and below it."""

    text: str
    level: int = 2
    beside: str = ""
    below: str = ""


class Words(NamedTuple):
    """A paragraph, `lead` before it in bold. It wraps on a terminal, unless it is `whole`."""

    text: str
    lead: str = ""
    dim: bool = False
    whole: bool = False


class Lines(NamedTuple):
    """Short sentences, a line each; on a page a list."""

    lines: Sequence[str]


class Labelled(NamedTuple):
    """Texts beside their labels."""

    entries: Iterable[tuple[str, str]]


class Cut(NamedTuple):
    """A table that a page cuts where it would get too long for a comment on a pull request, and
    hides below a summary, if there is one."""

    table: Table[Any]
    summary: str = ""


class Drawn(NamedTuple):
    """Text that a function of its own prints on a terminal, as its lines depend on the width."""

    draw: Callable[[Console], None]


Block = Title | Words | Lines | Labelled | Cut | Drawn | Table[Any]

Group = Sequence[Block]
"""Blocks that stand together on a terminal; a blank line divides groups."""


class Answer:
    """What a command has found. A command that offers a view has its method here."""

    def screen(self) -> Iterable[Group]:
        """Groups of blocks, for `View.TABLE` and `View.TEXT`."""
        raise NotImplementedError

    def page(self) -> Iterable[Block]:
        """Blocks for `View.PAGE`; the table where there are no others. Their texts may hold `code`
        and [links](docs/zoo.md) as Markdown has them."""
        yield self.table()

    def table(self) -> Table[Any]:
        """For `View.ROWS`."""
        raise NotImplementedError

    def data(self) -> Mapping[str, Any] | None:
        """For `View.DATA`; None where the rows are all there is. A long list is an iterator, so
        that it can be written as it comes."""
        return None
