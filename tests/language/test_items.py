"""An item of `layers:`: its spellings and its wiring keys."""

from __future__ import annotations

import pytest

from cnncalc.report.report import Row
from tests.together import together

from .texts import errors, good, layers, output


def figures(*items: str, **head: str) -> list[Row]:
    """The rows of a network, but for where they were written."""
    return [row._replace(line=0, column=0, layer=None) for row in good(layers(*items, **head)).rows]


class TestSpellings:
    @pytest.mark.parametrize(
        "item", ["relu", "relu:", "relu: ~", "relu: {}", "{relu: {}}", "ReLU", "re_lu"]
    )
    def test_without_options(self, item: str) -> None:
        assert figures(item) == figures("relu")

    @pytest.mark.parametrize(
        "item",
        [
            "dense: 10",
            "{dense: 10}",
            "{dense: {units: 10}}",
            "fc: 10",
            "Linear: 10",
            '"dense": 10',
            "dense: $(10)",
        ],
    )
    def test_with_a_main_option(self, item: str) -> None:
        assert figures(item) == figures("dense: 10")

    @pytest.mark.parametrize(
        "kind",
        [
            "Conv2d",
            "Conv2D",
            "conv2d",
            "CONV",
            "Convolution",
            "Convolution2D",
            "conv_2d",
            "conv-2d",
        ],
    )
    def test_kinds_of_other_frameworks(self, kind: str) -> None:
        same = "conv: {filters: 4, kernel: 3}"
        assert figures(same.replace("conv", kind)) == figures(same)

    @pytest.mark.parametrize(
        "options",
        [
            "out_channels: 4, kernel_size: 3, strides: 5, dilation_rate: 1, use_bias: false",
            "K: 4, F: 3, S: 5, P: 0, D: 1, bias: false",
        ],
    )
    def test_options_of_other_frameworks(self, options: str) -> None:
        own = "filters: 4, kernel: 3, stride: 5, padding: 0, dilation: 1, bias: false"
        assert figures(f"conv: {{{options}}}") == figures(f"conv: {{{own}}}")

    @pytest.mark.parametrize("kernel", ["2", "[2, 2]", "2x2", "2.0", "$(1 + 1)", "[$k, 2]", "$k"])
    def test_extents(self, kernel: str) -> None:
        head = "input: 8x8x6\nvars: {k: 2}\n"
        assert figures(f"max_pool: {kernel}", head=head) == figures("max_pool: 2")

    @pytest.mark.parametrize(
        "activation",
        ["relu", "ReLU", "{relu: }", "$act", "$('relu' if in.channels == 6 else 'elu')"],
    )
    def test_an_activation_is_the_next_item(self, activation: str) -> None:
        head = "input: 8x8x6\nvars: {act: relu}\n"
        item = f"dense: {{units: 4, activation: {activation}}}"
        assert figures(item, head=head) == figures("dense: 4", "relu")

    @pytest.mark.parametrize("word", ["none", "linear", "identity", "~"])
    def test_no_activation(self, word: str) -> None:
        head = "input: 8x8x6\ndefaults: {dense: {activation: relu}}\n"
        assert len(figures(f"dense: {{units: 4, activation: {word}}}", head=head)) == 1

    def test_an_activation_with_an_option(self) -> None:
        item = "dense: {units: 4, activation: {prelu: channels}}"
        assert figures(item) == figures("dense: 4", "prelu: channels")


class TestKindByExpression:
    HEAD = """\
input: 8x8x6
vars: {act: relu, layer: conv, block: unit}
blocks:
  unit: {args: {width: 3, act: tanh}, layers: [{dense: $width}, $act]}
"""

    @together(
        ("item", "kinds"),
        [
            ("$act", ["relu"]),
            ("$act: {}", ["relu"]),
            ("$layer: {filters: 2, kernel: 1}", ["conv"]),
            ("$block", ["dense", "tanh"]),
            ("$block: 5", ["dense", "tanh"]),
            ("$block: {act: selu}", ["dense", "selu"]),
            ("$('relu' if in.channels > 3 else 'tanh')", ["relu"]),
            ("$('relu' if in.channels > 9 else 'tanh')", ["tanh"]),
            ("{unit: {act: $act}}", ["dense", "relu"]),
            ("{unit: {act: Softmax}}", ["dense", "softmax"]),
        ],
    )
    def test_any_kind_but_a_merge(self, item: str, kinds: list[str]) -> None:
        rows = figures(item, head=self.HEAD)
        assert [row.kind for row in rows] == kinds
        assert not any("None" in row.name for row in rows)

    @pytest.mark.parametrize(
        ("item", "code"),
        [
            ("$(1 + 1)", "unknown-kind"),
            ("$('')", "unknown-kind"),
            ("''", "unknown-kind"),
            ("{'': 3}", "unknown-kind"),
            ("$$", "unknown-kind"),
            ("$layer", "missing-option"),
            ("$block: {with: 5}", "unknown-key"),
            ("$act: {slope: 1}", "unknown-key"),
            ("{$act: , $layer: }", "bad-value"),
        ],
    )
    def test_refused(self, item: str, code: str) -> None:
        assert errors(layers(item, head=self.HEAD)) == [code]


