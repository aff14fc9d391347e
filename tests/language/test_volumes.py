"""What flows in and out: inputs, outputs, rounding and padding."""

from __future__ import annotations

from itertools import product

import pytest

from tests.together import together

from .texts import errors, good, layers, output


class TestInput:
    @together(
        ("written", "volume"),
        [
            ("227x227x3", (227, 227, 3)), ("227X227x3", (227, 227, 3)), ("784", (784,)),
            ("16000x1", (16000, 1)),
            ("16x112x112x3", (16, 112, 112, 3)), ("[227, 227, 3]", (227, 227, 3)),
            ("[784]", (784,)), ("[16, 8, 8, 3]", (16, 8, 8, 3)),
            ("$n", (12,)), ("$(2 * n)", (24,)), ("[$n, $(n + 1), 3]", (12, 13, 3)),
            ("${n}".replace("{n}", "n") + "x4x3", (12, 4, 3)),
            ("$(n)x$(n)x3", (12, 12, 3)), ("$shape", (4, 5, 6)), ("'8 x 8 x 3'", (8, 8, 3)),
            ("07x8x3", (7, 8, 3)), ("8.0", (8,)),
        ],
    )  # fmt: skip
    def test_forms(self, written: str, volume: tuple[int, ...]) -> None:
        head = f"input: {written}\nvars: {{n: 12, shape: [4, 5, 6]}}\n".replace("nx4", "(n)x4")
        assert output("relu", head=head) == volume

    @together(
        "written",
        [
            "0", "-1", "8x0x3", "8x-8x3", "8xx3", "x8", "8x", "8*8*3", "8,8,3", "[]", "[8, 0]",
            "[8, x]", "[8, 8.5, 3]", "8.5", "wide", "~", "true", "1x2x3x4x5", "[1, 2, 3, 4, 5]",
            "[[8, 8, 3]]", "8x8x9223372036854775808", "[true, 8]", "0x1", "8\u00d78\u00d73",
            "\u0668x\u0668x\u0663",
        ],
    )  # fmt: skip
    def test_what_is_no_volume(self, written: str) -> None:
        (code,) = errors(layers("relu", head=f"input: {written}\n"))
        assert code in ("bad-value", "wrong-type")


class TestSeveralInputs:
    HEAD = "input: {left: 8x8x3, right: 8x8x5}\n"

    def test_each_by_name(self) -> None:
        report = good(
            layers(
                "{name: a, from: left, relu: }",
                "{from: right, concat: [[], a, left]}",
                head=self.HEAD,
            )
        )
        assert list(report.inputs.items()) == [("left", (8, 8, 3)), ("right", (8, 8, 5))]
        assert report.rows[-1].output_shape == (8, 8, 11)

    @pytest.mark.parametrize(
        "item",
        [
            "relu",
            "{when: true, relu: }",
            "{relu: , repeat: 2}",
            "{add: [[], []]}",
            "{concat: [[relu], left]}",
            "b",
            "{sequential: [relu]}",
            "{dense: $in.channels}",
        ],
    )
    def test_the_first_layer_says_which(self, item: str) -> None:
        head = self.HEAD + "blocks: {b: {layers: [relu]}}\n"
        assert errors(layers(item, "tanh", head=head)) == ["missing-option"]

    @pytest.mark.parametrize(
        "item",
        [
            "{concat: [left, right]}",
            "{concat: [[{from: left, relu: }], right]}",
            "{from: left, b: }",
        ],
    )
    def test_or_its_branches_do(self, item: str) -> None:
        head = self.HEAD + "blocks: {b: {layers: [relu]}}\n"
        assert errors(layers(item, "tanh", head=head)) == []

    @together("outputs", ["", "outputs: [a]\n"])
    @together(
        "item",
        [
            "{name: a, b: }",
            "{name: a, sequential: []}",
            "{name: a, when: false, relu: }",
            "{name: a, relu: , repeat: 0}",
        ],
    )
    @together("head", [HEAD, "input: 4x4x1\n"])
    def test_a_network_of_nothing_is_no_network(self, head: str, item: str, outputs: str) -> None:
        head += "blocks: {b: {layers: []}}\n" + outputs
        assert errors(layers(item, head=head)) == ["missing-option"]

    def test_an_input_is_no_name_for_a_layer(self) -> None:
        assert errors(layers("{name: left, from: left, relu: }", head=self.HEAD)) == [
            "duplicate-name"
        ]


