"""Branches beside options, axes by name, and class names that say options."""

from __future__ import annotations

import json

import pytest

import cnncalc
from cnncalc.report.report import Report
from tests.edit.test_formatting import done as done_with
from tests.language.texts import errors, good, layers
from tests.networks import error, report, row
from tests.schema.editor import complaints
from tests.schema.test_schema import VALIDATOR
from tests.together import together


def rows(told: Report) -> list[object]:
    return [row._replace(line=0, column=0, layer=None) for row in told.rows]


@pytest.mark.parametrize("kind", ["add", "concat", "minimum"])
def test_a_list_of_branches_is_their_name_alone(kind: str) -> None:
    bare = report([4, 5, 6], {kind: [[], ["relu"]]})
    assert rows(report([4, 5, 6], {kind: {"branches": [[], ["relu"]]}})) == rows(bare)


def test_options_beside_branches_come_from_everywhere() -> None:
    """The item, its kind's defaults, an expression, `--set`."""
    branches = [[], ["relu"]]
    item = {"name": "both", "concat": {"branches": branches, "axis": "height"}}
    for told in (
        report([4, 5, 6], item),
        report([4, 5, 6], {"concat": branches}, defaults={"concat": {"axis": "height"}}),
        report([4, 5, 6], {"concat": {"branches": branches, "axis": "$(-in.channels // 2)"}}),
        report([4, 5, 6], {"concat": {"branches": branches, "axis": "$a"}}, vars={"a": "height"}),
    ):
        assert told.rows[-1].output_shape == (8, 5, 6)
    text = json.dumps({"input": [4, 5, 6], "layers": [item]})
    assert cnncalc.loads(text, set={"both.axis": "width"}).rows[-1].output_shape == (4, 10, 6)


def test_attention_with_branches_is_numbered_and_named_like_a_merge() -> None:
    told = report(
        [5, 6],
        {"attention": {"heads": 2, "branches": [[{"attention": 3}], []]}},
        {"add": ["attention2", "attention1"]},
    )
    assert [row.name for row in told.rows] == ["attention1", "attention2", "add1"]
    assert told.rows[1].inputs == ("attention1", "input")


