"""The manual of the kinds: text for a terminal, and the page docs/layers.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

from cnncalc.escaping import Markdown, markdown_code
from cnncalc.layers.manual import OptionPage, Page
from cnncalc.render.answer import Answer, Block, Group, Lines, Title, Words
from cnncalc.render.table import Column, Record, Table, field

P = TypeVar("P", Page, OptionPage)

_INTRODUCTION = """\
Every kind of layer with its options, defaults, spellings and formulas. This page is printed by
`cnncalc layers --format markdown` from the layers' own classes; `cnncalc layers conv` prints one.

In the formulas, W is an axis of the input, F the kernel, S the stride, P₀ and P₁ the padding before
and after (P where they are equal), D the dilation, C the input's channels, K the filters; ∏ is
the product over the spatial axes. Rule A, for all that slides: with E = D(F − 1) + 1,
out = (W − E + P₀ + P₁)/S + 1, which for D = 1 and equal padding is (W − F + 2P)/S + 1. What does
not divide is refused, or rounded as `rounding` says. FLOPs not given are 2·MACs."""


@dataclass(frozen=True)
class Overview(Answer):
    """The kinds in a table; on a page the manual of all."""

    pages: Sequence[Page]

    def screen(self) -> Iterator[Group]:
        yield [Table(_KINDS, self.pages)]
        yield [Words("A bare value means the first option, where there is a main one. "
                     "`cnncalc layers KIND` shows more.")]  # fmt: skip

    def page(self) -> Iterator[Block]:
        return _manual(self.pages)


@dataclass(frozen=True)
class Kind(Answer):
    """One kind; on a page in the manual, as if it were the only one."""

    kind: Page

    def screen(self) -> Iterator[Group]:
        page = self.kind
        also = ["also called " + ", ".join(page.aliases)] if page.aliases else []
        yield [Words(f": {page.summary}", page.kind), Lines(also)]
        yield [Words(text, f"{label:<8}") for label, text in page.rules]
        if page.options:
            main = any(option.is_main for option in page.options)
            mark = Words("* is what a bare value means", dim=True)
            yield [Table(_OPTIONS, page.options), *([mark] if main else [])]
        yield [Words(example.text, "example ") for example in page.examples]

    def page(self) -> Iterator[Block]:
        return _manual([self.kind])


def _column(header: str, read: Callable[[P], str], *, wraps: bool = False) -> Column[P]:
    return Column(header, header, read, read, wraps=wraps)


def _name(option: OptionPage) -> str:
    return option.name + ("*" if option.is_main else "")


def _default(option: OptionPage) -> str:
    return "required" if option.required else option.default


def _spellings(option: OptionPage) -> str:
    return " ".join(option.spellings)


def _options(page: Page) -> str:
    return " ".join(option.name for option in page.options)


_KINDS = (
    _column("kind", attrgetter("kind")),
    _column("family", attrgetter("family"), wraps=True),
    _column("options", _options, wraps=True),
    _column("what it does", attrgetter("summary"), wraps=True),
)

_OPTIONS = (
    _column("option", _name),
    _column("default", _default),
    _column("also", _spellings, wraps=True),
    _column("", attrgetter("description"), wraps=True),
)


_code = markdown_code


def _option_cells(option: OptionPage) -> Record:
    """A row of the manual."""
    name = _code(option.name)
    return {
        "option": Markdown(f"**{name}**") if option.is_main else name,
        "default": "required" if option.required else _code(option.default),
        "also": Markdown(" ".join(map(_code, option.spellings))),
        "meaning": Markdown(option.description),
    }


_MANUAL_OPTIONS = [field(key, key) for key in ("option", "default", "also", "meaning")]


def _manual(pages: Iterable[Page]) -> Iterator[Block]:
    """docs/layers.md"""
    yield Title("Layers", level=1)
    yield Words(Markdown(_INTRODUCTION))
    for family, members in groupby(pages, lambda page: page.family):
        yield Title(family.capitalize())
        for page in members:
            yield from _section(page)


def _section(page: Page) -> Iterator[Block]:
    yield Title(_code(page.kind), level=3)
    yield Words(Markdown(page.summary))
    if page.aliases:
        yield Words(Markdown("Also called " + ", ".join(map(_code, page.aliases)) + "."))
    if page.rules:
        yield Lines([Markdown(f"{label}: {text}") for label, text in page.rules])
    if page.options:
        yield Table(_MANUAL_OPTIONS, [*map(_option_cells, page.options)])
    for example in page.examples:
        written, result = _code(example.item), _result(example.text)
        yield Words(Markdown(f"Example: {written} on {example.input} gives {result}."))


def _result(text: str) -> str:
    return text.partition(" gives ")[2]
