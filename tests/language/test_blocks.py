"""Blocks and their arguments; variables, defaults and values set from outside."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.together import together

from .texts import errors, good, layers


def units(*items: str, head: str, set: Mapping[str, object] | None = None) -> list[int]:
    rows = good(layers(*items, head=head), set=set).rows
    return [row.output_shape[0] for row in rows if row.kind == "dense"]


class TestArguments:
    HEAD = """\
input: 8x8x6
vars: {base: 5, other: 50}
blocks:
  b:
    args: {need: ~, more: 2, sum: $(need + more), from_file: $base}
    layers: [{dense: $need}, {dense: $more}, {dense: $sum}, {dense: $from_file}]
  one: {args: {width: 3}, layers: [{dense: $width}]}
  wrap: {args: {base: 9}, layers: [{one: $base}, {one: $(base + other)}]}
  own_name: {args: {base: $base}, layers: [{dense: $base}]}
  upstream: {args: {width: $in.channels}, layers: [{dense: $width}]}
"""

    @together(
        ("item", "expected"),
        [
            ("b: {need: 1}", [1, 2, 3, 5]),
            ("b: {need: 1, more: 4}", [1, 4, 5, 5]),
            ("b: {need: 1, sum: 7}", [1, 2, 7, 5]),
            ("b: {need: $base, from_file: $(base + 1)}", [5, 2, 7, 6]),
            ("b: 1", [1, 2, 3, 5]),
            ("one", [3]),
            ("one: 4", [4]),
            ("one: ~", [3]),
            ("one: {}", [3]),
            ("one: {width: $in.channels}", [6]),
            # An argument hides the variable of its name, in its own block only.
            ("wrap", [9, 59]),
            ("wrap: 1", [1, 51]),
            ("upstream", [6]),
            ("own_name", [5]),
            ("own_name: 2", [2]),
        ],
    )
    def test_values(self, item: str, expected: list[int]) -> None:
        assert units(item, head=self.HEAD) == expected

    @pytest.mark.parametrize(
        ("item", "code"),
        [
            ("b", "missing-option"),
            ("b: {more: 1}", "missing-option"),
            ("b: {need: 1, more: 2, less: 3}", "unknown-key"),
            ("b: {need: $width}", "unknown-variable"),
            ("b: {need: $more}", "unknown-variable"),
            ("{b: {need: 1}, need: 2}", "unknown-key"),
            ("one: wide", "wrong-type"),
        ],
    )
    def test_refused(self, item: str, code: str) -> None:
        assert errors(layers(item, head=self.HEAD)) == [code]

    def test_a_block_sees_no_argument_of_its_user(self) -> None:
        inner, outer = "{layers: [{dense: $x}]}", "{args: {x: 3}, layers: [inner]}"
        head = f"input: 4\nblocks: {{inner: {inner}, outer: {outer}}}\n"
        assert errors(layers("outer", head=head)) == ["unknown-variable"]


class TestBlocksInBlocks:
    def test_in_any_order(self) -> None:
        head = (
            "input: 4\nblocks: {a: {layers: [b, c]}, c: {layers: [b]}, b: {layers: [{dense: 3}]}}\n"
        )
        assert units("a", head=head) == [3, 3]

    def test_as_an_argument(self) -> None:
        head = "input: 4\nblocks: {a: {args: {k: ~}, layers: [$k]}, b: {layers: [{dense: 3}]}}\n"
        assert units("{a: {k: b}}", head=head) == [3]

    @pytest.mark.parametrize(
        "blocks",
        [
            "a: {layers: [a]}",
            "a: {layers: [b]}, b: {layers: [c]}, c: {layers: [{name: n, a: }]}",
            "a: {layers: [{add: [[{sequential: [a]}], []]}]}",
            "a: {args: {k: a}, layers: [$k]}",
            "a: {layers: [{a: , repeat: 3}]}",
        ],
    )
    def test_one_that_reaches_itself(self, blocks: str) -> None:
        assert errors(layers("a", head=f"input: 4\nblocks: {{{blocks}}}\n")) == ["recursive-block"]


class TestVariables:
    HEAD = "input: 8x8x6\nvars: {n: 3, twice: $(2 * n), list: [1, 2], text: relu, flag: true}\n"

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({}, [3, 6]),
            ({"n": 5}, [5, 10]),
            ({"n": "5"}, [5, 10]),
            ({"n": "$(2 + 2)"}, [4, 8]),
            ({"twice": 1}, [3, 1]),
            ({"twice": "$(n + 4)"}, [3, 7]),
        ],
    )
    def test_set(self, given: dict[str, object], expected: list[int]) -> None:
        assert units("dense: $n", "dense: $twice", head=self.HEAD, set=given) == expected

    def test_of_every_type(self) -> None:
        items = ["{conv: {filters: 1, kernel: $list}}", "$text", "{when: flag, tanh: }"]
        rows = good(layers(*items, head=self.HEAD)).rows
        assert rows[0].kernel == (1, 2)
        assert [row.kind for row in rows[1:]] == ["relu", "tanh"]

    def test_texts_are_put_together(self) -> None:
        head = "input: 4\nvars: {a: le, b: $(a)aky, c: _relu}\n"
        assert good(layers("$b$c", head=head)).rows[0].kind == "leaky_relu"

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"": 1}, "neither a variable"), ({".stride": 1}, "neither a variable"),
            ({"conv1.": 1}, "neither a variable"),
            ({"n": "[1, 2"}, "n="), ({"n": ""}, "there is no value"), ({"n": "!!str x"}, "tag"),
            ({"n": 10**30}, "out of range"),
        ],
    )  # fmt: skip
    def test_what_is_no_value_at_all(self, given: dict[str, object], message: str) -> None:
        with pytest.raises(ValueError, match=message.replace("[", r"\[")):
            good(layers("dense: $n", head=self.HEAD), set=given)


class TestSetOptions:
    HEAD = """\
