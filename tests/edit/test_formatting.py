"""The one layout: exact texts for single rules, the bundled files in other layouts, and files with
comments thrown in at random. What a text means is read by PyYAML and reported by the report."""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cnncalc import bundled
from cnncalc.edit import formatted as module
from cnncalc.edit import layout
from cnncalc.edit.formatted import Formatted, formatted
from cnncalc.edit.pieces import CannotFormat, File, Unit
from cnncalc.graph.overrides import Overrides
from cnncalc.network import Network
from cnncalc.report.report import Report
from cnncalc.yaml.source import Source
from tests.examples import examples
from tests.language.grammar import grown, torn
from tests.together import together

SMALL = Overrides(max_layers=500)
HEAD = "input: 8x8x3\nlayers:\n"


def network_of(text: str, path: Path | None = None) -> Network:
    return Network.parsed(Source("net.yaml", text), path).with_overrides(SMALL)


def report_of(text: str, path: Path | None = None) -> Report:
    return network_of(text, path).report


def done(text: str, path: Path | None = None) -> Formatted:
    return formatted(network_of(text, path))


def fmt(text: str, path: Path | None = None) -> str:
    """The new text, which has to be had."""
    result = done(text, path)
    assert (result.findings, result.reason) == ((), None)
    return result.text


def network(report: Report) -> tuple[object, ...]:
    rows = [row._replace(line=0, column=0, layer=None) for row in report.rows]
    findings = Counter((d.code, d.severity, d.layer) for d in report.diagnostics)
    return rows, report.inputs, report.outputs, report.totals, report.groups, findings


