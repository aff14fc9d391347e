"""The single layers whose numbers are taken from PyTorch and Keras: tables, no arithmetic.

Each case names one layer twice: as an item of the architecture language, and as the framework's own
module. Nothing here says what the answer is; `generate.py` builds the module and reads it off.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """A framework's class and the arguments it is built with."""

    name: str
    args: tuple[object, ...]
    kwargs: dict[str, object]

    def __str__(self) -> str:
        """Spell the call as one would write it."""
        words = [repr(value) for value in self.args]
        words += [f"{key}={value!r}" for key, value in self.kwargs.items()]
        return f"{self.name}({', '.join(words)})"


@dataclass(frozen=True)
class Case:
    """One layer in both words.

    `input` is channels-last and without a batch. `rounding` is the file-wide setting under which
    the layer is read; `exact` stands wherever the layer fits, so that a needless refusal shows.
    `channels_last` tells that the PyTorch module itself works on the last axis.
    """

    layer: str | dict[str, object]
    input: list[int]
    calls: tuple[Call, ...]
    rounding: str = "exact"
    channels_last: bool = False


def call(name: str, *args: object, **kwargs: object) -> Call:
    """Make a call, spelled like one."""
    return Call(name, args, kwargs)


def case(
    layer: str | dict[str, object],
    shape: list[int],
    *calls: Call,
    rounding: str = "exact",
    channels_last: bool = False,
) -> Case:
    """Make a case; several calls are run one after the other."""
    return Case(layer, shape, calls, rounding, channels_last)


# ------------------------------------------------------------------------------------------ PyTorch

TORCH_CONV = [
    case({"conv": {"filters": 8, "kernel": 3}}, [16, 3], call("Conv1d", 3, 8, 3)),
    case(
        {"conv": {"filters": 8, "kernel": 80, "stride": 16}},
        [16000, 1],
        call("Conv1d", 1, 8, 80, stride=16),
    ),
    case(
        {"conv": {"filters": 6, "kernel": 5, "stride": 3, "padding": 2}},
        [17, 4],
        call("Conv1d", 4, 6, 5, stride=3, padding=2),
        rounding="floor",
    ),
    case(
        {"conv": {"filters": 6, "kernel": 3, "dilation": 4, "padding": 4, "bias": False}},
        [20, 4],
        call("Conv1d", 4, 6, 3, dilation=4, padding=4, bias=False),
    ),
    case(
        {"conv": {"filters": 6, "kernel": 4, "stride": 2, "padding": 1, "groups": 2}},
        [12, 4],
        call("Conv1d", 4, 6, 4, stride=2, padding=1, groups=2),
    ),
    case(
        {"conv": {"filters": 5, "kernel": 4, "padding": [[3, 0]]}},
        [10, 2],
        call("ZeroPad1d", (3, 0)),
        call("Conv1d", 2, 5, 4),
    ),
    case(
        {"conv": {"filters": 5, "kernel": 4, "padding": "same", "dilation": 2}},
        [10, 2],
        call("Conv1d", 2, 5, 4, padding="same", dilation=2),
    ),
    case(
        {"conv": {"filters": 96, "kernel": 11, "stride": 4}},
        [227, 227, 3],
        call("Conv2d", 3, 96, 11, stride=4),
    ),
    case(
        {"conv": {"filters": 96, "kernel": 11, "stride": 4}},
        [224, 224, 3],
        call("Conv2d", 3, 96, 11, stride=4),
        rounding="floor",
    ),
    case(
        {"conv": {"filters": 64, "kernel": 7, "stride": 2, "padding": 3, "bias": False}},
        [224, 224, 3],
        call("Conv2d", 3, 64, 7, stride=2, padding=3, bias=False),
        rounding="floor",
    ),
    case({"conv": {"filters": 8, "kernel": 1}}, [5, 6, 3], call("Conv2d", 3, 8, 1)),
    case(
        {"conv": {"filters": 8, "kernel": 1, "stride": 2}},
        [8, 7, 3],
        call("Conv2d", 3, 8, 1, stride=2),
        rounding="floor",
    ),
    case(
        {"conv": {"filters": 8, "kernel": 3, "stride": 2, "padding": 1, "groups": 2}},
        [9, 10, 4],
        call("Conv2d", 4, 8, 3, stride=2, padding=1, groups=2),
        rounding="floor",
    ),
    case(
        {"conv": {"filters": 12, "kernel": [3, 5], "padding": [1, 2], "bias": False}},
        [7, 9, 4],
        call("Conv2d", 4, 12, (3, 5), padding=(1, 2), bias=False),
    ),
    case(
        {"conv": {"filters": 12, "kernel": "1x7", "padding": [0, 3]}},
        [17, 17, 6],
        call("Conv2d", 6, 12, (1, 7), padding=(0, 3)),
    ),
    case(
        {"conv": {"filters": 4, "kernel": [5, 2], "stride": [1, 3], "padding": [2, 0]}},
        [11, 11, 2],
        call("Conv2d", 2, 4, (5, 2), stride=(1, 3), padding=(2, 0)),
    ),
    case(
        {"conv": {"filters": 4, "kernel": 3, "dilation": 2, "padding": 2}},
        [11, 8, 2],
        call("Conv2d", 2, 4, 3, dilation=2, padding=2),
    ),
    case(
        {"conv": {"filters": 4, "kernel": [3, 2], "dilation": [2, 3], "stride": [2, 1]}},
        [12, 9, 2],
        call("Conv2d", 2, 4, (3, 2), dilation=(2, 3), stride=(2, 1)),
        rounding="floor",
    ),
    case(
        {"conv": {"filters": 4, "kernel": 3, "stride": 2, "padding": [[0, 1], [2, 1]]}},
        [8, 8, 2],
        call("ZeroPad2d", (2, 1, 0, 1)),
        call("Conv2d", 2, 4, 3, stride=2),
    ),
    case(
        {"conv": {"filters": 4, "kernel": [4, 3], "padding": "same"}},
        [6, 5, 2],
        call("Conv2d", 2, 4, (4, 3), padding="same"),
    ),
    case(
        {"conv": {"filters": 4, "kernel": 3, "padding": "valid"}},
        [6, 5, 2],
        call("Conv2d", 2, 4, 3, padding="valid"),
    ),
    case(
        {"conv": {"filters": 16, "kernel": 3, "groups": 16, "padding": 1}},
        [6, 5, 16],
        call("Conv2d", 16, 16, 3, groups=16, padding=1),
    ),
    case(
        {"conv": {"filters": 24, "kernel": 3, "groups": 3}},
        [6, 5, 9],
        call("Conv2d", 9, 24, 3, groups=3),
    ),
    case({"conv": {"filters": 10, "kernel": [6, 5]}}, [6, 5, 3], call("Conv2d", 3, 10, (6, 5))),
    case(
        {"conv": {"filters": 7, "kernel": 5, "padding": 4}},
        [2, 1, 3],
        call("Conv2d", 3, 7, 5, padding=4),
    ),
    case(
        {"conv": {"filters": 8, "kernel": 3, "padding": 1}},
        [4, 8, 8, 3],
        call("Conv3d", 3, 8, 3, padding=1),
    ),
    case(
        {
            "conv": {
                "filters": 8,
                "kernel": [3, 5, 2],
                "stride": [1, 2, 2],
                "padding": [1, 2, 0],
                "dilation": [1, 1, 2],
                "groups": 2,
                "bias": False,
            }
        },
        [4, 9, 10, 4],
        call(
            "Conv3d",
            4,
            8,
            (3, 5, 2),
            stride=(1, 2, 2),
            padding=(1, 2, 0),
            dilation=(1, 1, 2),
            groups=2,
            bias=False,
        ),
        rounding="floor",
    ),
    case(
        {"conv": {"filters": 2, "kernel": "1x3x3", "padding": [[0, 0], [1, 0], [0, 2]]}},
        [3, 5, 6, 2],
        call("ZeroPad3d", (0, 2, 1, 0, 0, 0)),
        call("Conv3d", 2, 2, (1, 3, 3)),
    ),
]