input: 8x8x6
blocks:
  b: {args: {w: 3}, layers: [{name: c, conv: {filters: $w, kernel: 1}}]}
"""
    ITEMS = (
        "{name: c, conv: {filters: 4, kernel: 1}}",
        "{name: s, b: }",
        "{name: r, b: , repeat: 2}",
    )

    @pytest.mark.parametrize(
        ("given", "channels"),
        [
            ({"c.filters": 9}, [9, 3, 3, 3]),
            ({"c.K": 9}, [9, 3, 3, 3]),
            ({"s.c.filters": 9}, [4, 9, 3, 3]),
            ({"r.1.c.out_channels": 9}, [4, 3, 3, 9]),
            ({"s.w": 9}, [4, 9, 3, 3]),
            ({"r.0.w": "$(3 * 3)"}, [4, 3, 9, 3]),
            ({"c.filters": "$(in.channels + 1)"}, [7, 3, 3, 3]),
        ],
    )
    def test_one_layer(self, given: dict[str, object], channels: list[int]) -> None:
        rows = good(layers(*self.ITEMS, head=self.HEAD), set=given).rows
        assert [row.output_shape[-1] for row in rows] == channels

    @pytest.mark.parametrize(
        "given", [{"nobody.filters": 9}, {"s.0.c.filters": 9}, {"s.c.flters": 9}, {"s.width": 9}]
    )
    def test_what_is_not_there(self, given: dict[str, object]) -> None:
        (code,) = errors(layers(*self.ITEMS, head=self.HEAD), set=given)
        assert code in ("unknown-layer", "unknown-key")


class TestDefaults:
    HEAD = """\
input: 8x8x6
vars: {slim: false}
defaults:
  Conv2D: {kernel: 3, bias: $slim, activation: relu}
  max_pool: 2
"""

    @together(
        ("item", "shape", "params", "rows"),
        [
            ("conv: 4", (6, 6, 4), 216, 2),
            ("conv: {filters: 4, kernel: 1}", (8, 8, 4), 24, 2),
            ("conv: {filters: 4, use_bias: true}", (6, 6, 4), 220, 2),
            ("conv: {filters: 4, activation: none}", (6, 6, 4), 216, 1),
            ("conv2d: {K: 4, F: 1, bias: true, activation: none}", (8, 8, 4), 28, 1),
            ("max_pool", (4, 4, 6), 0, 1),
            ("max_pool: {}", (4, 4, 6), 0, 1),
            ("max_pool: {stride: 1}", (7, 7, 6), 0, 1),
            ("max_pool: 4", (2, 2, 6), 0, 1),
            ("avg_pool: 4", (2, 2, 6), 0, 1),
        ],
    )
    def test_the_layer_goes_before(
        self, item: str, shape: tuple[int, ...], params: int, rows: int
    ) -> None:
        report = good(layers(item, head=self.HEAD))
        assert report.rows[0].output_shape == shape
        assert report.totals.params == params
        assert len(report.rows) == rows

    def test_they_are_worked_out_where_the_layer_is(self) -> None:
        head = "input: 8x8x6\ndefaults: {dense: {units: $(in.channels + index)}}\n"
        assert units("{dense: , repeat: 3}", head=head) == [6, 7, 9]
