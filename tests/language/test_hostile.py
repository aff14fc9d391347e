"""Input that is out to hang, to fill memory or to crash: it gets a diagnostic or a report, soon."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path

import pytest

import cnncalc
from cnncalc.report.report import Report
from cnncalc.yaml import reader
from tests.slowness import slow_but
from tests.together import together

from .bounds import loads, run
from .texts import layers

LAYERS = 20_000
"""That a network may have here. What is repeated without end is as endless with fewer."""

MEGABYTES = 256

CALLS = 40_000_000
"""Of functions, for one file: twice what the most needs, and no matter of the machine."""

SMALL = "input: 4x4x3\n"


def repeated(item: str, times: int, head: str = SMALL) -> str:
    return layers(*[item] * times, head=head)


def blocks(count: int, zeroth: str, body: str, item: str) -> str:
    """Blocks b0 to b(count - 1), each made of the one before as BELOW in `body`."""
    definitions = [f"  b0: {{layers: [{zeroth}]}}\n"]
    definitions += [
        f"  b{n}: {{layers: [{body.replace('BELOW', f'b{n - 1}')}]}}\n" for n in range(1, count)
    ]
    return layers(item, head=SMALL + "blocks:\n" + "".join(definitions))


def copies_of_copies(item: str) -> str:
    twice = f"{{sequential: [{{sequential: [{item}], repeat: 90000}}], repeat: 90000}}"
    return layers(twice, head=SMALL)


def variables(count: int, line: str) -> str:
    return "vars:\n" + "".join(
        f"  {line.format(n=n, before=max(n - 1, 0))}\n" for n in range(count)
    )


# What the file is; how it ends: an error's code, or "" for a report without errors.
CASES: dict[str, tuple[Callable[[], str], str]] = {
    # Text that never ends, or never begins.
    "open brackets": (lambda: "[" * 10_000, "limit-exceeded"),
    "a million open brackets": (lambda: "[" * 10**6, "limit-exceeded"),
    "open braces": (lambda: "{a: " * 10_000, "limit-exceeded"),
    "open items": (lambda: "- " * 10_000, "limit-exceeded"),
    "open keys": (lambda: "? " * 10_000, "limit-exceeded"),
    "closed brackets": (lambda: "]" * 10**6, "yaml-syntax"),
    "nested sequentials": (
        lambda: SMALL + "layers: " + "[{sequential: " * 28 + "[relu]" + "}]" * 28,
        "",
    ),
    "a line of a megabyte": (lambda: SMALL + f"layers: [{'a' * 10**6}]\n", "unknown-kind"),
    "a volume of a megabyte": (lambda: f"input: {'8x' * 500_000}8\nlayers: [relu]\n", "bad-value"),
    "a word of a megabyte for a volume": (
        lambda: f"input: {'a' * 10**6}\nlayers: [relu]\n",
        "bad-value",
    ),
    "a number of a megabyte": (lambda: f"input: {'1' * 10**6}\nlayers: [relu]\n", "bad-value"),
    "a fraction of a megabyte": (lambda: f"input: 0.{'1' * 10**6}\nlayers: [relu]\n", "bad-value"),
    "an extent of a megabyte": (lambda: layers(f"max_pool: {'1x' * 500_000}1"), "rank-mismatch"),
    "a shape of a megabyte": (lambda: layers(f"reshape: {'9' * 10**6}x2"), "wrong-type"),
    "a name of a megabyte": (lambda: layers(f"{{name: {'a' * 10**6}, relu: }}"), "bad-value"),
    "a key of a megabyte": (lambda: layers(f"relu: {{{'a' * 1000}: 1}}"), "unknown-key"),
    "an expression of a megabyte": (
        lambda: layers(f"dense: $({'1+' * 500_000}1)"),
        "bad-expression",
    ),
    "open expressions": (lambda: layers("dense: " + "$(" * 100_000), "bad-expression"),
    "many references": (
        lambda: layers("dense: " + "$a" * 100_000, head=SMALL + "vars: {a: x}\n"),
        "limit-exceeded",
    ),
    "parentheses": (lambda: layers(f"dense: $({'(' * 240}1{')' * 240})"), "bad-expression"),
    "signs": (lambda: layers(f"dense: $({'-' * 480}1)"), "bad-expression"),
    "powers": (lambda: layers(f"dense: $({'9**' * 150}9)"), "bad-expression"),
    "digits of a rounding": (lambda: layers("dense: $(round(5, 0-10**10))"), "bad-expression"),
    "twenty thousand keys": (
        lambda: SMALL + "".join(f"k{n}: 1\n" for n in range(20_000)) + "layers: [relu]\n",
        "unknown-key",
    ),
    "a hundred thousand times one key": (
        lambda: SMALL + "k: 1\n" * 100_000 + "layers: [relu]\n",
        "unknown-key",
    ),
    "twenty thousand options": (
        lambda: layers("conv: {" + ", ".join(f"k{n}: 1" for n in range(20_000)) + "}"),
        "unknown-key",
    ),
    "a hundred thousand wrong layers": (lambda: repeated("leru", 100_000), "unknown-kind"),
    # Aliases.
    "billion laughs": (
        lambda: (
            "a0: &a0 [x]\n"
            + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]\n" for n in range(1, 40))
        ),
        "limit-exceeded",
    ),
    "aliases deep in values": (
        lambda: layers(
            "relu",
            head=SMALL
            + variables(40, f"a{{n}}: &a{{n}} {'[' * 45}*a{{before}}{']' * 45}").replace(
                "*a0", "1", 1
            ),
        ),
        "limit-exceeded",
    ),
    "aliases deep in layers": (
        lambda: layers(
            "&a0 relu",
            *[f"&a{n} " + "{sequential: [" * 20 + f"*a{n - 1}" + "]}" * 20 for n in range(1, 60)],
            head=SMALL,
        ),
        "limit-exceeded",
    ),
    "an alias of itself": (lambda: SMALL + "layers: &a [*a]\n", "yaml-syntax"),
    # Expansion.
    "ten billion copies": (lambda: layers("{relu: , repeat: 10000000000}"), "limit-exceeded"),
    "copies of copies of copies": (
        lambda: copies_of_copies("{relu: , repeat: 90000}"),
        "limit-exceeded",
    ),
    "copies of nothing": (
        lambda: copies_of_copies("{sequential: [], repeat: 90000}"),
        "limit-exceeded",
    ),
    "copies of what is left out": (
        lambda: copies_of_copies("{when: false, relu: }"),
        "limit-exceeded",
    ),
    "many times no copy": (
        lambda: layers(
            "{b: , repeat: 100000}",
            head=SMALL + "blocks:\n  b:\n    layers:\n" + "      - {relu: , repeat: 0}\n" * 1000,
        ),
        "limit-exceeded",
    ),
    "blocks that double": (lambda: blocks(60, "relu", "BELOW, BELOW", "b59"), "limit-exceeded"),
    "blocks that double nothing": (lambda: blocks(60, "", "BELOW, BELOW", "b59"), "limit-exceeded"),
    "blocks that double what is left out": (
        lambda: blocks(60, "{when: false, relu: }", "BELOW, BELOW", "b59"),
        "limit-exceeded",
    ),
    "blocks that double in branches": (
        lambda: blocks(35, "relu", "{add: [[BELOW], [BELOW]]}", "b34"),
        "limit-exceeded",
    ),
    "blocks in blocks": (lambda: blocks(300, "relu", "BELOW", "b299"), "limit-exceeded"),
    "blocks that use themselves": (
        lambda: layers("a", head=SMALL + "blocks: {a: {layers: [a, a, a]}}\n"),
        "recursive-block",
    ),
    "copies of many branches": (
        lambda: layers("{name: a, relu: }", f"{{add: [{'a, ' * 2000}a], repeat: 100000}}"),
        "limit-exceeded",
    ),
    "copies of many empty branches": (
        lambda: layers(f"{{add: [{'[], ' * 2000}[]], repeat: 100000}}"),
        "limit-exceeded",
    ),
    "copies of a long list": (
        lambda: layers(
            f"{{conv: {{filters: 1, kernel: [{'$a, ' * 1000}$a]}}, repeat: 18000}}",
            head=SMALL + "vars: {a: 1}\n",
        ),
        "rank-mismatch",
    ),
    "copies under many variables": (
        lambda: layers("{relu: , repeat: 18000}", head=SMALL + variables(10_000, "v{n}: 1")),
        "",
    ),
    "copies of a block under many variables": (
        lambda: layers(
            "{b: , repeat: 18000}",
            head=SMALL + "blocks: {b: {layers: [relu]}}\n" + variables(10_000, "v{n}: 1"),
        ),
        "",
    ),
    "texts that double": (
        lambda: layers(
            "dense: $a59",
            head=SMALL + variables(60, "a{n}: xx$(a{before})$(a{before})").replace("$(a0)", "x", 2),
        ),
        "limit-exceeded",
    ),
    "lists that double": (
        lambda: layers(
            "dense: $a59",
            head=SMALL + variables(60, "a{n}: [$a{before}, $a{before}]").replace("$a0", "1", 2),
        ),
        "wrong-type",
    ),
    "copies with a long name": (
        lambda: layers(f"{{name: {'a' * 100_000}, relu: , repeat: 18000}}"),
        "bad-value",
    ),
    "long names in long names": (
        lambda: blocks(
            60, "{relu: , repeat: 2000}", f"{{name: {'n' * 900}, BELOW: }}", "{b59: , repeat: 20}"
        ),
        "limit-exceeded",
    ),
    # Findings that cost more than they tell.
    "many unknown layers": (
        lambda: layers(
            *[f"{{name: n{n}abcdefgh, relu: , from: x{n}abcdefgh}}" for n in range(5000)]
        ),
        "unknown-layer",
    ),
    "many unknown variables": (
        lambda: layers(
            *[f"dense: $varible{n}" for n in range(700)],
            head=SMALL + variables(700, "variable{n}: 1"),
        ),
        "unknown-variable",
    ),
    "many unknown variables, nothing near": (
        lambda: layers(
            *[f"dense: $q{n}" for n in range(4000)],
            head=SMALL + variables(4000, "variable{n}: 1"),
        ),
        "unknown-variable",
    ),
    "many unknown kinds": (
        lambda: layers(
            *[f"blcok{n}" for n in range(5000)],
            head=SMALL
            + "blocks:\n"
            + "".join(f"  block{n}: {{layers: [relu]}}\n" for n in range(5000)),
        ),
        "unknown-kind",
    ),
    "many unknown expectations": (
        lambda: (
            layers(*[f"{{name: layer{n}, relu: }}" for n in range(3000)])
            + "expect:\n  layers:\n"
            + "".join(f"    lyaer{n}: {{params: 0}}\n" for n in range(3000))
        ),
        "unknown-layer",
    ),
    "many unknown outputs": (
        lambda: (
            layers(*[f"{{name: layer{n}, relu: }}" for n in range(600)])
            + f"outputs: [{', '.join(f'lyaer{n}' for n in range(600))}]\n"
        ),
        "unknown-layer",
    ),
    "many misfits": (
        lambda: repeated(
            "{from: input, conv: {filters: 3, kernel: 2, stride: 2}}", 400, head="input: 33x33x3\n"
        ),
        "stride-misfit",
    ),
    "many groups that misfit": (
        lambda: repeated(
            "{from: input, conv: {filters: 9, kernel: 1, groups: 2}}", 400, head="input: 33x33x3\n"
        ),
        "groups-misfit",
    ),
    "many branches that differ": (
        lambda: layers("{name: a, flatten: }", *[f"{{from: input, add: [{'[], ' * 300}a]}}"] * 100),
        "shape-mismatch",
    ),
    "a misfit behind much that is nothing": (
        lambda: layers(
            "{b: , repeat: 18000}",
            "{conv: {filters: 3, kernel: 2, stride: 2}}",
            head="input: 33x33x3\nblocks: {b: {layers: []}}\n",
        ),
        "stride-misfit",
    ),
    "many faults deep in blocks": (
        lambda: blocks(
            70,
            ", ".join(f"{{from: input, conv: {{filters: 1, kernel: {n}}}}}" for n in range(5, 150)),
            "BELOW",
            "b69",
        ),
        "kernel-too-large",
    ),
    "one unknown layer, many times": (
        lambda: layers(
            "{b: , repeat: 9000}",
            head=SMALL + "blocks: {b: {layers: [relu, {from: relo, tanh: }]}}\n",
        ),
        "unknown-layer",
    ),
    "one unknown share, many times": (
        lambda: layers("{relu: , share: nope, repeat: 18000}"),
        "unknown-layer",
    ),
    "one unknown variable, many times": (
        lambda: layers(
            "{from: input, dense: $vx7, repeat: 18000}", head=SMALL + variables(2000, "v{n}: 1")
        ),
        "unknown-variable",
    ),
    "one unknown kind, many times": (
        lambda: layers(
            "{from: input, $kind: , repeat: 18000}",
            head=SMALL
            + "vars: {kind: rleu}\nblocks:\n"
            + "".join(f"  b{n}: {{layers: [relu]}}\n" for n in range(2000)),
        ),
        "unknown-kind",
    ),
    "as many copies as there are rows": (
        lambda: layers(
            "{name: input, share: a.conv1, repeat: in.height, depthwise_conv: {kernel: 5}}",
            head="input: 1x1x1\n",
        ),
        "kernel-too-large",
    ),
    # Heads.
    "many inputs": (
        lambda: layers(
            "{add: [" + ", ".join(f"i{n}" for n in range(20_000)) + "]}",
            head="input: {" + ", ".join(f"i{n}: 4" for n in range(20_000)) + "}\n",
        ),
        "",
    ),
    "many inputs that nobody reads": (
        lambda: layers(
            "{from: i1, relu: }",
            head="input: {" + ", ".join(f"i{n}: 4" for n in range(20_000)) + "}\n",
        ),
        "",
    ),
    # Receptive fields.
    "a wide window over a coarse grid": (
        lambda: layers("upsample: 4096", "{conv: {filters: 1, kernel: 8192, padding: same}}"),
        "",
    ),
    "wide windows over coarse grids": (
        lambda: layers(
            "upsample: 4096",
            *[f"{{conv: {{filters: 1, kernel: {8000 + n}, padding: same}}}}" for n in range(20)],
        ),
        "",
    ),
    "resizing without end": (lambda: layers("{resize: $(1 + index % 4095), repeat: 15000}"), ""),
    "adaptive pools without end": (
        lambda: layers("{adaptive_avg_pool: $(4096 - index % 4095), repeat: 15000}"),
        "",
    ),
    "transposed windows": (
        lambda: layers(
            *[
                f"{{from: input, conv_transpose: {{filters: 1, kernel: {500 + n}, stride: 512}}}}"
                for n in range(300)
            ]
        ),
        "",
    ),
    "branches at many scales": (
        lambda: layers(
            "{add: [" + ", ".join(f"[resize: {4096 - n}, resize: 64]" for n in range(200)) + "]}"
        ),
        "",
    ),
}


LONGER = {
    "a hundred thousand times one key", "a hundred thousand wrong layers",
    "a misfit behind much that is nothing", "adaptive pools without end", "an extent of a megabyte",
    "as many copies as there are rows", "blocks that double", "blocks that double in branches",
    "blocks that double nothing", "blocks that double what is left out",
    "copies of a block under many variables", "copies under many variables",
    "many branches that differ", "many faults deep in blocks", "many groups that misfit",
    "many inputs", "many inputs that nobody reads", "many misfits", "many unknown expectations",
    "many unknown kinds", "many unknown layers", "many unknown outputs", "many unknown variables",
    "many unknown variables, nothing near", "one unknown kind, many times",
    "one unknown layer, many times", "one unknown share, many times",
    "one unknown variable, many times", "resizing without end", "twenty thousand keys",
    "twenty thousand options", "copies with a long name", "a volume of a megabyte",
    "copies of a long list", "branches at many scales", "many references",
    "an expression of a megabyte",
}  # fmt: skip
assert CASES.keys() >= LONGER


def test_calls_are_counted() -> None:
    one, two = (loads(repeated("leru", n), counted=True).calls for n in (100, 200))
    assert 100 < one < two < 3 * one


@pytest.mark.parametrize("name", slow_but(CASES.keys() - LONGER, CASES))
def test_ends_soon_and_small(name: str) -> None:
    text, code = CASES[name]
    outcome = loads(text(), counted=True, max_layers=LAYERS)
    assert outcome.raised == ""
    if code:
        assert code in outcome.codes
    else:
        assert outcome.codes == []
        assert outcome.complete
    assert outcome.calls < CALLS
    assert outcome.megabytes < MEGABYTES


@pytest.mark.slow
def test_more_layers_than_there_may_be() -> None:
    outcome = loads(copies_of_copies("{relu: , repeat: 90000}"))
    assert (outcome.raised, outcome.codes) == ("", ["limit-exceeded"])
    assert outcome.megabytes < 2 * MEGABYTES


@pytest.mark.slow
def test_more_values_than_there_may_be() -> None:
    text = repeated("relu", 1_600_000)
    outcome = loads(text)
    assert (outcome.raised, outcome.codes) == ("", ["limit-exceeded"])
    assert outcome.megabytes < 2 * MEGABYTES


def of_fewer_values(text: str) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "MOST_NODES", 150_000)
        return cnncalc.loads(text)


def test_a_list_of_more_values_than_there_may_be() -> None:
    text = layers("relu", head=SMALL + f"vars: {{a: [{'1,' * 160_000}1]}}\n")
    outcome = run(partial(of_fewer_values, text))
    assert (outcome.raised, outcome.codes) == ("", ["limit-exceeded"])
    assert outcome.megabytes < MEGABYTES


@pytest.mark.slow
def test_as_many_layers_as_there_may_be() -> None:
    outcome = loads(repeated("{conv: {filters: 3, kernel: 1}}", 100_000))
    assert (outcome.codes, outcome.rows) == ([], 100_000)
    assert outcome.megabytes < 600


@pytest.mark.parametrize(
    "text",
    [
        "input: {x}\nlayers: [relu]\n",
        "input: 4\nlayers: [{x}]\n",
        "input: 4\nlayers: [relu: {x}]\n",
        "input: 4\nlayers: [dense: {x}]\n",
        "input: 4\nlayers: [{{from: {x}, relu: }}]\n",
        "input: 4\nlayers: [dense: $({x})]\n",
        "input: 4\nrounding: {x}\nlayers: [relu]\n",
    ],
)
def test_messages_stay_short(text: str) -> None:
    outcome = loads(text.replace("{x}", "a" * 100_000).replace("{{", "{").replace("}}", "}"))
    assert outcome.codes
    assert outcome.longest_message < 2000


@together("word", [r"a\x1b[31mb", r"a\nb", r"a\tb", r"a\rb", r"a\0b", r"a\u202eb"])
@together(
    "text",
    [
        "input: WORD\nlayers: [relu]\n",
        "input: 4\nlayers: [WORD]\n",
        "input: 4\nlayers: [{WORD: 3}]\n",
        "input: 4\nlayers: [{dense: WORD}]\n",
        "input: 4\nlayers: [{dense: {WORD: 3}}]\n",
        "input: 4\nlayers: [{name: WORD, dense: x}]\n",
        "input: 4\nlayers: [{from: WORD, relu: }]\n",
        "input: 4\nrounding: WORD\nlayers: [relu]\n",
        "input: 4\nvars: {WORD: 1}\nlayers: [relu]\n",
        "input: 4\nlayers: [relu]\nexpect: {params: WORD, layers: {WORD: 3}}\n",
        "input: 4\nlayers: [relu]\nWORD: 3\n",
        "extends: WORD\n",
    ],
)
def test_messages_can_be_printed(text: str, word: str) -> None:
    report = cnncalc.loads(text.replace("WORD", f'"{word}"'))
    assert report.diagnostics
    for found in report.diagnostics:
        for words in (found.message, *found.notes, *found.help, found.layer or ""):
            assert words.isprintable(), repr(words)


@together(
    "change",
    [
        "upsample: N",
        "pad: N",
        "{conv: {filters: 1, kernel: 1, padding: N}}",
        "{depthwise_conv: {kernel: 1, multiplier: N}}",
        "{conv_transpose: {filters: 1, kernel: 1, stride: N}}",
        "{conv_transpose: {filters: 1, kernel: N, padding: same, stride: N}}",
        "pixel_shuffle: N",
        "pixel_unshuffle: N",
        "{sequential: [{conv: {filters: N, kernel: 1}}, {concat: [[], []]}]}",
        "{sequential: [{resize: N}, flatten]}",
        "{sequential: [{resize: N}, {pixel_unshuffle: N}]}",
        "{conv_transpose: {filters: 1, kernel: N, stride: N, dilation: N, output_padding: 1}}",
    ],
)
@together("number", [2**62, 2**63 - 1])
def test_volumes_past_all_bounds(change: str, number: int) -> None:
    outcome = loads(layers(change.replace("N", str(number))))
    assert outcome.raised == ""
    assert len(outcome.codes) == 1


@pytest.mark.parametrize("count", [5, 300, 5000])
def test_a_shape_with_many_axes(count: int) -> None:
    outcome = loads(layers(f"reshape: [{', '.join(['9223372036854775807'] * count)}]"))
    assert (outcome.raised, len(outcome.codes)) == ("", 1)


class TestFiles:
    """What a path may lead to. `load` never raises for it."""

    CONTENTS = {
        "empty": b"", "spaces": b"  \n", "nul": b"input: 4\0",
        "utf-16": "input: 4".encode("utf-16"), "utf-16-be": "\ufeffinput: 4".encode("utf-16-be"),
        "utf-32": "input: 4".encode("utf-32"), "latin-1": b"name: \xe9\n",
        "cut short": "é".encode()[:1], "surrogate": b"name: \xed\xa0\x80\n",
        "noise": bytes(range(256)),
        "zeros": bytes(10**6), "overlong": b"\xc0\xaf",
    }  # fmt: skip

    @pytest.mark.parametrize("name", CONTENTS)
    def test_that_are_no_texts(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "f.yaml").write_bytes(self.CONTENTS[name])
        (code,) = (d.code for d in cnncalc.load(tmp_path / "f.yaml").diagnostics)
        assert code in ("file-unreadable", "yaml-syntax")

    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    def test_line_ends_and_byte_order_marks(self, tmp_path: Path, start: bytes, end: bytes) -> None:
        lines = [b"# comment", b"input: 4", b"layers:", b"  - rleu", b"  - relu", b""]
        (tmp_path / "f.yaml").write_bytes(start + end.join(lines))
        (found,) = cnncalc.load(tmp_path / "f.yaml").diagnostics
        assert (found.span.line, found.span.column, found.span.end_column) == (4, 5, 9)
        assert found.span.source.line_text(4) == "  - rleu"

    def test_that_are_none(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "loop").symlink_to("loop")
        (tmp_path / "dangling").symlink_to("nothing")
        (tmp_path / "secret").write_text("input: 4", "utf-8")
        names = [
            ".",
            "pipe",
            "loop",
            "dangling",
            "nothing",
            "f.yaml/below",
            "a" * 300,
            "a/" * 3000,
            "\0",
            "\ud800",
        ]
        for path in chain(
            (str(tmp_path / name) for name in names),
            ["/dev/null", "/dev/zero", "\0", "", "a" * 5000],
        ):
            outcome = run(partial(cnncalc.load, path))
            assert (outcome.raised, outcome.codes) == ("", ["file-unreadable"]), path

    def test_larger_than_a_file_may_be(self, tmp_path: Path) -> None:
        with (tmp_path / "f.yaml").open("wb") as file:
            file.truncate(2**40)
        outcome = run(partial(cnncalc.load, tmp_path / "f.yaml"))
        assert outcome.codes == ["file-unreadable"]
        assert outcome.megabytes < MEGABYTES


class TestArguments:
    """Only ValueError leaves `loads`, or TypeError, in words of its own."""

    @together(
        "arguments",
        [
            {"batch": 0}, {"batch": -1}, {"batch": 1.5}, {"batch": "2"}, {"batch": True},
            {"batch": None}, {"dtype": "float3"}, {"dtype": ""}, {"dtype": None},
            {"dtype": ["float32"]},
            {"rounding": "up"}, {"rounding": "FLOOR"}, {"rounding": 3}, {"max_layers": 0},
            {"max_layers": -1}, {"max_layers": "9"}, {"max_layers": 1.5}, {"set": {"": 1}},
            {"set": {".": 1}},
            {"set": {"a.": 1}}, {"set": {".b": 1}}, {"set": {"n": "["}}, {"set": {"n": "a: b: c"}},
            {"set": {"n": "\x07"}}, {"set": {"n": 10**40}}, {"set": {1: 2}}, {"set": [("n", 1)]},
            {"set": "n=1"},
            {"input": "x"}, {"input": []}, {"input": [0]}, {"input": {"input": "1x0"}},
            {"input": {3: "4"}}, {"input": 1.5}, {"input": b"4"},
        ],
    )  # fmt: skip
    def test_misuse(self, arguments: dict[str, object]) -> None:
        with pytest.raises((ValueError, TypeError), match=r"\S"):
            cnncalc.loads(layers("dense: $n", head="input: 4\nvars: {n: 3}\n"), **arguments)  # type: ignore[arg-type]

    @together(
        "value",
        [
            None, True, 2.5, [], [1, [2]], {}, {"a": 1}, (1,), "", "~", "$n", "$(", "${", "'", '"',
            "#", "# x", "- a", "a: b", "a\nb", "\t3", "*a", "&a 3", "!!str 3", "|", ">", "---",
            "...", "%", "@", "\u2028", "[" * 100, "x" * 10**5, float("nan"), float("inf"), 2**63,
            object(), b"3",
        ],
    )  # fmt: skip
    @together(
        "target",
        [
            "n",
            "d.units",
            "d",
            "conv.kernel",
            "d.activation",
            "nope",
            "g.d.units",
            "é",
            "a b",
            "a\nb",
            "a=b.c",
        ],
    )
    def test_values(self, target: str, value: object) -> None:
        text = layers(
            "{name: d, dense: $n}",
            "{name: g, sequential: [{name: d, dense: 3}]}",
            head="input: 4\nvars: {n: 3}\n",
        )
        try:
            report = cnncalc.loads(text, set={target: value})
        except ValueError:
            return
        assert report.complete or not report.ok
