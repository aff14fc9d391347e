"""Help for branches that do not meet. Every change named is made in a file, and that fits."""

from __future__ import annotations

import re

import pytest

import cnncalc

UNET = """\
input: {input}
rounding: floor
layers:
  - {{name: e1, conv: {{filters: 8, kernel: 3, padding: 1}}}}
  - max_pool: 2
  - {{name: up, conv_transpose: {up}}}
  - concat: {branches}
"""
UP = "{filters: 8, kernel: 2, stride: 2}"


def unet(input: str = "57x57x1", up: str = UP, branches: str = "[[], e1]") -> cnncalc.Report:
    return cnncalc.loads(UNET.format(input=input, up=up, branches=branches))


def test_the_whole_finding() -> None:
    (finding,) = unet().diagnostics
    assert finding.message == (
        "concat needs equal spatial axes, and its branches are 56x56x8 and 57x57x8: "
        "height and width 57 against 56, 1 more"
    )
    assert finding.help == (
        "input 56x56 or 58x58 makes the whole network fit (all that fit: 2 + 2k)",
        "or `output_padding: 1` in up or `kernel: 3` in up or "
        "`[{from: e1, crop: [[0, 1], [0, 1]]}]` as branch 2 makes the whole network fit",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"input": "56x56x1"},
        {"input": "58x58x1"},
        {"up": "{filters: 8, kernel: 2, stride: 2, output_padding: 1}"},
        {"up": "{filters: 8, kernel: 3, stride: 2}"},
        {"branches": "[[], [{from: e1, crop: [[0, 1], [0, 1]]}]]"},
    ],
)
def test_what_is_named_fits(changed: dict[str, str]) -> None:
    assert unet(**changed).ok


@pytest.mark.parametrize(
    ("branches", "by_how_much"),
    [
        ("add: [a, b]", "height and width 6 against 8, 2 less"),
        ("add: [b, a]", "height and width 8 against 6, 2 more"),
        ("add: [a, c]", "height 4 against 8, 4 less"),
        ("add: [b, c]", "height 4 against 6, 2 less; width 8 against 6, 2 more"),
        ("add: [a, d]", "channels 5 against 4, 1 more"),
        ("add: [d, a, b]", "channels 4 against 5, 1 less"),
        # One pixel stretches to any number, but one channel is not joined to another place.
        ("add: [one, a, b]", "height and width 6 against 8, 2 less"),
        ("concat: [one, a]", "height and width 8 against 1, 7 more"),
    ],
)
def test_by_how_much(branches: str, by_how_much: str) -> None:
    text = f"""\
input: 8x8x4
layers:
  - {{name: a, relu: }}
  - {{name: b, conv: {{filters: 4, kernel: 3}}}}
  - {{name: c, from: a, crop: [2, 0]}}
  - {{name: d, from: a, conv: {{filters: 5, kernel: 1}}}}
  - {{name: one, from: a, global_avg_pool: {{keepdims: true}}}}
  - {branches}
"""
    found = [f for f in cnncalc.loads(text).diagnostics if f.code == "shape-mismatch"]
    assert [f.message.rpartition(": ")[2] for f in found] == [by_how_much]


def test_a_vector_and_a_volume_differ_by_no_number() -> None:
    text = "input: 8x8x4\nlayers:\n  - {name: v, flatten: }\n  - add: [input, v]\n"
    (finding,) = cnncalc.loads(text).diagnostics
    assert finding.message == "add needs equal volumes, and its branches are 8x8x4 and 256"


@pytest.mark.parametrize(
    ("other", "projection"),
    [
        ("{filters: 128, kernel: 3, padding: 1}", "conv: {filters: 128, kernel: 1}"),
        (
            "{filters: 128, kernel: 4, padding: 1, stride: 2}",
            "conv: {filters: 128, kernel: 2, stride: 2}",
        ),
        ("{filters: 64, kernel: 3}", "crop: 1"),
    ],
)
def test_a_shortcut_is_projected_or_cropped(other: str, projection: str) -> None:
    text = "input: 56x56x64\nlayers:\n  - add:\n    - [{{conv: {}}}]\n    - {}\n"
    (finding,) = cnncalc.loads(text.format(other, "[]")).diagnostics
    assert f"`[{{{projection}}}]` as branch 2" in " ".join(finding.help)
    assert cnncalc.loads(text.format(other, f"[{{{projection}}}]")).ok


@pytest.mark.slow
def test_sizes_named_are_those_of_fit() -> None:
    """However far: six strides of 4 have the nearest of their lengths thousands of samples off."""
    encoder = "  - {{name: e{}, conv: {{filters: 4, kernel: 8, stride: 4}}}}\n"
    text = "input: {}x2\nlayers:\n" + "".join(encoder.format(n) for n in range(6))
    text = text.replace("{}x2", "441000x2")
    text += "  - {conv_transpose: {filters: 4, kernel: 8, stride: 4}}\n  - add: [[], e4]\n"
    (finding,) = cnncalc.loads(text).diagnostics
    found = re.fullmatch(
        r"input (\d+) or (\d+) makes the whole network fit \(all that fit: (\d+) \+ 4096k\)",
        finding.help[0],
    )
    assert found is not None
    below, above, first = map(int, found.groups())
    assert below < 441000 < above == below + 4096
    assert (above - first) % 4096 == 0
    fits = {n for n in (below, above, first) if cnncalc.loads(text, input=f"{n}x2").ok}
    assert fits == {below, above, first}
    others = range(below + 1, above, 256)
    assert not any(cnncalc.loads(text, input=f"{n}x2").ok for n in others)