@together(
    ("item", "messages"),
    [
        ("concat: {axis: -2}", ["wrong-type: concat takes a list of branches"]),
        ("concat: {branches: x, axis: -2}", ["wrong-type: concat takes a list of branches"]),
        ("concat: {branches: [], axis: -2}", ["missing-option: concat has no branches"]),
        ("concat: {branches: [[], []], axes: -2}",
         ["unknown-key: concat has no option `axes`"]),
        ("add: {branches: [[], []], axis: -2}", ["unknown-key: add has no option `axis`"]),
        ("{concat: [[], []], axis: -2}", ["unknown-key: a layer has no key `axis`"]),
        ("relu: {branches: [[], []]}", ["unknown-key: relu has no option `branches`"]),
        ("concat: {branches: [[], []], axis: 1}",
         ["bad-value: concat1: `axis` counts axes from behind, from -1, the channels, to -4, or "
          "names them (channels, width, height, depth); 1 would be another axis in every "
          "framework"]),
        ("concat: {branches: [[], []], axis: [-2, -3]}",
         ["wrong-type: concat1: `axis` takes one axis such as `channels` or -2, not `[-2, -3]`"]),
        ("concat: {branches: [[], []], axis: depth}",
         ["rank-mismatch: concat1: 4x5x6 has no axis -4"]),
        ("concat: {branches: [[], [{crop: [[1, 0], [0, 0]]}]], axis: width}",
         ["shape-mismatch: concat1: concat along axis -2 needs all other axes equal, and its "
          "branches are 4x5x6 and 3x5x6"]),
        ("softmax: {axis: [-1, channels]}",
         ["bad-value: softmax1: `axis` names an axis twice"]),
        ("ReflectionPad2d: {padding: 1, mode: constant}",
         ["bad-value: pad1: the name of the class says `mode: reflect`"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(item: str, messages: list[str]) -> None:
    text = f"input: 4x5x6\nlayers:\n- {item}\n"
    found = [d for d in cnncalc.loads(text).diagnostics if d.is_error]
    told = [f"{d.code}: {d.layer + ': ' if d.layer else ''}{d.message}" for d in found]
    assert told == messages


@together(
    ("name", "mode"),
    [("ReflectionPad2d", "reflect"), ("ReplicationPad2d", "replicate"),
     ("CircularPad2d", "circular"), ("reflection_pad", "reflect")],
)  # fmt: skip
def test_a_class_name_says_options(name: str, mode: str) -> None:
    """Whatever defaults say, and where an expression names it; `fmt` leaves the name as it is."""
    for item in ({name: 1}, {name: {"padding": 1}}, {"$kind": 1}):
        told = report([4, 5, 6], item, defaults={"pad": {"mode": "symmetric"}}, vars={"kind": name})
        layer = told.rows[0].layer
        assert layer is not None
        assert layer.values["mode"] == mode
    done = done_with(f"input: 4x5x6\nlayers:\n  - {name}: 1\n")
    assert f"{name}: 1" in done.text
    assert error([4, 5, 6], "relu", defaults={name: 1}) == "bad-value"


@together(
    ("before", "after"),
    [
        ("- concat: {axis: -2, branches: [[Conv2d: {K: 3, F: 1}], []]}",
         "- {concat: {axis: -2, branches: [[{conv: {filters: 3, kernel: 1}}], []]}}"),
        ("- concat:\n      axis: -2\n      branches:\n      - - ReLU\n      - []",
         "- concat:\n      axis: -2\n      branches:\n        - - relu\n        - []"),
        ("- attention: {num_heads: 2, branches: [[], [ReLU]]}",
         "- {attention: {heads: 2, branches: [[], [relu]]}}"),
    ],
)  # fmt: skip
def test_fmt(before: str, after: str) -> None:
    done = done_with(f"input: 3x5x4\nlayers:\n  {before}\n")
    assert done.reason is None
    assert done.text == f"input: 3x5x4\nlayers:\n  {after}\n"


@together(
    ("item", "fine"),
    [
        ("concat: {branches: [[], x], axis: -2}", True),
        ("concat: {branches: [[], x], axis: height}", True),
        ("concat: {branches: [[], x], axis: $a}", True),
        ("concat: [[], x]", True),
        ("concat: {axis: -2}", False),
        ("concat: {branches: [[], x], axis: 2}", False),
        ("concat: {branches: [[], x], axis: depths}", False),
        ("concat: {branches: [], axis: -2}", False),
        ("concat: {branches: [3], axis: -2}", False),
        ("matmul: {branches: [[], x], transpose_b: true}", True),
        ("matmul: {branches: [[], x], transpose_b: 1}", False),
        ("attention: {heads: 2, branches: [[], [relu]]}", True),
        ("attention: {heads: 2, branches: []}", False),
        ("attention: {branches: [[], [relu]]}", False),
    ],
)
def test_editors_know_it(item: str, fine: bool) -> None:
    assert (not complaints(VALIDATOR, f"input: 4x5x6\nlayers:\n- {item}\n")) == fine


def test_words_and_numbers_name_the_same_axes() -> None:
    for word, number in (("channels", -1), ("width", -2), ("height", -3), ("Depth", -4)):
        for options in ({"function": "sum"}, {"function": "max", "keepdims": True}):
            by_word = row([2, 3, 4, 5], {"reduce": {**options, "axes": word}})
            by_number = row([2, 3, 4, 5], {"reduce": {**options, "axes": [number]}})
            assert by_word.output_shape == by_number.output_shape


def test_reduce_takes_axes_away_or_keeps_them() -> None:
    for axes, output, kept in (
        ("channels", (2, 3), (2, 3, 1)),
        ("spatial", (4,), (1, 1, 4)),
        ("all", (1,), (1, 1, 1)),
        (["height", -1], (3,), (1, 3, 1)),
    ):
        told = row([2, 3, 4], {"reduce": {"function": "mean", "axes": axes}})
        assert (told.output_shape, told.flops) == (output, 24)
        same = row([2, 3, 4], {"reduce": {"function": "mean", "axes": axes, "keepdims": True}})
        assert (same.output_shape, same.flops) == (kept, 24)


def test_what_is_not_known_hides_no_other_fault() -> None:
    """Behind a fault the volume is unknown: options that ask for it wait, the others do not."""
    found = errors(layers("conv: {filters: 0}", "dropout: {rate: 7}",
                          "conv: {filters: $in.channels, kernel: none}"))  # fmt: skip
    assert len(found) == 4
    assert good(layers("relu")).complete


@together(
    ("item", "help"),
    [
        ("Bidirectional: {}",
         "`Bidirectional` is Keras'; both directions are `direction: both` of `lstm`, `gru` and "
         "`rnn`"),
        ("ReduceMax: {}", "`ReduceMax` is ONNX'; it is `reduce: {function: max, axes: spatial, "
                          "keepdims: true}`, axes by name or from behind"),
        ("UpsamplingBilinear2d: 2",
         "`UpsamplingBilinear2d` is PyTorch's; it aligns the corners, and here positions are read "
         "at the centres of pixels: with other values it is `upsample` by a `scale`, and `resize` "
         "to a `size`, with `mode: bilinear`"),
        ("Dot: 1", "`Dot` is Keras'; it is `matmul: [a, b]`, with `transpose_a` or `transpose_b` "
                   "beside `branches`"),
        ("{concat: [[], []], axis: -2}",
         "it is an option of concat and goes inside it: `concat: {branches: […], axis: …}`"),
    ],
)  # fmt: skip
def test_words_of_frameworks(item: str, help: str) -> None:
    (found,) = cnncalc.loads(f"input: 5x6\nlayers:\n- {item}\n").diagnostics
    assert found.help == (help,)
