"""What names, conditions and counters mean inside blocks, branches and repeats."""

from __future__ import annotations

import pytest

import cnncalc
from tests.together import together

BLOCKS = """
input: 8x8x4
defaults: {conv: {filters: 4, kernel: 1}}
blocks:
  res:
    args: {skip: ~}
    layers:
      - {name: stem, conv: }
      - {name: sum, add: [[], $skip]}
  outer:
    args: {skip: ~}
    layers:
      - {name: stem, conv: }
      - {name: inner, res: $skip}
  own:
    layers:
      - {name: stem, conv: }
      - {name: inner, res: stem}
  tied:
    args: {to: ~}
    layers:
      - {name: stem, conv: }
      - {name: twin, share: $to, conv: }
layers:
  - {name: stem, conv: }
  - {name: mid, conv: }
"""


@together(
    ("item", "layer", "reads"),
    [
        ("{name: r, res: stem}", "r.sum", ("r.stem", "stem")),
        ("{name: r, res: {skip: mid}}", "r.sum", ("r.stem", "mid")),
        ("{name: r, outer: stem}", "r.inner.sum", ("r.inner.stem", "stem")),
        ("{name: r, own: }", "r.inner.sum", ("r.inner.stem", "r.stem")),
        ("{name: r, res: input}", "r.sum", ("r.stem", "input")),
        ("{name: r, repeat: 2, res: stem}", "r.1.sum", ("r.1.stem", "stem")),
    ],
)
def test_a_name_means_what_it_means_where_it_is_given(
    item: str, layer: str, reads: tuple[str, ...]
) -> None:
    report = cnncalc.loads(f"{BLOCKS}  - {item}\n")
    assert not [d for d in report.diagnostics if d.is_error]
    (row,) = [row for row in report.rows if row.name == layer]
    assert row.inputs == reads


def test_weights_are_shared_with_the_layer_that_is_given() -> None:
    report = cnncalc.loads(f"{BLOCKS}  - {{name: t, tied: stem}}\n")
    (row,) = [row for row in report.rows if row.name == "t.twin"]
    assert row.shares == "stem"


@together(
    ("branch", "params"),
    [
        ("{when: yes_, branch: [{conv: 4}]}", 20),
        ("{when: no_, branch: [{conv: 4}]}", 0),
        ("{when: no_, branch: [{conv: 4}], else: []}", 0),
        ("{when: no_, branch: [], else: [{conv: 4}, {conv: 4}]}", 40),
        ("{when: no_, branch: [], else: {when: yes_, branch: [{conv: 4}]}}", 20),
        ("{when: no_, branch: [], else: {when: no_, branch: [{conv: 4}]}}", 0),
        ("{when: in.channels == 4, branch: input}", 0),
    ],
)
def test_a_branch_may_have_a_condition(branch: str, params: int) -> None:
    report = cnncalc.loads(
        "input: 8x8x4\nvars: {yes_: true, no_: false}\ndefaults: {conv: {kernel: 1}}\n"
        f"layers:\n  - add: [[], {branch}]\n"
    )
    assert {d.code for d in report.diagnostics} <= {"unused-variable"}
    assert report.totals.params == params


@pytest.mark.parametrize(("kept", "channels"), [("true", 12), ("false", 4)])
def test_a_branch_that_is_left_out_has_no_channels(kept: str, channels: int) -> None:
    report = cnncalc.loads(
        f"input: 8x8x4\nvars: {{kept: {kept}}}\n"
        "layers:\n  - concat: [[], {when: kept, branch: [{conv: {filters: 8, kernel: 1}}]}]\n"
    )
    assert report.rows[-1].output_shape == (8, 8, channels)


