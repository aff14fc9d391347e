"""`cnncalc conv`, `pool`, `conv_transpose`, `dense`: one layer, without a file."""

from __future__ import annotations

import json

import pytest

from .conftest import Run

CONV = """\
layer       conv on [32x32x3] gives [32x32x10]
            Convolution: every filter slides over the volume and takes dot products.
output      W₂ = H₂ = (W₁ − F + 2P)/S + 1 = (32 − 5 + 2·2)/1 + 1 = 32 pixels
            C₂ = K = 10 channels
parameters  each filter = F·F·C + 1 = 5·5·3 + 1 = 76 parameters
            all filters = (F·F·C + 1)·K = 76·10 = 760 parameters
            weights = F·F·C·K = 5·5·3·10 = 750
            biases = K = 10
MACs        H₂·W₂·(F·F·C·K) = 32·32·750 = 768,000
FLOPs       2·MACs + operations = 2·768,000 + 10,240 = 1,546,240
field       r = r₀ + (F − 1)·j₀ = 1 + (5 − 1)·1 = 5 input pixels
            j = j₀·S = 1·1 = 1 input pixel from one output to the next
            c = c₀ + ((F − 1)/2 − P)·j₀ = 0 + ((5 − 1)/2 − 2)·1 = 0 input pixels to the centre of output 0
symbols     W₁: the input's width; F: the kernel; P: the padding; S: the stride; K: the filters;
            C: the input's channels; H₂: the output's height; W₂: the output's width;
            operations: additions of biases and work on single elements;
            r₀: the receptive field of the input;
            j₀: the input pixels from one of its positions to the next;
            c₀: where the input's position 0 is centred
"""  # noqa: E501

MISFIT = """\
error[stride-misfit]: (7 − 3 + 0)/3 + 1 = 2.33 is not a whole number
  help: input 6x6 or 9x9, padding 1, kernel 1 or 4, or stride 2 or 4 makes it fit
  help: or say `--rounding floor` to drop the last 1 pixel
"""


def test_conv(run: Run) -> None:
    outcome = run("conv", "32x32x3", "--filters", "10", "--kernel", "5", "--padding", "2")
    assert (outcome.stdout, outcome.stderr, outcome.code) == (CONV, "", 0)


def test_pool_that_does_not_fit(run: Run) -> None:
    """(7 - 3)/3 + 1 = 2.33; 6, 9, padding 1 (9 - 3 = 6), kernel 1 or 4, stride 2 or 4 divide."""
    outcome = run("pool", "7", "--kernel", "3", "--stride", "3")
    assert (outcome.stdout, outcome.stderr, outcome.code) == ("", MISFIT, 1)


@pytest.mark.parametrize(
    "args", ["-p 1", "-k 1", "-k 4", "-s 2", "-s 4", "--rounding floor", "--rounding ceil"]
)
def test_what_is_proposed_does_fit(run: Run, args: str) -> None:
    given = {"-k": "3", "-s": "3"}
    name, value = args.split()
    flags = [part for pair in (given | {name: value}).items() for part in pair]
    assert run("pool", "7", *flags).code == 0


