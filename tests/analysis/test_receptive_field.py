"""Receptive fields against marking every dependency, and against published tables."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, product
from math import prod
from random import Random
from typing import Any, NamedTuple

import pytest

import cnncalc
from cnncalc.report.receptive_field import ReceptiveField
from cnncalc.report.report import Report
from tests.analysis import marking
from tests.networks import report, row
from tests.slowness import slow
from tests.together import together

WIDTH = 120
CHANNELS = 16


class Step(NamedTuple):
    """A layer twice: as an item on a 1-D volume of 16 channels, and as marks are taken through it.

    `phases` is how many of its outputs there are to one input where it makes an axis longer.
    """

    item: dict[str, Any]
    layer: marking.Layer
    phases: int = 1


def conv(
    kernel: int, stride: int = 1, before: int = 0, after: int | None = None, dilation: int = 1
) -> Step:
    after = before if after is None else after
    options = {"filters": CHANNELS, "kernel": kernel, "stride": stride, "dilation": dilation}
    item = {"conv": {**options, "padding": [[before, after]]}}
    return Step(item, marking.slide(kernel, stride, before, after, dilation))


def conv_transpose(
    kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0, dilation: int = 1
) -> Step:
    item = {
        "conv_transpose": {
            "filters": CHANNELS,
            "kernel": kernel,
            "stride": stride,
            "padding": padding,
            "output_padding": output_padding,
            "dilation": dilation,
        }
    }
    return Step(item, marking.stamp(kernel, stride, padding, output_padding, dilation), stride)


def max_pool(kernel: int, stride: int, padding: int = 0, dilation: int = 1) -> Step:
    options = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    return Step({"max_pool": options}, marking.slide(kernel, stride, padding, padding, dilation))


def upsample(scale: int, mode: str) -> Step:
    layer = marking.repeat(scale) if mode == "nearest" else marking.upsample_linearly(scale)
    return Step({"upsample": {"scale": scale, "mode": mode}}, layer, scale)


def same(kind: str, kernel: int, stride: int, dilation: int = 1) -> Step:
    options = {"kernel": kernel, "stride": stride, "padding": "same", "dilation": dilation}
    if kind != "max_pool":
        options["filters"] = CHANNELS
    if kind == "conv_transpose":
        return Step({kind: options}, marking.stamp_same(kernel, stride, dilation), stride)
    return Step({kind: options}, marking.slide_same(kernel, stride, dilation))


def pad(before: int, after: int) -> Step:
    return Step({"pad": [[before, after]]}, marking.pad(before, after))


def crop(before: int, after: int) -> Step:
    return Step({"crop": [[before, after]]}, marking.crop(before, after))


STEPS = [
    conv(3),
    conv(3, 1, 1),
    conv(3, 2, 1),
    conv(5, 3, 2),
    conv(3, 1, 2, dilation=2),
    conv(2, 2),
    conv(1, 2),
    conv(4, 1, 2, 1),
    max_pool(3, 2, 1),
    max_pool(2, 1, dilation=3),
    Step({"avg_pool": 2}, marking.slide(2, 2)),
    Step({"depthwise_conv": {"kernel": 3, "stride": 2}}, marking.slide(3, 2)),
    Step({"separable_conv": {"filters": CHANNELS, "kernel": 3}}, marking.slide(3)),
    Step({"locally_connected": {"filters": CHANNELS, "kernel": 2}}, marking.slide(2)),
    same("conv", 4, 3),
    same("conv", 3, 1, 2),
    same("max_pool", 2, 2),
    same("conv_transpose", 4, 2),
    same("conv_transpose", 3, 2),
    same("conv_transpose", 5, 3),
    conv_transpose(2, 2),
    conv_transpose(3, 2, 1, 1),
    conv_transpose(4, 2, 1),
    conv_transpose(3, 1, 1),
    conv_transpose(3, 3),
    conv_transpose(5, 3, 1, 2),
    conv_transpose(2, 1, dilation=2),
    upsample(2, "nearest"),
    upsample(3, "nearest"),
    upsample(2, "bilinear"),
    upsample(3, "bilinear"),
    pad(2, 1),
    crop(1, 3),
    Step({"pixel_shuffle": 2}, marking.repeat(2), 2),
    Step({"pixel_unshuffle": 2}, marking.slide(2, 2)),
    Step({"batch_norm": {}}, marking.same),
    Step({"dropout": 0.5}, marking.same),
]


def through(steps: Sequence[Step]) -> marking.Layer:
    return marking.chain(*(step.layer for step in steps))


def phases(steps: Sequence[Step]) -> int:
    return prod(step.phases for step in steps)


def plain(field: ReceptiveField | None) -> tuple[object, ...]:
    """Size, stride, padding and whether it is aligned."""
    assert field is not None
    return field.size, field.stride, field.padding, field.aligned


def reported(result: Report) -> tuple[object, ...]:
    """Size, stride, padding and centre of the last row, and its length."""
    last = result.rows[-1]
    field = last.receptive_field
    assert field is not None
    numbers = field.size[0], field.stride[0], field.padding[0], field.centre[0]
    return *numbers, last.output_shape[0]


def marked(line: marking.Line, period: int) -> tuple[object, ...]:
    """The same by marking."""
    stride, padding = marking.stride_and_padding(line, period)
    centre = marking.centre(line, period, stride)
    return marking.size(line), stride, padding, centre, len(line)


def differing(chains: Sequence[Sequence[Step]], width: int) -> dict[str, Any]:
    wrong = {}
    for steps in chains:
        items = [step.item for step in steps]
        answer = reported(report([width, CHANNELS], *items, rounding="floor"))
        expected = marked(through(steps)(marking.pixels(width)), phases(steps))
        if answer != expected:
            wrong[str(items)] = (answer, expected)
    return wrong


def odd_for_unshuffling(steps: Sequence[Step]) -> bool:
    """Space to depth wants a width that its factor divides."""
    line = marking.pixels(WIDTH)
    for step in steps:
        if "pixel_unshuffle" in step.item and len(line) % 2:
            return True
        line = step.layer(line)
    return False


@pytest.mark.parametrize("part", [0, *slow(*range(1, 12))])
def test_every_chain_of_one_or_two_layers(part: int) -> None:
    chains = [steps for n in (1, 2) for steps in product(STEPS, repeat=n)]
    fitting = [steps for steps in chains if not odd_for_unshuffling(steps)]
    assert len(fitting) > 700
    assert not differing(fitting[part::12], WIDTH)


@pytest.mark.parametrize("count", [50, *slow(150)])
def test_longer_chains_at_random(count: int) -> None:
    random = Random(2019)
    without_unshuffling = [step for step in STEPS if "pixel_unshuffle" not in step.item]
    chains = [random.choices(without_unshuffling, k=random.choice([3, 4])) for _ in range(count)]
    four_channels_left = [steps for steps in chains if phases(steps) <= 36]
    assert not differing(four_channels_left, 2 * WIDTH)


GAPPED = [
    conv_transpose(1, 2),
    conv_transpose(2, 3),
    conv_transpose(3, 2, 2, dilation=3),
    conv_transpose(4, 2, dilation=3),
    same("conv_transpose", 1, 2),
]
"""Transposed layers some of whose outputs read nothing, or not in order."""


def test_what_lies_between_dilated_taps_is_not_read() -> None:
    chains = [[gapped, behind] for gapped in GAPPED for behind in [*STEPS, *GAPPED]]
    fitting = [
        steps
        for steps in chains
        if not odd_for_unshuffling(steps)
        # Where the first output reads nothing, there is no telling where it would begin.
        and marking.first_reads(through(steps)(marking.pixels(WIDTH)), phases(steps))
    ]
    assert len(fitting) > 150
    assert not differing(fitting, WIDTH)


@together("behind", STEPS[:6])
@together("size", [180, 80, 240, 60, 90])
def test_resizing_in_front(size: int, behind: Step) -> None:
    for mode, layer in (("nearest", marking.resize), ("bilinear", marking.interpolate)):
        resize = Step({"resize": {"size": size, "mode": mode}}, layer(size))
        line = through([resize, behind])(marking.pixels(WIDTH))
        items = [resize.item, behind.item]
        answer = reported(report([WIDTH, CHANNELS], *items, rounding="floor"))
        assert answer == marked(line, Fraction(size, WIDTH).numerator), mode


@pytest.mark.parametrize("kind", ["adaptive_avg_pool", "adaptive_max_pool"])
def test_adaptive_pools_on_every_small_axis(kind: str) -> None:
    fronts: list[tuple[list[Step], int]] = [([], 1), ([conv(3)], 1), ([conv(2, 2)], 2)]
    for (front, jump), width, size in product(fronts, range(8, 15), range(1, 13)):
        line = through(front)(marking.pixels(width))
        shared = marking.adaptive(size)(line)
        items = [step.item for step in front]
        result = report([width, CHANNELS], *items, {kind: size}, rounding="floor")
        stride = Fraction(len(line) * jump, size)
        each = [Fraction(min(m) + max(m), 2) - o * stride for o, m in enumerate(shared)]
        numbers = (marking.size(shared), stride, -min(shared[0]), sum(each) / size)
        assert reported(result) == (*numbers, size)


def test_axes_do_not_mix() -> None:
    tall, wide = [conv(3, 2, 1), conv_transpose(4, 2, 1)], [conv(5), max_pool(2, 1, dilation=3)]
    kinds = [
        {"conv": {"filters": 16, "kernel": [3, 5], "stride": [2, 1], "padding": [1, 0]}},
        {"conv_transpose": {"filters": 16, "kernel": [4, 1], "stride": [2, 1], "padding": [1, 0]}},
        {"max_pool": {"kernel": [1, 2], "stride": 1, "dilation": [1, 3]}},
    ]
    field = report([40, 40, CHANNELS], *kinds, rounding="floor").rows[-1].receptive_field
    down, across = (through(steps)(marking.pixels(40)) for steps in (tall, wide))
    sizes = (marking.size(down), marking.size(across))
    (stride, padding), (stride2, padding2) = (
        marking.stride_and_padding(down, 2),
        marking.stride_and_padding(across, 1),
    )
    assert plain(field) == (sizes, (stride, stride2), (padding, padding2), True)


# --- branches -------------------------------------------------------------------------------------

AT_FULL_LENGTH = [
    [],
    [conv(1)],
    [conv(3, 1, 1)],
    [conv(5, 1, 2)],
    [conv(3, 1, 2, dilation=2)],
    [max_pool(3, 1, 1)],
    [conv(3, 1, 1), conv(3, 1, 1)],
    [conv(2, 1, 1, 0)],
    [pad(0, 2), conv(3)],
    [crop(1, 0), pad(0, 1)],
    [conv_transpose(3, 1, 1)],
    [max_pool(2, 2), upsample(2, "nearest")],
    [max_pool(2, 2), conv_transpose(2, 2)],
    [max_pool(2, 2), upsample(2, "bilinear")],
    [upsample(2, "nearest"), conv(3, 2, 1)],
]

AT_HALF_LENGTH = [
    [conv(3, 2, 1)],
    [conv(1, 2)],
    [conv(7, 2, 3)],
    [max_pool(2, 2)],
    [max_pool(3, 2, 1)],
    [conv(1), conv(2, 2)],
    [conv(3, 1, 1), max_pool(2, 2)],
    [Step({"pixel_unshuffle": 2}, marking.slide(2, 2)), conv(3, 1, 1)],
]

AT_TWICE_THE_LENGTH = [
    [upsample(2, "nearest")],
    [upsample(2, "bilinear")],
    [conv_transpose(2, 2)],
    [conv_transpose(4, 2, 1)],
    [conv_transpose(3, 2, 1, 1)],
    [conv(3, 1, 1), upsample(2, "nearest")],
    [upsample(2, "nearest"), conv(3, 1, 1)],
]

PAIRS = [
    (left, right)
    for group in (AT_FULL_LENGTH, AT_HALF_LENGTH, AT_TWICE_THE_LENGTH)
    for i, left in enumerate(group)
    for j, right in enumerate(group)
    if i <= j
]


@together(("left", "right"), PAIRS)
@pytest.mark.slow
def test_two_branches(left: list[Step], right: list[Step]) -> None:
    for kind, width in (("add", 80), ("concat", 76)):
        merge = {kind: [[step.item for step in branch] for branch in (left, right)]}
        result = report([width, CHANNELS], merge, rounding="floor")
        pixels = marking.pixels(width)
        both = marking.merge(through(left), through(right))
        assert reported(result) == marked(both(pixels), 4)
        field = result.rows[-1].receptive_field
        assert field is not None
        assert field.aligned == marking.agree(pixels, through(left), through(right))
        # What follows reads from both.
        tail = conv(3, 2, 1)
        result = report([width, CHANNELS], merge, tail.item, rounding="floor")
        assert reported(result) == marked(marking.chain(both, tail.layer)(pixels), 4)


def test_three_branches_of_an_inception_module() -> None:
    branches = [
        [],
        [conv(1), conv(3, 1, 1)],
        [conv(1), conv(5, 1, 2)],
        [max_pool(3, 1, 1), conv(1)],
    ]
    merge = {"concat": [[step.item for step in branch] for branch in branches]}
    result = report([40, CHANNELS], merge, merge, rounding="floor")
    both = marking.merge(*map(through, branches))
    assert reported(result) == marked(marking.chain(both, both)(marking.pixels(40)), 1)


def test_a_name_as_a_branch_brings_its_own_field() -> None:
    """A skip over two convolutions, as in DenseNet."""
    layers = [
        {"name": "early", "conv": {"filters": 4, "kernel": 3, "padding": 1}},
        {"conv": {"filters": 4, "kernel": 3, "padding": 1}},
        {"conv": {"filters": 4, "kernel": 5, "padding": 2}},
        {"concat": [[], "early", "input"]},
    ]
    three, five = marking.slide(3, 1, 1, 1), marking.slide(5, 1, 2, 2)
    all_paths = marking.merge(marking.chain(three, three, five), three, marking.same)
    assert reported(report([40, CHANNELS], *layers)) == marked(all_paths(marking.pixels(40)), 1)


def test_branches_of_different_strides_are_not_aligned_and_the_largest_stands() -> None:
    branches = [[{"conv": {"filters": 4, "kernel": 5}}],
                [{"conv": {"filters": 4, "kernel": 2, "stride": 2}}]]  # fmt: skip
    for order in (branches, branches[::-1]):
        field = row_of_merge([8, 4], {"add": order})
        assert plain(field) == ((5,), (1,), (0,), False)


def row_of_merge(volume: list[int], merge: dict[str, Any]) -> ReceptiveField | None:
    return report(volume, merge, rounding="floor").rows[-1].receptive_field


def test_the_whole_of_the_unet() -> None:
    """The bundled file, one axis of it, layer by layer."""
    conv3, pool2, up2 = marking.slide(3), marking.slide(2, 2), marking.stamp(2, 2)
    lines: dict[str, marking.Line] = {}
    line = marking.pixels(572)
    for stage in ("down1", "down2", "down3", "down4", "bottom"):
        lines[stage] = line = conv3(conv3(line))
        if stage != "bottom":
            line = pool2(line)
    for stage, skip, cut in (("up4", "down4", 4), ("up3", "down3", 16), ("up2", "down2", 40),
                             ("up1", "down1", 88)):  # fmt: skip
        cropped, raised = marking.crop(cut, cut)(lines[skip]), up2(line)
        merged = [a | b for a, b in zip(cropped, raised, strict=True)]
        lines[stage] = line = conv3(conv3(merged))
    fields = {row.name: row.receptive_field for row in cnncalc.load("unet").rows}
    names = {stage: f"{stage}.conv2" if stage in ("down1", "down2", "down3", "down4", "bottom")
             else f"{stage}.conv.conv2" for stage in lines}  # fmt: skip
    for stage, name in names.items():
        stride, padding = marking.stride_and_padding(lines[stage], 16)
        size = marking.size(lines[stage])
        assert plain(fields[name]) == ((size,) * 2, (stride,) * 2, (padding,) * 2, True), stage


# --- where there is none --------------------------------------------------------------------------

SQUEEZE = {
    "multiply": [
        [],
        [
            {"global_avg_pool": {"keepdims": True}},
            {"conv": {"filters": 4, "kernel": 1, "activation": "sigmoid"}},
        ],
    ]
}


@pytest.mark.parametrize(
    "item",
    [
        "global_avg_pool",
        {"global_max_pool": {"keepdims": True}},
        "flatten",
        {"dense": 3},
        {"reshape": [4, 5, 6]},
        {"permute": [1, 0, 2]},
        SQUEEZE,
        {"custom": "5x6x4"},
    ],
)
def test_an_axis_pooled_or_stretched_away_has_no_field(item: object) -> None:
    before = {"conv": {"filters": 4, "kernel": 3, "padding": 1}}
    first, *_, last = report([5, 6, 4], before, item).rows
    assert first.receptive_field is not None
    assert last.receptive_field is None


def test_none_it_stays() -> None:
    rows = report([5, 6, 4], SQUEEZE, {"conv": {"filters": 4, "kernel": 3}}, {"max_pool": 2},
                  rounding="floor").rows  # fmt: skip
    assert [row.receptive_field for row in rows[-3:]] == [None] * 3


def test_a_branch_without_a_field_leaves_the_merge_without() -> None:
    gate = [{"global_avg_pool": {"keepdims": True}}, {"upsample": 5}]
    rows = report([5, 5, 4], {"add": [[], gate]}).rows
    assert rows[-1].receptive_field is None


@pytest.mark.parametrize(
    "kind", ["relu", "softmax", "batch_norm", "dropout", "lrn", "layer_norm", "identity", "scale"]
)
def test_what_keeps_positions_keeps_the_field(kind: str) -> None:
    before, after = report([9, 8, 4], {"conv": {"filters": 4, "kernel": [3, 2]}}, kind).rows
    assert before.receptive_field == after.receptive_field


def test_permuting_nothing_keeps_the_field() -> None:
    kept = row([9, 8, 4], {"permute": [0, 1, 2]}).receptive_field
    assert plain(kept) == ((1, 1), (1, 1), (0, 0), True)


def test_what_reads_nothing_at_all_has_no_size() -> None:
    """Every second output of a 1x1 stamp at stride 2 reads nothing, and only those are kept."""
    gaps = [{"conv_transpose": {"filters": 1, "kernel": 1, "stride": 2}}, {"crop": [[1, 0]]},
            {"conv": {"filters": 1, "kernel": 1, "stride": 2}}]  # fmt: skip
    rows = report([9, 1], *gaps, {"add": [[], []]}, rounding="floor").rows
    assert [row.receptive_field.size for row in rows if row.receptive_field] == [
        (1,), (1,), (0,), (0,),
    ]  # fmt: skip


def test_beyond_all_bounds_it_is_not_reported() -> None:
    """So many phases are not worked out; the rest of the report is."""
    reported = row([3, 1], {"upsample": 5_000_000})
    assert reported.output_shape == (15_000_000, 1)
    assert reported.receptive_field is None
    primes = [{"resize": size} for size in (997, 991, 983, 977)]
    assert report([1009, 1], *primes).rows[-1].receptive_field is None


def test_a_vector_has_none() -> None:
    assert row([10], "relu").receptive_field is None


# --- published ------------------------------------------------------------------------------------
# https://github.com/google-research/receptive_field, RECEPTIVE_FIELD_TABLE.md: computed from the
# TF-Slim models, for inputs of the given side.

Figures = tuple[int, int, int]
"""Size, effective stride, effective padding."""


def figures(result: Report, *names: str) -> list[Figures]:
    """The same on both axes, and all merges aligned."""
    fields = {row.name: row.receptive_field for row in result.rows}
    assert all(field is None or field.aligned for field in fields.values())
    listed = []
    for name in names:
        field = fields[name]
        assert field is not None
        assert len(set(zip(field.size, field.stride, field.padding, strict=True))) == 1
        listed.append((field.size[0], int(field.stride[0]), field.padding[0]))
    return listed


def test_alexnet() -> None:
    names = ["conv1", "pool1", "conv2", "conv3", "conv4", "conv5", "pool5"]
    assert figures(cnncalc.load("alexnet"), *names) == [
        (11, 4, 0),
        (19, 8, 0),
        (51, 8, 16),
        (99, 16, 32),
        (131, 16, 48),
        (163, 16, 64),
        (195, 32, 64),
    ]


VGG = {
    "vgg_a": [(4, 2, 1), (10, 4, 3), (30, 8, 11), (70, 16, 27), (150, 32, 59)],
    "vgg_16": [(6, 2, 2), (16, 4, 6), (44, 8, 18), (100, 16, 42), (212, 32, 90)],
}


@pytest.mark.parametrize(
    ("name", "depths"), [("vgg_a", [1, 1, 2, 2, 2]), ("vgg_16", [2, 2, 3, 3, 3])]
)
def test_vgg(name: str, depths: list[int]) -> None:
    knobs = {f"depth{stage}": depth for stage, depth in enumerate(depths, 1)}
    pools = [f"stage{stage}.pool" for stage in range(1, 6)]
    assert figures(cnncalc.load("vgg16", set=knobs), *pools) == VGG[name]


MOBILENET_SIZES = [7, 11, 19, 27, 43, 59, 91, 123, 155, 187, 219, 251, 315]
MOBILENET_STRIDES = [2, 4, 4, 8, 8, 16, 16, 16, 16, 16, 16, 32, 32]
MOBILENET_PADDINGS = {
    224: [2, 2, 6, 6, 14, 14, 30, 46, 62, 78, 94, 94, 126],
    321: [3, 5, 9, 13, 21, 29, 45, 61, 77, 93, 109, 125, 157],
}


@pytest.mark.parametrize("side", [224, 321])
def test_mobilenet_v1(side: int) -> None:
    """Paddings of `same` that depend on the input's side."""
    pairs = [
        [
            {"depthwise_conv": {"kernel": 3, "stride": stride, "padding": "same"}},
            {"name": f"pointwise{number}", "conv": {"filters": 8, "kernel": 1}},
        ]
        for number, stride in enumerate([1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1], 1)
    ]
    stem = {"conv": {"filters": 8, "kernel": 3, "stride": 2, "padding": "same"}}
    result = report([side, side, 3], stem, *chain(*pairs))
    published = zip(MOBILENET_SIZES, MOBILENET_STRIDES, MOBILENET_PADDINGS[side], strict=True)
    assert figures(result, *(f"pointwise{n}" for n in range(1, 14))) == list(published)