def test_counters_of_nested_repeats() -> None:
    report = cnncalc.loads(
        "input: 8x8x4\ndefaults: {conv: {kernel: 1}}\nlayers:\n"
        "  - {repeat: 2, counter: a, sequential: [\n"
        "      {repeat: 2, counter: b, sequential: [\n"
        "        {repeat: 2, conv: $(100 * (1 + a) + 10 * b + index)}]}]}\n"
    )
    assert report.diagnostics == ()
    assert [row.output_shape[-1] for row in report.rows] == [
        100, 101, 110, 111, 200, 201, 210, 211,
    ]  # fmt: skip


def test_copies_may_name_themselves_by_a_named_counter() -> None:
    report = cnncalc.loads(
        "input: 8x8x4\nlayers:\n  - {repeat: 2, counter: side, name: tower$side, relu: }\n"
    )
    assert [row.name for row in report.rows] == ["tower0", "tower1"]


@together(
    "layer",
    ["merge", "block", "group", "group.0", "block.conv1"],
)
def test_what_is_expected_of_a_name_is_a_sum_of_what_is_under_it(layer: str) -> None:
    text = """
input: 8x8x4
defaults: {conv: {kernel: 1}}
blocks:
  one: {layers: [{conv: 4}, relu]}
layers:
  - {name: merge, add: [[{conv: 4}, {conv: 4}], []]}
  - {name: block, one: }
  - {name: group, repeat: 2, sequential: [{conv: 4}, {conv: 4}]}
"""
    # A 1x1 convolution of 4 to 4 channels: 16 weights, 4 biases, 16 MACs for each of 64 places.
    convolutions = {"merge": 2, "block": 1, "group": 4, "group.0": 2, "block.conv1": 1}[layer]
    expected = f"{{params: {20 * convolutions}, macs: {1024 * convolutions}}}"
    report = cnncalc.loads(f"{text}expect: {{layers: {{{layer}: {expected}}}}}\n")
    assert report.diagnostics == ()


def test_lists_in_variables_and_arguments() -> None:
    report = cnncalc.loads("""
input: 8x8x4
vars: {widths: [8, 16, 32], stages: [[4, 1], [6, 2]]}
defaults: {conv: {kernel: 1}}
blocks:
  stage: {args: {widths: ~}, layers: [{repeat: $(len(widths)), conv: "$(widths[index])"}]}
layers:
  - {repeat: 3, conv: "$(widths[index])"}
  - {repeat: 4, sequential: [{when: "index in [1, 3]", max_pool: 2}]}
  - {stage: [5, 7]}
  - {stage: $widths}
  - {repeat: 2, counter: i, sequential: [
      {repeat: "$(stages[i][1])", conv: "$(stages[i][0])"}]}
""")
    assert report.diagnostics == ()
    assert [row.output_shape for row in report.rows] == [
        (8, 8, 8), (8, 8, 16), (8, 8, 32), (4, 4, 32), (2, 2, 32),
        (2, 2, 5), (2, 2, 7), (2, 2, 8), (2, 2, 16), (2, 2, 32), (2, 2, 4), (2, 2, 6), (2, 2, 6),
    ]  # fmt: skip


RECURSIVE = """
input: 16x16x8
blocks:
  level:
    args: {depth: ~}
    layers:
      - add:
          - []
          - - {max_pool: 2}
            - {when: "$(depth > 1)", level: {depth: $(depth - 1)}}
            - {upsample: 2}
layers:
  - {level: DEPTH}
"""


def test_a_block_may_reach_itself_where_a_condition_ends_it() -> None:
    report = cnncalc.loads(RECURSIVE.replace("DEPTH", "3"))
    assert report.diagnostics == ()
    assert [row.output_shape[0] for row in report.rows] == [8, 4, 2, 4, 4, 8, 8, 16, 16]


@together("when", ["true", "depth > -100", "1"])
def test_a_condition_that_ends_nothing_is_an_error(when: str) -> None:
    text = RECURSIVE.replace("$(depth > 1)", when).replace("DEPTH", "3")
    text = text.replace("{max_pool: 2}", "relu").replace("{upsample: 2}", "relu")
    (found,) = cnncalc.loads(text).diagnostics
    assert found.code == "recursive-block"
    assert "no condition ends it within 80 levels" in found.message
    assert len(found.notes) == 2


