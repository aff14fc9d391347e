"""Changes written into files: exact texts for small ones, and random changes of bundled ones."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc.compare.whatif import ask
from cnncalc.errors import UsageError
from cnncalc.language.parser import SECTIONS
from cnncalc.layers import registry
from cnncalc.network import Network
from cnncalc.report.report import Report
from cnncalc.saving.expectations import Rewritten
from cnncalc.saving.from_overrides import edits
from cnncalc.saving.rewritten import rewritten
from cnncalc.yaml import edit as editing
from cnncalc.yaml.edit import CannotRewrite, Edit
from cnncalc.yaml.source import Source
from cnncalc.yaml.spelling import spelled
from tests.examples import examples
from tests.networks import VARIED
from tests.slowness import slow_but
from tests.together import together

rewrite = partial(editing.rewrite, order=SECTIONS)
STRIDE = ("stride", "strides", "S")


def section(*path: str, value: str | None) -> Edit:
    return Edit(tuple((name,) for name in path), value)


def item(text: str, start: str, *path: tuple[str, ...], value: str, main: str = "filters") -> Edit:
    """An edit of the item whose text begins so."""
    return Edit(path, value, text.index(start), main)


class TestSections:
    @together(
        ("before", "edits", "after"),
        [
            ("input: 3x3x1  # in\nlayers: []\n", [section("input", value="5x5x1")],
             "input: 5x5x1  # in\nlayers: []\n"),
            ("input: 3x3x1\nlayers: []\n", [section("rounding", value="floor")],
             "input: 3x3x1\nrounding: floor\nlayers: []\n"),
            ("layers: []\n# end", [section("rounding", value="floor")],
             "rounding: floor\nlayers: []\n# end"),
            ("vars:\n  a: 1   # one\n  # two\nlayers: []\n", [section("vars", "b", value="2")],
             "vars:\n  a: 1   # one\n  b: 2\n  # two\nlayers: []\n"),
            ("vars: {a: 1}\nlayers: []\n",
             [section("vars", "a", value="100"), section("vars", "b", value="x, y")],
             "vars: {a: 100, b: 'x, y'}\nlayers: []\n"),
            ("vars:\nlayers: []\n", [section("vars", "a", value="1")],
             "vars: {a: 1}\nlayers: []\n"),
            ("vars: ~\nlayers: []\n", [section("vars", "a", value="1")],
             "vars: {a: 1}\nlayers: []\n"),
            ("layers: []\n", [section("vars", "a", value="1"), section("vars", "b", value="2")],
             "vars: {a: 1, b: 2}\nlayers: []\n"),
            ("input:\n- 3 # rows\n- 4\nlayers: []\n", [section("input", value="7")],
             "input: 7  # rows\nlayers: []\n"),
            ("input: [3, # rows\n  4]\nlayers: []\n", [section("input", value="[7, 7]")],
             "input: [7, 7]  # rows\nlayers: []\n"),
            ("vars: {a: &x 1, b: *x}\n", [section("vars", "b", value="3")],
             "vars: {a: &x 1, b: 3}\n"),
            ("{input: 3, layers: []}", [section("rounding", value="ceil")],
             "{input: 3, layers: [], rounding: ceil}"),
            ("input: 3\r\nlayers: []\r\n", [section("rounding", value="ceil")],
             "input: 3\r\nrounding: ceil\r\nlayers: []\r\n"),
            ("vars: {a: 10}   # ten\n", [section("vars", "a", value="9")],
             "vars: {a: 9}    # ten\n"),
            ("vars: {a: 1}    # one\n", [section("vars", "a", value="1000")],
             "vars: {a: 1000} # one\n".replace("} #", "}  #")),
            ("expect: {a: 1, b: 2}\n", [section("expect", "a", value=None)], "expect: {b: 2}\n"),
            ("expect: {a: 1, b: 2}\n", [section("expect", "b", value=None)], "expect: {a: 1}\n"),
            ("expect:\n  a: 1  # one\n  b: 2\n", [section("expect", "a", value=None)],
             "expect:\n  # a: 1  # one\n  b: 2\n"),
        ],
    )  # fmt: skip
    def test_text(self, before: str, edits: list[Edit], after: str) -> None:
        assert rewrite(before, edits) == after


class TestItems:
    @together(
        ("before", "start", "after"),
        [
            ("- {conv: {filters: 8, S: 4}}  # c", "{conv", "- {conv: {filters: 8, S: 2}}  # c"),
            ("- {conv: {filters: 8}}", "{conv", "- {conv: {filters: 8, stride: 2}}"),
            ("- {conv: 8}", "{conv", "- {conv: {filters: 8, stride: 2}}"),
            ("- conv: 8 # c", "conv", "- conv: {filters: 8, stride: 2} # c"),
            ("- conv", "conv", "- {conv: {stride: 2}}"),
            ("- conv:", "conv", "- conv: {stride: 2}"),
            ("- {conv}", "{conv", "- {conv: {stride: 2}}"),
            ("- conv:\n    filters: 8  # c\n    # d\n- relu", "conv",
             "- conv:\n    filters: 8  # c\n    stride: 2\n    # d\n- relu"),
            ("- [[conv], []]", "conv", "- [[{conv: {stride: 2}}], []]"),
            ("a: &f 8\nb:\n- conv: *f", "conv: *", "a: &f 8\nb:\n- conv: {filters: *f, stride: 2}"),
        ],
    )  # fmt: skip
    def test_text(self, before: str, start: str, after: str) -> None:
        assert rewrite(before, [item(before, start, ("conv",), STRIDE, value="2")]) == after

    def test_several_items_at_once_and_one_twice(self) -> None:
        text = "- {conv: 8}\n- relu\n- conv:\n    filters: 4\n"
        edits = [
            item(text, "{conv", ("conv",), STRIDE, value="2"),
            item(text, "relu", ("relu",), ("inplace",), value="true"),
            item(text, "conv:\n", ("conv",), STRIDE, value="3"),
            item(text, "{conv", ("conv",), ("bias",), value="false"),
            item(text, "conv:\n", ("conv",), ("bias",), value="true"),
        ]
        assert rewrite(text, edits) == (
            "- {conv: {filters: 8, stride: 2, bias: false}}\n- {relu: {inplace: true}}\n"
            "- conv:\n    filters: 4\n    stride: 3\n    bias: true\n"
        )

    def test_a_bare_value_stays_bare(self) -> None:
        text = "- {conv: 8}  # eight\n"
        edit = item(text, "{conv", ("conv",), ("filters", "K"), value="16")
        assert rewrite(text, [edit]) == "- {conv: 16} # eight\n".replace("} #", "}  #")

    def test_an_anchor_is_not_changed_under_its_aliases(self) -> None:
        with pytest.raises(CannotRewrite, match="`a` is an anchor"):
            rewrite("vars: {a: &x 1, b: *x}\n", [section("vars", "a", value="3")])
        text = "- conv: &c {filters: 3}\n- conv: *c"
        with pytest.raises(CannotRewrite, match="`conv` is an alias"):
            rewrite(text, [item(text, "conv: *", ("conv",), STRIDE, value="3")])


@pytest.mark.parametrize(
    ("data", "text"),
    [(1, "1"), (True, "true"), ("same", "same"), ("3x3", "3x3"), ([1, [2, 3]], "[1, [2, 3]]"),
     ("$max(1, 2)", "'$max(1, 2)'"), (None, "null"), ({"a": "b"}, "{a: b}")],
)  # fmt: skip
def test_spelled(data: object, text: str) -> None:
    assert spelled(data) == text


# --- whole files --------------------------------------------------------------------------------


def saved(opened: Network, changes: dict[str, object]) -> Rewritten | None:
    """The changed file, None where the change breaks the network."""
    (variant,) = ask(opened, changes.items()).variants
    if not variant.after.complete:
        return None
    path = Path(opened.source.name).parent / "saved.yaml"
    changed = variant.network
    return rewritten(changed, edits(changed.graph, changed.overrides), path)


def network(report: Report) -> tuple[object, ...]:
    rows = [row._replace(file="", line=0, column=0) for row in report.rows]
    return rows, report.inputs, report.outputs, report.totals


def comments(text: str) -> Counter[str]:
    """What stands behind a #; no bundled file has one in a text."""
    return Counter(found.strip() for found in re.findall(r"(?<=[\s])#([^#\n]*)", text))