class TestInputArgument:
    @pytest.mark.parametrize(
        "given", ["16x16x3", (16, 16, 3), {"input": "16x16x3"}, {"input": (16, 16, 3)}]
    )
    def test_replaces_the_files(self, given: object) -> None:
        assert output("max_pool: 2", input=given) == (8, 8, 3)

    def test_of_several(self) -> None:
        report = good(
            layers("{concat: [a, b]}", head="input: {a: 4x1, b: 4x2}\n"), input={"b": "4x7"}
        )
        assert report.rows[0].output_shape == (4, 8)

    @together(
        "given",
        [
            "",
            "8x",
            "0x8x3",
            "1x2x3x4x5",
            (0,),
            (),
            (8.5, 8, 3),
            ("8", 8, 3),
            (True, 8, 3),
            (None,),
            {"input": "x"},
            {"nope": "8x8x3"},
            (2**63, 1),
        ],
    )
    def test_refused(self, given: object) -> None:
        """As a misuse of the call, or as a finding: never in silence."""
        try:
            found = errors(layers("relu"), input=given)
        except ValueError:
            return
        assert found


class TestOutputs:
    ITEMS = (
        "{name: a, dense: 3}",
        "{name: b, from: input, sequential: [{dense: 4}, relu]}",
        "{name: r, from: input, dense: 5, repeat: 2}",
    )

    @pytest.mark.parametrize(
        ("outputs", "expected"),
        [
            ("", {"r": 5}), ("outputs: [a]", {"a": 3}), ("outputs: a", {"a": 3}),
            ("outputs: [b, a]", {"b": 4, "a": 3}), ("outputs: [r.0]", {"r.0": 5}),
            ("outputs: [b.dense1]", {"b.dense1": 4}), ("outputs: [$out]", {"a": 3}),
            ("outputs: $outs", {"a": 3, "b": 4}),
        ],
    )  # fmt: skip
    def test_by_name(self, outputs: str, expected: dict[str, int]) -> None:
        head = f"input: 2\nvars: {{out: a, outs: [a, b]}}\n{outputs}\n"
        report = good(layers(*self.ITEMS, head=head))
        assert {name: volume[0] for name, volume in report.outputs.items()} == expected

    @pytest.mark.parametrize(
        ("item", "name"),
        [
            ("{name: last, relu: }", "last"),
            ("relu", "relu1"),
            ("unit", "unit1"),
            ("{name: u, unit: }", "u"),
            ("{relu: , repeat: 2}", "relu1"),
            ("{name: g, sequential: [relu]}", "g"),
            ("{name: s, add: [[relu], []]}", "s"),
            ("{name: d, dense: {units: 1, activation: relu}}", "d"),
        ],
    )
    def test_the_last_layer_by_default(self, item: str, name: str) -> None:
        head = "input: 2\nblocks: {unit: {layers: [relu]}}\n"
        assert list(good(layers(item, head=head)).outputs) == [name]


class TestRounding:
    """9 pixels under a window of 2 every 2: refused, 4 or 5."""

    @together(("file", "argument", "layer"), [*product(("", "exact", "floor", "ceil"), repeat=3)])
    def test_the_nearest_wins(self, file: str, argument: str, layer: str) -> None:
        head = "input: 9x9x3\n" + (f"rounding: {file}\n" if file else "")
        item = "{max_pool: {kernel: 2" + (f", rounding: {layer}" if layer else "") + "}}"
        found = layer or argument or file or "exact"
        text = layers(item, head=head)
        if found == "exact":
            assert errors(text, rounding=argument or None) == ["stride-misfit"]
        else:
            report = good(text, rounding=argument or None)
            assert report.rows[0].output_shape == ((4, 4, 3) if found == "floor" else (5, 5, 3))

    @pytest.mark.parametrize(
        ("options", "shape"),
        [
            ("ceil_mode: true", (5, 5, 3)),
            ("ceil_mode: $yes", (5, 5, 3)),
            ("rounding: $how", (5, 5, 3)),
            ("rounding: CEIL", (5, 5, 3)),
        ],
    )
    def test_in_pytorchs_words(self, options: str, shape: tuple[int, ...]) -> None:
        head = "input: 9x9x3\nvars: {yes: true, how: ceil}\n"
        assert output(f"max_pool: {{kernel: 2, {options}}}", head=head) == shape

    @pytest.mark.parametrize(
        "options",
        [
            "ceil_mode: 3",
            "ceil_mode: ceil",
            "ceil_mode: true, rounding: floor",
            "rounding: up",
            "rounding: true",
        ],
    )
    def test_refused(self, options: str) -> None:
        assert (
            len(errors(layers(f"max_pool: {{kernel: 2, {options}}}", head="input: 9x9x3\n"))) == 1
        )

    @pytest.mark.parametrize("word", ["floor", "Floor", "FLOOR", "$how"])
    def test_in_the_file(self, word: str) -> None:
        assert output(
            "max_pool: 2", head=f"input: 9x9x3\nvars: {{how: floor}}\nrounding: {word}\n"
        ) == (4, 4, 3)

    def test_a_default_is_the_layers(self) -> None:
        head = "input: 9x9x3\nrounding: floor\ndefaults: {max_pool: {rounding: ceil}}\n"
        assert output("max_pool: 2", head=head, rounding="floor") == (5, 5, 3)


