"""`--set X.trainable`: which parameters learn, whatever the file says."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.graph.overrides import overrides_from
from cnncalc.network import Network
from cnncalc.saving.from_overrides import edits
from cnncalc.yaml.edit import CannotRewrite, rewrite
from tests.together import together

TEXT = """
input: 16x16x4
blocks:
  b:
    args: {width: 4}
    layers: [{conv: {filters: $width, kernel: 1}}, group_norm: 2]
  own:
    args: {trainable: 3}
    layers: [{conv: {filters: $trainable, kernel: 1}}]
layers:
  - {name: c, conv: {filters: 4, kernel: 1, activation: prelu}, repeat: 2}
  - batch_norm
  - {name: g, repeat: 2, sequential: [{conv: {filters: 4, kernel: 1}}, relu]}
  - {name: x, trainable: false, b: 8}
  - {name: fc, dense: 10}
"""
C, PRELU, BN, G, X, FC = 20, 1, 8, 20, 5 * 8, 10 * (16 * 16 * 8 + 1)
X_NORM = 16
ALL = 2 * (C + PRELU) + BN + 2 * G + FC
"""What learns in the file as it is: x is held fixed."""


@together(
    ("set_", "learned"),
    [
        ({}, ALL),
        ({"fc.trainable": False}, ALL - FC),
        ({"conv.*.trainable": "false"}, ALL - 2 * C - 2 * G),
        ({"Conv2d.*.trainable": "false"}, ALL - 2 * C - 2 * G),
        ({"conv.*.trainable": True}, ALL + X),
        ({"conv.*.trainable": False, "g.0.conv1.trainable": True}, ALL - 2 * C - G),
        ({"prelu.*.trainable": False}, ALL - 2 * PRELU),
        ({"batch_norm1.trainable": False}, ALL - BN),
        ({"c.trainable": False}, ALL - 2 * (C + PRELU)),
        ({"c.1.trainable": False}, ALL - C - PRELU),
        ({"g.trainable": False}, ALL - 2 * G),
        ({"g.1.trainable": False}, ALL - G),
        ({"x.trainable": True}, ALL + X + X_NORM),
        ({"x.conv1.trainable": True}, ALL + X),
        ({"x.trainable": True, "conv.*.trainable": False}, ALL - 2 * C - 2 * G + X_NORM),
    ],
)
def test_set_says_what_learns(set_: dict[str, object], learned: int) -> None:
    report = cnncalc.loads(TEXT, set=set_)
    assert report.ok, report.diagnostics
    assert report.totals.trainable == learned
    assert report.totals.params == ALL + X + X_NORM


@together(
    ("set_", "message"),
    [
        ({"fc.trainable": 3}, "`trainable` takes true or false, not `3`"),
        ({"g.trainable": "no"}, "`trainable` takes true or false, not `no`"),
        ({"conv.*.trainable": "maybe"}, "`trainable` takes true or false, not `maybe`"),
        ({"x.trainable": 0}, "`trainable` takes true or false, not `0`"),
        ({"fd.trainable": False}, "there is no layer `fd`"),
        ({"lrn.*.trainable": False}, "the network has no lrn layer"),
        ({"g.units": 3}, "`g` is a group and has no options to set but `trainable`"),
        (
            {"g.units": 3, "g.trainable": False},
            "`g` is a group and has no options to set but `trainable`",
        ),
    ],
)
def test_what_it_cannot_say(set_: dict[str, object], message: str) -> None:
    report = cnncalc.loads(TEXT, set=set_)
    assert [d.message for d in report.diagnostics if d.is_error] == [message]


def test_a_block_may_have_an_argument_of_that_name() -> None:
    report = cnncalc.loads(f"{TEXT}  - {{name: o, from: x, own: }}\n", set={"o.trainable": 5})
    (row,) = [row for row in report.rows if row.name == "o.conv1"]
    assert row.output_shape == (16, 16, 5)
    assert row.trainable


def test_an_option_of_copies_is_not_one_of_their_activations() -> None:
    report = cnncalc.loads(TEXT, set={"c.filters": 6, "c.1.filters": 8})
    assert [row.output_shape[-1] for row in report.rows[:4]] == [6, 6, 8, 8]


@together(
    ("set_", "written"),
    [
        ({"batch_norm.*.trainable": "false"}, "  - {batch_norm: {}, trainable: false}\n"),
        ({"batch_norm1.trainable": "false"}, "  - {batch_norm: {}, trainable: false}\n"),
        ({"x.trainable": "true"}, "  - {name: x, trainable: true, b: 8}\n"),
        ({"fc.trainable": "false"}, "  - {name: fc, dense: 10, trainable: false}\n"),
    ],
)
def test_it_is_written_beside_the_kind(set_: dict[str, object], written: str) -> None:
    wanted = Network.loads(TEXT, set=set_)
    text = rewrite(TEXT, edits(wanted.graph, overrides_from(set=set_)))
    assert written in text
    assert cnncalc.loads(text).totals == wanted.report.totals


def test_what_a_file_cannot_say_is_not_written() -> None:
    set_ = {"prelu.*.trainable": "false"}
    with pytest.raises(CannotRewrite, match="`activation:` has no `trainable`"):
        edits(Network.loads(TEXT, set=set_).graph, overrides_from(set=set_))
    set_ = {"g.0.trainable": "false"}
    with pytest.raises(CannotRewrite, match=r"g\.0\.trainable cannot be written for g\.0 alone"):
        edits(Network.loads(TEXT, set=set_).graph, overrides_from(set=set_))
