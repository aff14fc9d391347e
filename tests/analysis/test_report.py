"""The report as a whole: columns add up, weights count once, and nets that are the same net count
the same however they are written."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc
from cnncalc.report.folding import fold
from cnncalc.report.report import Report, Row
from tests.networks import VARIED, branching, report, row, where_outputs_come_from, written
from tests.together import together

NETWORKS = {name: name for name in VARIED} | {f"seed {s}": s for s in range(20)}


def network(which: str | int) -> Report:
    return cnncalc.load(which) if isinstance(which, str) else cnncalc.loads(branching(which))


COLUMNS = ("weights", "biases", "params", "trainable", "state", "macs", "flops", "activation_bytes",
           "layers")  # fmt: skip


@together("which", NETWORKS.values())
def test_columns_add_up_to_the_totals(which: str | int) -> None:
    reported = network(which)
    for column in COLUMNS:
        total = sum(getattr(row, column) for row in reported.rows)
        assert getattr(reported.totals, column) == total, column
    assert reported.totals.params == reported.totals.weights + reported.totals.biases
    assert reported.totals.param_bytes == 4 * reported.totals.params
    assert reported.totals.trainable + reported.totals.non_trainable == reported.totals.params


@together("which", NETWORKS.values())
def test_shares_of_parameters_add_up_to_one(which: str | int) -> None:
    reported = network(which)
    if reported.totals.params:
        assert sum(row.share_of_params for row in reported.rows) == pytest.approx(1)
        for layer in reported.rows:
            assert layer.share_of_params == pytest.approx(layer.params / reported.totals.params)


@together("which", NETWORKS.values())
def test_folded_columns_add_up_to_the_same_totals(which: str | int) -> None:
    reported = network(which)
    deepest = max(row.name.count(".") for row in reported.rows) + 1
    for depth in range(1, deepest + 1):
        rows = fold(reported, depth)
        for column in COLUMNS:
            folded = sum(getattr(row, column) for row in rows)
            assert folded == getattr(reported.totals, column), (depth, column)
        names = [row.name for row in rows]
        assert len(set(names)) == len(names)
        assert all(name.count(".") < depth for name in names)
    assert fold(reported, deepest) == fold(reported, None) == reported.rows


@together("which", NETWORKS.values())
def test_every_row_reads_what_stands_before_it(which: str | int) -> None:
    reported = network(which)
    known = dict(reported.inputs)
    for layer in reported.rows:
        assert [known[name] for name in layer.inputs] == list(layer.input_shapes)
        assert layer.name not in known
        known[layer.name] = layer.output_shape
    assert [known[name] for name in where_outputs_come_from(reported)] == list(
        reported.outputs.values()
    )


def test_warnings_leave_a_network_sound_and_errors_do_not() -> None:
    sound, warned, broken = (
        cnncalc.loads(written([9, 9, 3], *layers, outputs=["last"]))
        for layers in (
            [{"name": "last", "relu": {}}],
            ["relu", {"name": "last", "from": "input", "relu": {}}],
            [{"name": "last", "max_pool": 2}],
        )
    )
    assert [reported.ok for reported in (sound, warned, broken)] == [True, True, False]
    assert [reported.complete for reported in (sound, warned, broken)] == [True, True, False]
    assert [len(reported.diagnostics) for reported in (sound, warned, broken)] == [0, 1, 1]


def test_what_is_known_of_a_broken_network_is_reported() -> None:
    reported = cnncalc.loads(written([9, 9, 3], conv(), {"max_pool": 2}, conv()))
    assert [row.kind for row in reported.rows] == ["conv"]
    assert reported.totals.params == reported.rows[0].params


# --- shared and frozen weights --------------------------------------------------------------------

TWIN_INPUTS = {"left": [9, 9, 3], "right": [9, 9, 3]}
CONV = {"conv": {"filters": 4, "kernel": 3}}


def test_shared_weights_count_once_and_work_twice() -> None:
    twins = report(
        TWIN_INPUTS,
        {"name": "a", "from": "left", **CONV},
        {"name": "b", "from": "right", "share": "a", **CONV},
        {"subtract": ["a", "b"]},
    )
    single = row([9, 9, 3], CONV)
    a, b, _ = twins.rows
    assert twins.totals.params == single.params
    assert twins.totals.weights == single.weights
    assert (a.params, b.params, b.shares) == (single.params, 0, "a")
    assert a.macs == b.macs == single.macs
    assert a.flops == b.flops == single.flops
    assert twins.totals.macs == 2 * single.macs


def test_a_block_shares_layer_for_layer() -> None:
    """A Siamese network: two towers, one set of weights."""
    tower = {"layers": [CONV, "batch_norm", "relu", {"conv": {"filters": 5, "kernel": 2}}]}
    shared, apart = (
        report(
            TWIN_INPUTS,
            {"name": "a", "from": "left", "tower": {}},
            {"name": "b", "from": "right", "tower": {}, **share},
            {"concat": ["a", "b"]},
            blocks={"tower": tower},
        ).totals
        for share in ({"share": "a"}, {})
    )
    assert apart.params == 2 * shared.params
    assert apart.state == 2 * shared.state
    assert (apart.macs, apart.flops) == (shared.macs, shared.flops)
    assert apart.activation_bytes == shared.activation_bytes


def test_sharing_with_what_shares_leads_to_where_the_weights_live() -> None:
    chained = report(
        [9, 9, 4],
        {"name": "a", "conv": {"filters": 4, "kernel": 3, "padding": 1}},
        {"name": "b", "share": "a", "conv": {"filters": 4, "kernel": 3, "padding": 1}},
        {"name": "c", "share": "b", "conv": {"filters": 4, "kernel": 3, "padding": 1}},
    )
    assert [row.shares for row in chained.rows] == [None, "a", "a"]
    assert chained.totals.params == 3 * 3 * 4 * 4 + 4


def test_weights_may_be_shared_between_volumes_of_different_sizes() -> None:
    """A detector's head slides over every level of a pyramid."""
    reported = report(
        {"fine": [16, 16, 3], "coarse": [8, 8, 3]},
        {"name": "a", "from": "fine", **CONV},
        {"name": "b", "from": "coarse", "share": "a", **CONV},
        outputs=["a", "b"],
    )
    a, b = reported.rows
    assert reported.totals.params == a.params == 3 * 3 * 3 * 4 + 4
    assert (a.macs, b.macs) == (14 * 14 * 108, 6 * 6 * 108)