BLOCKED = """
input: 8x8x3
defaults: {conv: {activation: leaky_relu}}
blocks:
  once: {layers: [{conv: 4}]}
  pair: {args: {width: ~}, layers: [{name: a, conv: {filters: $width}}]}
layers:
  - {name: x, pair: 4}
  - {name: y, pair: 4}
  - {name: z, once: {}}
  - {name: many, repeat: 3, conv: {filters: 4, kernel: 1}}
  - dense: 3
"""


CLASSES = """
input: 8x8x4
layers:
  - UpSampling2D: {size: 2}
  - ZeroPad2d: [0, 1, 0, 1]
  - LocalResponseNorm: {size: 4, alpha: 1}
  - BatchNormalization
"""


class TestClasses:
    """What frameworks' classes call an option is written in their words."""

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"upsample1.scale": 3}, "- UpSampling2D: {size: 3}"),
            ({"upsample1.size": 3}, "- UpSampling2D: {size: 3}"),
            ({"pad1.padding": 2}, "- ZeroPad2d: 2"),
            ({"lrn1.alpha": 2}, "- LocalResponseNorm: {size: 4, alpha: 2}"),
            ({"batch_norm1.momentum": 0.9}, "- {BatchNormalization: {momentum: 0.9}}"),
        ],
    )
    def test_written(self, changes: dict[str, object], expected: str) -> None:
        opened = Network.parsed(Source("classes.yaml", CLASSES))
        (variant,) = ask(opened, changes.items()).variants
        done = saved(opened, changes)
        assert done is not None
        assert expected in done.text
        layers = [row.layer for row in done.report.rows]
        assert layers == [row.layer for row in variant.after.rows]

    def test_what_a_class_means_otherwise_is_not_written_for_a_kind(self) -> None:
        opened = Network.parsed(Source("classes.yaml", CLASSES))
        with pytest.raises(CannotRewrite, match="LocalResponseNorm means another by `alpha`"):
            saved(opened, {"lrn.*.alpha": 2})