TORCH_DEPTHWISE = [
    case(
        {"depthwise_conv": {"kernel": 3, "padding": 1}},
        [14, 14, 32],
        call("Conv2d", 32, 32, 3, padding=1, groups=32),
    ),
    case({"depthwise_conv": 3}, [9, 9, 5], call("Conv2d", 5, 5, 3, groups=5)),
    case(
        {"depthwise_conv": {"kernel": 3, "stride": 2, "padding": 1, "bias": False}},
        [14, 15, 6],
        call("Conv2d", 6, 6, 3, stride=2, padding=1, groups=6, bias=False),
        rounding="floor",
    ),
    case(
        {"depthwise_conv": {"kernel": [5, 3], "dilation": [1, 2], "multiplier": 3}},
        [9, 9, 4],
        call("Conv2d", 4, 12, (5, 3), dilation=(1, 2), groups=4),
    ),
    case(
        {"depthwise_conv": {"kernel": 9, "padding": 4}},
        [30, 7],
        call("Conv1d", 7, 7, 9, padding=4, groups=7),
    ),
    case(
        {"depthwise_conv": {"kernel": [1, 3, 3], "multiplier": 2}},
        [4, 6, 6, 3],
        call("Conv3d", 3, 6, (1, 3, 3), groups=3),
    ),
    case(
        {"separable_conv": {"filters": 10, "kernel": 3, "padding": 1}},
        [8, 8, 6],
        call("Conv2d", 6, 6, 3, padding=1, groups=6, bias=False),
        call("Conv2d", 6, 10, 1),
    ),
    case(
        {
            "separable_conv": {
                "filters": 10,
                "kernel": [3, 5],
                "stride": [2, 1],
                "multiplier": 2,
                "bias": False,
            }
        },
        [9, 8, 3],
        call("Conv2d", 3, 6, (3, 5), stride=(2, 1), groups=3, bias=False),
        call("Conv2d", 6, 10, 1, bias=False),
    ),
    case(
        {"separable_conv": {"filters": 4, "kernel": 3, "dilation": 2}},
        [12, 3],
        call("Conv1d", 3, 3, 3, dilation=2, groups=3, bias=False),
        call("Conv1d", 3, 4, 1),
    ),
]

