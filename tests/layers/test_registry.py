"""Names: kinds and options by what PyTorch, Keras and the CS231n slides call them."""

from __future__ import annotations

from itertools import product

from cnncalc.layers import registry
from cnncalc.report.report import Row
from tests.layers.samples import SAMPLES, of
from tests.networks import error, report, row
from tests.together import together

KINDS = list(registry.KINDS)

PYTORCH = {
    "Conv1d Conv2d Conv3d": "conv",
    "ConvTranspose1d ConvTranspose2d ConvTranspose3d": "conv_transpose",
    "Linear": "dense",
    "MaxPool1d MaxPool2d MaxPool3d": "max_pool",
    "AvgPool1d AvgPool2d AvgPool3d": "avg_pool",
    "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d": "adaptive_avg_pool",
    "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d": "adaptive_max_pool",
    "BatchNorm1d BatchNorm2d BatchNorm3d": "batch_norm",
    "InstanceNorm1d InstanceNorm2d InstanceNorm3d": "instance_norm",
    "LayerNorm": "layer_norm",
    "GroupNorm": "group_norm",
    "LocalResponseNorm": "lrn",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "SELU": "selu",
    "GELU": "gelu",
    "SiLU": "silu",
    "Mish": "mish",
    "Sigmoid": "sigmoid",
    "Hardsigmoid": "hard_sigmoid",
    "Hardswish": "hard_swish",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Softmax Softmax2d": "softmax",
    "LogSoftmax": "log_softmax",
    "PReLU": "prelu",
    "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout": "dropout",
    "Flatten": "flatten",
    "ZeroPad1d ZeroPad2d ZeroPad3d": "pad",
    "Upsample": "upsample",
    "PixelShuffle": "pixel_shuffle",
    "PixelUnshuffle": "pixel_unshuffle",
    "ChannelShuffle": "channel_shuffle",
    "Identity": "identity",
    "MultiheadAttention": "attention",
    "LSTM": "lstm",
    "GRU": "gru",
    "RNN": "rnn",
    "Embedding": "embedding",
    "RMSNorm": "rms_norm",
    "Hardtanh": "hard_tanh",
    "GLU": "glu",
    "Parameter": "parameter",
    "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad2d CircularPad1d": "pad",
    "ConstantPad1d ConstantPad2d ConstantPad3d": "pad",
}

KERAS = {
    "Conv1D Conv2D Conv3D Convolution1D Convolution2D Convolution3D": "conv",
    "DepthwiseConv1D DepthwiseConv2D": "depthwise_conv",
    "SeparableConv1D SeparableConv2D": "separable_conv",
    "SeparableConvolution1D SeparableConvolution2D": "separable_conv",
    "Conv1DTranspose Conv2DTranspose Conv3DTranspose": "conv_transpose",
    "Convolution2DTranspose": "conv_transpose",
    "LocallyConnected1D LocallyConnected2D": "locally_connected",
    "Dense": "dense",
    "MaxPooling1D MaxPooling2D MaxPooling3D MaxPool2D": "max_pool",
    "AveragePooling1D AveragePooling2D AveragePooling3D AvgPool2D": "avg_pool",
    "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAvgPool2D": "global_avg_pool",
    "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPool2D": "global_max_pool",
    "AdaptiveAveragePooling1D AdaptiveAveragePooling2D": "adaptive_avg_pool",
    "AdaptiveMaxPooling1D AdaptiveMaxPooling2D": "adaptive_max_pool",
    "BatchNormalization": "batch_norm",
    "LayerNormalization": "layer_norm",
    "GroupNormalization": "group_norm",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "PReLU": "prelu",
    "Softmax": "softmax",
    "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout": "dropout",
    "Flatten": "flatten",
    "Reshape": "reshape",
    "Permute": "permute",
    "ZeroPadding1D ZeroPadding2D ZeroPadding3D": "pad",
    "Cropping1D Cropping2D Cropping3D": "crop",
    "UpSampling1D UpSampling2D UpSampling3D": "upsample",
    "Resizing": "resize",
    "Add": "add",
    "Multiply": "multiply",
    "Subtract": "subtract",
    "Maximum": "maximum",
    "Average": "average",
    "Concatenate": "concat",
    "Identity": "identity",
    "MultiHeadAttention": "attention",
    "LSTM": "lstm",
    "GRU": "gru",
    "SimpleRNN": "rnn",
    "Embedding": "embedding",
    "Rescaling": "rescale",
    "RMSNormalization": "rms_norm",
    "UnitNormalization": "l2_norm",
    "Minimum": "minimum",
}