RESNET: dict[int, dict[int, list[Figures]]] = {
    50: {
        224: [(35, 8, 15), (99, 16, 47), (291, 32, 143), (483, 32, 239)],
        321: [(35, 8, 17), (99, 16, 49), (291, 32, 145), (483, 32, 241)],
    },
    101: {
        224: [(35, 8, 15), (99, 16, 47), (835, 32, 415), (1027, 32, 511)],
        321: [(35, 8, 17), (99, 16, 49), (835, 32, 417), (1027, 32, 513)],
    },
    152: {
        224: [(35, 8, 15), (163, 16, 79), (1315, 32, 655), (1507, 32, 751)],
        321: [(35, 8, 17), (163, 16, 81), (1315, 32, 657), (1507, 32, 753)],
    },
    200: {
        224: [(35, 8, 15), (419, 16, 207), (1571, 32, 783), (1763, 32, 879)],
        321: [(35, 8, 17), (419, 16, 209), (1571, 32, 785), (1763, 32, 881)],
    },
}

RESNET_UNITS = {50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3], 200: [3, 24, 36, 3]}

UNIT = {
    "args": {"stride": None},
    "layers": [
        {
            "add": [
                [
                    {"conv": {"filters": 4, "kernel": 1}},
                    {"conv": {"filters": 4, "kernel": 3, "stride": "$stride", "padding": 1}},
                    {"conv": {"filters": 4, "kernel": 1}},
                ],
                [{"when": "stride != 1", "max_pool": {"kernel": 1, "stride": "$stride"}}],
            ]
        }
    ],
}
"""TF-Slim strides in the last unit of a block, and shortens the shortcut with a 1x1 pool."""