TORCH_CONV_TRANSPOSE = [
    case({"conv_transpose": {"filters": 4, "kernel": 3}}, [7, 2], call("ConvTranspose1d", 2, 4, 3)),
    case(
        {"conv_transpose": {"filters": 4, "kernel": 16, "stride": 8, "padding": 4}},
        [25, 6],
        call("ConvTranspose1d", 6, 4, 16, stride=8, padding=4),
    ),
    case(
        {
            "conv_transpose": {
                "filters": 4,
                "kernel": 3,
                "stride": 2,
                "output_padding": 1,
                "dilation": 3,
                "bias": False,
            }
        },
        [7, 2],
        call("ConvTranspose1d", 2, 4, 3, stride=2, output_padding=1, dilation=3, bias=False),
    ),
    case(
        {"conv_transpose": {"filters": 4, "kernel": 2, "stride": 5}},
        [6, 2],
        call("ConvTranspose1d", 2, 4, 2, stride=5),
    ),
    case(
        {"conv_transpose": {"filters": 512, "kernel": 4}},
        [1, 1, 100],
        call("ConvTranspose2d", 100, 512, 4),
    ),
    case(
        {"conv_transpose": {"filters": 8, "kernel": 4, "stride": 2, "padding": 1, "bias": False}},
        [8, 8, 16],
        call("ConvTranspose2d", 16, 8, 4, stride=2, padding=1, bias=False),
    ),
    case(
        {"conv_transpose": {"filters": 8, "kernel": 2, "stride": 2}},
        [7, 9, 16],
        call("ConvTranspose2d", 16, 8, 2, stride=2),
    ),
    case(
        {
            "conv_transpose": {
                "filters": 6,
                "kernel": 3,
                "stride": 2,
                "padding": 1,
                "output_padding": 1,
            }
        },
        [7, 8, 4],
        call("ConvTranspose2d", 4, 6, 3, stride=2, padding=1, output_padding=1),
    ),
    case(
        {
            "conv_transpose": {
                "filters": 6,
                "kernel": [3, 5],
                "stride": [1, 3],
                "padding": [1, 2],
                "output_padding": [0, 2],
                "groups": 2,
            }
        },
        [5, 4, 8],
        call(
            "ConvTranspose2d",
            8,
            6,
            (3, 5),
            stride=(1, 3),
            padding=(1, 2),
            output_padding=(0, 2),
            groups=2,
        ),
    ),
    case(
        {"conv_transpose": {"filters": 6, "kernel": 3, "dilation": [2, 1], "padding": [3, 2]}},
        [5, 6, 3],
        call("ConvTranspose2d", 3, 6, 3, dilation=(2, 1), padding=(3, 2)),
    ),
    case(
        {"conv_transpose": {"filters": 4, "kernel": 1, "padding": 1}},
        [5, 6, 4],
        call("ConvTranspose2d", 4, 4, 1, padding=1),
    ),
    case(
        {"conv_transpose": {"filters": 9, "kernel": 4, "stride": 2, "groups": 3}},
        [4, 4, 9],
        call("ConvTranspose2d", 9, 9, 4, stride=2, groups=3),
    ),
    case(
        {"conv_transpose": {"filters": 2, "kernel": 2, "stride": 2}},
        [3, 4, 5, 6],
        call("ConvTranspose3d", 6, 2, 2, stride=2),
    ),
    case(
        {
            "conv_transpose": {
                "filters": 4,
                "kernel": [1, 3, 3],
                "stride": [1, 2, 3],
                "padding": [0, 1, 1],
                "output_padding": [0, 1, 2],
                "groups": 2,
                "bias": False,
            }
        },
        [3, 4, 5, 6],
        call(
            "ConvTranspose3d",
            6,
            4,
            (1, 3, 3),
            stride=(1, 2, 3),
            padding=(0, 1, 1),
            output_padding=(0, 1, 2),
            groups=2,
            bias=False,
        ),
    ),
]

