"""YAML read strictly: what a plain scalar means, and which texts are no file."""

from __future__ import annotations

import pytest
import yaml

import cnncalc
from cnncalc.yaml import reader
from cnncalc.yaml.source import Source
from tests.together import together

from .test_expressions import truths
from .texts import errors, good, layers, output


@together(
    ("written", "condition"),
    [
        ("on", "x == 'on'"), ("off", "x == 'off'"), ("yes", "x == 'yes'"), ("No", "x == 'No'"),
        ("y", "x == 'y'"), ("n", "x == 'n'"),
        ("true", "x == true and x"), ("True", "x == true"), ("FALSE", "x == false and not x"),
        ('"true"', "x == 'true'"), ("'1'", "x == '1'"),
        ("07", "x == 7"), ("-07", "x == -7"), ("+7", "x == 7"), ("0o7", "x == '0o7'"),
        ("0x1", "x == '0x1'"), ("0b1", "x == '0b1'"), ("1_000", "x == '1_000'"),
        ("1:30", "x == '1:30'"), ("2024-01-01", "x == '2024-01-01'"), ("1e3", "x == 1000"),
        ("1E-1", "x == 0.1"), (".5", "x == 0.5"), ("1.", "x == 1"), ("-.5", "x == -0.5"),
        (".inf", "x == '.inf'"), (".nan", "x == '.nan'"), ("1.2.3", "x == '1.2.3'"),
        ("1e", "x == '1e'"), ("=", "x == '='"), ("<<", "x == '<<'"),
        ("~", "not x and x != 0 and x != ''"), ("null", "not x and x != 'null'"),
        ("", "not x and x != ''"), ('""', "x == '' and not x"), ("nil", "x == 'nil'"),
        ("9223372036854775807", "x == 9223372036854775807"), ("-9223372036854775807", "x < 0"),
        ("x # c", "x == 'x'"), ("x#c", "x == 'x#c'"), ("a b", "x == 'a b'"),
        ("!".replace("!", "'!'"), "x == '!'"), ('"\\u0041"', "x == 'A'"), ("&anchor 7", "x == 7"),
        ("|\n    a\n", "x != 'a' and x > 'a'"), (">-\n    a\n    b", "x == 'a b'"),
    ],
)  # fmt: skip
def test_scalars(written: str, condition: str) -> None:
    assert truths(condition, head=f"input: 4\nvars:\n  x: {written}\n") == [True]


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "-9223372036854775808", "1" * 5000, "1e400", "-1e400"]
)
def test_numbers_out_of_range(number: str) -> None:
    assert errors(layers("dense: $x", head=f"input: 4\nvars: {{x: {number}}}\n")) == ["bad-value"]
    assert errors(layers(f"dense: {number}", head="input: 4\n")) == ["bad-value"]


@pytest.mark.parametrize(
    ("item", "shape"),
    [
        ("max_pool: 08x1", (1, 8, 6)),
        ("{reshape: 06x64}", (6, 64)),
        ("resize: 1x2", (1, 2, 6)),
        ("max_pool: '2 x 2'", (4, 4, 6)),
    ],
)
def test_pairs(item: str, shape: tuple[int, ...]) -> None:
    assert output(item) == shape


def test_a_pair_of_0_and_1_is_refused_as_such() -> None:
    assert errors(layers("max_pool: 0x1")) == ["bad-value"]


@together(
    "text",
    [
        "---\ninput: 4\nlayers: [relu]\n",
        "input: 4\nlayers: [relu]\n...\n",
        "# comment\n\n\ninput: 4   # four\nlayers: [relu] # one",
        '{"input": 4, "layers": ["relu"]}',
        "input: 4\nlayers:\n- relu\n",
        "? input\n: 4\n? layers\n: [relu]\n",
        "input: &four 4\nvars: {x: *four}\nlayers: [{dense: $x}, {when: false, relu: }]\n",
        "input: 4\nlayers: [&a relu, *a, *a]\n",
        "input: 4\nlayers: &list\n  - &item {dense: 4}\n  - *item\n  - {add: [[*item], []]}\n",
        "input: 4x4x1\nvars: {x: &x [1, 2], y: *x}\nlayers: [conv: {F: $y, K: 1, P: [*x, 1]}]\n",
        "input: 4\r\nlayers:\r\n  - relu\r\n",
        "\ufeffinput: 4\nlayers: [relu]\n",
        "input: 4\nlayers: [relu]\nname: \u30cd\u30c3\u30c8 \U0001f600\n",
        "input: 4\nname: >\n  folded\n  text\nlayers: [relu]\ndescription: |\n  two\n  lines\n",
    ],
)
def test_files_that_are_fine(text: str) -> None:
    assert good(text).complete