class TestItems:
    @together(
        ("before", "after"),
        [
            ("- Conv2d: {out_channels: 8, kernel_size: 3}", "- {conv: {filters: 8, kernel: 3}}"),
            ("- conv: {K: 8, F: 3, S: 1, P: 0}",
             "- {conv: {filters: 8, kernel: 3, stride: 1, padding: 0}}"),
            ("- {dense: {units: 8}}", "- dense: 8"),
            ("- {dense: {out_features: 8, bias: false}}", "- {dense: {units: 8, bias: false}}"),
            ("- scale: {bias: true}", "- {scale: {bias: true}}"),
            ("- {Conv1d: {K: 8, F: 3}}", "- {Conv1d: {filters: 8, kernel: 3}}"),
            ("- {when: false, Conv2d: {K: 8, F: 3}}",
             "- {when: false, Conv2d: {filters: 8, kernel: 3}}"),
            ("- BatchNorm2d", "- batch_norm"),
            ("- BatchNorm3d", "- BatchNorm3d"),
            ("- [flatten, BatchNorm1d]", "- [flatten, BatchNorm1d]"),
            ("- sequential: [flatten, BatchNorm1d]", "- sequential: [flatten, batch_norm]"),
            ("- {ReLU: {}}", "- relu"),
            ("- relu:", "- relu"),
            ("- {LeakyReLU: ~}", "- leaky_relu"),
            ("- {name: a, relu}", "- {name: a, relu: {}}"),
            ("- {BatchNorm2d: , name: a}", "- {name: a, batch_norm: {}}"),
            ("- name: a\n  dense:\n    units: 3\n    bias: false",
             "- {name: a, dense: {units: 3, bias: false}}"),
            ("- {trainable: false, repeat: 2, dense: 3, when: true, from: input, name: a}",
             "- {name: a, from: input, when: true, dense: 3, trainable: false, repeat: 2}"),
            ("- {sequential: [relu], repeat: 2, name: a}",
             "- {name: a, repeat: 2, sequential: [relu]}"),
            ("- sequential:\n  - relu\n  - {dense: 3}\n  repeat: 2",
             "- repeat: 2\n    sequential:\n      - relu\n      - dense: 3"),
            ("- add: [[relu], []]", "- add: [[relu], []]"),
            ("- add:\n  -\n    - relu\n  - []", "- add:\n      - - relu\n      - []"),
            ("- {dense: {units: 3, activation: ReLU}}",
             "- {dense: {units: 3, activation: relu}}"),
            ("- {dense: {units: 3, activation: linear}}",
             "- {dense: {units: 3, activation: linear}}"),
            ("- {conv: {filters: 3, kernel: [4, 4], padding: [1, 1], stride: [1, 2]}}",
             "- {conv: {filters: 3, kernel: 4, padding: 1, stride: [1, 2]}}"),
            ("- {when: false, conv: {filters: 3, kernel: [3, 3]}}",
             "- {when: false, conv: {filters: 3, kernel: [3, 3]}}"),
            ("- {custom: {output: [4, 4, 2], macs: 3}}", "- {custom: {output: 4x4x2, macs: 3}}"),
            ('- {dense: {units: "$(max(3, 4))"}}', '- dense: "$(max(3, 4))"'),
            ("- dense:\n    units: $(max(3, 4))\n    bias: false",
             '- {dense: {units: "$(max(3, 4))", bias: false}}'),
            ("- {dense: '$(3 + 4)'}", "- dense: $(3 + 4)"),
            ("- name: 'a'\n  dense: 3", "- {name: a, dense: 3}"),
            ("- {conv: { # a\n  filters: 3, kernel: 1}} # b",
             "# b\n  - {conv: {filters: 3, kernel: 1}}   # a"),
            ("- {when: 'true', dense: 3}", '- {when: "true", dense: 3}'),
            # What a framework's class says as the kind would not stays as it is.
            ("- {Upsample: {size: [4, 4]}}", "- {Upsample: {size: [4, 4]}}"),
            ("- {Upsample: {scale_factor: 2}}", "- upsample: 2"),
            ("- {UpSampling2D: {size: [2, 2]}}", "- {UpSampling2D: {size: [2, 2]}}"),
            ("- {UpSampling2D: {interpolation: nearest, scale: 2}}",
             "- {upsample: {mode: nearest, scale: 2}}"),
            ("- {ZeroPad2d: [1, 1, 1, 1]}", "- ZeroPad2d: [1, 1, 1, 1]"),
            ("- {ZeroPadding2D: [1, 1]}", "- pad: 1"),
            ("- InstanceNormalization", "- InstanceNormalization"),
            ("- {InstanceNormalization: {}}", "- InstanceNormalization"),
            ("- Dense: 3", "- Dense: 3"),
            ("- Linear: {out_features: 3, axes: last}", "- {dense: {units: 3, axes: last}}"),
            ("- {sequential: [flatten, Dense: 3]}", "- sequential: [flatten, {dense: 3}]"),
            ("- {BatchNorm2d: 3}", "- batch_norm: 3"),
            ("- {BatchNormalization: {momentum: 0.9}}",
             "- {BatchNormalization: {momentum: 0.9}}"),
            ("- {BatchNormalization: {axis: -1}}", "- {batch_norm: {axis: -1}}"),
            ("- {AdaptiveAvgPool2d: [1, 1]}", "- adaptive_avg_pool: 1"),
            ("- {Conv2d: {in_channels: 3, K: 2, F: 1}}",
             "- {conv: {in_channels: 3, filters: 2, kernel: 1}}"),
        ],
    )  # fmt: skip
    def test_one(self, before: str, after: str) -> None:
        before = before.replace("\n", "\n  ")
        assert fmt(f"{HEAD}  {before}\n") == f"{HEAD}  {after}\n"

    def test_a_list_for_all_axes_stays_where_layers_of_two_ranks_are_made(self) -> None:
        text = (
            "input: {a: 8x8x3, b: 8x8x3}\n"
            "blocks:\n  u:\n    args: {k: ~}\n    layers:\n"
            "      - {conv: {filters: 2, kernel: $k}}\n"
            "layers:\n  - {from: a, u: {k: [3, 3]}}\n  - {from: b, u: {k: [3, 3]}}\n"
            "outputs: [u1, u2]\n"
        )
        assert fmt(text) == text

    def test_a_width_of_120_fits_and_one_of_121_does_not(self) -> None:
        item = "  - {name: %s, conv: {filters: 3, kernel: 3}}\n"
        name = "n" * (120 - len(item % "") + 1)
        assert len(item % name) == 121
        assert fmt(HEAD + item % name) == HEAD + item % name
        assert fmt(HEAD + item % (name + "n")) == (
            f"{HEAD}  - name: {name}n\n    conv: {{filters: 3, kernel: 3}}\n"
        )

    def test_options_that_do_not_fit_after_their_key_may_fit_below_it(self) -> None:
        block = "a_block_with_quite_a_name"
        args = ", ".join(f"argument{i}: {i}" for i in range(7))
        head = (
            f"input: 8\nblocks:\n  {block}: {{args: {{{args}}}, layers: [{{dense: $argument1}}]}}\n"
        )
        below = f"{head}layers:\n  - name: a\n    {block}:\n      {{{args}}}\n"
        assert fmt(f"{head}layers:\n  - {{name: a, {block}: {{{args}}}}}\n").endswith(below[-150:])


