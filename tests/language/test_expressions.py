"""`$(…)`: a small arithmetic that agrees with Python's, and nothing of Python beside it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.together import together

from .texts import errors, good, layers


def torchvision_make_divisible(v: float, divisor: int) -> int:
    """https://github.com/pytorch/vision/blob/main/torchvision/models/_utils.py"""
    new_v = max(divisor, int(v + divisor / 2) // divisor * divisor)
    if new_v < 0.9 * v:
        new_v += divisor
    return new_v


PYTHON = {
    "min": min, "max": max, "abs": abs, "round": round, "floor": math.floor, "ceil": math.ceil,
    "int": int, "len": len, "sum": sum,
    "make_divisible": torchvision_make_divisible, "true": True, "false": False, "__builtins__": {},
}  # fmt: skip


def quoted(text: str) -> str:
    """A text as a YAML scalar."""
    return "'" + text.replace("'", "''") + "'"


def truths(*expressions: str, head: str = "input: 2x4x6\n") -> list[bool]:
    """Which of some conditions hold."""
    items = [f"{{name: n{n}, when: {quoted(text)}, relu: }}" for n, text in enumerate(expressions)]
    there = {row.name for row in good(layers("relu", *items, head=head)).rows}
    return [f"n{n}" in there for n in range(len(expressions))]


@together(
    "text",
    [
        "1 + 2 * 3", "(1 + 2) * 3", "7 - 2 - 3", "7 / 2", "7 // 2", "-7 // 2", "7 // -2", "7 % 3",
        "-7 % 3", "7 % -3",
        "7.5 % 2", "7.5 // 2", "2 ** 10", "2 ** 3 ** 2", "-2 ** 2", "2 ** -1", "(-2) ** 3", "--3",
        "+3", "- - 3",
        "1 if 2 > 1 else 3", "1 if 0 else 2 if 0 else 3", "1 < 2", "1 < 2 < 3", "1 < 3 < 2",
        "3 >= 3", "3 <= 2", "1 == 1.0",
        "1 != 2", "not 1", "not 1 == 2", "1 or 0 and 0", "(1 or 0) and 0", "0 or 5", "3 and 5",
        "not true or true",
        "min(3, 1, 2)", "max(1, 2.5)", "abs(-3)", "round(2.5)", "round(3.5)", "floor(-1.5)",
        "ceil(-1.5)", "int(-1.5)",
        "int(7 / 2)", "make_divisible(30)", "make_divisible(30, 4)", "1e3", "1.5e-3 * 2000",
        ".5 + .5", "'a' == 'a'",
        "'a' < 'b'", "'a' == 1", "'it is in' != 'out'", "1 if 'x' else 2", "9223372036854775807",
        "-9223372036854775807",
        "10 ** 18 // 10 ** 17", "true == 1", "true + true", "1_000", "0x10",
        "[4, 5, 6][1]", "(4, 5)[0]", "[4, 5, 6][-1]", "[[1, 2], [3, 4]][1][0]", "2 in [1, 2]",
        "2 not in [1, 2]", "3 in (1, 2)", "2 in [1, 2] and 3 not in [4]", "len([1, 2, 3])",
        "sum([1, 2.5])", "min([3, 1, 2])", "max((1, 2.5))", "[1, 2][1] * 3", "'a' in ['a', 'b']",
        "1 if 5 in [5] else 2", "[1 + 1, 2][0]",
    ],
)  # fmt: skip
def test_as_in_python(text: str) -> None:
    namespace = PYTHON | {"make_divisible": lambda v, d=8: torchvision_make_divisible(v, d)}
    value = eval(text, namespace)
    comparable = "'" in repr(value)
    assert not comparable
    assert truths(f"({text}) == {value!r}".replace("True", "true").replace("False", "false")) == [
        True
    ]


_numbers = st.one_of(
    st.integers(0, 99).map(str),
    st.integers(1, 799).map(lambda n: repr(n / 8)),
    st.sampled_from(["true", "false"]),
)
_arithmetic = st.recursive(
    _numbers,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(
            lambda p: f"{p[0]} {p[1]} ({p[2]})"
        ),
        st.tuples(
            inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "and", "or"]), inner
        ).map(lambda p: f"({p[0]}) {p[1]} {p[2]}"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        inner.map(lambda p: f"-{p}"),
        inner.map(lambda p: f"(not {p})"),
        st.tuples(st.sampled_from(["abs", "floor", "ceil", "int", "round"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=examples(150))
@given(_arithmetic)
def test_any_arithmetic_agrees_with_python(text: str) -> None:
    try:
        value = eval(text, dict(PYTHON))
    except (ZeroDivisionError, OverflowError):
        assert errors(layers(f"{{when: {quoted(f'({text}) == 0')}, relu: }}")) == ["bad-expression"]
        return
    if abs(value) >= 2**63:
        return
    literal = f"{value!r}".replace("True", "true").replace("False", "false")
    assert truths(f"({text}) == {literal}") == [True]


def test_make_divisible_is_torchvisions() -> None:
    cases = [(v / 4, d) for v in range(1, 500, 3) for d in (1, 2, 4, 8, 10, 16, 32)]
    texts = [f"make_divisible({v}, {d}) == {torchvision_make_divisible(v, d)}" for v, d in cases]
    assert all(truths(*texts))


class TestVolume:
    @pytest.mark.parametrize(
        ("volume", "text"),
        [
            ("5", "in.channels == 5 and in.size == 5"),
            ("4x5", "in.width == 4 and in.channels == 5 and in.size == 20"),
            ("3x4x5", "in.height == 3 and in.width == 4 and in.channels == 5 and in.size == 60"),
            (
                "2x3x4x5",
                "in.depth == 2 and in.height == 3 and in.width == 4 and in.size == 120",
            ),
            ("3x4x5", "'in.depth' == 'in.' 'depth'"),
        ],
    )
    def test_axes(self, volume: str, text: str) -> None:
        assert truths(text, head=f"input: {volume}\n") == [True]

    @pytest.mark.parametrize(
        ("volume", "name"),
        [
            ("5", "width"),
            ("5", "height"),
            ("4x5", "height"),
            ("4x5", "depth"),
            ("3x4x5", "depth"),
            ("3x4x5", "batch"),
            ("5", "channels.real"),
        ],
    )
    def test_axes_that_are_not_there(self, volume: str, name: str) -> None:
        assert errors(layers(f"dense: $(in.{name})", head=f"input: {volume}\n")) == [
            "bad-expression"
        ]

    def test_it_is_the_volume_at_the_point(self) -> None:
        rows = good(
            layers(
                "dense: 3",
                "{add: [[{dense: $(in.size + 1)}, {dense: $(in.size + 1)}], [{dense: 5}]]}",
                head="input: 9\n",
            )
        ).rows
        assert [row.output_shape[0] for row in rows] == [3, 4, 5, 5, 5]

    @pytest.mark.parametrize(
        "section",
        [
            "vars: {a: $in.channels}",
            "input: $in.channels",
            "outputs: $(in)",
            "rounding: $in.channels",
        ],
    )
    def test_there_is_none_in_the_head(self, section: str) -> None:
        head = "" if section.startswith("input") else "input: 4\n"
        assert "bad-expression" in errors(layers("relu", head=f"{head}{section}\n"))


REFUSED = [
    "a.b", "(1).real", "'x'.upper", "'x'.upper()", "in.__class__", "in.channels.real", "in.size()",
    "a[0]", "'abc'[0]", "[1, 2][2]", "[1, 2][0 - 1]", "[1, 2][-3]", "[1, 2][0:1]", "[1, 2][0.5]",
    "[*a]", "[1, 2] + [3]", "[1] * 3", "1 in '1'", "[1, 2]['0']", "{1: 2}[1]", "[1] < [2]",
    "lambda: 1", "(lambda: 1)()", "f'{a}'", "f''", "__import__('os')", "open('x')", "eval('1')",
    "print(1)", "sum(1)", "len('a')",
    "min.real", "min(1)(2)", "(min)(1, 2)(3)", "{1}", "{1: 2}", "len(1, 2)", "sum(['a'])",
    "min([])",
    "[x for x in a]", "(x for x in a)",
    "(x := 1)", "x = 1", "*a", "max(*a)", "max(a=1)", "round(2.5, ndigits=1)", "1 in a",
    "1 not in a", "1 is 1", "1 & 2", "1 | 2", "1 ^ 2", "~1", "1 << 2",
    "1 >> 2", "1 @ 2", "1j", "b'x'", "None", "...", "await a", "yield", "1; 2", "import os", "pass",
    "1 +", "+", "", " ", ")", "1 2", "if",
    "'a' + 'b'", "'a' * 3", "-'a'", "abs('a')", "'a' < 1", "max('a', 'b')", "int('5')", "in",
    "in.chanels", "in + 1", "not in", "1 / 0", "1 // 0", "1 % 0", "0 ** -1",
    "2 ** 63", "2 ** 64", "2 ** 10 ** 10", "9 ** 9 ** 9 ** 9", "10.0 ** 400", "1e308 * 10", "1e999",
    "-1e999", "9223372036854775808", "9223372036854775807 + 1",
    "(-8) ** 0.5", "(-1) ** 0.5", "int(1e300)", "floor(1e300)", "make_divisible(1, 0)", "round()",
    "min()", "abs(1, 2)",
    "round(5, 0 - 10 ** 10)", "round(5, 0-9223372036854775807)", "1 if 2", "if 1 else 2", "x if",
    "(" * 300 + "1" + ")" * 300, "-" * 600 + "1",
    "1+" * 5000 + "1", "not " * 200 + "1", "\u00e9tude", "\uff11", "1\u2028+ 1", "a\u00a0b",
    "__in__.channels", "__in__", "__builtins__", "__debug__",
]  # fmt: skip


@together("text", REFUSED)
def test_refused(text: str) -> None:
    """One finding, at the expression, whether it is a value, part of a text, or bare."""
    head = "input: 8x8x6\nvars: {a: 1}\n"
    allowed = ("bad-expression", "unknown-variable", "yaml-syntax")
    for item in (f"dense: {quoted(f'$({text})')}", f"{{name: {quoted(f'n$({text})')}, relu: }}"):
        (code,) = errors(layers(item, head=head))
        assert code in allowed
    if text.strip():
        (code,) = errors(layers(f"{{when: {quoted(text)}, relu: }}", head=head))
        assert code in allowed


class TestTexts:
    @together(
        ("written", "text"),
        [
            ("a$b", "aB"), ("$b$b", "BB"), ("a$$b", "a$b"), ("$$", "$"), ("$", "$"),
            ("a$ b", "a$ b"), ("$(1 + 1)x", "2x"),
            ("x$(1 < 2)", "xtrue"), ("x$(1 / 2)", "x0.5"), ("$b.c", "B.c"), ("$(b)c", "Bc"),
            ("$1", "$1"), ("$(')')", ")"), ('$(")")', ")"),
            ("$in.channels-$in.width", "6-8"), ("x$nothing", "xnull"),
            ("$('a' if true else b)", "a"),
        ],
    )  # fmt: skip
    def test_are_filled_in(self, written: str, text: str) -> None:
        """Observed in the message about an activation of that name."""
        head = "input: 8x8x6\nvars: {b: B, nothing: ~}\n"
        (item,) = good_or_bad(f"{{activation: {quoted(written)}, units: 1}}", head)
        assert f"`{text}` is not an activation" == item

    def test_only_one_expression_keeps_its_type(self) -> None:
        assert errors(layers("dense: $(3)")) == []
        assert errors(layers("dense: 1$(3)")) == ["wrong-type"]

    def test_a_list_is_a_value_but_no_part_of_a_text(self) -> None:
        head = "input: 8x8x6\nvars: {k: [1, 2]}\n"
        assert errors(layers("max_pool: {kernel: $k, stride: 1}", head=head)) == []
        assert errors(layers("{name: a$k, relu: }", head=head)) == ["bad-expression"]


def good_or_bad(options: str, head: str) -> list[str]:
    import cnncalc

    report = cnncalc.loads(layers(f"dense: {options}", head=head))
    return [diagnostic.message for diagnostic in report.diagnostics]


class TestWholeNumbers:
    @pytest.mark.parametrize("text", ["$(8 / 2)", "$(0.5 * 8)", "4.0", "$(4)", "$(2 ** 2)"])
    def test_a_float_that_is_whole(self, text: str) -> None:
        assert good(layers(f"dense: {text}")).rows[0].output_shape == (4,)

    @pytest.mark.parametrize(
        "item",
        [
            "dense: $(9 / 2)",
            "dense: 4.5",
            "{relu: , repeat: 9 / 2}",
            "max_pool: [2, $(5 / 2)]",
            "{conv: {filters: 2, kernel: 1, padding: $(1 / 2)}}",
            "reshape: [$(384 / 2.5), -1]",
        ],
    )
    def test_nothing_is_cut_off(self, item: str) -> None:
        assert errors(layers(item)) == ["bad-value"]