ONNX = {"MatMul": "matmul", "LSTM": "lstm", "GRU": "gru", "RNN": "rnn"}

CLASSES = [
    (name, kind)
    for table in (PYTORCH, KERAS, ONNX)
    for names, kind in table.items()
    for name in names.split()
]


@together(("name", "kind"), CLASSES)
def test_kinds_answer_to_their_class_names(name: str, kind: str) -> None:
    for spelled in (name, name.lower(), name.upper()):
        found = registry.find(spelled)
        assert found is not None
        assert found.kind == kind


@together("kind", KINDS)
def test_kinds_answer_to_their_own_names_in_any_case(kind: str) -> None:
    for spelled in (kind, kind.upper(), kind.replace("_", ""), kind.replace("_", "-")):
        found = registry.find(spelled)
        assert found is not None
        assert found == (kind, None)


def test_no_other_name_is_a_kind() -> None:
    for name in ("", "2d", "conv4d", "conv2d3d", "convv", "con v", "layer", "activation", "norm"):
        assert registry.find(name) is None, name


@together(
    ("name", "options"),
    [
        ("Conv{}d", {"filters": 2, "kernel": 1}),
        ("Conv{}DTranspose", {"filters": 2, "kernel": 1}),
        ("ConvTranspose{}d", {"filters": 2, "kernel": 1}),
        ("DepthwiseConv{}D", {"kernel": 1}),
        ("MaxPooling{}D", {"kernel": 1}),
        ("AdaptiveAvgPool{}d", {"size": 1}),
        ("GlobalAveragePooling{}D", {}),
        ("BatchNorm{}d", {}),
        ("InstanceNorm{}d", {}),
        ("ZeroPad{}d", {"padding": 1}),
        ("Cropping{}D", {"cropping": 1}),
        ("UpSampling{}D", {"scale": 2}),
    ],
)
def test_a_suffix_says_the_number_of_spatial_axes(name: str, options: dict[str, object]) -> None:
    volumes = {1: [5, 4], 2: [5, 6, 4], 3: [5, 6, 7, 4]}
    for suffix, rank in product((1, 2, 3), repeat=2):
        layer = {name.format(suffix): options}
        if suffix == rank:
            kind = registry.find(name.format(suffix))
            assert kind is not None
            assert row(volumes[rank], layer).kind == kind.kind
        else:
            assert error(volumes[rank], layer) == "rank-mismatch"


def test_batch_norm_1d_takes_vectors_as_well() -> None:
    assert row([100], "BatchNorm1d").weights == 100
    assert error([100], "BatchNorm2d") == "rank-mismatch"


LETTERS = {
    "filters": "out_channels K",
    "kernel": "kernel_size F",
    "stride": "strides S",
    "padding": "P",
    "dilation": "dilation_rate",
    "bias": "use_bias",
}