def test_two_blocks_may_reach_each_other() -> None:
    report = cnncalc.loads("""
input: 8
blocks:
  a: {args: {n: ~}, layers: [{dense: $n}, {when: n > 1, b: $(n - 1)}]}
  b: {args: {n: ~}, layers: [{a: $n}]}
layers: [{a: 3}]
""")
    assert report.diagnostics == ()
    assert [row.output_shape for row in report.rows] == [(3,), (2,), (1,)]


@together(
    ("layers", "reads"),
    [
        # The block's input, from the middle of it and from inside a branch.
        ("- relu\n      - add: [[relu], block_input]", ("b.relu2", "first")),
        ("- relu\n      - add: [[relu], [{from: block_input, relu: }]]", ("b.relu2", "b.relu3")),
        ("- relu\n      - add: [[relu], [{inner: block_input}]]", ("b.relu2", "b.inner1.relu1")),
    ],
)
def test_what_comes_into_a_block(layers: str, reads: tuple[str, ...]) -> None:
    report = cnncalc.loads(f"""
input: 4x4x2
blocks:
  inner: {{args: {{given: ~}}, layers: [{{from: $given, relu: }}]}}
  b:
    layers:
      {layers}
layers:
  - {{name: first, relu: }}
  - {{name: b, b: }}
""")
    assert not [d for d in report.diagnostics if d.is_error]
    assert report.rows[-1].inputs == reads
    inner = [row for row in report.rows if row.name == "b.inner1.relu1"]
    assert all(row.inputs == ("first",) for row in inner)


def test_the_volume_that_comes_into_a_block() -> None:
    report = cnncalc.loads(
        """
input: 4x4x2
defaults: {conv: {kernel: 1}}
blocks:
  b:
    layers:
      - conv: 8
      - add: [[{conv: $block_input.channels}], [{conv: "$(block_input.size // 16)"}]]
layers: [b]
"""
    )
    assert report.diagnostics == ()
    assert [row.output_shape for row in report.rows] == [(4, 4, 8)] + 3 * [(4, 4, 2)]


@together(
    ("layer", "code"),
    [
        ("add: [[], block_input]", "unknown-layer"),
        ("{conv: {filters: $block_input.channels, kernel: 1}}", "unknown-variable"),
        ("{name: block_input, relu: }", "bad-value"),
        ("{from: 'relu1.*', relu: }", "unknown-layer"),
        ("concat: ['relu1.*']", "unknown-layer"),
        ("concat: ['nothing.*']", "unknown-layer"),
    ],
)
def test_outside_of_a_block_and_of_copies(layer: str, code: str) -> None:
    report = cnncalc.loads(f"input: 4x4x2\nlayers:\n  - relu\n  - {layer}\n")
    assert [d.code for d in report.diagnostics if d.is_error] == [code]


def test_all_copies() -> None:
    report = cnncalc.loads("""
input: 4x4x2
defaults: {conv: {kernel: 1}}
blocks:
  join: {args: {these: ~}, layers: [{concat: [$these, []]}]}
layers:
  - {name: y, repeat: 3, conv: $(4 + index)}
  - {name: none, repeat: 0, conv: 4}
  - {name: j, concat: [y.*, none.*]}
  - {name: k, join: y.*}
outputs: [y.*, k]
""")
    assert report.diagnostics == ()
    assert list(report.outputs) == ["y.0", "y.1", "y.2", "k"]
    rows = {row.name: row for row in report.rows}
    assert rows["j"].inputs == ("y.0", "y.1", "y.2")
    assert rows["k.concat1"].inputs == ("y.0", "y.1", "y.2", "j")
    assert rows["k.concat1"].output_shape == (4, 4, 30)