class TestPlaces:
    """What can be written in place, and what cannot."""

    def opened(self) -> Network:
        # A kernel everywhere, as conv needs one.
        text = BLOCKED.replace("{activation", "{kernel: 1, activation")
        return Network.parsed(Source("blocked.yaml", text))

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"z.conv1.filters": 5}, "{layers: [{conv: 5}]}"),
            ({"x.width": 5}, "{name: x, pair: 5}"),
            ({"x.a.filters": 5, "y.a.filters": 5}, "conv: {filters: 5}}]}"),
            ({"dense1.bias": False}, "- dense: {units: 3, bias: false}"),
            ({"conv.*.bias": False}, "activation: leaky_relu, bias: false}}"),
            ({"conv.*.filters": 7, "dense.*.units": 2}, "- dense: 2"),
        ],
    )
    def test_written(self, changes: dict[str, object], expected: str) -> None:
        done = saved(self.opened(), changes)
        assert done is not None
        assert expected in done.text

    @pytest.mark.parametrize(
        ("item", "after"),
        [
            ("{name: a, concat: [[], [relu]]}",
             "{name: a, concat: {branches: [[], [relu]], axis: width}}"),
            ("{name: a, concat: {branches: [[], []], axis: height}}",
             "{name: a, concat: {branches: [[], []], axis: width}}"),
            ("name: a\n  concat:\n    - []\n    - - relu  # why",
             "name: a\n  concat: {branches: [[], [relu]], axis: width}  # why"),
        ],
    )  # fmt: skip
    def test_options_beside_branches(self, item: str, after: str) -> None:
        text = f"input: 3x5x4\nlayers:\n- {item}\n"
        done = saved(Network.parsed(Source("branches.yaml", text)), {"a.axis": "width"})
        assert done is not None
        assert done.text == f"input: 3x5x4\nlayers:\n- {after}\n"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"x.a.filters": 5},
             "x.a.filters cannot be written for x.a alone: its item (line 6) stands in block pair, "
             "and makes y.a too"),
            ({"many.1.bias": False},
             "many.1.bias cannot be written for many.1 alone: its item (line 11) is repeated, "
             "and makes many.0 and 1 more too"),
        ],
    )  # fmt: skip
    def test_one_copy_of_several(self, changes: dict[str, object], message: str) -> None:
        with pytest.raises(CannotRewrite) as told:
            saved(self.opened(), changes)
        assert str(told.value) == message

    def test_an_extended_file(self) -> None:
        with pytest.raises(CannotRewrite, match=r"alexnet.yaml:\d+:\d+, which this file extends"):
            saved(Network.load("alexnet-two-gpu"), {"fc8.bias": False})
        done = saved(Network.load("alexnet-two-gpu"), {"classes": 10, "conv.*.bias": False})
        assert done is not None
        assert "vars: {groups: 2, classes: 10}" in done.text
        assert "defaults: {conv: {activation: relu, bias: false}}" in done.text

    def test_expectations_are_stated_anew(self) -> None:
        done = saved(Network.load("classic"), {"N": 1, "M": 2})
        assert done is not None
        assert "layers.stage.2.pool" in [
            change.path for change in done.changes if change.after is None
        ]
        assert "    # stage.2.pool: {" in done.text
        assert done.report.diagnostics == ()

    def test_nothing_is_lost_where_nothing_changes(self) -> None:
        for name in VARIED:
            opened = Network.load(name)
            done = saved(opened, {"rounding": "floor"})
            if done is None or done.changes:
                continue
            before = opened.source.text.splitlines()
            assert [line for line in done.text.splitlines() if line not in before] in (
                [], ["rounding: floor"], ["rounding: floor  # " + _comment(before)]
            )  # fmt: skip


