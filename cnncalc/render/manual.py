"""The manual of the kinds as text for a terminal and as Markdown for docs/layers.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from cnncalc.layers.manual import OptionPage, Page
from cnncalc.render.columnar import Heading, print_wrapped

_INTRODUCTION = """\
# Layers

Every kind of layer with its options, defaults, spellings and formulas. This page is printed by
`cnncalc layers --format markdown` from the layers' own classes; `cnncalc layers conv` prints one.

In the formulas, W is an axis of the input, F the kernel, S the stride, P₀ and P₁ the padding before
and behind (P where they are equal), D the dilation, C the input's channels, K the filters; ∏ is
the product over the spatial axes. Rule A, for all that slides: with E = D(F − 1) + 1,
out = (W − E + P₀ + P₁)/S + 1, which for D = 1 and equal padding is (W − F + 2P)/S + 1. What does
not divide is refused, or rounded as `rounding` says. FLOPs not given are 2·MACs."""


def print_overview(console: Console, pages: Iterable[Page]) -> None:
    rows = [[page.kind, page.family, _listed(page.options), page.summary] for page in pages]
    print_wrapped(
        console,
        [
            Heading("kind"),
            Heading("family", least=8),
            Heading("options", least=8),
            Heading("what it does", least=8),
        ],
        rows,
    )
    console.print(
        "\nA bare value means the first option, where there is a main one. "
        "`cnncalc layers KIND` tells more.",
        soft_wrap=not console.is_terminal,
    )


def _listed(options: Iterable[OptionPage]) -> str:
    return " ".join(option.name for option in options)


def print_page(console: Console, page: Page) -> None:
    console.print(Text.assemble((page.kind, "bold"), f": {page.summary}"))
    if page.aliases:
        console.print("also called " + ", ".join(page.aliases))
    console.print()
    for label, text in page.rules:
        console.print(Text.assemble((f"{label:<8}", "bold"), text))
    if page.options:
        console.print()
        headings = [
            Heading("option"),
            Heading("default"),
            Heading("also", least=8),
            Heading("", least=8),
        ]
        rows = [
            [_name(option), _default(option), " ".join(option.spellings), option.description]
            for option in page.options
        ]
        print_wrapped(console, headings, rows)
        if any(option.is_main for option in page.options):
            console.print("* is what a bare value means", style="dim")
    if page.examples:
        console.print()
    for example in page.examples:
        console.print(Text.assemble(("example ", "bold"), example.text))


def _name(option: OptionPage) -> str:
    return option.name + ("*" if option.is_main else "")


def _default(option: OptionPage) -> str:
    return "required" if option.required else option.default


def markdown(pages: Iterable[Page]) -> Iterator[str]:
    """docs/layers.md, line by line."""
    yield _INTRODUCTION
    for family, members in groupby(pages, lambda page: page.family):
        yield f"\n## {family.capitalize()}"
        for page in members:
            yield from _markdown_page(page)


def _markdown_page(page: Page) -> Iterator[str]:
    yield f"\n### `{page.kind}`\n"
    yield page.summary
    if page.aliases:
        yield "\nAlso called " + ", ".join(f"`{name}`" for name in page.aliases) + "."
    if page.rules:
        yield ""
    for label, text in page.rules:
        yield f"- {label}: {text}"
    if page.options:
        yield "\n| option | default | also | meaning |"
        yield "| --- | --- | --- | --- |"
    for option in page.options:
        name = f"**`{option.name}`**" if option.is_main else f"`{option.name}`"
        also = " ".join(f"`{spelling}`" for spelling in option.spellings)
        default = "required" if option.required else f"`{option.default}`"
        yield f"| {name} | {default} | {also} | {option.description} |"
    for example in page.examples:
        yield f"\nExample: `{example.item}` on {example.input} gives {_result(example.text)}."


def _result(text: str) -> str:
    return text.partition(" gives ")[2]