@pytest.mark.parametrize(("depth", "side"), list(product(RESNET, [224, 321])))
def test_resnet_v1_of_tf_slim(depth: int, side: int) -> None:
    layers: list[object] = [
        {"conv": {"filters": 4, "kernel": 7, "stride": 2, "padding": 3}},
        {"max_pool": {"kernel": 3, "stride": 2, "padding": "same"}},
    ]
    for block, units in enumerate(RESNET_UNITS[depth], 1):
        layers.append({"unit": {"stride": 1}, "repeat": units - 1})
        layers.append({"name": f"block{block}", "unit": {"stride": 2 if block < 4 else 1}})
    result = report([side, side, 3], *layers, blocks={"unit": UNIT}, rounding="floor")
    ends = [f"block{block}.add1" for block in range(1, 5)]
    assert figures(result, *ends) == RESNET[depth][side]


def test_resnet50_as_in_torchvision() -> None:
    """11 behind the pool, and 2 strides for each 3x3 convolution, which does the striding itself:
    11 + 3·8 + (8 + 3·16) + (16 + 5·32) + (32 + 2·64) = 427."""
    names = ["maxpool", "layer4.2.add1"]
    assert figures(cnncalc.load("resnet50"), *names) == [(11, 4, 5), (427, 32, 213)]