TORCH_POOL = [
    case({"max_pool": 2}, [8, 6, 3], call("MaxPool2d", 2)),
    case({"max_pool": 2}, [9, 7, 3], call("MaxPool2d", 2), rounding="floor"),
    case({"max_pool": 2}, [9, 7, 3], call("MaxPool2d", 2, ceil_mode=True), rounding="ceil"),
    case({"max_pool": {"kernel": 3, "stride": 2}}, [55, 55, 96], call("MaxPool2d", 3, stride=2)),
    case(
        {"max_pool": {"kernel": 3, "stride": 2, "padding": 1}},
        [112, 112, 64],
        call("MaxPool2d", 3, stride=2, padding=1),
        rounding="floor",
    ),
    case(
        {"max_pool": {"kernel": 3, "stride": 2, "rounding": "ceil"}},
        [112, 112, 64],
        call("MaxPool2d", 3, stride=2, ceil_mode=True),
    ),
    case(
        {"max_pool": {"kernel": 3, "stride": 2, "ceil_mode": True}},
        [8, 10, 2],
        call("MaxPool2d", 3, stride=2, ceil_mode=True),
        rounding="floor",
    ),
    case(
        {"max_pool": {"kernel": [2, 3], "stride": [1, 2], "padding": [1, 0]}},
        [6, 9, 2],
        call("MaxPool2d", (2, 3), stride=(1, 2), padding=(1, 0)),
    ),
    case(
        {"max_pool": {"kernel": 3, "stride": 1, "padding": 1, "dilation": 2}},
        [7, 8, 2],
        call("MaxPool2d", 3, stride=1, padding=1, dilation=2),
    ),
    case(
        {"max_pool": {"kernel": [3, 2], "stride": 3, "padding": [1, 1], "dilation": [2, 3]}},
        [10, 11, 2],
        call("MaxPool2d", (3, 2), stride=3, padding=(1, 1), dilation=(2, 3), ceil_mode=True),
        rounding="ceil",
    ),
    # the last window would start in the trailing padding: dropped
    case(
        {"max_pool": {"kernel": 2, "stride": 2, "padding": 1}},
        [5, 3, 2],
        call("MaxPool2d", 2, stride=2, padding=1, ceil_mode=True),
        rounding="ceil",
    ),
    case(
        {"max_pool": {"kernel": 1, "stride": 4}},
        [6, 9, 2],
        call("MaxPool2d", 1, stride=4, ceil_mode=True),
        rounding="ceil",
    ),
    case(
        {"max_pool": {"kernel": 4, "stride": 5, "padding": 2}},
        [8, 3, 2],
        call("MaxPool2d", 4, stride=5, padding=2, ceil_mode=True),
        rounding="ceil",
    ),
    case(
        {"max_pool": {"kernel": 3, "stride": 4, "padding": 1}},
        [3, 7, 2],
        call("MaxPool2d", 3, stride=4, padding=1, ceil_mode=True),
        rounding="ceil",
    ),
    case({"max_pool": 4}, [14, 3], call("MaxPool1d", 4), rounding="floor"),
    case({"max_pool": 4}, [14, 3], call("MaxPool1d", 4, ceil_mode=True), rounding="ceil"),
    case(
        {"max_pool": {"kernel": 3, "stride": 2, "padding": 1, "dilation": 2}},
        [14, 3],
        call("MaxPool1d", 3, stride=2, padding=1, dilation=2),
        rounding="floor",
    ),
    case({"max_pool": [1, 2, 2]}, [4, 6, 8, 3], call("MaxPool3d", (1, 2, 2))),
    case(
        {"max_pool": {"kernel": "2x3x3", "stride": [2, 2, 1], "padding": [0, 1, 1]}},
        [5, 6, 8, 3],
        call("MaxPool3d", (2, 3, 3), stride=(2, 2, 1), padding=(0, 1, 1), ceil_mode=True),
        rounding="ceil",
    ),
    case({"avg_pool": 7}, [7, 7, 10], call("AvgPool2d", 7)),
    case({"avg_pool": 3}, [10, 8, 2], call("AvgPool2d", 3), rounding="floor"),
    case({"avg_pool": 3}, [10, 8, 2], call("AvgPool2d", 3, ceil_mode=True), rounding="ceil"),
    case(
        {"avg_pool": {"kernel": 3, "stride": 1, "padding": 1, "count_include_pad": False}},
        [6, 6, 4],
        call("AvgPool2d", 3, stride=1, padding=1, count_include_pad=False),
    ),
    case(
        {"avg_pool": {"kernel": [2, 4], "stride": [2, 3], "padding": [1, 2]}},
        [5, 6, 4],
        call("AvgPool2d", (2, 4), stride=(2, 3), padding=(1, 2), ceil_mode=True),
        rounding="ceil",
    ),
    case(
        {"avg_pool": {"kernel": 2, "stride": 3, "padding": 1}},
        [8, 4],
        call("AvgPool1d", 2, stride=3, padding=1, ceil_mode=True),
        rounding="ceil",
    ),
    case(
        {"avg_pool": {"kernel": [2, 3, 3], "stride": 2, "padding": [1, 0, 1]}},
        [4, 8, 7, 2],
        call("AvgPool3d", (2, 3, 3), stride=2, padding=(1, 0, 1)),
        rounding="floor",
    ),
    case(
        {"avg_pool": {"kernel": [2, 3, 3], "stride": 2, "padding": [1, 0, 1]}},
        [4, 8, 7, 2],
        call("AvgPool3d", (2, 3, 3), stride=2, padding=(1, 0, 1), ceil_mode=True),
        rounding="ceil",
    ),
    case({"adaptive_avg_pool": 6}, [13, 13, 256], call("AdaptiveAvgPool2d", 6)),
    case({"adaptive_avg_pool": [3, 5]}, [7, 9, 4], call("AdaptiveAvgPool2d", (3, 5))),
    case({"adaptive_avg_pool": {"size": "7x7"}}, [3, 2, 4], call("AdaptiveAvgPool2d", 7)),
    case({"adaptive_avg_pool": 4}, [11, 3], call("AdaptiveAvgPool1d", 4)),
    case({"adaptive_avg_pool": [1, 2, 3]}, [4, 5, 7, 2], call("AdaptiveAvgPool3d", (1, 2, 3))),
    case({"adaptive_max_pool": 3}, [7, 10, 4], call("AdaptiveMaxPool2d", 3)),
    case({"adaptive_max_pool": 5}, [12, 2], call("AdaptiveMaxPool1d", 5)),
    case(
        {"adaptive_max_pool": {"size": [2, 2, 1]}},
        [4, 5, 7, 2],
        call("AdaptiveMaxPool3d", (2, 2, 1)),
    ),
    case(
        "global_avg_pool",
        [7, 5, 12],
        call("AdaptiveAvgPool2d", 1),
        call("Flatten"),
    ),
    case({"global_avg_pool": {"keepdims": True}}, [7, 5, 12], call("AdaptiveAvgPool2d", 1)),
    case({"global_max_pool": {"keepdims": True}}, [9, 12], call("AdaptiveMaxPool1d", 1)),
    case("global_max_pool", [3, 4, 5, 6], call("AdaptiveMaxPool3d", 1), call("Flatten")),
]

TORCH_DENSE = [
    case({"dense": 10}, [84], call("Linear", 84, 10)),
    case({"dense": {"units": 10, "bias": False}}, [84], call("Linear", 84, 10, bias=False)),
    case({"fc": 120}, [5, 5, 16], call("Flatten"), call("Linear", 400, 120)),
    case({"dense": 7}, [6, 3], call("Flatten"), call("Linear", 18, 7)),
    case({"dense": 1}, [1], call("Linear", 1, 1)),
    case("flatten", [6, 6, 256], call("Flatten")),
    case("flatten", [2, 3, 4, 5], call("Flatten")),
]

