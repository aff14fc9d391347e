"""Every option of every kind, and every wiring key, given what it was never meant to be given."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.language.items import WIRING
from cnncalc.language.parser import SECTIONS
from cnncalc.layers.registry import KINDS
from tests.slowness import slow, slow_but
from tests.together import together

from .bounds import loads
from .texts import layers

WORDS = [
    "~",
    "''",
    "x",
    "same",
    "[]",
    "[[]]",
    "{}",
    "{a: 1}",
    "[1, x]",
    "[[1, 2], [3, 4], [5, 6]]",
    "[[[1]]]",
    "[{a: 1}]",
    "true",
    "false",
    '"\\0"',
    "\u00e9",
    "1x",
    "x1",
    "1x1x1x1",
    "-",
    "'on'",
]
NUMBERS = [
    "0", "1", "-1", "2", "7", "1000", "2147483648", "4611686018427387904", "9223372036854775807",
    "9223372036854775808", "-9223372036854775807", "1e3", "0.5", "-0.5", "1e30", "1e308", "0x0",
    "0x1", "1x0", "4611686018427387904x1", "[0, 1]", "[9223372036854775807, 1]", "[-1, 2]", "07",
    "[[9223372036854775807, 9223372036854775807], 0]",
]  # fmt: skip
EXPRESSIONS = [
    "$nope",
    "$(1 +)",
    "$(1 / 0)",
    "$in.channels",
    "$(in.channels / 2)",
    "$(2 ** 62)",
    "$(0 - 2 ** 62)",
    "$('x')",
    "$list",
    "$null_",
    "[$list]",
    "$$",
    "$(in)",
    "$(1 < 2)",
]
NASTY = WORDS + NUMBERS + EXPRESSIONS

NEVER_RIGHT = ["{a: 1}", "[{a: 1}]", "$nope", "$(1 +)", "$(1 / 0)", "$(in)", "[$list]"]
"""Wrong whatever the option."""

REQUIRED = {
    "filters": "2", "kernel": "1", "units": "2", "size": "1", "scale": "2", "groups": "1",
    "shape": "[-1]", "axes": "[0, 1, 2]", "channels": "[0, 1]", "padding": "1",
    "cropping": "0", "factor": "1", "output": "4", "function": "mean", "heads": "1", "tokens": "9",
    "dims": "2",
}  # fmt: skip
REQUIRED_OF: dict[str, dict[str, str]] = {"reduce": {"axes": "channels"}}
"""Where the same option takes something else."""

HEADS = {
    "vector": "input: 6\nvars: {list: [1, [2]], null_: ~}\n",
    "width": "input: 5x6\nvars: {list: [1, [2]], null_: ~}\n",
    "image": "input: 5x4x6\nvars: {list: [1, [2]], null_: ~}\n",
    "volume": "input: 5x4x3x6\nvars: {list: [1, [2]], null_: ~}\n",
}


def base(kind: str) -> dict[str, str]:
    """The options without which a kind is no layer."""
    options = KINDS[kind].options.items()
    known = REQUIRED | REQUIRED_OF.get(kind, {})
    return {name: known[name] for name, option in options if option.required}


def item(kind: str, options: dict[str, str]) -> str:
    inside = ", ".join(f"{name}: {value}" for name, value in options.items())
    return f"{{from: input, {kind}: {{{inside}}}}}"


class Try(NamedTuple):
    """An item with a nasty value, and how many things may be wrong with it."""

    text: str
    value: str
    most: int = 1


def tries(kind: str) -> list[Try]:
    # A bare value may be wrong in itself and have no place here; in a list of branches each may be.
    found = [Try(f"{{from: input, {kind}: {value}}}", "", 6) for value in NASTY]
    if KINDS[kind].merges:
        return found
    own = list(KINDS[kind].options)
    found += [Try(item(kind, base(kind) | {option: v}), v) for option in own for v in NASTY]
    if kind in ("conv", "max_pool", "conv_transpose", "custom"):
        found += [
            Try(item(kind, base(kind) | {one: huge, other: huge}), "", 2)
            for one, other in combinations(own, 2)
            for huge in ("4611686018427387904", "9223372036854775807")
        ]
    return found


def check(head: str, items: list[Try]) -> None:
    """As many errors a line as may be; one at least where nothing could be right."""
    text = layers(*(item.text for item in items), head=head)
    outcome = loads(text)
    assert outcome.raised == ""
    reported: dict[int, list[str]] = {n: [] for n in range(len(items))}
    for line, message in outcome.errors:
        reported[line - len(head.splitlines()) - 2].append(message)
    assert {items[n]: m for n, m in reported.items() if len(m) > items[n].most} == {}
    assert [items[n] for n, m in reported.items() if items[n].value in NEVER_RIGHT and not m] == []


LONGER = {"avg_pool", "conv", "depthwise_conv", "locally_connected", "separable_conv"}
"""Kinds with the options of `max_pool` or `conv_transpose`."""


@together("kind", KINDS)
@pytest.mark.slow
def test_options_on_a_vector(kind: str) -> None:
    check(HEADS["vector"], tries(kind))


@pytest.mark.parametrize("kind", slow_but(KINDS.keys() - LONGER, KINDS))
@pytest.mark.slow
def test_options_on_an_image(kind: str) -> None:
    check(HEADS["image"], tries(kind))


@together("key", WIRING)
@pytest.mark.parametrize(
    "kind", ["relu", "block", *slow("dense: 3", "sequential: [tanh]", "add: [[], [tanh]]", "$kind")]
)
def test_wiring_keys(key: str, kind: str) -> None:
    head = (
        HEADS["image"].replace("list:", "kind: relu, list:") + "blocks: {block: {layers: [elu]}}\n"
    )
    kind = kind if ":" in kind else f"{kind}: "
    start = "" if key == "from" else "from: input, "
    start += "repeat: 2, " if key == "counter" else ""
    bad = [
        v
        for v in NASTY
        if not (
            key == "repeat"
            and v
            in (
                "2147483648",
                "4611686018427387904",
                "9223372036854775807",
                "1e30",
                "1e308",
                "$(2 ** 62)",
            )
        )
    ]
    check(head, [Try(f"{{{start}{kind}, {key}: {value}}}", value) for value in bad])


AROUND = [
    "[VALUE]", "[[VALUE]]", "{conv: VALUE}", "{conv: {kernel: VALUE}}", "{b: VALUE}",
    "{b: {layers: VALUE}}", "{b: {args: VALUE, layers: [relu]}}", "{layers: {relu1: VALUE}}",
    "{output: VALUE}",
]  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("part", [0, *slow(*range(1, 8))])
def test_sections(section: str, part: int) -> None:
    """Also as defaults of a kind, as blocks, as branches."""
    for value in [*NASTY, *AROUND]:
        for inner in NASTY[part::8] if "VALUE" in value else [""]:
            lines = {
                "input": "8x8x6",
                "layers": "[{conv: 8}, relu]",
                "defaults": "{conv: {kernel: 3}}",
            } | {section: value.replace("VALUE", inner)}
            report = cnncalc.loads("".join(f"{key}: {line}\n" for key, line in lines.items()))
            assert report.ok <= report.complete, lines
            assert not report.complete or report.outputs, lines
