"""The classes of PyTorch and Keras by their own names and arguments: what they mean there is what
they mean here, or is refused with the reason. Those who built and ran them: reference/README.md."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cnncalc
from cnncalc.diagnostics import Diagnostic
from cnncalc.layers import classes, registry
from cnncalc.report.report import Report
from tests.networks import error, report, row, written
from tests.references import reference
from tests.together import together

Case = dict[str, Any]

TABLE = reference("arguments")
CASES: list[Case] = TABLE["cases"]

REFUSED = {
    "padding_mode: reflect": "the padding is zeros here",
    "Linear of 10x12": "says in_features 12, and 10x12 = 120 come in",
    "dtype: float64": "the bytes of a number are said for the whole network",
    "return_indices: true": "a layer has one output here",
    "divisor_override: 5": "the mean is over the pixels of the window",
    "output_size: [null, 2]": "takes numbers, not [null, 2]",
    "BatchNorm1d track_running_stats: false": "the running mean and variance are kept",
    "BatchNorm2d track_running_stats: false": "the running mean and variance are kept",
    "InstanceNorm2d track_running_stats: true": "no running mean and variance are kept",
    "InstanceNorm2d bias: false": "a shift is learned where a scale is",
    "GroupNorm bias: false": "a shift is learned where a scale is",
    "approximate: tanh": "it is x·Φ(x), not an approximation of it",
    "beta: 2": "it is log(1 + exp(x))",
    "threshold: 10": "it is log(1 + exp(x)) everywhere",
    "dim: 2": "`dim: 2` is the height of 9x10x4 there",
    "dim: -1 of 9x10x4": "`dim: -1` is the width of 9x10x4 there",
    "dim: 3": "`dim: 3` is the width of 9x10x4 there",
    "start_dim: 2": "all axes but the batch become one",
    "end_dim: 2": "all axes but the batch become one",
    "ZeroPad2d padding: [1, 2]": "has 1 entry for 2 spatial axes",
    "recompute_scale_factor: true": "the scale is taken as it is given",
    "align_corners: true": "positions are read at the centres of pixels",
    "data_format: channels_first": "volumes are channels last here",
    "input_shape: [9, 5]": "says input_shape [9, 5], and 9x4 comes in",
    "input_shape: [9, 10, 5]": "says input_shape [9, 10, 5], and 9x10x4 comes in",
    "input_shape: [13]": "says input_shape [13], and 12 comes in",
    "Conv2DTranspose kernel_size: 1": "Keras makes 2·W of W with a kernel smaller than the stride",
    "Conv2DTranspose strides: 4": "Keras makes 4·W of W with a kernel smaller than the stride",
    "Conv2DTranspose output_padding: 1 of same": "has no place beside `padding: same`",
    "lora_rank: 2": "weights of low rank beside the layer's are not counted here",
    "name: pool": "it stands beside the kind",
    "name: drop": "it stands beside the kind",
    "BatchNormalization axis: 1": "`axis: 1` is the height of 9x10x4 there",
    **{
        f"{name} axis: {axis}": f"{axis} would be another axis in every framework"
        for name in ("Softmax", "UnitNormalization")
        for axis in (1, 3)
    },
    "LayerNormalization scale: false": "a scale is learned where a shift is",
    "GroupNormalization scale: false": "a scale is learned where a shift is",
    "GroupNormalization center: false": "a shift is learned where a scale is",
    "groups: -1": "must be 1 or more, not -1",
    "max_value: 6": "relu has no upper end",
    "negative_slope: 0.1": "relu is 0 left of zero",
    "ReLU threshold: 1": "relu begins at zero",
    "shared_axes: null": "a slope for each element in Keras",
    "crop_to_aspect_ratio: true": "nothing is cut off",
    "pad_to_aspect_ratio: true": "nothing is added",
    "antialias: true": "nothing is smoothed before it is made smaller",
    "GLU of 9x10x4": "`dim: -1` is the width of 9x10x4 there",
    "min_value: -2.0": "PyTorch has given this name up",
    "max_value: 2.0": "PyTorch has given this name up",
    "proj_size: 3": "the state is not projected here",
    "add_bias_kv: true": "no vectors are added to keys and values here",
    "add_zero_attn: true": "no zeros are added to keys and values here",
    "max_norm: 1.0": "vectors are looked up as they are",
    "_freeze: true": "it is `trainable: false` beside the kind",
    "LSTM activation: relu": "what a step adds passes a tanh here",
    "GRU activation: relu": "what a step adds passes a tanh here",
    "SimpleRNN activation: sigmoid": "must be `tanh` or `relu`",
    "recurrent_activation: relu": "the gates are sigmoids here",
    "return_state: true": "a layer has one output here",
    "go_backwards: true of 8x4": "last step first with `go_backwards`",
    "attention_axes: [1]": "1 would be another axis in every framework",
    "sliding_window: 2": "a position sees all others",
    "use_gate: true": "there is no gate here",
    "mask_zero: true": "no step is left out here",
    "Embedding lora_rank: 2": "weights of low rank beside the layer's are not counted here",
}
"""What a class takes and is refused here, with the reason; its class's name before it where that
matters, and what else does after it."""

STRETCHED = "Dense of 10x12"
"""What a class does otherwise here, with a warning."""


def labels(case: Case) -> list[str]:
    """What a case is about, in the words of the table."""
    about, name = case["about"], case["class"]
    volume = "x".join(map(str, case["input"]))
    if not about:
        return [f"{name} of {volume}"]
    said = f"{about}: {json.dumps(case['arguments'][about]).replace(chr(34), '')}"
    same = [f"{name} {said} of same"] if case["arguments"].get("padding") == "same" else []
    return [said, f"{name} {said}", f"{said} of {volume}", *same]


def of(case: Case) -> Report:
    return cnncalc.loads(
        written(case["input"], {case["class"]: case["arguments"]}, rounding="floor")
    )


def errors(told: Report) -> list[Diagnostic]:
    return [found for found in told.diagnostics if found.is_error]


@together("case", CASES)
def test_a_class_means_what_it_means_there(case: Case) -> None:
    told = of(case)
    reason = next((REFUSED[label] for label in labels(case) if label in REFUSED), None)
    if case.get("refused") or reason is not None:
        (found,) = errors(told)
        assert reason is None or any(reason in line for line in (found.message, *found.help))
    elif STRETCHED in labels(case):
        assert [found.code for found in told.diagnostics] == ["stretched-dense"]
    else:
        assert list(told.rows[-1].output_shape) == case["output"]
        assert sum(row.params for row in told.rows) == case["params"]
        assert errors(told) == []
        assert "stretched-dense" not in [found.code for found in told.diagnostics]


def test_every_refusal_is_of_a_case() -> None:
    there = {label for case in CASES if not case.get("refused") for label in labels(case)}
    assert set(REFUSED) - there == set()


ENDS_OF_TRAINING = ("initializer", "regularizer", "constraint")


@together(
    ("library", "name"),
    [(library, name) for library, known in TABLE["signatures"].items() for name in known],
)
def test_every_argument_of_every_class_is_tried(library: str, name: str) -> None:
    arguments = TABLE["signatures"][library][name]
    tried = {
        argument
        for case in CASES
        if (case["framework"], case["class"]) == (library, name)
        for argument in case["arguments"]
    }
    for argument in arguments:
        end = argument.rpartition("_")[2]
        assert argument in tried or end in ENDS_OF_TRAINING, argument


def test_the_classes_of_every_kind_are_there() -> None:
    """All but those whose kinds have no options, and those of which another one is tried."""
    known = {name for names in TABLE["signatures"].values() for name in names}
    kinds = {found.kind for found in map(registry.find, known) if found is not None}
    without = {k for k, layer in registry.KINDS.items() if not layer.options or layer.merges}
    assert set(registry.KINDS) - kinds - without == {
        "blur_pool", "custom", "drop_path", "grn", "locally_connected", "parameter", "reduce",
        "scale", "slice",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("volume", "item", "output", "weights"),
    [
        # Bare values are the first argument.
        ([8, 8, 64], {"BatchNorm2d": 64}, (8, 8, 64), 64),
        ([8, 8, 64], {"InstanceNorm2d": 64}, (8, 8, 64), 0),
        ([8, 8, 64], {"LayerNorm": 64}, (8, 8, 64), 64),
        ([8, 8, 64], {"LayerNorm": [64, 8, 8]}, (8, 8, 64), 64 * 64),
        ([8, 8, 64], {"LayerNormalization": -1}, (8, 8, 64), 64),
        ([8, 8, 64], {"LayerNormalization": "all"}, (8, 8, 64), 64 * 64),
        ([8, 8, 64], {"Softmax": 1}, (8, 8, 64), 0),
        ([8, 8, 64], {"Flatten": 1}, (4096,), 0),
        ([8, 8, 64], {"ZeroPad2d": [1, 2, 3, 4]}, (15, 11, 64), 0),
        ([8, 4], {"ZeroPadding1D": [1, 2]}, (11, 4), 0),
        ([8, 4], {"Permute": [2, 1]}, (4, 8), 0),
        ([8, 4], {"Permute": [1, 0]}, (4, 8), 0),
        ([8, 4], {"permute": [1, 0]}, (4, 8), 0),
        # An instance normalisation by Keras' and ONNX' name learns, by PyTorch's it does not.
        ([8, 8, 64], "InstanceNormalization", (8, 8, 64), 64),
        ([8, 8, 64], "InstanceNorm2d", (8, 8, 64), 0),
    ],
)
def test_a_bare_value_and_a_name_alone(
    volume: list[int], item: object, output: tuple[int, ...], weights: int
) -> None:
    told = row(volume, item)
    assert (told.output_shape, told.weights) == (output, weights)


@pytest.mark.parametrize(
    ("volume", "item"),
    [
        ([8, 8, 64], {"BatchNorm2d": 32}),
        ([8, 8, 64], {"LayerNorm": 32}),
        ([8, 8, 64], {"LayerNorm": [8, 8]}),
        ([8, 8, 64], {"GroupNorm": {"num_groups": 4, "num_channels": 32}}),
        ([8, 8, 64], {"Conv2d": {"in_channels": 3, "filters": 1, "kernel": 1}}),
        ([8, 8, 64], {"dense": {"in_features": 64, "units": 1}}),
        ([8, 8, 64], {"dense": {"in_features": 4096, "units": 1, "axes": "last"}}),
        ([8, 8, 64], {"dense": {"input_dim": 64, "units": 1}}),
        ([8, 8, 64], {"relu": {"input_shape": [8, 8]}}),
        ([8, 8, 64], {"relu": {"input_shape": "8x8x32"}}),
        ([8, 8, 64], {"relu": {"batch_input_shape": [8, 8, 64]}}),
    ],
)
def test_what_comes_in_is_held_against_what_is_said(volume: list[int], item: object) -> None:
    assert error(volume, item) == "shape-mismatch"


@pytest.mark.parametrize(
    "item",
    [
        {"conv": {"filters": 1, "kernel": 1, "in_channels": 64, "input_shape": [None, 8, 64]}},
        {"conv": {"filters": 1, "kernel": 1, "batch_input_shape": [None, 8, 8, "None"]}},
        {"relu": {"input_shape": "8x8x64"}},
        {"dense": {"in_features": "$(in.size)", "units": 1}},
        {"dense": {"in_features": 64, "units": 1, "axes": "last"}},
        {"batch_norm": {"num_features": None}},
    ],
)
def test_what_is_so_is_taken(item: object) -> None:
    report([8, 8, 64], item)


YZ = (("y", 6), ("z", 8))
"""Layers of 8x9 positions, with so many channels."""


@together(
    ("item", "message"),
    [
        ("Concatenate: {branches: [x, y], axis: -1}", None),
        ("concat: {branches: [x, y], dim: 1}", None),
        ("concat: {branches: [x, y], dim: 2}", "`dim: 2` is the height of 8x9x4 there"),
        ("concat: {branches: [y, y], dim: 1, axis: width}", "`dim: 1` is the channels"),
        ("Concatenate: {branches: [x, y], axis: 3}", "3 would be another axis in every framework"),
        ("attention: {branches: [x, y], heads: 2, embed_dim: 4, kdim: 6, vdim: 6}", None),
        ("attention: {branches: [x, y], heads: 2, kdim: 4}", "kdim 4, and 8x9x6 has 6 channels"),
        ("attention: {branches: [x, y, z], heads: 2, kdim: 6, vdim: 8}", None),
        ("attention: {branches: [x, y, z], heads: 2, vdim: 6}", "vdim 6, and 8x9x8 has 8 channels"),
        ("softmax: {dim: 1}", None),
        ("softmax: {dim: 1, axis: -2}", "`dim: 1` is the channels, and `axis` says another axis"),
        ("reduce: {function: mean, dim: [2, 3]}", "PyTorch counts `dim` with the batch"),
        ("Attention: {use_scale: true}", "Keras' Attention has neither heads nor projections"),
        ("RNN: {cell: x}", "Keras' RNN goes through the steps of any cell"),
        ("glu: {dim: 1}", None),
        ("glu", None),
        ("GLU: 1", None),
        ("GLU", "`dim: -1` is the width of 8x9x4 there"),
    ],
)
def test_arguments_of_what_has_branches_or_other_axes(item: str, message: str | None) -> None:
    y, z = (f"{{name: {n}, from: x, conv: {{filters: {c}, kernel: 1}}}}" for n, c in YZ)
    text = f"input: 8x9x4\nlayers: [{{name: x, identity: }}, {y}, {z}, {{from: x, {item}}}]"
    found = [d.message for d in cnncalc.loads(text).diagnostics if d.is_error]
    assert len(found) == (message is not None)
    assert message is None or message in found[0]


def test_numbers_said_to_the_kind_where_an_axis_is_another_there() -> None:
    told = cnncalc.loads(written([8, 9, 4], {"softmax": {"dim": 3}})).diagnostics
    assert [d.help for d in told] == [
        ("say `dim: 1`", "say `axis: width` in its place for this axis")
    ]


def test_no_eps_is_the_machines_there() -> None:
    told = row([8, 4], {"RMSNorm": {"normalized_shape": 4, "eps": None}}).layer
    assert told is not None
    assert told.values["eps"] == 2**-23


def test_a_size_is_a_size_and_a_factor_a_factor() -> None:
    image = [149, 199, 1]
    assert row(image, {"Upsample": {"size": [600, 800], "mode": "bilinear"}}).output_shape == (
        600, 800, 1,
    )  # fmt: skip
    assert row(image, {"UpSampling2D": {"size": 2}}).output_shape == (298, 398, 1)
    assert row(image, {"Upsample": {"size": None, "scale_factor": 2}}).output_shape == (298, 398, 1)
    assert row(image, {"upsample": 2}).output_shape == (298, 398, 1)
    for unclear in ({"upsample": {"size": 2}}, {"Upsample": 2}):
        (found,) = cnncalc.loads(written(image, unclear)).diagnostics
        assert found.code == "bad-value"
        assert "scale" in found.help[0]


def test_defaults_for_a_class_hold_where_its_arguments_make_another_kind_of_it() -> None:
    given = {"Upsample": {"size": [20, 20]}}
    told = report([8, 8, 4], given, defaults={"Upsample": {"mode": "bilinear"}}).rows[0]
    assert (told.kind, told.flops) == ("resize", 20 * 20 * 4 * 7)


def test_a_size_by_height_and_width_is_interpolated() -> None:
    told = row([8, 8, 4], {"Resizing": {"height": 5, "width": 6}})
    assert (told.output_shape, told.flops) == ((5, 6, 4), 5 * 6 * 4 * 7)
    assert row([8, 8, 4], {"resize": [5, 6]}).flops == 0


def test_an_expression_may_name_a_class() -> None:
    told = report([8, 8, 4], {"$norm": {}}, vars={"norm": "InstanceNormalization"})
    assert told.rows[0].weights == 4
    told = report([8, 4], {"$pad": {"padding": [1, 2]}}, vars={"pad": "ZeroPad1d"})
    assert told.rows[0].output_shape == (11, 4)


def test_alpha_is_a_factor_of_the_mean_there() -> None:
    told = row([8, 8, 4], {"LocalResponseNorm": {"size": 4, "alpha": 1.0, "k": 1}})
    assert told.layer is not None
    assert told.layer.values["alpha"] == 0.25
    own = row([8, 8, 4], {"lrn": {"size": 4, "alpha": 1.0}}).layer
    assert own is not None
    assert own.values["alpha"] == 1.0


def test_momentum_is_of_what_was_before_there() -> None:
    told = row([8, 8, 4], {"BatchNormalization": {"momentum": 0.9}}).layer
    assert told is not None
    assert told.values["momentum"] == 0.1


def test_what_is_set_from_outside_is_held_too() -> None:
    text = written([8, 8, 4], {"conv": {"filters": 1, "kernel": 1}})
    assert cnncalc.loads(text, set={"conv1.in_channels": 4}).complete
    (found,) = cnncalc.loads(text, set={"conv1.in_channels": 3}).diagnostics
    assert (found.code, found.span.file) == ("shape-mismatch", "--set")


def test_what_the_defaults_say_is_held_for_every_layer() -> None:
    conv = {"conv": {"filters": 4, "kernel": 1}}
    text = written(
        [8, 8, 4], conv, {"conv": 6}, conv, defaults={"conv": {"in_channels": 4, "kernel": 1}}
    )
    (found,) = cnncalc.loads(text).diagnostics
    assert (found.code, found.layer) == ("shape-mismatch", "conv3")


def test_an_option_of_the_file_itself_stays_strict() -> None:
    for item in ({"custom": {"output": 3, "in_channels": 4}}, {"relu": {"in_channels": 4}},
                 {"max_pool": {"kernel": 2, "num_features": 4}}):  # fmt: skip
        assert error([8, 8, 4], item) == "unknown-key"


HOSTILE = (
    "~", "-1", "1.5", "99999999999999999999", "true", "x", "'3'", "[]", "[1, 2]", "[[1]]",
    "[~, true]", "{a: 1}", "$x", "$in.channels", "None", "[-9223372036854775808]",
)  # fmt: skip
"""Values that some argument might stumble over."""


def test_any_value_is_taken_or_refused() -> None:
    """Of each argument once: nothing is raised, and nothing but findings comes of it."""
    seen = set()
    for name, kind in (("Conv2d", "conv"), ("Linear", "dense"), ("PReLU", "prelu"),
                       ("LayerNorm", "layer_norm"), ("LayerNormalization", "layer_norm"),
                       ("BatchNormalization", "batch_norm"), ("InstanceNorm2d", "instance_norm"),
                       ("Softmax", "softmax"), ("Flatten", "flatten"), ("ReLU", "relu"),
                       ("ZeroPad2d", "pad"), ("Cropping1D", "crop"), ("Permute", "permute"),
                       ("Upsample", "upsample"), ("UpSampling2D", "upsample"),
                       ("Resizing", "resize"), ("GroupNormalization", "group_norm"),
                       ("AdaptiveAvgPool2d", "adaptive_avg_pool"), ("scale", "scale"),
                       ("LocalResponseNorm", "lrn"), ("max_pool", "max_pool")):  # fmt: skip
        layer = registry.KINDS[kind]
        known = classes.class_of(name)
        own = {} if known is None else known.arguments
        for written_name in {**classes.of_kind(layer), **own}:
            found = classes.argument(layer, name, written_name)
            if found is None or (id(found), written_name) in seen:
                continue
            seen.add((id(found), written_name))
            for value in HOSTILE:
                for volume in ("4", "5x6x4"):
                    text = f"input: {volume}\nlayers: [{{{name}: {{{written_name}: {value}}}}}]"
                    assert isinstance(cnncalc.loads(text).ok, bool)
    assert len(seen) > 40


def test_no_argument_is_an_option_too() -> None:
    """Where a kind has come to have an option of the name, the argument has to go."""
    for kind, arguments in classes.ARGUMENTS.items():
        assert set(arguments) & set(registry.KINDS[kind].spellings) == set(), kind