TORCH_NORMALIZATION = [
    case("batch_norm", [8, 9, 16], call("BatchNorm2d", 16)),
    case({"batch_norm": {"affine": False}}, [8, 9, 16], call("BatchNorm2d", 16, affine=False)),
    case("batch_norm", [20, 6], call("BatchNorm1d", 6)),
    case("batch_norm", [100], call("BatchNorm1d", 100)),
    case("batch_norm", [3, 4, 5, 6], call("BatchNorm3d", 6)),
    case("layer_norm", [5, 6, 12], call("LayerNorm", 12), channels_last=True),
    case(
        {"layer_norm": {"bias": False}},
        [49, 12],
        call("LayerNorm", 12, bias=False),
        channels_last=True,
    ),
    case(
        {"layer_norm": {"affine": False}},
        [5, 6, 12],
        call("LayerNorm", 12, elementwise_affine=False),
        channels_last=True,
    ),
    case({"layer_norm": {"axes": "all"}}, [5, 6, 12], call("LayerNorm", (12, 5, 6))),
    case(
        {"layer_norm": {"axes": "all", "bias": False}},
        [5, 12],
        call("LayerNorm", (12, 5), bias=False),
    ),
    case("layer_norm", [64], call("LayerNorm", 64)),
    case("group_norm", [4, 4, 64], call("GroupNorm", 32, 64)),
    case({"group_norm": 3}, [4, 5, 12], call("GroupNorm", 3, 12)),
    case(
        {"group_norm": {"groups": 4, "affine": False}},
        [7, 12],
        call("GroupNorm", 4, 12, affine=False),
    ),
    case("instance_norm", [4, 5, 6], call("InstanceNorm2d", 6)),
    case({"instance_norm": {"affine": True}}, [4, 5, 6], call("InstanceNorm2d", 6, affine=True)),
    case({"instance_norm": {"affine": False}}, [4, 6], call("InstanceNorm1d", 6, affine=False)),
    case({"instance_norm": {"affine": True}}, [2, 4, 5, 6], call("InstanceNorm3d", 6, affine=True)),
    case({"lrn": 5}, [13, 13, 8], call("LocalResponseNorm", 5)),
]

TORCH_ACTIVATION = [
    case("prelu", [4, 5, 6], call("PReLU")),
    case({"prelu": {"parameters": 1}}, [4, 5, 6], call("PReLU", 1)),
    case({"prelu": {"parameters": "channels"}}, [4, 5, 6], call("PReLU", 6)),
    case({"prelu": {"parameters": "channels"}}, [9, 6], call("PReLU", 6)),
    case("relu", [4, 5, 6], call("ReLU")),
    case("relu6", [4, 5, 6], call("ReLU6")),
    case("leaky_relu", [4, 5, 6], call("LeakyReLU")),
    case("elu", [4, 5, 6], call("ELU")),
    case("selu", [4, 5, 6], call("SELU")),
    case("gelu", [4, 5, 6], call("GELU")),
    case("silu", [4, 5, 6], call("SiLU")),
    case("mish", [4, 5, 6], call("Mish")),
    case("sigmoid", [4, 5, 6], call("Sigmoid")),
    case("hard_sigmoid", [4, 5, 6], call("Hardsigmoid")),
    case("hard_swish", [4, 5, 6], call("Hardswish")),
    case("tanh", [4, 5, 6], call("Tanh")),
    case("softplus", [4, 5, 6], call("Softplus")),
    case("softmax", [10], call("Softmax", dim=-1)),
    case("log_softmax", [10], call("LogSoftmax", dim=-1)),
    case({"dropout": 0.5}, [4, 5, 6], call("Dropout", 0.5)),
    case("identity", [4, 5, 6], call("Identity")),
]

TORCH_RESHAPE = [
    case({"pixel_shuffle": 2}, [3, 4, 8], call("PixelShuffle", 2)),
    case({"pixel_shuffle": {"factor": 3}}, [5, 4, 27], call("PixelShuffle", 3)),
    case({"pixel_unshuffle": 2}, [6, 8, 3], call("PixelUnshuffle", 2)),
    case({"pixel_unshuffle": {"factor": 4}}, [8, 12, 1], call("PixelUnshuffle", 4)),
    case({"channel_shuffle": 3}, [4, 5, 12], call("ChannelShuffle", 3)),
    case({"upsample": 2}, [4, 5, 3], call("Upsample", scale_factor=2)),
    case(
        {"upsample": {"scale": [2, 3], "mode": "nearest"}},
        [4, 5, 3],
        call("Upsample", scale_factor=(2, 3), mode="nearest"),
    ),
    case(
        {"upsample": {"scale": 4, "mode": "bilinear"}},
        [4, 5, 3],
        call("Upsample", scale_factor=4, mode="bilinear"),
    ),
    case({"upsample": 3}, [7, 2], call("Upsample", scale_factor=3)),
    case({"upsample": {"scale": "1x2x2"}}, [3, 4, 5, 2], call("Upsample", scale_factor=(1, 2, 2))),
    case({"resize": [9, 7]}, [4, 5, 3], call("Upsample", size=(9, 7))),
    case(
        {"resize": {"size": 2, "mode": "bilinear"}},
        [4, 5, 3],
        call("Upsample", size=(2, 2), mode="bilinear"),
    ),
    case({"pad": 3}, [4, 5, 2], call("ZeroPad2d", 3)),
    case({"pad": {"padding": [1, 2]}}, [4, 5, 2], call("ZeroPad2d", (2, 2, 1, 1))),
    case({"pad": {"padding": [[1, 2], [3, 4]]}}, [4, 5, 2], call("ZeroPad2d", (3, 4, 1, 2))),
    case({"pad": {"padding": [[0, 1], [0, 0]]}}, [4, 5, 2], call("ZeroPad2d", (0, 0, 0, 1))),
    case({"pad": {"padding": [[3, 1]]}}, [6, 2], call("ZeroPad1d", (3, 1))),
    # An axis of 1 for the channels, and PyTorch pads the old channels as the depth.
    case(
        {"pad": {"padding": 0, "channels": [2, 3]}},
        [4, 5, 6],
        call("Unflatten", 1, (1, 6)),
        call("ConstantPad3d", (0, 0, 0, 0, 2, 3), 0.0),
        call("Flatten", 1, 2),
    ),
    case(
        {"pad": {"padding": [[1, 2], [3, 4]], "channels": [0, 5]}},
        [4, 5, 6],
        call("Unflatten", 1, (1, 6)),
        call("ConstantPad3d", (3, 4, 1, 2, 0, 5), 0.0),
        call("Flatten", 1, 2),
    ),
    case(
        {"pad": {"padding": [[1, 0], [2, 3], [0, 5]]}},
        [3, 4, 5, 2],
        call("ZeroPad3d", (0, 5, 2, 3, 1, 0)),
    ),
]

