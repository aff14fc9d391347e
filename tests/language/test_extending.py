"""Parts of an extended file, and blocks of another one."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc
from cnncalc.edit.formatted import formatted
from cnncalc.language.inheritance import bases
from cnncalc.network import Network
from cnncalc.saving.update_expect import update_expectations
from tests.language.test_extends import write

BASE = """\
input: 8x8x3
defaults: {conv: {filters: 4, kernel: 1}}
layers:
  - {name: a, conv: }
  - relu
  - {name: b, conv: {filters: 5, kernel: 3}}
  - {name: c, max_pool: 2}
  - {name: d, from: b, conv: 6}
  - {name: e, repeat: 2, conv: 7}
outputs: [d, e]
expect: {params: 999, output: {d: 6x6x6}}
"""
A, B, D, E = 4 * (3 + 1), 5 * (9 * 4 + 1), 6 * (5 + 1), 7 * (6 + 1) + 7 * (7 + 1)


def test_a_trunk_held_fixed_under_a_new_head() -> None:
    report = cnncalc.loads(
        "extends: {file: vgg16, until: stage5, frozen: true}\n"
        "input: 150x150x3\n"
        "rounding: floor\n"
        "layers: [{dense: {units: 256, activation: relu}}, {dense: 1}]\n"
    )
    assert report.ok
    assert report.totals.params == 16_812_353
    assert report.totals.trainable == 2_097_665


@pytest.mark.parametrize(
    ("own", "names", "trainable"),
    [
        ("extends: {file: base.yaml, until: b}", "a relu1 b", A + B),
        ("extends: {file: base.yaml, until: b, frozen: true}", "a relu1 b", 0),
        ("extends: {file: base.yaml, until: a}\nlayers: [{dense: 2}]", "a dense1",
         A + 2 * (8 * 8 * 4 + 1)),
        ("extends: {file: base.yaml, until: a, frozen: true}\nlayers: [{conv: }]", "a conv1",
         4 * (4 + 1)),
        ("extends: {file: base.yaml, until: a, frozen: false}\nlayers: [{conv: }]", "a conv1",
         A + 4 * (4 + 1)),
        ("extends: {file: base.yaml, after: d}\ninput: 6x6x6", "e.0 e.1", E),
        ("extends: {file: base.yaml, after: d}\nlayers: [{conv: 6}]", "conv1 e.0 e.1",
         6 * (3 + 1) + E),
        ("extends: {file: base.yaml, after: a, until: b}\ninput: 8x8x4\nlayers: [{dense: 1}]",
         "relu1 b dense1", B + 6 * 6 * 5 + 1),
        ("extends: {file: base.yaml, frozen: true}\nlayers: [{conv: 1}]",
         "a relu1 b c d e.0 e.1 conv1", 7 + 1),
        ("extends: {file: base.yaml, replace: {a: {max_pool: 1}, d: relu}, until: d}",
         "a relu1 b c d", 5 * (9 * 3 + 1)),
        ("extends: {file: base.yaml, replace: {b: {conv: {filters: 5, kernel: 3}}}, frozen: true}",
         "a relu1 b c d e.0 e.1", B),
        ("extends: {file: base.yaml}\nlayers: [{conv: 1}]\noutputs: conv1\nexpect: {params: 4, "
         "output: 8x8x1}", "conv1", 4),
    ],
)  # fmt: skip
def test_what_is_taken(tmp_path: Path, own: str, names: str, trainable: int) -> None:
    report = cnncalc.load(write(tmp_path, base=BASE, main=f"{own}\n"))
    assert [row.name for row in report.rows] == names.split()
    # Where the layers are the base's own, so is what it expects.
    said = [d.code for d in report.diagnostics if d.is_error]
    assert set(said) <= {"expectation-failed"}
    assert bool(said) == (
        own.endswith("frozen: true}") and "until" not in own and "replace" not in own
    )
    assert report.totals.trainable == trainable


def test_what_replaces_a_layer_reads_what_it_read(tmp_path: Path) -> None:
    text = "extends: {file: base.yaml, replace: {d: {identity: }}}\n"
    report = cnncalc.load(write(tmp_path, base=BASE, main=text))
    (row,) = [row for row in report.rows if row.name == "d"]
    assert (row.inputs, row.output_shape) == (("b",), (6, 6, 5))
    assert report.outputs.keys() == {"d", "e"}


def test_parts_of_parts(tmp_path: Path) -> None:
    report = cnncalc.load(
        write(
            tmp_path,
            base=BASE,
            middle="extends: {file: base.yaml, until: b, frozen: true}\n"
            "layers: [{name: x, conv: }]\n",
            main="extends: {file: middle.yaml, after: a, replace: {x: relu}}\ninput: 8x8x4\n",
        )
    )
    assert [(row.name, row.kind) for row in report.rows] == [
        ("relu1", "relu"), ("b", "conv"), ("x", "relu"),
    ]  # fmt: skip
    assert report.totals.trainable == 0
    assert report.ok


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        ("until: f", "unknown-layer", "base.yaml has no item of its `layers:` that is named `f`"),
        ("after: e.0", "unknown-layer", "that is named `e.0`"),
        ("until: relu1", "unknown-layer", "that is named `relu1`"),
        ("until: [a]", "wrong-type", "`until` is the name of a layer"),
        ("until: true", "wrong-type", "`until` is the name of a layer"),
        ("until: a, after: b", "bad-value", "`a` does not come after `b`"),
        ("until: a, after: a", "bad-value", "`a` does not come after `a`"),
        ("after: e", "bad-value", "nothing of base.yaml comes after `e`"),
        ("after: d", "missing-option", "what comes after `d` needs an `input:` of its own"),
        ("frozen: 1", "wrong-type", "`frozen` is true or false"),
        ("replace: [a]", "wrong-type", "`replace` is a mapping"),
        ("replace: {f: relu}", "unknown-layer", "that is named `f`"),
        ("replace: {a: {name: x, conv: 3}}", "bad-value", "what replaces `a` keeps that name"),
        ("until: b, replace: {d: relu}", "bad-value", "`d` is left out, and cannot be replaced"),
        ("replace: {a: ~}", "wrong-type", "a layer is a kind such as `relu`"),
        ("replace: {a: {conv: {filter: 3}}}", "unknown-key", "conv has no option `filter`"),
        ("till: a", "unknown-key", "`extends` has no `till`"),
    ],
)
def test_what_cannot_be_taken(tmp_path: Path, said: str, code: str, message: str) -> None:
    main = write(tmp_path, base=BASE, main=f"extends: {{file: base.yaml, {said}}}\n")
    errors = [d for d in cnncalc.load(main).diagnostics if d.is_error]
    assert [error.code for error in errors] == [code]
    assert message in errors[0].message
    assert errors[0].span.source.name == str(main)


def test_what_is_left_out_is_not_read(tmp_path: Path) -> None:
    text = "extends: {file: base.yaml, after: c}\ninput: 3x3x5\n"
    (error,) = cnncalc.load(write(tmp_path, base=BASE, main=text)).diagnostics
    assert error.code == "unknown-layer"
    assert error.message.startswith("`b` of base.yaml is left out, and ")
    assert "base.yaml:8:21" in error.message
    # A layer of this file's may stand in for it.
    text = "extends: {file: base.yaml, after: c}\nlayers: [{name: b, conv: 5}]\n"
    report = cnncalc.load(write(tmp_path, base=BASE, main=text))
    assert report.ok
    assert report.rows[1].inputs == ("b",)


def test_nothing_of_the_base_is_written(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        base=BASE,
        main="layers: [{Dense: {units: 2}}]\n"
        "extends: {frozen: true, until: b, file: base.yaml, replace: {a: {Conv2d: 4}}}\n"
        "expect: {params: 3}\n",
    )
    done = formatted(Network.read(str(main)))
    assert done.text == (
        "extends: {file: base.yaml, until: b, replace: {a: {conv: 4}}, frozen: true}\n"
        "layers:\n"
        "  - Dense: 2\n"
        "expect:\n"
        "  params: 3\n"
    )
    update_expectations(str(main), 1000)
    assert f"expect: {{params: {A + B + 2 * (6 * 6 * 5 + 1)}}}" in main.read_text("utf-8")
    assert (tmp_path / "base.yaml").read_text("utf-8") == BASE


LENDER = """\
input: 8x8x3
vars: {n: 3, wide: $(2 * n), idle: 1}
defaults: {conv: {kernel: 3, bias: false}, leaky_relu: 0.3}
blocks:
  body: {args: {act: leaky_relu}, layers: [{conv: {filters: $wide, activation: $act}}, tail: ]}
  tail: {layers: [{add: [[{conv: $wide}], [{sequential: [{conv: $wide}]}]]}]}
