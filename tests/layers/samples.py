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


_WINDOW = {"kernel": 3, "stride": 2, "padding": 1, "rounding": "floor"}
_CONV = {**_WINDOW, "dilation": 2, "bias": False, "activation": "tanh"}
_UNROUNDED = {"kernel": [3, 2], "stride": 1, "padding": [1, 0]}
_POOL = {**_UNROUNDED, "rounding": "ceil"}

_MERGE = Sample([4, 5, 6], {}, branches=[[], ["relu"]])

SAMPLES: dict[str, Sample] = {
    "conv": Sample(
        [9, 10, 6],
        {"filters": 4, "groups": 2, **_CONV},
        {"connections": {**_CONV, "filters": 2, "connections": [[0, 1], [5]]}},
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
            "activation": "tanh",
        },
    ),
    "locally_connected": Sample(
        [9, 10, 6], {"filters": 4, **_WINDOW, "bias": False, "activation": "tanh"}
    ),
    "dense": Sample([9, 10, 6], {"units": 7, "bias": False, "activation": "tanh"}),
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
    "scale": Sample([4, 5, 6], {"bias": True, "init": 0.001}),
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
    "softplus": Sample([4, 5, 6], {}),
    "softmax": Sample([4, 5, 6], {}),
    "log_softmax": Sample([4, 5, 6], {}),
    "exp": Sample([4, 5, 6], {}),
    "prelu": Sample([4, 5, 6], {"parameters": "channels"}),
    "dropout": Sample([4, 5, 6], {"rate": 0.1}),
    "drop_path": Sample([4, 5, 6], {"rate": 0.1}),
    "flatten": Sample([4, 5, 6], {}),
    "reshape": Sample([4, 5, 6], {"shape": [10, -1]}),
    "permute": Sample([4, 5, 6], {"axes": [2, 0, 1]}),
    "pad": Sample([4, 5, 6], {"padding": [1, 2], "channels": [0, 3]}),
    "crop": Sample([4, 5, 6], {"cropping": [1, 2]}),
    "upsample": Sample([4, 5, 6], {"scale": [2, 3], "mode": "bilinear"}),
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
    "concat": _MERGE,
    "identity": Sample([4, 5, 6], {}),
    "custom": Sample([4, 5, 6], {"output": "3x2", "weights": 5, "biases": 2, "macs": 40}),
}


def item(kind: str) -> dict[str, object]:
    """The kind as an item of a file, with all its options."""
    sample = SAMPLES[kind]
    return {kind: sample.options if sample.branches is None else sample.branches}
