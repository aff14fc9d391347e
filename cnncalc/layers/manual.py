"""The manual of the kinds, read from the layer classes: `cnncalc layers` and docs/layers.md.

Layout is in `render.manual`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.docstrings import docstring
from cnncalc.layers import registry
from cnncalc.layers.base import Layer, Option
from cnncalc.layers.options import shown

_FACT = re.compile(r"^(Output|Weights|Biases|State|MACs|FLOPs|Example): (.*)$")
_EXAMPLE = re.compile(r"^(?P<item>\{.*\}) on (?P<input>\S+) gives (?P<output>[\dx]+)(?P<rest>.*)$")
_COUNT = re.compile(r"(\d+) (weights|biases|state|MACs)")


class OptionPage(NamedTuple):
    name: str
    required: bool
    default: str
    description: str
    spellings: tuple[str, ...]
    is_main: bool


class Example(NamedTuple):
    """A worked case: an item of a file, its input, and what comes out."""

    item: str
    input: str
    output: str
    counts: dict[str, int]
    text: str


class Page(NamedTuple):
    """A kind's page: one sentence, its other names, its rules by label, examples, options."""

    kind: str
    family: str
    summary: str
    aliases: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    examples: tuple[Example, ...]
    options: tuple[OptionPage, ...]


def pages() -> Iterator[Page]:
    """All pages in the order of the manual."""
    return map(page, registry.KINDS)


def page(kind: str) -> Page:
    """The page of a kind by its own name."""
    layer = registry.KINDS[kind]
    summary, facts = _read(docstring(layer))
    return Page(
        kind=kind,
        family=layer.__module__.rpartition(".")[2],
        summary=summary,
        aliases=layer.aliases,
        rules=tuple((label, text) for label, text in facts if label != "Example"),
        examples=tuple(_example(text) for label, text in facts if label == "Example"),
        options=tuple(_options(layer)),
    )


def _read(doc: str) -> tuple[str, list[tuple[str, str]]]:
    """The first paragraph, and the labelled lines, continued ones joined."""
    summary, _, rest = doc.partition("\n\n")
    facts: list[tuple[str, str]] = []
    for line in rest.splitlines():
        if found := _FACT.match(line):
            facts.append((found[1], found[2]))
        elif line.startswith(" ") and facts:
            label, text = facts[-1]
            facts[-1] = (label, f"{text} {line.strip()}")
    return " ".join(summary.split()), facts


def _example(text: str) -> Example:
    found = _EXAMPLE.match(text)
    assert found is not None, text
    counts = {what: int(number) for number, what in _COUNT.findall(found["rest"])}
    return Example(found["item"], found["input"], found["output"], counts, text)


def _options(layer: type[Layer]) -> Iterator[OptionPage]:
    """The default option first, then those that are required."""
    main = layer.default_option
    for option in sorted(layer.options.values(), key=lambda o: (o.name != main, not o.required)):
        yield OptionPage(
            name=option.name,
            required=option.required,
            default=_default(option),
            description=option.description,
            spellings=option.aliases,
            is_main=option.name == main,
        )


def _default(option: Option[Any]) -> str:
    if option.required:
        return ""
    default = option.default
    if default is None:
        return option.none_means
    return f"{default:g}" if isinstance(default, float) else shown(default)
