"""`first` and `last` beside `repeat`: what the first and the last copy say otherwise."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.edit.formatted import formatted
from cnncalc.graph.overrides import overrides_from
from cnncalc.network import Network
from cnncalc.saving.expectations import verified
from cnncalc.saving.from_overrides import edits
from cnncalc.yaml.edit import CannotRewrite, rewrite
from cnncalc.yaml.source import Source
from tests.together import together

HEAD = """\
input: 16x16x4
vars: {n: 3, s: 2}
defaults: {conv: {kernel: 1}}
blocks:
  b: {args: {width: 4, stride: 1}, layers: [{conv: {filters: $width, stride: $stride}}]}
rounding: floor
layers:
"""


@together(
    ("item", "outputs"),
    [
        ("{repeat: 3, first: {stride: 2}, conv: 4}", ["8x8x4"] * 3),
        ("{repeat: 3, last: {stride: 2}, conv: 4}", ["16x16x4", "16x16x4", "8x8x4"]),
        ("{repeat: $n, first: {S: $s, K: 5}, last: {out_channels: 7}, conv: 4}",
         ["8x8x5", "8x8x4", "8x8x7"]),
        ("{repeat: 2, first: {filters: 5}, last: {filters: 6}, conv: 4}", ["16x16x5", "16x16x6"]),
        ("{repeat: 1, first: {stride: 2}, last: {filters: 6}, conv: 4}", ["8x8x6"]),
        ("{repeat: 1, first: {filters: 5}, last: {filters: 6}, conv: 4}", ["16x16x5"]),
        ("{repeat: 0, first: {filters: 5}, conv: 4}", []),
        ("{repeat: 3, first: {filters: $(4 + index)}, last: {filters: $(4 + index)}, conv: 9}",
         ["16x16x4", "16x16x9", "16x16x6"]),
        ("{repeat: 3, first: {stride: 2}, b: 5}", ["8x8x5"] * 3),
        ("{repeat: 2, first: {stride: 2, width: 6}, last: {width: 7}, b: {}}", ["8x8x6", "8x8x7"]),
        ("{repeat: 2, counter: i, first: {}, last: {units: $(i + 3)}, dense: 8}", ["8", "4"]),
        ("{repeat: 2, first: {stride: 2}, conv: {filters: 4, stride: 1, padding: [1, 2]}}",
         ["9x10x4", "11x14x4"]),
    ],
)  # fmt: skip
def test_the_ends_differ(item: str, outputs: list[str]) -> None:
    report = cnncalc.loads(f"{HEAD}  - relu\n  - {item}\n")
    assert report.ok, report.diagnostics
    assert ["x".join(map(str, row.output_shape)) for row in report.rows[1:]] == outputs


@together(
    ("item", "code", "message"),
    [
        ("{first: {units: 3}, dense: 5}", "missing-option", "this item has no `repeat`"),
        ("{repeat: 2, last: 3, dense: 5}", "wrong-type", "`last` is a mapping of options"),
        ("{repeat: 2, first: {unit: 3}, dense: 5}", "unknown-key", "dense has no option `unit`"),
        ("{repeat: 2, first: {units: 3, out_features: 4}, dense: 5}", "duplicate-key", "`units`"),
        ("{repeat: 2, first: {w: 3}, b: 5}", "unknown-key", "b has no option `w`"),
        ("{repeat: 2, first: {x: 3}, add: [[], []]}", "bad-value", "options, and add has none"),
        ("{repeat: 2, last: {x: 3}, sequential: [relu]}", "bad-value", "sequential has none"),
        ("{repeat: 1, last: {x: 3}, split: [q]}", "bad-value", "split has none"),
        ("{repeat: 2, last: {x: 3}, $(s): 3}", "bad-value", "which $(s) has is not known"),
        ("{repeat: 2, first: {units: 0}, dense: 5}", "bad-value", "`units` must be 1 or more"),
        ("{repeat: 2, first: {units: $q}, dense: 5}", "unknown-variable", "`q` is not defined"),
    ],
)
def test_what_they_cannot_say(item: str, code: str, message: str) -> None:
    text = f"{HEAD}  - {item}\n"
    errors = [d for d in cnncalc.loads(text).diagnostics if d.is_error]
    assert errors[0].code == code
    assert message in errors[0].message
    assert errors[0].span.line == text.count("\n")


def test_a_misfit_is_told_where_it_is_said() -> None:
    item = "{repeat: 2, first: {stride: 2}, conv: {filters: 4, kernel: 3}}"
    text = f"input: 16x16x4\nlayers:\n  - {item}\n"
    (error,) = cnncalc.loads(text).diagnostics
    span = error.span
    assert span.source.text[span.start : span.end] == "stride: 2"
    assert error.layer == "conv1.0"
    assert "stride 1" in error.help[0]


@together(
    ("set_", "line"),
    [
        ({"c.1.stride": "1"}, "{repeat: 3, first: {S: 2}, name: c, conv: {filters: 4, stride: 1}}"),
        ({"conv.*.trainable": "false"},
         "{repeat: 3, first: {S: 2}, name: c, conv: 4, trainable: false}"),
        ({"c.0.stride": "1"}, None),
        ({"c.1.stride": "2"}, None),
        ({"c.0.filters": "5"}, None),
        ({"conv.*.stride": "1"}, None),
    ],
)  # fmt: skip
def test_what_is_written_is_right_or_refused(set_: dict[str, object], line: str | None) -> None:
    text = "input: 16x16x4\nrounding: floor\ndefaults: {conv: {kernel: 1}}\nlayers:\n"
    text += "  - {repeat: 3, first: {S: 2}, name: c, conv: 4}\n"
    if line is not None and "c.1.stride" in set_:
        # The last copy is made of another item than the one in the middle only with `last`.
        text = text.replace("first: {S: 2}", "first: {S: 2}, last: {S: 1}")
        line = line.replace("first: {S: 2}", "first: {S: 2}, last: {S: 1}")
    network = Network.loads(text)
    wanted = network.with_overrides(overrides_from(set=set_))
    try:
        done = verified(wanted, rewrite(text, edits(wanted.graph, wanted.overrides)))
    except CannotRewrite:
        assert line is None
    else:
        assert line is not None
        assert line in done.text


def test_layout() -> None:
    text = (
        "input: 4x4x4\nlayers:\n  - {first: {S: 1}, Conv2d: {out_channels: 4, F: 1}, repeat: 2}\n"
    )
    done = formatted(Network.parsed(Source("t", text)))
    assert done.text.splitlines()[-1] == (
        "  - {conv: {filters: 4, kernel: 1}, repeat: 2, first: {stride: 1}}"
    )


@pytest.mark.parametrize("word", ["first", "last"])
def test_no_block_is_called_so(word: str) -> None:
    text = f"input: 3\nblocks: {{{word}: {{layers: [relu]}}}}\nlayers: [relu]\n"
    (error,) = cnncalc.loads(text).diagnostics
    assert (
        error.message == f"a block cannot be called `{word}`, which is a wiring key of the language"
    )
