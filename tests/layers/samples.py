"""Every kind once with every option at a value other than its default, for tests about all kinds.

`test_contract.py` sees to it that no kind and no option is missing here.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Sample(NamedTuple):
    """An input on which the options make sense together. Merges take `branches` instead.

    `apart` holds options that exclude others, each by its name in settings of its own.
    """

    volume: list[int]
    options: dict[str, Any]
    apart: dict[str, dict[str, Any]] = {}
    branches: list[object] | None = None

    def settings(self) -> list[dict[str, Any]]:
        """The options, and the settings of those apart."""
        return [self.options, *self.apart.values()]


_AROUND = {"norm": "batch_norm", "activation": "tanh", "order": ["layer", "activation", "norm"]}
_WINDOW = {"kernel": 3, "stride": 2, "padding": 1, "rounding": "floor"}
_CONV = {**_WINDOW, "dilation": 2, "bias": False, **_AROUND}
_UNROUNDED = {"kernel": [3, 2], "stride": 1, "padding": [1, 0]}
_POOL = {**_UNROUNDED, "rounding": "ceil"}

_MERGE = Sample([4, 5, 6], {}, branches=[[], ["relu"]])

_RECURRENT = {
    "sequence": True,
    "direction": "backward",
    "layers": 2,
    "biases": 2,
    "dropout": 0.1,
}
_RECURRENT_APART: dict[str, dict[str, Any]] = {
    "hidden_size": {"hidden_size": 4},
    "bias": {"units": 4, "bias": False},
    "bidirectional": {"units": 4, "bidirectional": True},
}

SAMPLES: dict[str, Sample] = {
    "conv": Sample(
        [9, 10, 6],
        {"filters": 4, "groups": 2, **_CONV},
        {
            "connections": {**_CONV, "filters": 2, "connections": [[0, 1], [5]]},
            "standardize": {**_CONV, "filters": 4, "standardize": True},
        },
    ),
    "depthwise_conv": Sample([9, 10, 6], {"multiplier": 2, **_CONV}),
    "separable_conv": Sample([9, 10, 6], {"filters": 4, "multiplier": 2, **_CONV}),
    "conv_transpose": Sample(
        [4, 5, 6],
        {
            "filters": 4,
            "kernel": 3,
            "stride": 2,
            "padding": 1,
            "output_padding": 1,
            "dilation": 2,
            "groups": 2,
            "bias": False,
            **_AROUND,
        },
    ),
    "locally_connected": Sample([9, 10, 6], {"filters": 4, **_WINDOW, "bias": False, **_AROUND}),
    "dense": Sample([9, 10, 6], {"units": 7, "axes": "channels", "bias": False, **_AROUND}),
    "max_pool": Sample(
        [9, 10, 6], {**_POOL, "dilation": 2}, {"ceil_mode": {**_UNROUNDED, "ceil_mode": True}}
    ),
    "avg_pool": Sample(
        [9, 10, 6],
        {**_POOL, "count_include_pad": False},
        {"ceil_mode": {**_UNROUNDED, "ceil_mode": True}},
    ),
    "global_avg_pool": Sample([9, 10, 6], {"keepdims": True}),
    "global_max_pool": Sample([9, 10, 6], {"keepdims": True}),
    "adaptive_avg_pool": Sample([9, 10, 6], {"size": [3, 2]}),
    "adaptive_max_pool": Sample([9, 10, 6], {"size": [3, 2]}),
    "batch_norm": Sample(
        [4, 5, 6],
        {"scale": False, "eps": 0.001, "momentum": 0.01},
        {"affine": {"affine": False}, "bias": {"bias": False}},
    ),
    "layer_norm": Sample(
        [4, 5, 6], {"axes": "all", "bias": False, "eps": 0.001}, {"affine": {"affine": False}}
    ),
    "group_norm": Sample([4, 5, 6], {"groups": 3, "affine": False, "eps": 0.001}),
    "instance_norm": Sample([4, 5, 6], {"affine": True, "eps": 0.001}),
    "lrn": Sample([4, 5, 6], {"size": 3, "alpha": 0.001, "beta": 0.5, "k": 1}),
    "scale": Sample([4, 5, 6], {"bias": True, "init": 0.001, "parameters": 1}),
    "rms_norm": Sample([4, 5, 6], {"axes": "all", "eps": 0.001}, {"affine": {"affine": False}}),
    "l2_norm": Sample([4, 5, 6], {"axes": "spatial", "eps": 0.001}),
    "grn": Sample([4, 5, 6], {"eps": 0.001}),
    "rescale": Sample([4, 5, 6], {"factor": 0.5, "offset": -1}),
    "blur_pool": Sample(
        [9, 10, 6],
        {"kernel": 4, "stride": 3, "padding": [1, 2], "rounding": "floor", "mode": "replicate"},
    ),
    "reduce": Sample([4, 5, 6], {"function": "max", "axes": ["width", -1], "keepdims": True}),
    "relu": Sample([4, 5, 6], {}),
    "relu6": Sample([4, 5, 6], {}),
    "leaky_relu": Sample([4, 5, 6], {"slope": 0.2}),
    "elu": Sample([4, 5, 6], {"alpha": 0.5}),
    "selu": Sample([4, 5, 6], {}),
    "gelu": Sample([4, 5, 6], {}),
    "silu": Sample([4, 5, 6], {}),
    "mish": Sample([4, 5, 6], {}),
    "sigmoid": Sample([4, 5, 6], {}),
    "hard_sigmoid": Sample([4, 5, 6], {}),
    "hard_swish": Sample([4, 5, 6], {}),
    "tanh": Sample([4, 5, 6], {}),
    "hard_tanh": Sample([4, 5, 6], {"low": -2, "high": 0.5}),
    "glu": Sample([4, 5, 6], {}),
    "softplus": Sample([4, 5, 6], {}),
    "softmax": Sample([4, 5, 6], {"axis": "spatial"}),
    "log_softmax": Sample([4, 5, 6], {"axis": [-3, -1]}),
    "exp": Sample([4, 5, 6], {}),
    "prelu": Sample([4, 5, 6], {"parameters": "all", "shared_axes": "width"}),
    "dropout": Sample([4, 5, 6], {"rate": 0.1}),
    "drop_path": Sample([4, 5, 6], {"rate": 0.1}),
    "flatten": Sample([4, 5, 6], {}),
    "reshape": Sample([4, 5, 6], {"shape": [10, -1]}),
    "permute": Sample([4, 5, 6], {"axes": [2, 0, 1]}),
    "pad": Sample(
        [4, 5, 6],
        {"padding": [1, 2], "channels": [0, 3], "value": 0.5},
        {"mode": {"padding": [1, 2], "mode": "reflect"}},
    ),
    "crop": Sample([4, 5, 6], {"cropping": [1, 2]}),
    "upsample": Sample([4, 5, 6], {"scale": [1.5, 3], "mode": "bilinear"}),
    "resize": Sample([4, 5, 6], {"size": [7, 8], "mode": "bilinear"}),
    "pixel_shuffle": Sample([4, 5, 12], {"factor": 2}),
    "pixel_unshuffle": Sample([4, 6, 3], {"factor": 2}),
    "channel_shuffle": Sample([4, 5, 6], {"groups": 3}),
    "slice": Sample(
        [3, 4, 5, 6],
        {"channels": [1, 3], "height": [-3], "width": [None, -1, 2], "depth": [1, None]},
    ),
    "add": _MERGE,
    "multiply": _MERGE,
    "subtract": _MERGE,
    "maximum": _MERGE,
    "average": _MERGE,
    "minimum": _MERGE,
    "concat": Sample([4, 5, 6], {"axis": "width"}, branches=[[], ["relu"]]),
    "matmul": Sample(
        [4, 5, 5],
        {"transpose_a": True, "transpose_b": True},
        branches=[[], ["relu"]],
    ),
    "attention": Sample(
        [4, 5, 6],
        {
            "heads": 2,
            "dims": 4,
            "value_dims": 5,
            "units": 7,
            "bias": False,
            "qkv_bias": True,
            "axes": "width",
            "position_bias": 5,
            "causal": True,
            "dropout": 0.1,
        },
        {"project": {"heads": 2, "project": False}},
    ),
    "embedding": Sample([12], {"tokens": 9, "dims": 4}),
    "lstm": Sample([5, 6], {"units": 4, **_RECURRENT}, _RECURRENT_APART),
    "gru": Sample(
        [5, 6],
        {"units": 4, **_RECURRENT},
        {**_RECURRENT_APART, "reset_after": {"units": 4, "reset_after": False}},
    ),
    "rnn": Sample([5, 6], {"units": 4, **_RECURRENT, "nonlinearity": "relu"}, _RECURRENT_APART),
    "parameter": Sample([4, 5, 6], {"shape": "3x2"}),
    "identity": Sample([4, 5, 6], {}),
    "custom": Sample([4, 5, 6], {"output": "3x2", "weights": 5, "biases": 2, "macs": 40}),
}


def item(kind: str) -> dict[str, object]:
    """The kind as an item of a file, with all its options."""
    return of(kind, SAMPLES[kind].options)


def of(kind: str, options: dict[str, Any]) -> dict[str, object]:
    """The kind as an item of a file with these options."""
    branches = SAMPLES[kind].branches
    if branches is None:
        return {kind: options}
    return {kind: {"branches": branches, **options} if options else branches}