OPTIONS: dict[str, dict[str, str]] = {
    "conv": LETTERS,
    "conv_transpose": LETTERS,
    "separable_conv": {**LETTERS, "multiplier": "depth_multiplier"},
    "depthwise_conv": {
        "kernel": "kernel_size F",
        "stride": "strides S",
        "padding": "P",
        "dilation": "dilation_rate",
        "bias": "use_bias",
        "multiplier": "depth_multiplier",
    },
    "locally_connected": {
        "filters": "out_channels K",
        "kernel": "kernel_size F",
        "stride": "strides S",
        "padding": "P",
        "bias": "use_bias",
    },
    "dense": {"units": "out_features", "bias": "use_bias"},
    "max_pool": {"kernel": "kernel_size pool_size F", "stride": "strides S", "padding": "P"},
    "avg_pool": {"kernel": "kernel_size pool_size F", "stride": "strides S", "padding": "P"},
    "adaptive_avg_pool": {"size": "output_size"},
    "adaptive_max_pool": {"size": "output_size"},
    "batch_norm": {"eps": "epsilon"},
    "layer_norm": {"eps": "epsilon", "affine": "elementwise_affine"},
    "group_norm": {"eps": "epsilon", "groups": "num_groups"},
    "instance_norm": {"eps": "epsilon"},
    "leaky_relu": {"slope": "negative_slope alpha"},
    "prelu": {"parameters": "num_parameters"},
    "dropout": {"rate": "p"},
    "reshape": {"shape": "target_shape"},
    "permute": {"axes": "dims"},
    "upsample": {"scale": "scale_factor", "mode": "interpolation"},
    "resize": {"mode": "interpolation"},
    "pixel_shuffle": {"factor": "upscale_factor"},
    "pixel_unshuffle": {"factor": "downscale_factor"},
    "attention": {
        "heads": "num_heads",
        "dims": "key_dim",
        "value_dims": "value_dim",
        "units": "output_shape",
        "bias": "use_bias",
        "causal": "is_causal use_causal_mask",
    },
    "lstm": {"sequence": "return_sequences", "layers": "num_layers", "bias": "use_bias"},
    "gru": {"sequence": "return_sequences", "layers": "num_layers", "bias": "use_bias"},
    "rnn": {"sequence": "return_sequences", "layers": "num_layers", "bias": "use_bias"},
    "embedding": {"tokens": "num_embeddings input_dim", "dims": "embedding_dim output_dim"},
    "rms_norm": {"eps": "epsilon", "affine": "elementwise_affine"},
    "rescale": {"factor": "scale"},
    "hard_tanh": {"low": "min_val", "high": "max_val"},
    "matmul": {"transpose_a": "transA", "transpose_b": "transB"},
}


@together("kind", OPTIONS)
def test_options_answer_to_the_names_elsewhere(kind: str) -> None:
    names = registry.KINDS[kind].spellings
    for own, others in OPTIONS[kind].items():
        assert [names.get(other) for other in others.split()] == [own] * len(others.split())


@together("kind", [kind for kind in KINDS if SAMPLES[kind].options])
def test_every_spelling_means_the_option(kind: str) -> None:
    sample, spellings = SAMPLES[kind], registry.KINDS[kind].spellings
    for options in sample.settings():
        plain = [bare(row) for row in report(sample.volume, of(kind, options)).rows]
        for spelling, own in spellings.items():
            if own in options:
                respelled = {spelling if k == own else k: v for k, v in options.items()}
                found = report(sample.volume, of(kind, respelled)).rows
                assert [bare(row) for row in found] == plain, spelling


def bare(row: Row) -> Row:
    """A row wherever in the file it came from."""
    return row._replace(line=0, column=0, layer=None)


def test_one_option_in_two_spellings_is_said_twice() -> None:
    assert error([5, 5, 3], {"conv": {"filters": 2, "K": 2, "kernel": 1}}) == "duplicate-key"


def test_an_option_of_another_kind_is_unknown() -> None:
    assert error([5, 5, 3], {"conv": {"filters": 2, "pool": 2, "kernel": 1}}) == "unknown-key"
    assert error([5, 5, 3], {"max_pool": {"kernel": 1, "filters": 2}}) == "unknown-key"


def test_ceil_mode_is_rounding_up() -> None:
    """PyTorch's word for it."""
    pool = {"kernel": 2, "stride": 2}
    up = report([5, 1], {"max_pool": {**pool, "ceil_mode": True}}, rounding="floor").rows[0]
    down = report([5, 1], {"max_pool": {**pool, "ceil_mode": False}}, rounding="floor").rows[0]
    assert (up.output_shape, down.output_shape) == ((3, 1), (2, 1))