class TestWhen:
    @together(
        ("condition", "holds"),
        [
            ("true", True),
            ("false", False),
            ("deep", True),
            ("$deep", True),
            ("not deep", False),
            ("$(not deep)", False),
            ("in.channels == 6", True),
            ("in.height < 8 or in.width != 8", False),
            ("mode == 'train'", True),
            ("\"mode != 'train'\"", False),
        ],
    )
    def test_condition(self, condition: str, holds: bool) -> None:
        head = "input: 8x8x6\nvars: {deep: true, mode: train}\n"
        rows = good(layers("tanh", f"{{when: {condition}, relu: }}", head=head)).rows
        assert [row.kind for row in rows] == (["tanh", "relu"] if holds else ["tanh"])

    def test_a_layer_left_out_is_the_identity(self) -> None:
        report = good(
            layers(
                "tanh",
                "{name: gone, when: false, dense: 3}",
                "elu",
                "{from: gone, add: [gone, elu1]}",
            )
        )
        assert report.rows[1].inputs == ("tanh1",)
        assert report.rows[2].inputs == ("tanh1", "elu1")

    @pytest.mark.parametrize(
        "item",
        [
            "{when: false, b: }",
            "{when: false, sequential: [flatten]}",
            "{when: false, add: [[flatten]]}",
            "{when: false, relu: , repeat: 3}",
            "{sequential: [{when: false, dense: 1}]}",
        ],
    )
    def test_all_of_an_item_is_left_out(self, item: str) -> None:
        head = "input: 8x8x6\nblocks: {b: {layers: [flatten]}}\n"
        assert output("tanh", item, head=head) == (8, 8, 6)

    def test_unnamed_groups_left_out_leave_no_trace(self) -> None:
        gone = ["{when: false, sequential: [tanh]}", "{when: false, add: [[tanh], []]}"]
        report = good(layers("{name: a, relu: }", *gone, *gone))
        assert list(report.outputs.values()) == [(8, 8, 6)]
        assert "" not in report.outputs

    def test_what_is_left_out_may_be_impossible(self) -> None:
        assert output("{when: in.height > 8, max_pool: 9}", "relu") == (8, 8, 6)


class TestRepeat:
    @pytest.mark.parametrize(
        "count", ["3", "$n", "n", "$(n)", "n * 2 - 3", "3.0", "in.channels // 2", '"3"']
    )
    def test_count(self, count: str) -> None:
        head = "input: 8x8x6\nvars: {n: 3}\n"
        assert len(figures(f"{{relu: , repeat: {count}}}", head=head)) == 3

    def test_copies_follow_one_another(self) -> None:
        assert output("{conv: {filters: 6, kernel: 3}, repeat: 3}") == (2, 2, 6)

    def test_index_counts_from_0(self) -> None:
        rows = figures("{dense: $(index * 10 + 1), repeat: 3}")
        assert [row.output_shape for row in rows] == [(1,), (11,), (21,)]

    def test_index_of_the_innermost_repeat(self) -> None:
        rows = figures(
            "{sequential: [{dense: $(index + 1), repeat: 2}, {dense: $(index + 7)}], repeat: 2}"
        )
        assert [row.output_shape[0] for row in rows] == [1, 2, 7, 1, 2, 8]

    def test_index_reaches_into_blocks_and_branches(self) -> None:
        head = "input: 8x8x6\nblocks: {b: {args: {n: 1}, layers: [{dense: $(index + n)}]}}\n"
        items = [
            "{b: {n: $(10 * index + 1)}, repeat: 2}",
            "{concat: [[{dense: $(index + 3)}]], repeat: 2}",
        ]
        rows = [row for row in figures(*items, head=head) if row.kind == "dense"]
        assert [row.output_shape[0] for row in rows] == [1, 12, 3, 4]

    def test_none_at_all(self) -> None:
        report = good(layers("tanh", "{name: gone, dense: 3, repeat: 0}", "{from: gone, relu: }"))
        assert [row.inputs for row in report.rows] == [("input",), ("tanh1",)]

    def test_condition_for_each_copy(self) -> None:
        assert len(figures("{relu: , repeat: 5, when: index % 2 == 0}")) == 3

    def test_the_name_stands_for_the_last_copy(self) -> None:
        rows = good(
            layers("{name: r, relu: , repeat: 3}", "{from: r, elu: }", "{from: r.1, selu: }")
        ).rows
        assert [row.inputs for row in rows[3:]] == [("r.2",), ("r.1",)]