TORCH = [
    *TORCH_CONV,
    *TORCH_DEPTHWISE,
    *TORCH_CONV_TRANSPOSE,
    *TORCH_POOL,
    *TORCH_DENSE,
    *TORCH_NORMALIZATION,
    *TORCH_ACTIVATION,
    *TORCH_RESHAPE,
]

# -------------------------------------------------------------------------------------------- Keras

KERAS_CONV = [
    case({"conv": {"filters": 6, "kernel": 3, "padding": "valid"}}, [12, 4], call("Conv1D", 6, 3)),
    case(
        {"conv": {"filters": 6, "kernel": 5, "stride": 3, "padding": "same"}},
        [16, 4],
        call("Conv1D", 6, 5, strides=3, padding="same"),
    ),
    case(
        {"conv": {"filters": 6, "kernel": 4, "dilation": 3, "padding": "same", "bias": False}},
        [16, 4],
        call("Conv1D", 6, 4, dilation_rate=3, padding="same", use_bias=False),
    ),
    case(
        {"conv": {"filters": 6, "kernel": 3, "dilation": 4}},
        [16, 4],
        call("Conv1D", 6, 3, dilation_rate=4),
    ),
    case(
        {"conv": {"filters": 8, "kernel": 3, "activation": "relu"}},
        [28, 28, 1],
        call("Conv2D", 8, 3, activation="relu"),
    ),
    case(
        {"conv": {"filters": 8, "kernel": 3, "stride": 2}},
        [28, 27, 1],
        call("Conv2D", 8, 3, strides=2),
        rounding="floor",
    ),
    case(
        {"conv": {"filters": 8, "kernel": 7, "stride": 2, "padding": "same"}},
        [224, 224, 3],
        call("Conv2D", 8, 7, strides=2, padding="same"),
    ),
    case(
        {"conv": {"filters": 8, "kernel": [2, 5], "stride": [3, 2], "padding": "same"}},
        [10, 11, 3],
        call("Conv2D", 8, (2, 5), strides=(3, 2), padding="same"),
    ),
    case(
        {"conv": {"filters": 8, "kernel": 1, "stride": 2, "padding": "same", "bias": False}},
        [7, 8, 3],
        call("Conv2D", 8, 1, strides=2, padding="same", use_bias=False),
    ),
    case(
        {"conv": {"filters": 8, "kernel": 3, "stride": 5, "padding": "same"}},
        [7, 4, 3],
        call("Conv2D", 8, 3, strides=5, padding="same"),
    ),
    case(
        {"conv": {"filters": 8, "kernel": 3, "dilation": [2, 4], "padding": "same"}},
        [7, 5, 3],
        call("Conv2D", 8, 3, dilation_rate=(2, 4), padding="same"),
    ),
    case(
        {"conv": {"filters": 8, "kernel": 3, "groups": 4, "padding": "same"}},
        [7, 5, 12],
        call("Conv2D", 8, 3, groups=4, padding="same"),
    ),
    case({"conv": {"filters": 4, "kernel": 3}}, [5, 6, 7, 2], call("Conv3D", 4, 3)),
    case(
        {"conv": {"filters": 4, "kernel": [1, 3, 2], "stride": [1, 2, 2], "padding": "same"}},
        [5, 6, 7, 2],
        call("Conv3D", 4, (1, 3, 2), strides=(1, 2, 2), padding="same"),
    ),
]

KERAS_DEPTHWISE = [
    case({"depthwise_conv": 3}, [9, 8, 5], call("DepthwiseConv2D", 3)),
    case(
        {"depthwise_conv": {"kernel": 3, "stride": 2, "padding": "same", "bias": False}},
        [9, 8, 5],
        call("DepthwiseConv2D", 3, strides=2, padding="same", use_bias=False),
    ),
    case(
        {"depthwise_conv": {"kernel": [3, 5], "multiplier": 3, "padding": "same"}},
        [9, 8, 5],
        call("DepthwiseConv2D", (3, 5), depth_multiplier=3, padding="same"),
    ),
    case(
        {"depthwise_conv": {"kernel": 3, "multiplier": 2, "dilation": 2}},
        [9, 8, 5],
        call("DepthwiseConv2D", 3, depth_multiplier=2, dilation_rate=2),
    ),
    case(
        {"depthwise_conv": {"kernel": 4, "multiplier": 2, "stride": 3, "padding": "same"}},
        [13, 5],
        call("DepthwiseConv1D", 4, depth_multiplier=2, strides=3, padding="same"),
    ),
    case(
        {"separable_conv": {"filters": 8, "kernel": 3, "padding": "same"}},
        [9, 8, 5],
        call("SeparableConv2D", 8, 3, padding="same"),
    ),
    case(
        {"separable_conv": {"filters": 8, "kernel": 3, "multiplier": 2, "bias": False}},
        [9, 8, 5],
        call("SeparableConv2D", 8, 3, depth_multiplier=2, use_bias=False),
    ),
    case(
        {
            "separable_conv": {
                "filters": 8,
                "kernel": [3, 2],
                "stride": 2,
                "multiplier": 3,
                "padding": "same",
                "activation": "relu",
            }
        },
        [9, 8, 5],
        call(
            "SeparableConv2D",
            8,
            (3, 2),
            strides=2,
            depth_multiplier=3,
            padding="same",
            activation="relu",
        ),
    ),
    case(
        {"separable_conv": {"filters": 8, "kernel": 3, "dilation": 2}},
        [9, 8, 5],
        call("SeparableConv2D", 8, 3, dilation_rate=2),
    ),
    case(
        {"separable_conv": {"filters": 7, "kernel": 5, "multiplier": 2}},
        [20, 3],
        call("SeparableConv1D", 7, 5, depth_multiplier=2),
    ),
    case(
        {"separable_conv": {"filters": 7, "kernel": 5, "stride": 4, "padding": "same"}},
        [19, 3],
        call("SeparableConv1D", 7, 5, strides=4, padding="same"),
    ),
]