def test_frozen_layers_count_as_not_trainable() -> None:
    frozen = {"trainable": False, **CONV}
    reported = report([9, 9, 3], frozen, "batch_norm", {"dense": 2})
    conv, norm, dense = reported.rows
    assert (conv.trainable, conv.is_trainable) == (0, False)
    assert (norm.trainable, norm.is_trainable) == (norm.params, True)
    assert reported.totals.trainable == norm.params + dense.params
    assert reported.totals.non_trainable == conv.params == 112


def test_a_frozen_block_freezes_all_within() -> None:
    layers = [CONV, {"sequential": [{"dense": 3}, {"dense": 2}]}]
    reported = report([9, 9, 3], {"trainable": False, "sequential": layers}, {"dense": 5})
    assert reported.totals.trainable == reported.rows[-1].params == 15


# --- the same net, written otherwise --------------------------------------------------------------


def figures(reported: Row) -> tuple[object, ...]:
    """What a layer is and costs, whatever it is called and wherever it stands."""
    return (
        reported.output_shape,
        reported.weights,
        reported.biases,
        reported.state,
        reported.macs,
        reported.flops,
        reported.activation_bytes,
        reported.receptive_field,
    )


Items = list[dict[str, Any] | str]


def conv(filters: object = 4, kernel: object = 3, **options: object) -> dict[str, Any]:
    return {"conv": {"filters": filters, "kernel": kernel, **options}}