layers: [body]
"""


class TestBlocksOfAnotherFile:
    def test_mean_what_they_mean_there(self, tmp_path: Path) -> None:
        main = write(
            tmp_path,
            lender=LENDER,
            main="input: 9x9x2\n"
            "defaults: {conv: {kernel: 1, padding: 4, filters: 1}, leaky_relu: 0.1}\n"
            "blocks: {from: lender.yaml, own: {layers: [{conv: 2}, leaky_relu]}}\n"
            "layers: [body, own]\n",
        )
        report = cnncalc.load(main)
        assert report.ok
        assert not report.diagnostics
        rows = {row.name: row for row in report.rows}
        for name in ("body1.conv1", "body1.tail1.conv1", "body1.tail1.conv2"):
            assert (rows[name].kernel, rows[name].biases) == ((3, 3), 0)
            assert rows[name].padding == ((0, 0), (0, 0))
            assert rows[name].output_shape[-1] == 6
        assert rows["own1.conv1"].padding == ((4, 4), (4, 4))
        leaky = [row.layer for row in rows.values() if row.kind == "leaky_relu"]
        assert [layer and layer.values["slope"] for layer in leaky] == [0.3, 0.1]

    @pytest.mark.parametrize(
        ("own", "set_", "filters"),
        [
            ("", {}, 6),
            ("vars: {n: 5}\n", {}, 10),
            ("vars: {wide: 7}\n", {}, 7),
            ("vars: {m: 4, n: $m}\n", {}, 8),
            ("", {"n": 4}, 8),
            ("extends: ../base/other.yaml\n", {}, None),
        ],
    )
    def test_bring_the_variables_that_they_mention(
        self, tmp_path: Path, own: str, set_: dict[str, object], filters: int | None
    ) -> None:
        text = f"{own}input: 9x9x2\nblocks: {{from: lender.yaml}}\nlayers: [body]\n"
        report = cnncalc.load(write(tmp_path, lender=LENDER, main=text), set=set_)
        if filters is None:
            assert not report.ok
        else:
            assert report.rows[0].output_shape[-1] == filters
            idle = cnncalc.load(tmp_path / "main.yaml", set={"idle": 3})
            assert [d.code for d in idle.diagnostics] == ["unknown-variable"]

    def test_own_ones_win_over_them_and_they_over_those_extended(self, tmp_path: Path) -> None:
        main = write(
            tmp_path,
            lender=LENDER,
            base="input: 9x9x1\nblocks: {tail: {layers: [relu]}, t: {layers: [tanh]}}\n"
            "layers: [t]\n",
            main="extends: base.yaml\nblocks: {body: {layers: [tail: , t: ]}, from: lender.yaml}\n"
            "layers: [body]\n",
        )
        kinds = [row.kind for row in cnncalc.load(main).rows]
        assert kinds == ["conv", "conv", "add", "tanh"]

    def test_a_circle_is_refused(self, tmp_path: Path) -> None:
        main = write(
            tmp_path,
            main="input: 3\nblocks: {from: b.yaml}\nlayers: [relu]\n",
            b="extends: c.yaml\n",
            c="input: 3\nblocks: {from: main.yaml}\nlayers: [relu]\n",
        )
        (error,) = cnncalc.load(main).diagnostics
        assert error.code == "recursive-block"
        assert error.message.endswith("main.yaml → b.yaml → c.yaml → main.yaml")

    @pytest.mark.parametrize(
        ("name", "code"),
        [("../x.yaml", "bad-value"), ("x.yaml", "file-unreadable"), ("[a]", "wrong-type"),
         ("~", "wrong-type"), ("{layers: [relu]}", "wrong-type"), ("resnet51", "file-unreadable")],
    )  # fmt: skip
    def test_where_they_may_be(self, tmp_path: Path, name: str, code: str) -> None:
        text = f"input: 3\nblocks: {{from: {name}}}\nlayers: [some_block]\n"
        (error,) = cnncalc.load(write(tmp_path, main=text)).diagnostics
        assert error.code == code

    def test_however_many_ways_lead_to_a_file_it_is_read_once(self, tmp_path: Path) -> None:
        files = {
            f"f{n}": f"extends: f{n + 1}.yaml\nblocks: {{from: f{n + 1}.yaml}}\n" for n in range(30)
        }
        write(tmp_path, f30="input: 3\nblocks: {b: {layers: [relu]}}\nlayers: [b, {dense: x}]\n",
              **files)  # fmt: skip
        errors = [d for d in cnncalc.load(tmp_path / "f0.yaml").diagnostics if d.is_error]
        assert [error.code for error in errors] == ["wrong-type"]
        assert len(list(bases(tmp_path / "f0.yaml"))) == 30

    def test_of_a_bundled_file(self) -> None:
        own = (
            "input: 56x56x64\nrounding: floor\nblocks: {from: resnet50}\nlayers: [{bottleneck: 64}]"
        )
        whole = cnncalc.load("resnet50")
        same = [r.params for r in whole.rows if r.name.startswith("layer1.0.")]
        assert [row.params for row in cnncalc.loads(own).rows] == same
