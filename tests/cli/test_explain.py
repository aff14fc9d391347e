"""`cnncalc explain`: what is printed. The numbers are held to hand arithmetic in tests/explain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncalc.diagnostics import CATALOGUE

from .conftest import Run, Terminal, without_colour

FILE = """\
name: Small
input: 11x11x3
layers:
  - {name: one, conv: {filters: 8, kernel: 5, stride: 2}}
  - {name: two, max_pool: {kernel: 2, stride: 1}}
  - {name: out, dense: 10}
"""

TEXT = """\
layer       one: conv on [11x11x3] gives [4x4x8], at small.yaml:4:5
            Convolution: every filter slides over the volume and takes dot products.
output      W₂ = H₂ = (W₁ − F + 2P)/S + 1 = (11 − 5 + 2·0)/2 + 1 = 4 pixels
            C₂ = K = 8 channels
parameters  each filter = F·F·C + 1 = 5·5·3 + 1 = 76 parameters
            all filters = (F·F·C + 1)·K = 76·8 = 608 parameters
            weights = F·F·C·K = 5·5·3·8 = 600
            biases = K = 8
MACs        H₂·W₂·(F·F·C·K) = 4·4·600 = 9,600
FLOPs       2·MACs + operations = 2·9,600 + 128 = 19,328
field       r = r₀ + (F − 1)·j₀ = 1 + (5 − 1)·1 = 5 input pixels
            j = j₀·S = 1·2 = 2 input pixels from one output to the next
            c = c₀ + ((F − 1)/2 − P)·j₀ = 0 + ((5 − 1)/2 − 0)·1 = 2 input pixels to the centre of output 0
symbols     W₁: the input's width; F: the kernel; P: the padding; S: the stride; K: the filters;
            C: the input's channels; H₂: the output's height; W₂: the output's width;
            operations: additions of biases and work on single elements;
            r₀: the receptive field of the input;
            j₀: the input pixels from one of its positions to the next;
            c₀: where the input's position 0 is centred