ROW_BY_ROW: dict[str, tuple[list[int], Items, Items]] = {
    "conv with as many groups as channels, depthwise": (
        [9, 8, 4],
        [conv(8, groups=4, padding=1)],
        [{"depthwise_conv": {"kernel": 3, "multiplier": 2, "padding": 1}}],
    ),
    "every connection, no table of connections": (
        [9, 8, 3],
        [conv(2, connections=[[0, 1, 2], [2, 1, 0]])],
        [conv(2)],
    ),
    "connections in groups, groups": (
        [9, 8, 4],
        [conv(4, connections=[[0, 1], [0, 1], [2, 3], [2, 3]])],
        [conv(4, groups=2)],
    ),
    "dilation 1, none": ([9, 8, 4], [conv(dilation=1)], [conv()]),
    "one number, one an axis": (
        [9, 9, 4],
        [conv(kernel=3, stride=2, padding=1, dilation=2)],
        [conv(kernel=[3, 3], stride=[2, 2], padding=[1, 1], dilation=[2, 2])],
    ),
    "one number, NxM": ([9, 9, 4], [conv(kernel=3)], [conv(kernel="3x3")]),
    "one padding an axis, pairs": (
        [9, 9, 4],
        [conv(padding=[1, 2])],
        [conv(padding=[[1, 1], [2, 2]])],
    ),
    "valid, 0": ([9, 9, 4], [conv(padding="valid")], [conv(padding=0)]),
    "same at stride 1, half the kernel": (
        [9, 8, 4],
        [conv(kernel=[5, 3], padding="same")],
        [conv(kernel=[5, 3], padding=[2, 1])],
    ),
    "same for an even kernel, the odd pixel behind": (
        [9, 8, 4],
        [conv(kernel=4, padding="same")],
        [conv(kernel=4, padding=[[1, 2], [1, 2]])],
    ),
    "a pool's stride is its kernel": (
        [9, 8, 4],
        [{"max_pool": [3, 2]}],
        [{"max_pool": {"kernel": [3, 2], "stride": [3, 2]}}],
    ),
    "local weights at one position, conv": (
        [3, 3, 4],
        [{"locally_connected": {"filters": 5, "kernel": 3}}],
        [conv(5)],
    ),
    "transposed at stride 1, conv with full padding": (
        [5, 6, 4],
        [{"conv_transpose": {"filters": 4, "kernel": 1}}],
        [conv(kernel=1)],
    ),
    "adaptive pool that divides, pool": (
        [12, 8, 4],
        [{"adaptive_avg_pool": [4, 2]}],
        [{"avg_pool": [3, 4]}],
    ),
    "upsample, resize": ([5, 6, 4], [{"upsample": 3}], [{"resize": [15, 18]}]),
    "upsample linearly, resize linearly": (
        [5, 6, 4],
        [{"upsample": {"scale": 2, "mode": "bilinear"}}],
        [{"resize": {"size": [10, 12], "mode": "bilinear"}}],
    ),
    "flatten, reshape": ([5, 6, 4], ["flatten"], [{"reshape": [-1]}]),
    "a list of layers in sequential, the list": (
        [9, 8, 4],
        [{"sequential": [conv(), "relu"]}, "batch_norm"],
        [conv(), "relu", "batch_norm"],
    ),
    "repeated, written out": (
        [9, 8, 4],
        [{**conv(padding=1), "repeat": 3}],
        [conv(padding=1)] * 3,
    ),
    "a repeated group, written out": (
        [9, 8, 4],
        [{"sequential": [conv(padding=1), "relu"], "repeat": 2}],
        [conv(padding=1), "relu", conv(padding=1), "relu"],
    ),
    "activation, relu behind": ([9, 8, 4], [conv(activation="relu")], [conv(), "relu"]),
    "activation with options": (
        [9, 8, 4],
        [conv(activation={"leaky_relu": {"slope": 0.2}})],
        [conv(), {"leaky_relu": 0.2}],
    ),
    "left out where false": ([9, 8, 4], [conv(), {**conv(), "when": False}], [conv()]),
    "no activation": ([9, 8, 4], [conv(activation="none")], [conv()]),
}


@together(("volume", "left", "right"), ROW_BY_ROW.values())
def test_the_same_row_by_row(volume: list[int], left: Items, right: Items) -> None:
    one, other = report(volume, *left), report(volume, *right)
    assert [figures(row) for row in one.rows] == [figures(row) for row in other.rows]
    assert one.totals == other.totals


def costs(reported: Report) -> tuple[object, ...]:
    totals = reported.totals
    last = reported.rows[-1].output_shape
    return last, totals.weights, totals.biases, totals.state, totals.macs, totals.flops


IN_TOTAL: dict[str, tuple[list[int], Items, Items]] = {
    "separable, depthwise and 1x1": (
        [9, 8, 4],
        [{"separable_conv": {"filters": 6, "kernel": 3, "multiplier": 2, "padding": 1}}],
        [
            {"depthwise_conv": {"kernel": 3, "multiplier": 2, "padding": 1, "bias": False}},
            conv(6, 1),
        ],
    ),
    "1x1 conv on one pixel, dense": ([1, 1, 7], [conv(5, 1), "flatten"], [{"dense": 5}]),
    "conv as large as the volume, dense": (
        [6, 5, 3],
        [conv(10, [6, 5]), "flatten"],
        [{"dense": 10}],
    ),
    "flatten before dense, nothing": ([6, 5, 3], ["flatten", {"dense": 10}], [{"dense": 10}]),
    "pad and conv, padded conv": (
        [6, 5, 3],
        [{"pad": [[1, 2], [0, 1]]}, conv()],
        [conv(padding=[[1, 2], [0, 1]])],
    ),
    "global pool, pool as large as the volume": (
        [6, 5, 3],
        [{"global_avg_pool": {"keepdims": True}}],
        [{"avg_pool": [6, 5]}],
    ),
    "global pool, adaptive pool to 1": (
        [6, 5, 3],
        [{"global_max_pool": {}}],
        [{"adaptive_max_pool": 1}, "flatten"],
    ),
    "shuffled there and back, not at all": (
        [6, 4, 3],
        [{"pixel_unshuffle": 2}, {"pixel_shuffle": 2}, conv()],
        [conv()],
    ),
    "halves convolved and joined, two groups": (
        [6, 5, 4],
        [{"concat": [[{"slice": [0, 2]}, conv(3)], [{"slice": [2, 4]}, conv(3)]]}],
        [conv(6, groups=2)],
    ),
}


