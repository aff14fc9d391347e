"""The worked examples in the layers' docstrings, run."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.layers import manual
from cnncalc.layers.manual import Example
from tests.together import together

EXAMPLES = [(page.kind, example) for page in manual.pages() for example in page.examples]


@together(("kind", "example"), EXAMPLES)
def test_example(kind: str, example: Example) -> None:
    file = f"input: {example.input}\nlayers:\n  - {example.item}\n"
    report = cnncalc.loads(file)
    assert report.ok, report.diagnostics
    (row,) = report.rows
    assert row.kind == kind
    assert str(row.output_shape) == example.output
    counts = {
        "weights": row.weights,
        "biases": row.biases,
        "state": row.state,
        "MACs": row.macs,
    }
    assert {what: counts[what] for what in example.counts} == example.counts


@together(("kind", "example"), EXAMPLES)
def test_nothing_of_an_example_goes_unread(kind: str, example: Example) -> None:
    """Each number behind `gives` is the output or one of the counts."""
    _, _, reported = example.text.partition(" gives ")
    spelled = ", ".join([example.output, *(f"{n} {what}" for what, n in example.counts.items())])
    assert reported == spelled


@pytest.mark.parametrize("kind", ["conv", "dense", "max_pool", "batch_norm", "conv_transpose"])
def test_the_best_known_kinds_have_examples(kind: str) -> None:
    assert manual.page(kind).examples


def test_every_kind_has_a_page() -> None:
    pages = list(manual.pages())
    assert len(pages) == len({page.kind for page in pages}) > 50