@pytest.mark.parametrize(
    ("line", "headline", "said"),
    [
        # A side alone: 3·3·4 weights for each input channel.
        ("conv 7 --filters 4 -k 3", "conv on [7x7] of any channels gives [5x5x4]",
         "weights = F·F·K = 3·3·4 = 36 per input channel"),
        ("pool 7 -k 3 -s 2", "max_pool on [7x7] of any channels gives [3x3] of any channels",
         "(7 − 3 + 2·0)/2 + 1 = 3 pixels"),
        ("pool 28x28x6 -k 2 --mode avg", "avg_pool on [28x28x6] gives [14x14x6]",
         "parameters  0\n"),
        ("conv 9x9x2 --filters 4 -k 3 -d 2 -g 2 --no-bias", "conv on [9x9x2] gives [5x5x4]",
         "all filters = (F·F·(C/groups))·K = 9·4 = 36 parameters\n"),
        # 1-D: (16000 - 80)/4 + 1 = 3981.
        ("conv 16000x1 --filters 128 -k 80 -s 4", "conv on [16000x1] gives [3981x128]",
         "each filter = F·C + 1 = 80·1 + 1 = 81 parameters"),
        # 3-D: (16 - 3 + 2)/1 + 1 = 16, (112 - 7 + 6)/2 = 55.5.
        ("conv 16x112x112x3 --filters 64 -k 3x7x7 -s 1x2x2 -p 1,3,3 --rounding floor",
         "conv on [16x112x112x3] gives [16x56x56x64]", "⌊(112 − 7 + 2·3)/2⌋ + 1 = 56 pixels"),
        ("conv 5 --filters 1 -k 4 -p [[1,2],[1,2]]", "conv on [5x5] of any channels gives [5x5x1]",
         "(5 − 4 + 1 + 2)/1 + 1 = 5 pixels"),
        ("conv 28x28x4 --filters 3 -k 3 -s 2 -p same", "conv on [28x28x4] gives [14x14x3]",
         "= 1 pixel: 0 before, 1 after"),
        ("conv_transpose 7x7x2 --filters 3 -k 3 -s 2 -p 1 --output-padding 1",
         "conv_transpose on [7x7x2] gives [14x14x3]",
         "(W₁ − 1)·S − 2P + F + A = (7 − 1)·2 − 2·1 + 3 + 1 = 14 pixels"),
        ("dense 6x6x256 -u 4096", "dense on [6x6x256] gives [4096]",
         "n = H·W·C = 6·6·256 = 9,216 values"),
        ("dense 784 --units 10 --no-bias", "dense on [784] gives [10]",
         "all outputs = n·units = 784·10 = 7,840 parameters"),
    ],
)  # fmt: skip
def test_lines(run: Run, line: str, headline: str, said: str) -> None:
    outcome = run(*line.split())
    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout.startswith(f"layer       {headline}\n")
    assert said in outcome.stdout


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("conv 7 --filters 3 -k 9", 1, "error[kernel-too-large]: a window of 9 pixels"),
        ("conv 8x8x4 --filters 3 -k 3 -g 2", 1, "error[groups-misfit]: 2 groups"),
        ("conv 7 --filters 0 -k 3", 1, "error[bad-value]: `filters` must be 1 or more, not 0"),
        ("conv 7 --filters 99999999999999999999 -k 3", 1, "error[bad-value]: "),
        ("pool 7 -k 2 -p 2", 1, "error[bad-value]: padding 2 is more than half"),
        ("dense 0 -u 10", 2, "cnncalc: input: an axis of 0"),
        ("conv abc --filters 3 -k 3", 2, "cnncalc: input: `abc` is not a volume"),
        ("conv 7 --filters abc -k 3", 2, "error[wrong-type]: `filters` takes a whole number"),
        ("conv 7 --filters 3 -k [[1", 2, "error[wrong-type]: `kernel` takes"),
        ("conv 7 --filters 3 -k $(1+1)", 2, "cnncalc: kernel: `$(1+1)` is an expression"),
        ("conv 7 --filters 3 -k 3 -g 3", 2, "so say how many: 7x7xC"),
        ("pool 7 -k 2 --mode avg -d 2", 2, "error[unknown-key]: avg_pool has no option"),
        ("conv 7 --filters 3", 2, "cnncalc: `--kernel` is missing"),
        ("conv 7 --filters 3 -k 3 --rounding up", 2, "`--rounding` takes one of exact, "),
    ],
)
def test_faults(run: Run, line: str, code: int, message: str) -> None:
    outcome = run(*line.split())
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert "Traceback" not in outcome.stderr


SIZES = """\
layer       conv on [7x7] of any channels gives [5x5], a channel for each filter
            Convolution: every filter slides over the volume and takes dot products.
output      W₂ = H₂ = (W₁ − F + 2P)/S + 1 = (7 − 3 + 2·0)/1 + 1 = 5 pixels
field       r = r₀ + (F − 1)·j₀ = 1 + (3 − 1)·1 = 3 input pixels
            j = j₀·S = 1·1 = 1 input pixel from one output to the next
            c = c₀ + ((F − 1)/2 − P)·j₀ = 0 + ((3 − 1)/2 − 0)·1 = 1 input pixel to the \
centre of output 0
symbols     W₁: the input's width; F: the kernel; P: the padding; S: the stride;
            r₀: the receptive field of the input;
            j₀: the input pixels from one of its positions to the next;
            c₀: where the input's position 0 is centred
note        without the number of filters there are no weights and MACs
"""