"""  # noqa: E501

LATEX = r"""\begin{align*}
W_{2} = H_{2} &= \frac{W_{1} - F + 2P}{S} + 1 = \frac{4 - 2 + 2 \cdot 0}{1} + 1 = 3\ \text{pixels} \\
C_{2} &= C_{1} = 8\ \text{channels} \\
\text{parameters} &= 0 \\
\text{FLOPs} &= 288 \\
r &= r_{0} + \left(F - 1\right) \cdot j_{0} = 5 + \left(2 - 1\right) \cdot 2 = 7\ \text{input pixels} \\
j &= j_{0} \cdot S = 2 \cdot 1 = 2\ \text{input pixels from one output to the next} \\
c &= c_{0} + \left(\frac{F - 1}{2} - P\right) \cdot j_{0} = 2 + \left(\frac{2 - 1}{2} - 0\right) \cdot 2 = 3\ \text{input pixels to the centre of output 0}
\end{align*}
"""  # noqa: E501

CSV = """\
about,result,symbols,numbers,value,unit
output,n,H·W·C,3·3·8,72,"values, the volume stretched to a vector"
parameters,each output,n + 1,72 + 1,73,parameters
parameters,all outputs,(n + 1)·units,73·10,730,parameters
parameters,weights,n·units,72·10,720,
parameters,biases,units,10,10,
MACs,MACs,n·units,72·10,720,
FLOPs,FLOPs,2·MACs + operations,2·720 + 10,1450,
"""


@pytest.fixture(autouse=True)
def small(folder: Path) -> None:
    (folder / "small.yaml").write_text(FILE, "utf-8")


class TestLayer:
    def test_text(self, run: Run) -> None:
        outcome = run("explain", "small.yaml", "one")
        assert (outcome.stdout, outcome.stderr, outcome.code) == (TEXT, "", 0)

    def test_latex(self, run: Run) -> None:
        assert run("explain", "small.yaml", "two", "--latex").stdout == LATEX

    def test_csv(self, run: Run) -> None:
        assert run("explain", "small.yaml", "out", "--format", "csv").stdout == CSV

    def test_markdown(self, run: Run) -> None:
        printed = run("explain", "small.yaml", "out", "-f", "markdown").stdout.splitlines()
        assert (
            printed[4] == "| parameters | all outputs | (n + 1)·units | 73·10 | 730 | parameters |"
        )

    def test_json(self, run: Run) -> None:
        printed = json.loads(run("explain", "small.yaml", "two", "--format", "json").stdout)
        assert printed["steps"][0] == {
            "about": "output",
            "result": "W₂ = H₂",
            "symbols": "(W₁ − F + 2P)/S + 1",
            "numbers": "(4 − 2 + 2·0)/1 + 1",
            "value": 3,
            "unit": "pixels",
        }
        assert printed["input_shapes"] == [[4, 4, 8]]
        assert (printed["output_shape"], printed["params"]) == ([3, 3, 8], 0)

    def test_standard_input(self, run: Run) -> None:
        outcome = run("explain", "-", "one", stdin=FILE)
        assert outcome.stdout == TEXT.replace("small.yaml", "<stdin>")

    def test_variants(self, run: Run) -> None:
        args = ("--set", "one.filters=4", "--input", "13x13x1")
        printed = run("explain", "small.yaml", "one", *args).stdout
        assert "all filters = (F·F·C + 1)·K = 26·4 = 104 parameters\n" in printed

    def test_misfit(self, run: Run) -> None:
        outcome = run("explain", "small.yaml", "one", "--set", "one.stride=4")
        assert (outcome.stdout, outcome.code) == ("", 1)
        assert "(11 − 5 + 0)/4 + 1 = 2.5 is not a whole number" in outcome.stderr

    def test_terminal(self, run: Run, terminal: Terminal) -> None:
        terminal(100)
        assert without_colour(run("explain", "small.yaml", "one").stdout) == TEXT

    @pytest.mark.parametrize("columns", [1, 30])
    def test_narrow_terminal(self, run: Run, terminal: Terminal, columns: int) -> None:
        terminal(columns)
        assert run("explain", "small.yaml", "one").code == 0


class TestRules:
    def test_list(self, run: Run) -> None:
        printed = run("explain", "--format", "csv").stdout.splitlines()
        assert printed[0] == "slug,severity,meaning"
        assert [line.partition(",")[0] for line in printed[1:]] == list(CATALOGUE)

    def test_one(self, run: Run) -> None:
        assert run("explain", "stride-misfit").stdout == MISFIT

    def test_json(self, run: Run) -> None:
        (record,) = json.loads(run("explain", "groups-misfit", "--format", "json").stdout)
        assert record["finding"].startswith("wrong.yaml:3:36: error[groups-misfit]: conv1: ")
        assert set(record) == {
            "slug", "severity", "meaning", "explanation", "bad", "good", "finding"
        }  # fmt: skip

    @pytest.mark.parametrize("format", ["text", "json", "csv", "markdown"])
    def test_all(self, run: Run, format: str) -> None:
        printed = run("explain", "--all", "--format", format).stdout
        assert all(code in printed for code in CATALOGUE)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["stride-misfitt"], "no diagnostic `stride-misfitt`; did you mean `stride-misfit`?"),
        (["zzz"], "there is no diagnostic `zzz`; `cnncalc explain` lists them"),
        (["x" * 5000], "`cnncalc explain` lists them"),
        (["small.yaml"], "which layer of small.yaml? `cnncalc summary small.yaml` lists them"),
        (["small.yaml", "tow"], "there is no layer `tow`; did you mean `two`?"),
        (["small.yaml", "one", "--set", "x=1"], "the file has no variable `x`"),
        (["small.yaml", "one", "--set", "x"], "--set x: say KEY=VALUE"),
        (["small.yaml", "one", "--input", "axb"], "`axb` is not a volume"),
        (["small.yaml", "--latex"], "say a FILE and a LAYER"),
        (["small.yaml", "one", "--all"], "takes no layer"),
        (["stride-misfit", "--all"], "leave one of the two out"),
    ],
)
def test_misuse(run: Run, args: list[str], message: str) -> None:
    outcome = run("explain", *args)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert message in outcome.stderr


def test_file_that_is_not_there(run: Run) -> None:
    outcome = run("explain", "nothing.yaml", "conv1")
    assert outcome.code == 1
    assert "error[file-unreadable]" in outcome.stderr


MISFIT = """\
stride-misfit (error): (W - F + 2P)/S + 1 is not a whole number

The window cannot reach the end of the axis in whole steps: (W − F + 2P)/S + 1 is not a whole
number, with W the input's side, F the kernel, P the padding and S the stride. CS231n calls such a
setting invalid. PyTorch and Keras round down silently, and the last rows and columns are never
read.

Make one of the changes proposed. If the rounding is meant, write `rounding: floor` in the layer or
at the top of the file.

Wrong:

    input: 7x7x3
    layers:
      - {conv: {filters: 8, kernel: 3, stride: 3}}

wrong.yaml:3:36: error[stride-misfit]: conv1: (7 − 3 + 0)/3 + 1 = 2.33 is not a whole number
  3 |   - {conv: {filters: 8, kernel: 3, stride: 3}}
    |                                    ^^^^^^^^^
  help: input 6x6 or 9x9, padding 1, kernel 1 or 4, or stride 2 or 4 makes the whole network fit
  help: or say `rounding: floor` to drop the last 1 pixel

Right:

    input: 7x7x3
    layers:
      - {conv: {filters: 8, kernel: 3, stride: 2}}
"""