class TestShare:
    HEAD = """\
input: {left: 8x8x3, right: 8x8x3}
blocks:
  tower:
    layers:
      - {conv: {filters: 4, kernel: 3}}   # 108 + 4
      - {batch_norm: }                    # 4 + 4, 8 of state
      - relu
      - {dense: 5}                        # 720 + 5
"""
    TOWER = 112 + 8 + 725

    def test_counts_once(self) -> None:
        report = good(
            layers(
                "{name: a, dense: 4}", "{dense: 4}", "{dense: 4, share: dense1}", head="input: 4\n"
            )
        )
        assert [row.params for row in report.rows] == [20, 20, 0]
        assert [row.shares for row in report.rows] == [None, None, "dense1"]
        assert [row.macs for row in report.rows] == [16, 16, 16]
        assert report.totals.params == 40

    def test_layer_for_layer_over_blocks(self) -> None:
        towers = [
            "{name: a, from: left, tower: }",
            "{name: b, from: right, tower: , share: a}",
            "{concat: [a, b]}",
        ]
        report = good(layers(*towers, head=self.HEAD))
        assert report.totals.params == self.TOWER
        assert report.totals.state == 8
        shares = {row.name: row.shares for row in report.rows}
        assert shares["b.conv1"] == "a.conv1"
        assert shares["b.batch_norm1"] == "a.batch_norm1"
        assert shares["b.dense1"] == "a.dense1"

    def test_through_another_that_shares(self) -> None:
        rows = good(
            layers(
                "{name: a, dense: 4}",
                "{name: b, dense: 4, share: a}",
                "{dense: 4, share: b}",
                head="input: 4\n",
            )
        ).rows
        assert [row.shares for row in rows] == [None, "a", "a"]

    @pytest.mark.parametrize(
        "items",
        [
            ["{name: a, dense: 4}", "{dense: 4, share: a, repeat: 5}"],
            ["{dense: 4, repeat: 1}", "{dense: 4, share: dense1.0}"],
        ],
    )
    def test_copies(self, items: list[str]) -> None:
        assert good(layers(*items, head="input: 4\n")).totals.params == 20

    def test_copies_with_copies(self) -> None:
        items = [
            "{name: a, dense: $(4 + index), repeat: 2}",
            "{from: input, dense: $(4 + index), share: a, repeat: 2}",
        ]
        report = good(layers(*items, head="input: 4\n"))
        assert [row.shares for row in report.rows] == [None, None, "a.0", "a.1"]

    def test_volumes_may_differ_where_weights_do_not(self) -> None:
        rows = good(layers("{name: a, conv: {filters: 6, kernel: 3, padding: 1}}", "{max_pool: 2}",
                           "{conv: {filters: 6, kernel: 3}, share: a}")).rows  # fmt: skip
        assert rows[2].shares == "a"
        assert rows[2].output_shape == (2, 2, 6)

    @pytest.mark.parametrize(
        ("item", "code"),
        [
            ("{dense: 5, share: a}", "shape-mismatch"),
            ("{dense: {units: 4, bias: false}, share: a}", "shape-mismatch"),
            ("{relu: , share: a}", "shape-mismatch"),
            ("{sequential: [{dense: 4}, relu], share: a}", "shape-mismatch"),
            ("{dense: 4, share: b}", "unknown-layer"),
            ("{name: c, dense: 4, share: c}", "unknown-layer"),
            ("{dense: 4, share: [a]}", "wrong-type"),
        ],
    )
    def test_refused(self, item: str, code: str) -> None:
        assert errors(layers("{name: a, dense: 4}", item, head="input: 4\n")) == [code]


class TestTrainable:
    @together(
        ("items", "trainable"),
        [
            (["{dense: 4}"], 20),
            (["{dense: 4, trainable: false}"], 0),
            (["{dense: 4, trainable: $frozen}"], 20),
            (["{dense: 4, trainable: $(not frozen)}"], 0),
            (["{dense: 4, trainable: false}", "dense: 4"], 20),
            (["{sequential: [{dense: 4}, {dense: 4, trainable: true}], trainable: false}"], 0),
            (["{block: {}, trainable: false}", "block"], 20),
            (["{add: [[{dense: 4}], []], trainable: false}"], 0),
            (["{name: a, dense: 4, trainable: false}", "{dense: 4, share: a}"], 0),
            (["{dense: 4, trainable: $(index == 1), repeat: 3}"], 20),
            (["{batch_norm: , trainable: false}"], 0),
        ],
    )
    def test_parameters_move_to_the_other_total(self, items: list[str], trainable: int) -> None:
        head = "input: 4\nvars: {frozen: true}\nblocks: {block: {layers: [{dense: 4}]}}\n"
        totals = good(layers(*items, head=head)).totals
        assert totals.trainable == trainable
        assert totals.trainable + totals.non_trainable == totals.params