def test_sizes_need_no_filters(run: Run) -> None:
    outcome = run("conv", "7", "-k", "3")
    assert (outcome.stdout, outcome.stderr, outcome.code) == (SIZES, "", 0)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("conv_transpose 4 -k 4 -s 2 -p 1", "on [4x4] of any channels gives [8x8], a channel"),
        ("conv 7x7x4 -k 3 -g 2", "on [7x7x4] gives [5x5], a channel for each filter"),
        ("conv 16000x1 -k 80 -s 4", "on [16000x1] gives [3981], a channel for each filter"),
    ],
)
def test_the_answer_without_filters(run: Run, line: str, answer: str) -> None:
    assert answer in run(*line.split()).stdout.partition("\n")[0]


def test_what_depends_on_filters_is_null(run: Run) -> None:
    data = json.loads(run("conv", "7x7x3", "-k", "3", "--format", "json").stdout)
    assert data["input_shapes"] == [[7, 7, 3]]
    assert data["output_shape"] == [5, 5, None]
    counts = ("weights", "biases", "params", "macs", "flops")
    assert [data[name] for name in counts] == [None] * 5
    assert {step["about"] for step in data["steps"]} == {"output", "field"}
    # The other numbers are those of any number of filters.
    whole = json.loads(run("conv", "7x7x3", "-k", "3", "--filters", "9", "--format", "json").stdout)
    assert [step for step in whole["steps"] if step in data["steps"]] == data["steps"]


def test_two_numbers_are_one_dimensional(run: Run) -> None:
    outcome = run("conv", "32x32", "--filters", "3", "-k", "3")
    assert outcome.stdout.startswith("layer       conv on [32x32] gives [30x3]\n")
    assert outcome.stderr == (
        "note: [32x32] is 1-D, 32 positions of 32 channels; a square is 32 alone or 32x32xC\n"
    )


def test_json(run: Run) -> None:
    printed = json.loads(run("conv", "7", "--filters", "4", "-k", "3", "-f", "json").stdout)
    assert printed["layer"] is None
    assert (printed["input_shapes"], printed["output_shape"]) == ([[7, 7, None]], [5, 5, 4])
    # What depends on the channels is not reported.
    assert printed["weights"] is printed["params"] is printed["macs"] is printed["flops"] is None


def test_json_of_a_misfit(run: Run) -> None:
    outcome = run("pool", "7", "-k", "3", "-s", "3", "-f", "json")
    assert outcome.code == 1
    printed = json.loads(outcome.stdout)
    assert (printed["kind"], printed["output_shape"], printed["steps"]) == ("max_pool", None, [])
    (finding,) = printed["diagnostics"]
    assert finding["code"] == "stride-misfit"
    assert "file" not in finding


def test_half_a_pixel(run: Run) -> None:
    """A transposed convolution of stride 2 moves half an input pixel from output to output. The
    first two outputs see pixel 0, and its middle lies between them: −1/4 and 1/4."""
    args = ("conv_transpose", "4", "--filters", "1", "-k", "2", "-s", "2", "--format")
    unit = "input pixels from one output to the next"
    centre = "input pixels to the centre of output 0"
    listed = run(*args, "csv").stdout.splitlines()[-2:]
    assert listed == [f"field,j,,,0.5,{unit}", f"field,c,,,-0.25,{centre}"]
    listed = run(*args, "markdown").stdout.splitlines()[-2:]
    assert listed == [
        f"| field | j |  |  | 0.5 | {unit} |",
        f"| field | c |  |  | -0.25 | {centre} |",
    ]


def test_latex(run: Run) -> None:
    printed = run("pool", "8", "-k", "2", "--latex").stdout.splitlines()
    assert printed[1] == (
        r"W_{2} = H_{2} &= \frac{W_{1} - F + 2P}{S} + 1 = \frac{8 - 2 + 2 \cdot 0}{2} + 1 = 4"
        r"\ \text{pixels} \\"
    )