def _comment(lines: list[str]) -> str:
    (line,) = [line for line in lines if line.startswith("rounding:")] or [""]
    return line.partition("# ")[2]


VALUES = {
    "kernel": ("1", "3", "[3, 3]"),
    "stride": ("1", "2"),
    "padding": ("same", "1", "[[0, 1], [1, 0]]"),
    "bias": ("true", "false"),
    "filters": ("8", "$(4 * 4)"),
    "units": ("10", "'$(max(3, 4))'"),
    "rate": ("0.25",),
    "dilation": ("1", "2x2"),
    "activation": ("relu", "none", "gelu"),
}


@cache
def bundled(name: str) -> tuple[Network, Report]:
    return Network.load(name), cnncalc.load(name)


@st.composite
def changes(draw: st.DrawFn, name: str) -> dict[str, object]:
    """Up to three changes of a bundled file that it may or may not take."""
    opened, report = bundled(name)
    assert opened.document is not None
    found: dict[str, object] = {}
    for _ in range(draw(st.integers(1, 3))):
        what = draw(st.sampled_from(["var", "layer", "layer", "kind", "input", "rounding"]))
        if what == "var" and opened.document.vars:
            found[draw(st.sampled_from(sorted(opened.document.vars)))] = draw(st.integers(1, 4))
        elif what in ("layer", "kind"):
            row = draw(st.sampled_from(report.rows))
            options = [o for o in VALUES if o in registry.KINDS[row.kind].options]
            if options:
                option = draw(st.sampled_from(options))
                target = row.name if what == "layer" else f"{row.kind}.*"
                found[f"{target}.{option}"] = draw(st.sampled_from(VALUES[option]))
        elif what == "rounding":
            found["rounding"] = draw(st.sampled_from(["exact", "floor", "ceil"]))
        elif what == "input":
            found["input"] = draw(st.sampled_from(["64x64x3", "230x230x3", "28x28x1"]))
    return found or {"rounding": "floor"}


@pytest.mark.parametrize("name", slow_but(["alexnet", "lenet5", "resnet18"], VARIED))
@settings(max_examples=examples(5))
@given(data=st.data())
def test_random_changes(name: str, data: st.DataObject) -> None:
    """The saved file makes the very network that was asked for, and keeps every comment."""
    opened, _ = bundled(name)
    asked = data.draw(changes(name))
    try:
        done = saved(opened, asked)
    except CannotRewrite as refusal:
        understood = r"for .* alone|which this file extends"
        assert re.search(understood, str(refusal)), refusal  # noqa: PT017
        return
    except UsageError as misuse:
        unknown = r"the network has no|there is no (layer|input)"
        assert re.search(unknown, str(misuse)), misuse  # noqa: PT017
        return
    if done is None:
        return
    (variant,) = ask(opened, asked.items()).variants
    assert network(done.report) == network(variant.after)
    assert done.report.ok
    missing = comments(opened.source.text) - comments(done.text)
    assert not missing