def test_kernels_that_are_not_square() -> None:
    """The library's own test, network 5."""
    tall = [{"conv": {"filters": 1, "kernel": [3, 5], "stride": 2}},
            {"conv": {"filters": 1, "kernel": [3, 1], "stride": 2}}]  # fmt: skip
    field = report([15, 17, 1], *tall).rows[-1].receptive_field
    assert plain(field) == ((7, 5), (4, 4), (0, 0), True)


def one_by_one(stride: int) -> dict[str, Any]:
    return {"conv": {"filters": 1, "kernel": 1, "stride": stride}}


PADDED = [{"pad": [[1, 0], [1, 0]]}, {"conv": {"filters": 1, "kernel": 3, "stride": 2}}]
POOLED = [{"pad": [[1, 0], [1, 0]]}, {"max_pool": {"kernel": 3, "stride": 2}}]
SAME = [{"conv": {"filters": 1, "kernel": 3, "stride": 2, "padding": "same"}}]
FIVE = [{"pad": [[2, 1], [2, 1]]}, {"conv": {"filters": 1, "kernel": 5, "stride": 2}}]
THREES = [{"conv": {"filters": 1, "kernel": 3}}, {"conv": {"filters": 1, "kernel": 3}}]


@pytest.mark.parametrize(
    ("side", "merges", "expected"),
    [
        (8, [([one_by_one(4)], [*PADDED, one_by_one(2)])], (3, 4, 1)),
        (8, [([one_by_one(4)], [*POOLED, one_by_one(2)])], (3, 4, 1)),
        (9, [([one_by_one(4)], [*SAME, one_by_one(2)])], (3, 4, 1)),
        (32, [([one_by_one(4)], [*PADDED, one_by_one(2)]), ([one_by_one(2)], PADDED)], (11, 8, 5)),
        (17, [([one_by_one(4)], [*SAME, one_by_one(2)]), ([one_by_one(2)], SAME)], (11, 8, 5)),
    ],
    ids=["network 1", "network 2", "network 4 on 9x9", "network 8", "network 9 on 17x17"],
)
def test_aligned_branches(
    side: int, merges: list[tuple[list[object], list[object]]], expected: Figures
) -> None:
    """The library's own tests of branches."""
    result = report([side, side, 1], *({"add": merge} for merge in merges), rounding="floor")
    assert figures(result, f"add{len(merges)}") == [expected]


@pytest.mark.parametrize(
    ("left", "right"),
    [(FIVE, THREES), ([one_by_one(4)], [*SAME, one_by_one(2)])],
    ids=["network 3", "network 4 on 8x8"],
)
def test_misaligned_branches(left: list[object], right: list[object]) -> None:
    field = row_of_merge([8, 8, 1], {"add": [left, right]})
    assert field is not None
    assert not field.aligned