KERAS_CONV_TRANSPOSE = [
    case(
        {"conv_transpose": {"filters": 6, "kernel": 3, "stride": 2, "padding": "same"}},
        [5, 7, 4],
        call("Conv2DTranspose", 6, 3, strides=2, padding="same"),
    ),
    case(
        {"conv_transpose": {"filters": 6, "kernel": 5, "padding": "same", "bias": False}},
        [5, 7, 4],
        call("Conv2DTranspose", 6, 5, padding="same", use_bias=False),
    ),
    case(
        {"conv_transpose": {"filters": 6, "kernel": [4, 2], "stride": [2, 3], "padding": "same"}},
        [5, 7, 4],
        call("Conv2DTranspose", 6, (4, 2), strides=(2, 3), padding="same"),
    ),
    case(
        {"conv_transpose": {"filters": 6, "kernel": 3, "stride": 2}},
        [5, 7, 4],
        call("Conv2DTranspose", 6, 3, strides=2),
    ),
    case(
        {"conv_transpose": {"filters": 6, "kernel": [4, 5], "stride": [4, 3], "padding": "valid"}},
        [5, 7, 4],
        call("Conv2DTranspose", 6, (4, 5), strides=(4, 3)),
    ),
    case(
        {"conv_transpose": {"filters": 6, "kernel": 3, "dilation": 2}},
        [5, 7, 4],
        call("Conv2DTranspose", 6, 3, dilation_rate=2),
    ),
    case(
        {"conv_transpose": {"filters": 6, "kernel": 3, "stride": 2, "output_padding": 1}},
        [5, 7, 4],
        call("Conv2DTranspose", 6, 3, strides=2, output_padding=1),
    ),
    case(
        {"conv_transpose": {"filters": 3, "kernel": 4, "stride": 2, "padding": "same"}},
        [9, 4],
        call("Conv1DTranspose", 3, 4, strides=2, padding="same"),
    ),
    case(
        {"conv_transpose": {"filters": 3, "kernel": 2, "stride": 2}},
        [2, 3, 4, 5],
        call("Conv3DTranspose", 3, 2, strides=2),
    ),
]

KERAS_POOL = [
    case({"max_pool": 2}, [8, 6, 3], call("MaxPooling2D", 2)),
    case({"max_pool": 2}, [9, 7, 3], call("MaxPooling2D"), rounding="floor"),
    case(
        {"max_pool": {"kernel": 2, "padding": "same"}},
        [9, 7, 3],
        call("MaxPooling2D", 2, padding="same"),
    ),
    case(
        {"max_pool": {"kernel": 3, "stride": 2, "padding": "same"}},
        [112, 113, 3],
        call("MaxPooling2D", 3, strides=2, padding="same"),
    ),
    case(
        {"max_pool": {"kernel": [3, 2], "stride": [1, 4], "padding": "same"}},
        [5, 10, 3],
        call("MaxPooling2D", (3, 2), strides=(1, 4), padding="same"),
    ),
    case(
        {"max_pool": {"kernel": 3, "stride": 2}},
        [13, 13, 3],
        call("MaxPooling2D", 3, strides=2),
    ),
    case({"max_pool": 3}, [10, 4], call("MaxPooling1D", 3), rounding="floor"),
    case(
        {"max_pool": {"kernel": 3, "padding": "same"}},
        [10, 4],
        call("MaxPooling1D", 3, padding="same"),
    ),
    case({"max_pool": [1, 2, 2]}, [3, 4, 6, 2], call("MaxPooling3D", (1, 2, 2))),
    case(
        {"max_pool": {"kernel": 2, "padding": "same"}},
        [3, 5, 6, 2],
        call("MaxPooling3D", 2, padding="same"),
    ),
    case({"avg_pool": 2}, [9, 7, 3], call("AveragePooling2D", 2), rounding="floor"),
    case(
        {"avg_pool": {"kernel": 2, "padding": "same"}},
        [9, 7, 3],
        call("AveragePooling2D", 2, padding="same"),
    ),
    case(
        {"avg_pool": {"kernel": [4, 3], "stride": [3, 2], "padding": "same"}},
        [9, 7, 3],
        call("AveragePooling2D", (4, 3), strides=(3, 2), padding="same"),
    ),
    case(
        {"avg_pool": {"kernel": 4, "stride": 2, "padding": "same"}},
        [11, 3],
        call("AveragePooling1D", 4, strides=2, padding="same"),
    ),
    case(
        {"avg_pool": {"kernel": 2, "stride": 1}},
        [3, 4, 5, 2],
        call("AveragePooling3D", 2, strides=1),
    ),
    case("global_avg_pool", [7, 5, 12], call("GlobalAveragePooling2D")),
    case(
        {"global_avg_pool": {"keepdims": True}},
        [7, 5, 12],
        call("GlobalAveragePooling2D", keepdims=True),
    ),
    case("global_avg_pool", [9, 12], call("GlobalAveragePooling1D")),
    case(
        {"global_avg_pool": {"keepdims": True}},
        [9, 12],
        call("GlobalAveragePooling1D", keepdims=True),
    ),
    case(
        {"global_avg_pool": {"keepdims": True}},
        [3, 4, 5, 6],
        call("GlobalAveragePooling3D", keepdims=True),
    ),
    case("global_max_pool", [7, 5, 12], call("GlobalMaxPooling2D")),
    case(
        {"global_max_pool": {"keepdims": True}},
        [7, 5, 12],
        call("GlobalMaxPooling2D", keepdims=True),
    ),
    case({"adaptive_avg_pool": [3, 4]}, [7, 9, 5], call("AdaptiveAveragePooling2D", (3, 4))),
    case({"adaptive_max_pool": 2}, [7, 9, 5], call("AdaptiveMaxPooling2D", 2)),
]