@together(
    ("text", "code"),
    [
        ("", "yaml-syntax"), ("\n\n", "yaml-syntax"), ("# nothing\n", "yaml-syntax"),
        ("---\n", "yaml-syntax"), ("~", "wrong-type"), ("''", "yaml-syntax"),
        ("relu", "wrong-type"), ("3", "wrong-type"), ("[]", "wrong-type"), ("- relu", "wrong-type"),
        ("true", "wrong-type"),
        ("input: 4\n---\ninput: 4\n", "yaml-syntax"),
        ("input: !!int 4\nlayers: [relu]", "yaml-syntax"),
        ("input: !x 4\nlayers: [relu]", "yaml-syntax"),
        ("!!map {input: 4, layers: [relu]}", "yaml-syntax"),
        ("%TAG ! tag:x,2000:\n---\ninput: 4\nlayers: [relu]", "yaml-syntax"),
        ("? [a]\n: 1\n", "yaml-syntax"),
        ("{a: 1}: 2\n", "yaml-syntax"), ("input: *x\nlayers: [relu]", "yaml-syntax"),
        ("&a [*a]", "yaml-syntax"), ("a: b: c", "yaml-syntax"), ("a\nb: c", "yaml-syntax"),
        ("\tinput: 4", "yaml-syntax"), ("input: [4", "yaml-syntax"), ("input: 'x", "yaml-syntax"),
        ('input: "\\x"', "yaml-syntax"), ("input: @x", "yaml-syntax"),
        ("input: `x`", "yaml-syntax"), ("input: %x", "yaml-syntax"), ("- a\nb: c", "yaml-syntax"),
        ("input: 4\x00", "yaml-syntax"), ("input: \x07", "yaml-syntax"),
        ("input: \x1b[31m", "yaml-syntax"), ("input: \ud800", "yaml-syntax"),
        ("input: \uffff", "yaml-syntax"), ('input: "\\ud800"', "yaml-syntax"),
    ],
)  # fmt: skip
def test_texts_that_are_no_file(text: str, code: str) -> None:
    report = cnncalc.loads(text)
    assert [d.code for d in report.diagnostics if d.is_error] == [code]
    (span,) = (d.span for d in report.diagnostics)
    assert 0 <= span.start <= span.end <= len(text)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("input: 4\r\nlayers:\r\n  - rleu\r\n", 3, 5),
        ("input: 4\rlayers:\r  - rleu\r", 3, 5),
        ("\ufeffinput: 4\nlayers: [rleu]\n", 2, 10),
        ("name: \U0001f600\U0001f600\ninput: 4 # \u30cd\nlayers: [\U0001f600\u0301, rleu]", 3, 10),
        ("name: a\x85input: 4\nlayers: [rleu]", None, None),
    ],
)
def test_places(text: str, line: int | None, column: int | None) -> None:
    first, *_ = cnncalc.loads(text).diagnostics
    if line is not None:
        assert (first.span.line, first.span.column) == (line, column)
    assert first.span.source.text[first.span.start : first.span.end] != ""


LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("rest", ["", "]" * 61, "@", "[" * 10_000, "\n" + "[" * 10_000])
def test_the_bound_on_nesting_comes_before_the_parsers_own(
    loader: type, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_LOADER", loader)
    node, findings = reader.compose(Source("deep.yaml", "[" * reader.DEEPEST + "[" + rest))
    assert node is None
    assert [(f.code, f.message) for f in findings] == [
        ("limit-exceeded", f"nesting of more than {reader.DEEPEST} levels")
    ]
    assert findings[0].span.column == reader.DEEPEST + 1


@pytest.mark.parametrize("loader", LOADERS)
def test_a_slip_within_the_bound_on_nesting(loader: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_LOADER", loader)
    _, findings = reader.compose(Source("deep.yaml", "[" * reader.DEEPEST + "@"))
    assert [(f.code, f.span.column) for f in findings] == [("yaml-syntax", reader.DEEPEST + 1)]