class TestPadding:
    @together(
        ("padding", "shape"),
        [
            ("0", (6, 6)), ("1", (8, 8)), ("valid", (6, 6)), ("VALID", (6, 6)), ("same", (8, 8)),
            ("Same", (8, 8)), ("half", (8, 8)), ("HALF", (8, 8)),
            ("[1, 2]", (8, 10)), ("[0, 0]", (6, 6)),
            ("[[1, 2], [3, 4]]", (9, 13)), ("[[0, 1], 2]", (7, 10)), ("$p", (8, 8)),
            ("[$p, [0, $p]]", (8, 7)), ("$('same' if p else 'valid')", (8, 8)),
        ],
    )  # fmt: skip
    def test_forms(self, padding: str, shape: tuple[int, int]) -> None:
        head = "input: 8x8x3\nvars: {p: 1}\n"
        assert output(f"conv: {{filters: 2, kernel: 3, padding: {padding}}}", head=head) == (
            *shape,
            2,
        )

    @together(
        "padding",
        [
            "-1",
            "[1]",
            "[1, 2, 3]",
            "[]",
            "[[1, 2]]",
            "[[1, 2, 3], 1]",
            "full",
            "1.5",
            "true",
            "~",
            "1x1x1",
            "{top: 1}",
            "[same, same]",
        ],
    )
    def test_refused(self, padding: str) -> None:
        assert len(errors(layers(f"conv: {{filters: 2, kernel: 3, padding: {padding}}}"))) == 1

    @pytest.mark.parametrize(
        ("volume", "item", "shape"),
        [
            ("9x2", "conv: {filters: 1, kernel: 3, padding: 1}", (9, 1)),
            ("9x2", "conv: {filters: 1, kernel: 3, padding: [[2, 0]]}", (9, 1)),
            (
                "4x4x4x2",
                "conv: {filters: 1, kernel: [1, 2, 3], padding: [0, [1, 0], 1]}",
                (4, 4, 4, 1),
            ),
            (
                "4x4x4x2",
                "conv: {filters: 1, kernel: 3x3x3, padding: same, stride: 2x1x3}",
                (2, 4, 2, 1),
            ),
        ],
    )
    def test_in_every_rank(self, volume: str, item: str, shape: tuple[int, ...]) -> None:
        assert output(item, head=f"input: {volume}\n") == shape


class TestRankOfAName:
    @together(
        ("volume", "item", "fine"),
        [
            ("8x3", "Conv1d: {filters: 1, kernel: 1}", True),
            ("8x8x3", "Conv2D: {filters: 1, kernel: 1}", True),
            ("8x8x8x3", "conv3d: {filters: 1, kernel: 1}", True),
            ("8x8x3", "Conv1d: {filters: 1, kernel: 1}", False),
            ("8x3", "Conv2d: {filters: 1, kernel: 1}", False), ("8x8x3", "MaxPooling3D: 2", False),
            ("8x8x3", "MaxPooling2D: 2", True),
            ("7", "BatchNorm1d", True), ("8x7", "BatchNorm1d", True),
            ("8x8x7", "BatchNorm1d", False), ("7", "BatchNorm2d", False),
            ("8x8x7", "BatchNorm2d", True),
            ("8x8x7", "GlobalAveragePooling2D", True), ("8x7", "GlobalAveragePooling2D", False),
            ("8x8x7", "AdaptiveAvgPool2d: 1", True),
            ("8x8x3", "$kind: {filters: 1, kernel: 1}", False),
            ("8x3", "$kind: {filters: 1, kernel: 1}", True),
        ],
    )  # fmt: skip
    def test_is_the_inputs(self, volume: str, item: str, fine: bool) -> None:
        head = f"input: {volume}\nvars: {{kind: Conv1d}}\n"
        assert errors(layers(item, head=head)) == ([] if fine else ["rank-mismatch"])
