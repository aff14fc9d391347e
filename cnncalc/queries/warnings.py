"""What every warning means."""

from __future__ import annotations

from cnncalc.queries.slugpage import SlugPage

WARNINGS: dict[str, SlugPage] = {
    "channels-first-input": SlugPage(
        "Volumes are height x width x channels, as in Keras and on the CS231n slides. PyTorch "
        "writes channels first, and 3x224x224 so taken is an image of 3 rows and 224 channels: "
        "every layer may fit, and every number be that of another network. Told where the first "
        "axis is 3 and the last two are 16 or more, and where it is 1 or 4 and the last two are "
        "16 or more and equal, unless only dense layers read the input. `--layout chw` prints "
        "volumes channels first.",
        """\
input: 3x224x224
layers:
  - {conv: {filters: 8, kernel: 3, padding: 1}}
""",
        """\
input: 224x224x3
layers:
  - {conv: {filters: 8, kernel: 3, padding: 1}}
""",
    ),
    "unused-layer": SlugPage(
        "Nobody reads this layer's output: it costs weights and MACs and has no effect. Read it "
        "somewhere, list it under `outputs`, or leave it out.",
        """\
input: 32x32x3
layers:
  - {name: side, conv: {filters: 8, kernel: 3}}
  - {from: input, conv: {filters: 8, kernel: 5}}
""",
        """\
input: 32x32x3
layers:
  - {name: side, conv: {filters: 8, kernel: 3}}
  - {name: main, from: input, conv: {filters: 8, kernel: 5}}
outputs: [side, main]
""",
    ),
    "redundant-bias": SlugPage(
        "Batch-norm subtracts each channel's mean, and with it the bias that the layer right "
        "before has added. `bias: false` saves the parameters and changes nothing else.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3}}
  - batch_norm
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3, bias: false}}
  - batch_norm
""",
    ),
    "unused-block": SlugPage(
        "No layer uses this block, directly or through another one. It may be left over, or the "
        "layer that was to use it is misspelt as a built-in kind.",
        """\
input: 784
blocks:
  hidden: {layers: [{dense: 100}, relu]}
layers:
  - dense: 10
""",
        """\
input: 784
blocks:
  hidden: {layers: [{dense: 100}, relu]}
layers:
  - hidden
  - dense: 10
""",
    ),
    "unused-variable": SlugPage(
        "Nothing uses this variable or argument of a block, so that giving it another value "
        "with `--set` would change nothing.",
        """\
input: 784
vars: {classes: 10}
layers:
  - dense: 10
""",
        """\
input: 784
vars: {classes: 10}
layers:
  - dense: $classes
""",
    ),
    "unread-pixels": SlugPage(
        "Windows stand further apart than they are wide (or dilated taps fall on the same pixels "
        "again and again), and nothing else reads what lies between them: all that was computed "
        "there is lost. A 1x1 convolution at stride 2 sees a quarter of its input. That is no "
        "finding where another branch reads the same volume, as in a residual block whose 1x1 "
        "shortcut strides beside a 3x3 convolution.",
        """\
input: 32x32x16
rounding: floor
layers:
  - {conv: {filters: 32, kernel: 1, stride: 2}}
""",
        """\
input: 32x32x16
rounding: floor
layers:
  - {conv: {filters: 32, kernel: 2, stride: 2}}
""",
    ),
    "uneven-transpose": SlugPage(
        "The stride of a transposed convolution does not divide its kernel, so that some output "
        "pixels are sums over more input pixels than their neighbours: a checkerboard (Odena, "
        "Dumoulin & Olah, Distill 2016). A kernel that is a multiple of the stride is even; so is "
        "an `upsample` with a convolution behind it.",
        """\
input: 16x16x8
layers:
  - {conv_transpose: {filters: 4, kernel: 3, stride: 2, padding: 1, output_padding: 1}}
""",
        """\
input: 16x16x8
layers:
  - {conv_transpose: {filters: 4, kernel: 4, stride: 2, padding: 1}}
""",
    ),
    "misaligned-merge": SlugPage(
        "Branches have equal volumes, but the positions that meet look at different places of the "
        "input: one branch was cropped or padded on one side more than another. Told are "
        "differences of more than half a step from one position to the next; behind windows that "
        "are not centred on the pixels they stand for, such as 3x3 at stride 2 with padding 1, "
        "half a step of that coarser grid is taken for inevitable.",
        """\
input: 32x32x3
layers:
  - {name: stem, conv: {filters: 8, kernel: 1}}
  - concat:
      - [{conv: {filters: 8, kernel: 5}}]
      - [{crop: [[0, 4], [0, 4]]}]
""",
        """\
input: 32x32x3
layers:
  - {name: stem, conv: {filters: 8, kernel: 1}}
  - concat:
      - [{conv: {filters: 8, kernel: 5}}]
      - [{crop: 2}]
""",
    ),
    "dominant-dense": SlugPage(
        "One dense layer over a stretched volume holds more than half of the network's parameters, "
        "and a million at least: it has weights of its own for every pixel of every channel. "
        "Averaging each channel first (Lin et al., Network in Network, 2014) leaves one number a "
        "channel, and lets the network take images of any size.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 64, kernel: 3, padding: 1}}
  - flatten
  - dense: 100
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 64, kernel: 3, padding: 1}}
  - global_avg_pool
  - dense: 100
""",
    ),
    "receptive-field-exceeds-input": SlugPage(
        "From this layer on every window sees the whole image already, so that a kernel larger "
        "than one pixel finds nothing new to combine (Richter et al., ICANN and ICMLA 2021, who "
        "call it the border layer). Deep networks for 224x224 do so as a rule, so this is told "
        "only where a comment `# cnncalc: warn[receptive-field-exceeds-input]` in the file asks "
        "for it, or `cnncalc check --select receptive-field-exceeds-input`, say when a network is "
        "adapted to smaller images.",
        """\
# cnncalc: warn[receptive-field-exceeds-input]
input: 16x16x3
layers:
  - {conv: {filters: 8, kernel: 3, padding: 1}}
  - {max_pool: 2, repeat: 2}
  - {conv: {filters: 8, kernel: 5, padding: 2}}
  - {conv: {filters: 8, kernel: 3, padding: 1}}
""",
        """\
# cnncalc: warn[receptive-field-exceeds-input]
input: 16x16x3
layers:
  - {conv: {filters: 8, kernel: 3, padding: 1}}
  - {max_pool: 2, repeat: 2}
  - {conv: {filters: 8, kernel: 5, padding: 2}}
  - {conv: {filters: 8, kernel: 1}}
""",
    ),
    "unused-ignore": SlugPage(
        "A comment `# cnncalc: ignore[slug]` silences no finding: there is none of that kind on "
        "its line (or on the line below, where the comment stands alone), the slug is misspelt, "
        "or it is an error, which cannot be silenced. Once the cause is gone the comment can go.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3, bias: false}}  # cnncalc: ignore[redundant-bias]
  - batch_norm
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3}}  # cnncalc: ignore[redundant-bias]: as published
  - batch_norm
""",
    ),
}
"""A page for every warning of `diagnostics.CATALOGUE`, in its order."""