class TestFiles:
    @together(
        ("before", "after"),
        [
            ("layers: []\ninput: [8, 8, 3]\nname: x", "name: x\ninput: 8x8x3\nlayers: []\n"),
            ("{input: 3, layers: [relu]}", "input: 3\nlayers:\n  - relu\n"),
            ("input: {b: 4 X 4 x 1, a: [3]}\nlayers: []",
             "input: {b: 4x4x1, a: 3}\nlayers: []\n"),
            ("input: 3\nvars:\n  b: 1\n  a: 2\nlayers: []",
             "input: 3\nvars: {b: 1, a: 2}\nlayers: []\n"),
            ("input: 3\ndefaults: {Conv2d: {out_channels: 8}}\nlayers: []",
             "input: 3\ndefaults:\n  conv: 8\nlayers: []\n"),
            ("input: 3\nlayers: [relu]\nexpect: {output: [3], macs: null}",
             "input: 3\nlayers:\n  - relu\nexpect:\n  output: 3\n  macs: ~\n"),
            ("\n\ninput: 3\n\n\n\nlayers:\n\n  - relu\n\n\n  - tanh\n\n",
             "input: 3\n\nlayers:\n  - relu\n\n  - tanh\n"),
            ("# top\n\n# of all\nlayers: [] # b\ninput: 3 # a",
             "# top\n\n# of all\ninput: 3                             # a\n"
             "layers: []                           # b\n"),
            ("# top\n---\n# below\ninput: 3\nlayers: []\n...\n",
             "# top\n---\n# below\ninput: 3\nlayers: []\n"),
            ("input: 3\ndescription: >-\n    folded\n    text\nlayers: []",
             "description: >-\n    folded\n    text\ninput: 3\nlayers: []\n"),
            ("input: 3\ndescription: in\n  two lines\nsource: 'a: b'\nlayers: []",
             'description: in two lines\nsource: "a: b"\ninput: 3\nlayers: []\n'),
            ("input: 3\nlayers: [relu]\nvars: {a: &x 1}\n", None),
            ("name: 'Größe – ☃'\ninput: 3\nlayers: []\n",
             "name: Größe – ☃\ninput: 3\nlayers: []\n"),
            ("name: 'no'\ninput: 3\nlayers: []\n", 'name: "no"\ninput: 3\nlayers: []\n'),
            ("input: 3\r\nlayers: [relu] # c\r\n",
             "input: 3\r\nlayers:                              # c\r\n  - relu\r\n"),
        ],
    )  # fmt: skip
    def test_one(self, before: str, after: str | None) -> None:
        if after is None:
            # With anchors nothing moves.
            after = "input: 3\nlayers:\n  - relu\nvars: {a: &x 1}\n"
        assert fmt(before) == after

    def test_comments(self) -> None:
        before = """\
layers:
  - {name: a, # x
     conv: {filters: 8, kernel: 1}}
  - { # opening
      ReLU: }
  - Conv2d: # header
      # deep
      filters: 8 # f
      kernel: 3
      # behind
  - repeat: 2
    # about
    sequential:
    - # dash
      dense: 8
    - relu
        # indented
  # seq
# input
input: 8x8x3
# end
"""
        assert (
            fmt(before)
            == """\
# input
input: 8x8x3
layers:
  - name: a                          # x
    conv: {filters: 8, kernel: 1}
  - relu                             # opening
  - conv:                            # header
      # deep
      filters: 8                     # f
      kernel: 3
      # behind
  - repeat: 2
    # about
    sequential:
      - dense: 8                     # dash
      - relu
      # indented
  # seq
# end
"""
        )

    def test_an_ignore_keeps_its_item_on_one_line(self) -> None:
        options = ", ".join(f"{k}: 1" for k in ("filters", "kernel", "stride", "padding"))
        item = f"  - {{name: {'n' * 70}, conv: {{{options}}}}}"
        text = f"{HEAD}{item}   # cnncalc: ignore[stride-misfit]\n"
        assert len(item) > layout.WIDTH
        assert fmt(text) == text
        assert "\n    conv:" in fmt(text.replace("cnncalc: ", ""))

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("- {name: a, dense: {units: 4000, # IGNORE\n   bias: false}}",
             "- {name: a, dense: {units: 4000, bias: false}}   # IGNORE"),
            ("- {\n    # IGNORE\n    name: a, dense: {units: 4000, bias: false}}",
             "- {name: a, dense: {units: 4000, bias: false}}   # IGNORE"),
            ("- {name: a, # other\n   dense: {units: 4000}} # IGNORE",
             "- name: a                          # other\n"
             "    dense: 4000                      # IGNORE"),
        ],
    )  # fmt: skip
    def test_an_ignore_stays_on_the_line_of_what_it_ignores(self, before: str, after: str) -> None:
        before, after = (self.ignoring(text) for text in (before, after))
        assert report_of(before).diagnostics == ()
        assert fmt(before) == after

    def test_an_ignore_that_ignores_nothing_is_not_made_to(self) -> None:
        text = self.ignoring("- {name: a, dense: {units: 4000,\n   bias: false}} # IGNORE")
        found = [diagnostic.code for diagnostic in report_of(text).diagnostics]
        assert found == ["dominant-dense", "unused-ignore"]
        result = done(text)
        assert "would be about another line" in (result.reason or "")
        assert (result.text, result.findings) == (text, ())

    def ignoring(self, item: str) -> str:
        text = f"input: 20x20x3\nlayers:\n  {item}\n  - {{name: b, dense: 1}}\n"
        return text.replace("IGNORE", "cnncalc: ignore[dominant-dense]")


