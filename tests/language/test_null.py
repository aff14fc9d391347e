"""Null means one thing in each place, to the parser, the builder, `fmt` and the schema alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cnncalc
from cnncalc.layers import registry
from cnncalc.report.report import Report
from tests.edit.test_formatting import done
from tests.layers.samples import SAMPLES
from tests.networks import report, written
from tests.schema.editor import complaints
from tests.schema.test_schema import VALIDATOR
from tests.slowness import slow_but
from tests.together import together

KINDS = [kind for kind, layer in registry.KINDS.items() if not layer.merges]
MERGES = [kind for kind, layer in registry.KINDS.items() if layer.merges]

NOTHING = ["", ":", ": ~", ": null", ": {}"]
"""What may follow a kind that says nothing more."""


def defaults(kind: str) -> list[dict[str, Any]]:
    """No defaults, some that complete a layer, and some with a wrong value, complete or not."""
    options = SAMPLES[kind].options
    wrong = {option: [[[1]]] for option in list(options)[:2][-1:]}
    return [{}, options, wrong, options | wrong]


def reported(result: Report) -> tuple[object, ...]:
    """A report, and its findings with their places, but for how far they reach."""
    findings = [
        (d.code, d.severity, d.message, d.layer, d.help, d.notes, d.span.line, d.span.column)
        for d in result.diagnostics
    ]
    return result._replace(diagnostics=()), findings


def differing() -> list[str]:
    """A kind for each set of options that there is, and a merge."""
    first: dict[tuple[str, ...], str] = {}
    for kind in KINDS:
        first.setdefault(tuple(registry.KINDS[kind].options), kind)
    return [*first.values(), *MERGES[:1]]


@pytest.mark.parametrize("kind", slow_but(differing()[::3], [*KINDS, *MERGES]))
def test_a_kind_with_nothing_after_it(kind: str) -> None:
    volume = json.dumps(SAMPLES[kind].volume)
    for options in defaults(kind):
        head = f"input: {volume}\ndefaults: {json.dumps({kind: options})}\nlayers:\n"
        texts = [f"{head}- {kind}{nothing}\n" for nothing in NOTHING]
        first, *others = [reported(cnncalc.loads(text)) for text in texts]
        assert [other for other in others if other != first] == []
        results = [done(text) for text in texts]
        assert [result.reason for result in results] == [None] * len(texts)
        if kind in KINDS:
            assert len({result.text for result in results}) == 1
    for head in (f"input: {volume}\nlayers:\n", f"input: {volume}\ndefaults: {{}}\nlayers:\n"):
        seen = [len(complaints(VALIDATOR, f"{head}- {kind}{nothing}\n")) for nothing in NOTHING]
        assert len({count > 0 for count in seen}) == 1


@together("kind", KINDS)
def test_defaults_with_nothing_after_the_kind(kind: str) -> None:
    sample = SAMPLES[kind]
    item = json.dumps({kind: sample.options})
    head = f"input: {sample.volume}\n"
    first, *others = [
        reported(cnncalc.loads(f"{head}defaults:\n  {kind}{nothing}\nlayers:\n- {item}\n"))
        for nothing in NOTHING[1:]
    ]
    assert first == reported(cnncalc.loads(f"{head}defaults:\n\nlayers:\n- {item}\n"))
    assert [other for other in others if other != first] == []


@pytest.mark.parametrize(
    "item",
    ["block{}", "none{}", "$kind{}", "$own{}", "dense: {{units: 2, activation: {{relu{} }}}}"],
)
def test_blocks_and_kinds_that_are_chosen(item: str) -> None:
    head = """\
input: 8x8x3
vars: {kind: conv, own: block}
defaults: {conv: {kernel: 0}}
blocks:
  block: {args: {act: relu, width: 3}, layers: [$act, {dense: $width}]}
  none: {layers: [tanh]}
layers:
"""
    texts = [f"{head}- {item.format(nothing)}\n" for nothing in NOTHING[1:]]
    first, *others = [reported(cnncalc.loads(text)) for text in texts]
    assert [other for other in others if other != first] == []
    assert [done(text).reason for text in texts] == [None] * len(texts)


def nulls() -> list[tuple[str, str]]:
    return [(kind, option) for kind in KINDS for option in registry.KINDS[kind].options]


@together(("kind", "option"), nulls())
def test_an_option_may_be_null_where_its_default_is_none(kind: str, option: str) -> None:
    """The option is given then, over what the defaults say; no other option may be null."""
    known = registry.KINDS[kind].options[option]
    sample = SAMPLES[kind]
    options = sample.apart.get(option, sample.options)
    others = {name: value for name, value in options.items() if name != option}
    item = {kind: {**others, option: None}}
    defaults = {kind: {option: options[option]}}
    text = written(sample.volume, item, rounding="floor", defaults=defaults)
    complained = complaints(VALIDATOR, text)
    findings = cnncalc.loads(text).diagnostics
    if known.default is not None:
        assert [(d.code in ("wrong-type", "bad-value"), option in d.message) for d in findings] == [
            (True, True)
        ]
        assert complained
    else:
        given = cnncalc.loads(text)
        assert not complained
        if option in ("units", "hidden_size") and "layers" in registry.KINDS[kind].options:
            # A recurrent layer needs one of the two, and the sample names this one.
            assert [d.code for d in findings if d.is_error] == ["missing-option"]
            return
        without = report(sample.volume, {kind: others}, rounding="floor")
        assert [r._replace(line=0, column=0) for r in given.rows] == [
            r._replace(line=0, column=0) for r in without.rows
        ]
    assert done(text).reason is None