@pytest.mark.parametrize(("volume", "left", "right"), IN_TOTAL.values(), ids=list(IN_TOTAL))
def test_the_same_in_total(volume: list[int], left: Items, right: Items) -> None:
    assert costs(report(volume, *left)) == costs(report(volume, *right))


BLOCK = {
    "args": {"filters": None, "stride": 1},
    "layers": [
        conv("$filters", stride="$stride", padding=1),
        "batch_norm",
        {"when": "stride == 1", "relu": {}},
    ],
}


def test_a_block_is_its_layers() -> None:
    used = report([9, 9, 4], {"unit": {"filters": 6}}, {"unit": {"filters": 5, "stride": 2}},
                  blocks={"unit": BLOCK})  # fmt: skip
    inline = report([9, 9, 4], conv(6, padding=1), "batch_norm", "relu",
                    conv(5, stride=2, padding=1), "batch_norm")  # fmt: skip
    assert [figures(row) for row in used.rows] == [figures(row) for row in inline.rows]
    assert used.totals == inline.totals


def test_defaults_are_as_if_written_on_every_layer() -> None:
    options: dict[str, Any] = {"bias": False, "padding": 1, "activation": "relu"}
    short = report(
        [9, 9, 4], {"conv": {"filters": 6, "kernel": 3}}, conv(), defaults={"conv": options}
    )
    long = report([9, 9, 4], conv(6, **options), conv(**options))
    assert [figures(row) for row in short.rows] == [figures(row) for row in long.rows]


def test_variables_are_as_if_written_out() -> None:
    items = [conv("$k", "$(2 * half + 1)", padding="$half")]
    reported = cnncalc.loads(written([9, 9, 4], *items, vars={"k": 6, "half": 2}))
    assert [figures(row) for row in reported.rows] == [
        figures(row([9, 9, 4], conv(6, 5, padding=2)))
    ]
    changed = cnncalc.loads(written([9, 9, 4], *items, vars={"k": 6, "half": 2}), set={"k": 7})
    assert [figures(row) for row in changed.rows] == [
        figures(row([9, 9, 4], conv(7, 5, padding=2)))
    ]


def test_activations_differ_in_their_place_alone() -> None:
    """Name, kind and everything else are those of an item behind."""
    option = report([9, 8, 4], conv(activation="relu"), conv(activation="relu"))
    items = report([9, 8, 4], conv(), "relu", conv(), "relu")
    for mine, other in zip(option.rows, items.rows, strict=True):
        assert mine._replace(line=0, column=0, layer=None) == other._replace(
            line=0, column=0, layer=None
        )


ROUNDED = [
    ({"rounding": "floor"}, {}, 4),
    ({"rounding": "ceil"}, {}, 5),
    ({"rounding": "floor"}, {"rounding": "ceil"}, 5),
    ({"rounding": "ceil"}, {"rounding": "floor"}, 4),
]


@pytest.mark.parametrize(("head", "options", "length"), ROUNDED)
def test_the_nearest_rounding_wins(
    head: dict[str, object], options: dict[str, object], length: int
) -> None:
    pool = {"max_pool": {"kernel": 2, **options}}
    reported = row([9, 4], pool, **head)
    assert reported.output_shape == (length, 4)
    assert reported.dropped == ((1,) if length == 4 else (0,))
    assert str(reported.rounded) == {4: "floor", 5: "ceil"}[length]


def test_a_caller_may_round_instead_of_the_file() -> None:
    text = written([9, 4], {"max_pool": 2}, rounding="ceil")
    assert cnncalc.loads(text, rounding="floor").rows[0].output_shape == (4, 4)
    own = written([9, 4], {"max_pool": {"kernel": 2, "rounding": "ceil"}})
    assert cnncalc.loads(own, rounding="floor").rows[0].output_shape == (5, 4)