class TestLeftAlone:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("%YAML 1.2\n---\ninput: 3\nlayers: []\n", "directive"),
            ("input: 3\nlayers: []\ndescription: |+\n  a\n\n", "left alone"),
            ("- relu\n", "not a mapping"),
            ("services: {a: {image: b}}\n", "not an architecture"),
            ("input: 3\nlayers: []\nstages: [build]\n", "an architecture has no `stages:`"),
            ("input: 3\nlayers: []\nvars: {&a b: 1}\n", "a key with an anchor"),
            ('input: 3\nlayers: []\nname: "a\u2028b"\n', "line end"),
        ],
    )
    def test_honestly(self, text: str, reason: str) -> None:
        result = done(text)
        assert reason in (result.reason or "")
        assert (result.text, result.findings) == (text, ())

    @pytest.mark.parametrize("text", ["a: [", "", "input: 3\ninput: 4\nlayers: []", "a: !!int 3"])
    def test_what_is_no_yaml(self, text: str) -> None:
        result = done(text)
        assert result.findings
        assert result.text == text

    def test_a_wrong_network_is_formatted(self) -> None:
        assert fmt("input: 3\nlayers: [dence]") == "input: 3\nlayers:\n  - dence\n"


class TestNet:
    """A layout that breaks something is caught, whatever it breaks."""

    TEXT = "input: 3\nblocks: {u: {layers: [{dense: 3}]}}\nlayers: [{dense: 4}] # c\n"

    def result(self, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> str | None:
        def broken(file: File) -> str:
            return layout.lay_out(file).replace(old, new)

        monkeypatch.setattr(module, "lay_out", broken)
        result = done(self.TEXT)
        assert result.text == self.TEXT
        return result.reason

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            ("dense: 4", "dense: 5", "something else"),
            ("dense: 3", "dense: 5", "something else"),
            ("# c", "", "comment would be lost"),
            ("# c", "# d", "comment would be lost"),
            ("dense: 4", "dense: [", "would not be read"),
        ],
    )
    def test_caught(self, monkeypatch: pytest.MonkeyPatch, old: str, new: str, reason: str) -> None:
        assert reason in (self.result(monkeypatch, old, new) or "")

    def test_a_layout_that_is_not_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ends = iter(["\n", ""])
        monkeypatch.setattr(module, "lay_out", lambda file: layout.lay_out(file) + next(ends))
        result = done(self.TEXT)
        assert result.text == self.TEXT
        assert "a second run" in (result.reason or "")

    def test_another_report(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One number for all axes is the same to the tree: only the report tells."""

        def one(unit: Unit, ranks: object) -> None:
            if not hasattr(unit.value, "is_mapping"):
                return
            unit.value = unit.value.units[0].value  # type: ignore[union-attr]

        from cnncalc.edit import canonical

        monkeypatch.setattr(canonical, "_one_for_all_axes", one)
        result = done("input: 8x8x3\nlayers: [{conv: {filters: 3, kernel: [3, 3, 3]}}]\n")
        assert "another network" in (result.reason or "")


# --- whole files --------------------------------------------------------------------------------

BUNDLED = bundled.names()


@cache
def bundled_network(name: str) -> tuple[str, Path]:
    path = bundled.folder() / f"{name}.yaml"
    return path.read_text("utf-8"), path


@together("name", BUNDLED)
@pytest.mark.slow
def test_bundled_files_are_in_this_layout(name: str) -> None:
    text, path = bundled_network(name)
    assert fmt(text, path) == text


def bare(text: str) -> str:
    """A text without its comments and empty lines; no bundled file has ` #` in a text."""
    lines = (re.sub(r"(^|\s+)#.*", "", line) for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line.strip())


TWELVE = (
    "alexnet", "alexnet-two-gpu", "classic", "convnetjs-cifar10", "googlenet", "lenet5",
    "mobilenet_v2", "resnet18", "resnet50", "tf-tutorial", "unet", "vgg16",
)  # fmt: skip
"""Bundled files in which every list of layers has a line for each."""


def shuffled(data: Any, rng: random.Random, *, is_item: bool = False) -> Any:
    """Data with the keys of all items in another order."""
    if isinstance(data, list):
        return [shuffled(inner, rng, is_item=True) for inner in data]
    if not isinstance(data, dict):
        return data
    keys = rng.sample(list(data), len(data)) if is_item else list(data)
    return {key: shuffled(data[key], rng) for key in keys}


@pytest.mark.parametrize("name", TWELVE)
@pytest.mark.parametrize("width", [30, 1000])
def test_other_layouts_come_to_the_same(name: str, width: int) -> None:
    """PyYAML's own layout of what it reads, with the keys of the file and of all items shuffled, is
    formatted to the bundled file, but for comments and the quotes of its texts."""
    text, path = bundled_network(name)
    data = yaml.safe_load(text)
    rng = random.Random(f"{name} {width}")
    data = {key: shuffled(data[key], rng) for key in rng.sample(list(data), len(data))}
    other = yaml.safe_dump(data, sort_keys=False, width=width, default_flow_style=False)
    expected = fmt(bare(text), path)
    assert fmt(other, path).replace('"', "") == expected.replace('"', "")


@st.composite
def strewn(draw: st.DrawFn) -> tuple[str, Path, list[str]]:
    """A bundled file with numbered comments thrown in, some lines broken at a comma: the text,
    where it would be, and the comments."""
    text, path = bundled_network(draw(st.sampled_from(BUNDLED)))
    rng = random.Random(draw(st.integers(0, 2**32)))
    thrown: list[str] = []
    lines: list[str] = []

    def comment() -> str:
        thrown.append(f"#c{len(thrown)}.")
        return thrown[-1]

    for line in text.splitlines():
        if rng.random() < 0.1:
            lines.append(" " * rng.randint(0, 14) + comment())
        if rng.random() < 0.05:
            lines.append("")
        breaks = [found.start() + 1 for found in re.finditer(r", |[{\[](?=\w)", line)]
        rest = line
        if breaks and not re.search(r"[#\"(]", line) and rng.random() < 0.3:
            at = rng.choice(breaks)
            head = line[:at] + (f"  {comment()}" if rng.random() < 0.5 else "")
            # Deeper than anything it stands in.
            lines.append(head)
            rest = " " * 20 + line[at:]
        if "#" not in rest and rng.random() < 0.15:
            rest += f"  {comment()}"
        lines.append(rest)
    return "\n".join(lines) + "\n", path, thrown


@settings(max_examples=examples(8))
@given(strewn())
def test_no_comment_is_lost(file: tuple[str, Path, list[str]]) -> None:
    hold_comments(*file)


@pytest.mark.slow
@settings(max_examples=examples(60))
@given(strewn())
def test_no_comment_of_many_is_lost(file: tuple[str, Path, list[str]]) -> None:
    hold_comments(*file)


def hold_comments(text: str, path: Path, thrown: list[str]) -> None:
    before = report_of(text, path)
    # Where a line was broken above what a comment ignores, it is about something else now.
    if not before.ok or any(found.code == "unused-ignore" for found in before.diagnostics):
        return
    after = fmt(text, path)
    found = re.findall(r"#c\d+\.", after)
    assert Counter(found) == Counter(thrown)
    assert network(report_of(after, path)) == network(before)
    assert fmt(after, path) == after


@settings(max_examples=examples(15))
@given(grown())
def test_grown_files(text: str) -> None:
    hold_network(text)


@pytest.mark.slow
@settings(max_examples=examples(80))
@given(grown())
def test_many_grown_files(text: str) -> None:
    hold_network(text)


def hold_network(text: str) -> None:
    after = fmt(text)
    assert network(report_of(after)) == network(report_of(text))
    assert fmt(after) == after


@settings(max_examples=examples(15))
@given(torn())
@example("? a\n: b\ninput: 3\nlayers: [? relu]")
@example("input: 3\nlayers: [[\n# c\n]]")
@example("input: 3\nlayers:\n- # c")
@example("input: 3\nlayers: [{Sequential1d: [relu]}]")
@example("input: 3\nlayers: # c")
@example("# c\n{ # d\ninput: 3, # e\nlayers: [] # f\n} # g")
def test_torn_files(text: str) -> None:
    hold_any_text(text)


@pytest.mark.slow
@settings(max_examples=examples(80))
@given(torn())
def test_many_torn_files(text: str) -> None:
    hold_any_text(text)


def hold_any_text(text: str) -> None:
    """Any text is formatted, or left as it is with a finding or a reason."""
    try:
        result = done(text)
    except CannotFormat:
        pytest.fail("a refusal is a result")
    if not result.changes:
        return
    assert network(report_of(result.text)) == network(report_of(text))
    again = done(result.text)
    assert (again.text, again.findings, again.reason) == (result.text, (), None)
