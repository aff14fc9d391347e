"""What every diagnostic means: a paragraph, a file that is wrong, and the same file put right.

A test runs the files: the bad one has exactly this finding, the good one none.
"""

from __future__ import annotations

from cnncalc.queries.slugpage import SlugPage
from cnncalc.queries.warnings import WARNINGS

PAGES: dict[str, SlugPage] = {
    "yaml-syntax": SlugPage(
        "The file is not YAML, or uses more of YAML than is read here: one document, plain "
        "data, no tags, no merge keys. The place is where the reader gave up; the mistake may "
        "stand before it, such as a bracket that is never closed.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3}
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3}}
""",
    ),
    "duplicate-key": SlugPage(
        "A mapping says the same key twice, or one option under two of its names. YAML readers "
        "commonly keep the last and drop the others in silence; here neither is taken.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3, kernel_size: 5}}
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 5}}
""",
    ),
    "unknown-key": SlugPage(
        "Nothing answers to this key: neither the file's head, nor a layer's wiring, nor an "
        "option of its kind, nor an argument of a block. `cnncalc layers KIND` lists a kind's "
        "options with all their spellings.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3, strid: 1}}
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3, stride: 1}}
""",
    ),
    "unknown-kind": SlugPage(
        "A layer is of a kind that is neither built in nor a block of this file. Kinds answer "
        "to their PyTorch and Keras names as well; `cnncalc layers` lists them.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3}}
  - rellu
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3}}
  - relu
""",
    ),
    "unknown-layer": SlugPage(
        "A reference (`from`, `share`, `outputs`, a branch) names something that no earlier "
        "layer and no input is called. Only earlier layers can be named: nothing flows "
        "backwards.",
        """\
input: 32x32x3
layers:
  - {name: stem, conv: {filters: 3, kernel: 1}}
  - relu
  - add: [[], stemm]
""",
        """\
input: 32x32x3
layers:
  - {name: stem, conv: {filters: 3, kernel: 1}}
  - relu
  - add: [[], stem]
""",
    ),
    "unknown-variable": SlugPage(
        "An expression uses a name that is neither in `vars`, nor an argument of the block it "
        "stands in, nor `in` or `index`; or `--set` gives a value to a variable that the file "
        "does not have.",
        """\
input: 784
vars: {classes: 10}
layers:
  - dense: $(classes + clases)
""",
        """\
input: 784
vars: {classes: 10}
layers:
  - dense: $classes
""",
    ),
    "wrong-type": SlugPage(
        "A value is of another type than the option takes: a text for a number, a list for a "
        "single value. A quoted number is a text.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: "3"}}
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3}}
""",
    ),
    "missing-option": SlugPage(
        "Something required is not given: an option of a layer, an argument of a block, the "
        "file's `input` or `layers`.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8}}
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3}}
""",
    ),
    "bad-value": SlugPage(
        "A value of the right type that cannot be: 0 filters, a dropout rate of 1.5, a pool "
        "whose padding is more than half of its window, a number of 2**63 or more.",
        """\
input: 32x32x3
layers:
  - {max_pool: {kernel: 2, stride: 2, padding: 2}}
""",
        """\
input: 32x32x3
layers:
  - {max_pool: {kernel: 2, stride: 2, padding: 1}}
""",
    ),
    "bad-expression": SlugPage(
        "An expression cannot be read (it is no arithmetic of the language) or cannot be worked "
        "out: a division by zero, a comparison of a text with a number.",
        """\
input: 784
vars: {units: 128}
layers:
  - dense: $(units // 0)
""",
        """\
input: 784
vars: {units: 128}
layers:
  - dense: $(units // 2)
""",
    ),
    "recursive-block": SlugPage(
        "A block reaches itself through the blocks it uses, or a file extends itself through "
        "others. Neither could ever end; `repeat` is the way to say something several times.",
        """\
input: 32x32x8
blocks:
  pair: {layers: [{conv: {filters: 8, kernel: 1}}, pair]}
layers:
  - pair
""",
        """\
input: 32x32x8
blocks:
  pair: {layers: [{conv: {filters: 8, kernel: 1}}, relu]}
layers:
  - {pair: {}, repeat: 2}
""",
    ),
    "duplicate-name": SlugPage(
        "Two layers of one scope have the same name, so that no reference could tell them "
        "apart. A block's instance and a named `sequential` open scopes of their own.",
        """\
input: 32x32x3
layers:
  - {name: conv1, conv: {filters: 8, kernel: 3}}
  - {name: conv1, conv: {filters: 8, kernel: 3}}
""",
        """\
input: 32x32x3
layers:
  - {name: conv1, conv: {filters: 8, kernel: 3}}
  - {name: conv2, conv: {filters: 8, kernel: 3}}
""",
    ),
    "limit-exceeded": SlugPage(
        "The file asks for more than the bounds that keep every run short: layers after "
        "expansion (`--max-layers` raises that one), levels of blocks and branches, the length "
        "of a text.",
        """\
input: 784
layers:
  - {relu: {}, repeat: 200000}
""",
        """\
input: 784
layers:
  - {relu: {}, repeat: 200}
""",
    ),
    "file-unreadable": SlugPage(
        "A file, given on the command line or named by `extends`, is not there, may not be "
        "read, or is not UTF-8 text.",
        """\
extends: no-such-file.yaml
vars: {classes: 10}
""",
        """\
extends: lenet5
name: LeNet-5 once more
""",
    ),
    "stride-misfit": SlugPage(
        "The window cannot reach the end of the axis in whole steps: (W − F + 2P)/S + 1 is not "
        "a whole number, with W the input's side, F the kernel, P the padding and S the stride. "
        "CS231n calls such a setting invalid; PyTorch and Keras round down in silence, and the "
        "last rows and columns are never read. Take one of the changes proposed, or say that "
        "rounding is meant: `rounding: floor` on the layer or the file.",
        """\
input: 7x7x3
layers:
  - {conv: {filters: 8, kernel: 3, stride: 3}}
""",
        """\
input: 7x7x3
layers:
  - {conv: {filters: 8, kernel: 3, stride: 2}}
""",
    ),
    "kernel-too-large": SlugPage(
        "The window is larger than the volume with its padding. With a dilation D it spans D(F "
        "− 1) + 1 pixels. Often the volume has shrunk further than was meant: look at the "
        "layers before in `cnncalc summary`.",
        """\
input: 4x4x3
layers:
  - {conv: {filters: 8, kernel: 5}}
""",
        """\
input: 4x4x3
layers:
  - {conv: {filters: 8, kernel: 5, padding: 1}}
""",
    ),
    "groups-misfit": SlugPage(
        "`groups` shares out the input's channels and the filters among groups that do not see "
        "each other, and has to divide both numbers.",
        """\
input: 32x32x6
layers:
  - {conv: {filters: 8, kernel: 3, groups: 3}}
""",
        """\
input: 32x32x6
layers:
  - {conv: {filters: 9, kernel: 3, groups: 3}}
""",
    ),
    "shape-mismatch": SlugPage(
        "Volumes meet that do not go together: `add` and its like want equal volumes (axes of 1 "
        "stretch), `concat` equal spatial axes, `reshape` as many elements as there are, "
        "`share` arrays of the same shapes.",
        """\
input: 32x32x3
layers:
  - add:
      - - {conv: {filters: 8, kernel: 3}}
      - []
""",
        """\
input: 32x32x3
layers:
  - add:
      - - {conv: {filters: 3, kernel: 3, padding: 1}}
      - []
""",
    ),
    "rank-mismatch": SlugPage(
        "A layer or a list of numbers is for another number of spatial axes than the volume "
        "has: `Conv1d` on an image, a kernel 3x3x3 in 2-D, a pool behind `flatten`.",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3x3x3}}
""",
        """\
input: 32x32x3
layers:
  - {conv: {filters: 8, kernel: 3x3}}
""",
    ),
    "expectation-failed": SlugPage(
        "The network is not what the file's own `expect:` says: another output, more "
        "parameters, a layer that is not there. Either the network or the expectation is wrong.",
        """\
input: 784
layers:
  - dense: 10
expect: {params: 7840}
""",
        """\
input: 784
layers:
  - dense: 10
expect: {params: 7850}
""",
    ),
    **WARNINGS,
}
"""A page for every slug of `diagnostics.CATALOGUE`, in its order."""
