"""The manual of the kinds: text for a terminal, and the page docs/layers.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from rich.console import Console
from rich.text import Text

from cnncalc.layers.manual import OptionPage, Page
from cnncalc.render.answer import Answer, Block, Drawn, Group, Lines, Title, Words
from cnncalc.render.table import Column, Table, field

_INTRODUCTION = """\
Every kind of layer with its options, defaults, spellings and formulas. This page is printed by
`cnncalc layers --format markdown` from the layers' own classes; `cnncalc layers conv` prints one.

In the formulas, W is an axis of the input, F the kernel, S the stride, P₀ and P₁ the padding before
and behind (P where they are equal), D the dilation, C the input's channels, K the filters; ∏ is
the product over the spatial axes. Rule A, for all that slides: with E = D(F − 1) + 1,
out = (W − E + P₀ + P₁)/S + 1, which for D = 1 and equal padding is (W − F + 2P)/S + 1. What does
not divide is refused, or rounded as `rounding` says. FLOPs not given are 2·MACs."""


class Overview(Answer):
    """The kinds in a table; on a page the manual of all."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = pages

    def screen(self) -> Iterator[Group]:
        columns = (
            field("kind", "kind"),
            field("family", "family", wraps=True),
            field("options", "options", wraps=True),
            field("summary", "what it does", wraps=True),
        )
        records = [
            {
                "kind": page.kind,
                "family": page.family,
                "options": " ".join(option.name for option in page.options),
                "summary": page.summary,
            }
            for page in self.pages
        ]
        yield [Table(columns, records)]
        yield [
            Words(
                "A bare value means the first option, where there is a main one. "
                "`cnncalc layers KIND` tells more."
            )
        ]

    def page(self) -> Iterator[Block]:
        return _manual(self.pages)


class Kind(Answer):
    """One kind; on a page in the manual, as if it were the only one."""

    def __init__(self, page: Page) -> None:
        self.kind = page

    def screen(self) -> Iterator[Group]:
        page = self.kind
        also = Lines(["also called " + ", ".join(page.also)] * bool(page.also))
        yield [
            Drawn(lambda console: _print_labelled(console, page.kind, f": {page.summary}")),
            also,
        ]
        yield [Drawn(partial(_print_labelled, label=f"{label:<8}", text=text))
               for label, text in page.rules]  # fmt: skip
        if page.options:
            mark = "* is what a bare value means"
            main = [Words(mark, dim=True)] * any(option.is_main for option in page.options)
            yield [Table(_OPTIONS, page.options), *main]
        yield [Drawn(partial(_print_labelled, label="example ", text=example.text))
               for example in page.examples]  # fmt: skip

    def page(self) -> Iterator[Block]:
        return _manual([self.kind])


def _print_labelled(console: Console, label: str, text: str) -> None:
    console.print(Text.assemble((label, "bold"), text))


def _column(
    header: str, read: Callable[[OptionPage], str], *, wraps: bool = False
) -> Column[OptionPage]:
    return Column(header, header, read, read, wraps=wraps)


def _name(option: OptionPage) -> str:
    return option.name + ("*" if option.is_main else "")


def _default(option: OptionPage) -> str:
    return "required" if option.required else option.default


_OPTIONS = (
    _column("option", _name),
    _column("default", _default),
    _column("also", lambda option: " ".join(option.spellings), wraps=True),
    _column("", lambda option: option.description, wraps=True),
)


def _code(text: str) -> str:
    return f"`{text}`"


_MANUAL_OPTIONS = (
    _column("option", lambda o: f"**{_code(o.name)}**" if o.is_main else _code(o.name)),
    _column("default", lambda o: "required" if o.required else _code(o.default)),
    _column("also", lambda o: " ".join(map(_code, o.spellings))),
    _column("meaning", lambda o: o.description),
)


def _manual(pages: Iterable[Page]) -> Iterator[Block]:
    """docs/layers.md"""
    yield Title("Layers", level=1)
    yield Words(_INTRODUCTION)
    for family, members in groupby(pages, lambda page: page.family):
        yield Title(family.capitalize())
        for page in members:
            yield from _section(page)


def _section(page: Page) -> Iterator[Block]:
    yield Title(_code(page.kind), level=3)
    yield Words(page.summary)
    if page.also:
        yield Words("Also called " + ", ".join(map(_code, page.also)) + ".")
    if page.rules:
        yield Lines([f"{label}: {text}" for label, text in page.rules])
    if page.options:
        yield Table(_MANUAL_OPTIONS, page.options)
    for example in page.examples:
        yield Words(
            f"Example: {_code(example.item)} on {example.input} gives {_result(example.text)}."
        )


def _result(text: str) -> str:
    return text.partition(" gives ")[2]