KERAS_OTHER = [
    case({"dense": 10}, [84], call("Dense", 10)),
    case({"dense": {"units": 10, "bias": False}}, [84], call("Dense", 10, use_bias=False)),
    case(
        {"dense": {"units": 10, "activation": "softmax"}},
        [84],
        call("Dense", 10, activation="softmax"),
    ),
    case({"dense": 12}, [5, 5, 16], call("Flatten"), call("Dense", 12)),
    case("flatten", [5, 6, 7], call("Flatten")),
    case({"reshape": {"shape": [7, 7, 16]}}, [784], call("Reshape", (7, 7, 16))),
    case("batch_norm", [8, 9, 16], call("BatchNormalization")),
    case(
        {"batch_norm": {"affine": False}},
        [8, 9, 16],
        call("BatchNormalization", center=False, scale=False),
    ),
    case({"batch_norm": {"scale": False}}, [8, 9, 16], call("BatchNormalization", scale=False)),
    case({"batch_norm": {"bias": False}}, [8, 9, 16], call("BatchNormalization", center=False)),
    case("batch_norm", [20, 6], call("BatchNormalization")),
    case("batch_norm", [100], call("BatchNormalization")),
    case("layer_norm", [5, 6, 12], call("LayerNormalization")),
    case({"layer_norm": {"bias": False}}, [5, 6, 12], call("LayerNormalization", center=False)),
    case({"layer_norm": {"axes": "all"}}, [5, 6, 12], call("LayerNormalization", axis=[1, 2, 3])),
    case("group_norm", [4, 4, 64], call("GroupNormalization")),
    case(
        {"group_norm": {"groups": 4, "affine": False}},
        [4, 4, 12],
        call("GroupNormalization", 4, center=False, scale=False),
    ),
    case({"instance_norm": {"affine": True}}, [4, 5, 6], call("GroupNormalization", -1)),
    case({"prelu": {"parameters": "channels"}}, [4, 5, 6], call("PReLU", shared_axes=[1, 2])),
    case({"prelu": {"parameters": 1}}, [4, 5, 6], call("PReLU", shared_axes=[1, 2, 3])),
    case({"dropout": 0.5}, [4, 5, 6], call("Dropout", 0.5)),
    case({"pad": 2}, [5, 6, 3], call("ZeroPadding2D", 2)),
    case({"pad": [1, 2]}, [5, 6, 3], call("ZeroPadding2D", (1, 2))),
    case(
        {"pad": {"padding": [[1, 2], [3, 0]]}}, [5, 6, 3], call("ZeroPadding2D", ((1, 2), (3, 0)))
    ),
    case({"pad": {"padding": [[4, 1]]}}, [5, 3], call("ZeroPadding1D", (4, 1))),
    case(
        {"pad": {"padding": [[1, 2], [0, 3], [4, 0]]}},
        [3, 4, 5, 2],
        call("ZeroPadding3D", ((1, 2), (0, 3), (4, 0))),
    ),
    case({"crop": 1}, [5, 6, 3], call("Cropping2D", 1)),
    case({"crop": {"cropping": [[1, 2], [0, 3]]}}, [5, 6, 3], call("Cropping2D", ((1, 2), (0, 3)))),
    case({"crop": {"cropping": [[2, 1]]}}, [7, 3], call("Cropping1D", (2, 1))),
    case(
        {"crop": {"cropping": [[0, 1], [1, 0], [2, 2]]}},
        [3, 4, 5, 2],
        call("Cropping3D", ((0, 1), (1, 0), (2, 2))),
    ),
    case({"upsample": 2}, [4, 5, 3], call("UpSampling2D", 2)),
    case({"upsample": [2, 3]}, [4, 5, 3], call("UpSampling2D", (2, 3))),
    case(
        {"upsample": {"scale": 2, "mode": "bilinear"}},
        [4, 5, 3],
        call("UpSampling2D", 2, interpolation="bilinear"),
    ),
    case({"upsample": 3}, [6, 2], call("UpSampling1D", 3)),
    case({"upsample": {"scale": [1, 2, 3]}}, [2, 3, 4, 2], call("UpSampling3D", (1, 2, 3))),
    case({"resize": [9, 7]}, [4, 5, 3], call("Resizing", 9, 7)),
]

KERAS = [
    *KERAS_CONV,
    *KERAS_DEPTHWISE,
    *KERAS_CONV_TRANSPOSE,
    *KERAS_POOL,
    *KERAS_OTHER,
]
