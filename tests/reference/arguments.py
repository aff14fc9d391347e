"""Write `arguments.json`: what PyTorch's and Keras' classes make of each of their arguments.

Run it as `KERAS_BACKEND=torch python tests/reference/arguments.py` where both are installed.
Nothing of cnncalc is imported. A case is a class with its arguments and the volume that comes in,
channels last; beside it stand the volume that came out and the number of learned parameters, or
that the class refused. `signatures` lists the arguments of every class that a case is about.
"""

from __future__ import annotations

import inspect
from typing import Any

import keras
import torch
from generate import provenance, write
from torch import nn

Arguments = dict[str, Any]

TRAINING = ("initializer", "regularizer", "constraint")
"""Ends of the names of arguments of Keras' classes that say nothing of volumes: one stands for all
of a class."""

CASES: list[tuple[str, list[int], Arguments, Arguments]] = []
"""A class, a volume, arguments that it needs, and for each further one the values to try."""


def of(name: str, volume: list[int], needed: Arguments, /, **tried: list[Any]) -> None:
    CASES.append((name, volume, needed, tried))


CONV = {"in_channels": 4, "out_channels": 6, "kernel_size": 3}
for name, volume in (("Conv1d", [9, 4]), ("Conv2d", [9, 10, 4]), ("Conv3d", [9, 10, 8, 4])):
    of(
        name, volume, CONV,
        in_channels=[5], out_channels=[8], kernel_size=[2], stride=[2], dilation=[2], groups=[2],
        padding=[1, "same", "valid"], bias=[False], device=["cpu"], dtype=["float64"],
        padding_mode=["zeros", "reflect"],
    )  # fmt: skip
of("Conv2d", [9, 10, 4], {**CONV, "padding": "same"}, stride=[1, 2])
of("Conv2d", [9, 10, 4], CONV, kernel_size=[[3, 5]], stride=[[2, 1]], padding=[[1, 0]])
of(
    "ConvTranspose2d", [5, 6, 4], {**CONV, "stride": 2},
    in_channels=[5], out_channels=[8], kernel_size=[1, 2], stride=[3], padding=[1],
    output_padding=[1], groups=[2], bias=[False], dilation=[2], padding_mode=["zeros"],
    device=["cpu"], dtype=["float64"],
)  # fmt: skip
of(
    "Linear", [12], {"in_features": 12, "out_features": 5},
    in_features=[13], out_features=[7], bias=[False], device=["cpu"], dtype=["float64"],
)  # fmt: skip
of("Linear", [10, 12], {"in_features": 12, "out_features": 5})
of(
    "MaxPool2d", [9, 10, 4], {"kernel_size": 3},
    kernel_size=[2, [3, 2]], stride=[2], padding=[1], dilation=[2], ceil_mode=[True],
    return_indices=[False, True],
)  # fmt: skip
of(
    "AvgPool2d", [9, 10, 4], {"kernel_size": 3},
    kernel_size=[2], stride=[2], padding=[1], ceil_mode=[True], count_include_pad=[False],
    divisor_override=[5],
)  # fmt: skip
of("AdaptiveAvgPool2d", [9, 10, 4], {"output_size": 3}, output_size=[1, [2, 3], [None, 2]])
of("AdaptiveMaxPool2d", [9, 10, 4], {"output_size": 3}, output_size=[[2, 3]],
   return_indices=[False, True])  # fmt: skip
NORM = {"eps": [0.001], "device": ["cpu"], "dtype": ["float64"]}
for name, volume in (("BatchNorm1d", [4]), ("BatchNorm2d", [9, 10, 4]), ("BatchNorm1d", [9, 4])):
    of(
        name, volume, {"num_features": 4}, **NORM,
        num_features=[5], momentum=[0.01], affine=[False], track_running_stats=[True, False],
        bias=[False],
    )  # fmt: skip
of(
    "InstanceNorm2d", [9, 10, 4], {"num_features": 4}, **NORM,
    num_features=[4], momentum=[0.01], affine=[True], track_running_stats=[False, True],
    bias=[True],
)  # fmt: skip
of("InstanceNorm2d", [9, 10, 4], {"num_features": 4, "affine": True}, num_features=[5],
   bias=[False])  # fmt: skip
of(
    "LayerNorm", [4], {"normalized_shape": 4}, **NORM,
    normalized_shape=[[4], 5], elementwise_affine=[False], bias=[False],
)  # fmt: skip
of("LayerNorm", [9, 10, 4], {}, normalized_shape=[[4, 9, 10], [4, 10, 9]])
of(
    "GroupNorm", [9, 10, 4], {"num_groups": 2, "num_channels": 4}, **NORM,
    num_groups=[4, 3], num_channels=[8], affine=[False], bias=[True, False],
)  # fmt: skip
of("LocalResponseNorm", [9, 10, 4], {"size": 3}, size=[5], alpha=[0.001], beta=[0.5], k=[2.0])
for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardsigmoid", "Hardswish"):
    of(name, [9, 10, 4], {}, inplace=[True])
of("LeakyReLU", [9, 10, 4], {}, negative_slope=[0.2], inplace=[True])
of("ELU", [9, 10, 4], {}, alpha=[0.5], inplace=[True])
of("GELU", [9, 10, 4], {}, approximate=["none", "tanh"])
of("Softplus", [9, 10, 4], {}, beta=[1, 2], threshold=[20, 10])
of("Softmax", [9, 10, 4], {}, dim=[1, 2, -1])
of("Softmax", [9], {}, dim=[1, -1])
of("LogSoftmax", [9, 10, 4], {}, dim=[1, 3])
of("PReLU", [9, 10, 4], {}, num_parameters=[1, 4, 3], init=[0.1], device=["cpu"],
   dtype=["float64"])  # fmt: skip
of("Dropout", [9, 10, 4], {}, p=[0.2], inplace=[True])
of("Dropout2d", [9, 10, 4], {}, p=[0.2], inplace=[True])
of("AlphaDropout", [9, 10, 4], {}, p=[0.2], inplace=[True])
of("Flatten", [9, 10, 4], {}, start_dim=[1, 2], end_dim=[-1, 2])
of("ZeroPad1d", [9, 4], {}, padding=[1, [1, 2]])
of("ZeroPad2d", [9, 10, 4], {}, padding=[1, [0, 1, 2, 3], [1, 2]])
of("ZeroPad3d", [9, 10, 8, 4], {}, padding=[[0, 1, 2, 3, 4, 5]])
of("ConstantPad2d", [9, 10, 4], {"padding": 1, "value": 0}, padding=[[3, 2, 1, 0]], value=[1])
of(
    "Upsample", [9, 10, 4], {"scale_factor": 2},
    mode=["nearest", "bilinear"], recompute_scale_factor=[False, True],
)  # fmt: skip
of("Upsample", [9, 10, 4], {}, size=[[20, 30], 4], scale_factor=[3, [2, 3]])
of("Upsample", [9, 10, 4], {"size": [20, 30], "mode": "bilinear"}, align_corners=[False, True])
of("PixelShuffle", [9, 10, 4], {}, upscale_factor=[2])
of("PixelUnshuffle", [8, 10, 4], {}, downscale_factor=[2])
of("ChannelShuffle", [9, 10, 4], {}, groups=[2])

of("ReflectionPad1d", [9, 4], {}, padding=[1, [1, 2]])
of("ReflectionPad2d", [9, 10, 4], {}, padding=[1, [0, 1, 2, 3]])
of("ReplicationPad2d", [9, 10, 4], {}, padding=[1, [0, 1, 2, 3]])
of("CircularPad2d", [9, 10, 4], {}, padding=[1, [0, 1, 2, 3]])
of("GLU", [9, 10, 4], {})
of("GLU", [9, 10, 4], {}, dim=[1, 2, 3])
of("GLU", [8], {}, dim=[1, -1])
of("Hardtanh", [9, 10, 4], {}, min_val=[-2.0], max_val=[2.0], inplace=[True], min_value=[-2.0],
   max_value=[2.0])  # fmt: skip
of("RMSNorm", [4], {"normalized_shape": 4}, **NORM, normalized_shape=[[4], 5],
   elementwise_affine=[False])  # fmt: skip
of("RMSNorm", [4], {"normalized_shape": 4}, eps=[None])
of("RMSNorm", [9, 10, 4], {}, normalized_shape=[[4, 9, 10], [4, 10, 9]])
STEPS = {"input_size": 4, "hidden_size": 6}
for name, more in (("LSTM", {"proj_size": [0, 3]}), ("GRU", {"proj_size": [0]}),
                   ("RNN", {"proj_size": [0], "nonlinearity": ["tanh", "relu"]})):  # fmt: skip
    of(
        name, [9, 4], STEPS, input_size=[5], hidden_size=[8], num_layers=[2], bias=[False],
        batch_first=[True], dropout=[0.2], bidirectional=[True], device=["cpu"], **more,
    )  # fmt: skip
    of(name, [9, 4], {**STEPS, "num_layers": 2}, bidirectional=[True])
    of(name, [9, 4], STEPS, dtype=["float64"])
of(
    "MultiheadAttention", [9, 4], {"embed_dim": 4, "num_heads": 2},
    embed_dim=[6], num_heads=[4, 3], dropout=[0.2], bias=[False], add_bias_kv=[False, True],
    add_zero_attn=[False, True], kdim=[4, 5], vdim=[4, 5], batch_first=[True], device=["cpu"],
    dtype=["float64"],
)  # fmt: skip
of(
    "Embedding", [9], {"num_embeddings": 20, "embedding_dim": 6},
    num_embeddings=[30], embedding_dim=[8], padding_idx=[0], max_norm=[None, 1.0], norm_type=[2.0],
    scale_grad_by_freq=[True], sparse=[True], _weight=[None], _freeze=[False, True],
    device=["cpu"], dtype=["float64"],
)  # fmt: skip

K_CONV = {"filters": 6, "kernel_size": 3}
FORMAT = ["channels_last", "channels_first"]
WEIGHTED = {"activation": ["relu"], "use_bias": [False], "bias_initializer": ["zeros"],
            "dilation_rate": [2], "data_format": FORMAT}  # fmt: skip
for name, volume in (("Conv1D", [9, 4]), ("Conv2D", [9, 10, 4])):
    of(
        name, volume, K_CONV, **WEIGHTED,
        filters=[8], kernel_size=[2], strides=[2], padding=["valid", "same"], groups=[2],
        input_shape=[volume, [*volume[:-1], 5]], dtype=["float32"],
    )  # fmt: skip
of("Conv2D", [9, 10, 4], {**K_CONV, "padding": "same"}, strides=[2])
of(
    "DepthwiseConv2D", [9, 10, 4], {"kernel_size": 3}, **WEIGHTED,
    kernel_size=[2], strides=[2], padding=["same"], depth_multiplier=[2],
)  # fmt: skip
of(
    "SeparableConv2D", [9, 10, 4], K_CONV, **WEIGHTED,
    filters=[8], kernel_size=[2], strides=[2], padding=["same"], depth_multiplier=[2],
)  # fmt: skip
of(
    "Conv2DTranspose", [5, 6, 4], {**K_CONV, "strides": 2},
    filters=[8], kernel_size=[1, 2, 4], strides=[2, 3, 4], padding=["valid", "same"],
    output_padding=[1], data_format=FORMAT, dilation_rate=[1], activation=["relu"],
    use_bias=[False], bias_initializer=["zeros"],
)  # fmt: skip
of("Conv2DTranspose", [5, 6, 4], {**K_CONV, "strides": 2, "padding": "same"}, output_padding=[1])
of(
    "Dense", [12], {"units": 5},
    units=[7], activation=["relu"], use_bias=[False], lora_rank=[2], lora_alpha=[2],
    quantization_config=[None], bias_initializer=["zeros"], input_shape=[[12], [13]],
)  # fmt: skip
of("Dense", [10, 12], {"units": 5})
POOL = {"strides": [2], "padding": ["valid", "same"], "data_format": FORMAT, "name": ["pool"]}
of("MaxPooling2D", [9, 10, 4], {"pool_size": 3}, pool_size=[2, [3, 2]], **POOL)
of("AveragePooling2D", [9, 10, 4], {"pool_size": 3}, pool_size=[2], **POOL)
of("GlobalAveragePooling2D", [9, 10, 4], {}, data_format=FORMAT, keepdims=[True])
of("GlobalMaxPooling2D", [9, 10, 4], {}, data_format=FORMAT, keepdims=[True])
of("AdaptiveAveragePooling2D", [9, 10, 4], {}, output_size=[3, [2, 3]])
of("AdaptiveAveragePooling2D", [9, 10, 4], {"output_size": 3}, data_format=FORMAT)
LEARNED = {"epsilon": [0.01], "center": [True, False], "scale": [True, False],
           "beta_initializer": ["zeros"]}  # fmt: skip
of(
    "BatchNormalization", [9, 10, 4], {}, **LEARNED,
    axis=[-1, 3, 1], momentum=[0.9], renorm=[False], renorm_clipping=[None],
    renorm_momentum=[0.9], synchronized=[False],
)  # fmt: skip
of("LayerNormalization", [9, 10, 4], {}, **LEARNED, axis=[-1, 3, 1, [1, 2, 3], [1, 2]])
of("GroupNormalization", [9, 10, 4], {"groups": 2}, **LEARNED, groups=[4, -1], axis=[-1, 1])
of("ReLU", [9, 10, 4], {}, max_value=[None, 6], negative_slope=[0, 0.1], threshold=[0, 1])
of("PReLU", [9, 10, 4], {"shared_axes": [1, 2]}, shared_axes=[[1], None],
   alpha_initializer=["zeros"])  # fmt: skip
of("Softmax", [9, 10, 4], {}, axis=[-1, 3, 1])
of("Dropout", [9, 10, 4], {"rate": 0.5}, rate=[0.2], noise_shape=[None], seed=[1])
of("SpatialDropout2D", [9, 10, 4], {"rate": 0.5}, rate=[0.2], data_format=FORMAT, seed=[1],
   name=["drop"], dtype=["float32"])  # fmt: skip
of("Flatten", [9, 10, 4], {}, data_format=FORMAT)
of("Reshape", [9, 10, 4], {}, target_shape=[[90, 4], [3, -1]])
of("Permute", [9, 10, 4], {}, dims=[[2, 1, 3], [3, 1, 2]])
of("Permute", [9, 4], {}, dims=[[2, 1]])
of("ZeroPadding1D", [9, 4], {}, padding=[1, [1, 2]])
of("ZeroPadding1D", [9, 4], {"padding": 1}, data_format=["channels_last"])
of("ZeroPadding2D", [9, 10, 4], {}, padding=[1, [1, 2], [[0, 1], [2, 3]]])
of("ZeroPadding2D", [9, 10, 4], {"padding": 1}, data_format=FORMAT)
of("Cropping1D", [9, 4], {}, cropping=[1, [1, 2]])
of("Cropping2D", [9, 10, 4], {}, cropping=[1, [1, 2], [[0, 1], [2, 3]]])
of("Cropping2D", [9, 10, 4], {"cropping": 1}, data_format=FORMAT)
of("UpSampling1D", [9, 4], {}, size=[2])
of("UpSampling2D", [9, 10, 4], {}, size=[2, [2, 3]])
of("UpSampling2D", [9, 10, 4], {"size": 2}, data_format=FORMAT, interpolation=["bilinear"])
of(
    "Resizing", [9, 10, 4], {"height": 5, "width": 6},
    height=[20], width=[30], interpolation=["nearest", "bilinear"],
    crop_to_aspect_ratio=[False, True], pad_to_aspect_ratio=[False, True], fill_mode=["constant"],
    fill_value=[0.0], antialias=[False, True], data_format=FORMAT,
)  # fmt: skip
K_STEPS = {
    "activation": ["tanh", "relu"], "use_bias": [False], "bias_initializer": ["zeros"],
    "dropout": [0.2], "recurrent_dropout": [0.2], "seed": [1], "return_sequences": [True],
    "return_state": [False, True], "go_backwards": [False, True], "stateful": [True],
    "unroll": [True],
}  # fmt: skip
GATES = {"recurrent_activation": ["sigmoid", "relu"], "use_cudnn": [False]}
of("LSTM", [9, 4], {"units": 6}, units=[8], **K_STEPS, **GATES, unit_forget_bias=[False])
of("LSTM", [8, 4], {"units": 6, "return_sequences": True}, go_backwards=[True])
of("GRU", [9, 4], {"units": 6}, units=[8], **K_STEPS, **GATES, reset_after=[True, False])
of("SimpleRNN", [9, 4], {"units": 6}, units=[8], **K_STEPS)
of("SimpleRNN", [9, 4], {"units": 6}, activation=["sigmoid"])
of(
    "MultiHeadAttention", [9, 4], {"num_heads": 2, "key_dim": 3},
    num_heads=[4], key_dim=[5], value_dim=[5], dropout=[0.2], use_bias=[False], output_shape=[7],
    attention_axes=[None, [1], [-2]], sliding_window=[None, 2], flash_attention=[False],
    bias_initializer=["zeros"], use_gate=[False, True], seed=[1],
)  # fmt: skip
of("MultiHeadAttention", [5, 9, 4], {"num_heads": 2, "key_dim": 3},
   attention_axes=[[-2], [-3, -2], [-3]])  # fmt: skip
of(
    "Embedding", [9], {"input_dim": 20, "output_dim": 6},
    input_dim=[30], output_dim=[8], embeddings_initializer=["zeros"], mask_zero=[False, True],
    weights=[None], lora_rank=[None, 2], lora_alpha=[2], quantization_config=[None],
)  # fmt: skip
of("RMSNormalization", [9, 10, 4], {}, axis=[-1, 3, 1, [1, 2, 3]], epsilon=[0.01])
of("Rescaling", [9, 10, 4], {"scale": 2.0}, scale=[0.5, [1.0, 2.0, 3.0, 4.0]], offset=[1.0])
of("UnitNormalization", [9, 10, 4], {}, axis=[-1, -2, [-3, -2], 3, 1])


SEQUENCES = ("LSTM", "GRU", "RNN", "MultiheadAttention", "Embedding")


def answer(make: Any) -> Arguments:
    try:
        output, params = make()
    except Exception:  # whatever a framework raises, it refuses
        return {"refused": True}
    return {"output": list(output), "params": params}


def of_pytorch(name: str, volume: list[int], arguments: Arguments) -> Arguments:
    def make() -> tuple[list[int], int]:
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
        if "dtype" in given:
            given["dtype"] = getattr(torch, given["dtype"])
        layer = getattr(nn, name)(**given).eval()
        last = name in ("Linear", *SEQUENCES)  # on the last axis of what is there
        axes = volume if last else [volume[-1], *volume[:-1]]
        # The statistics of one image of one pixel would be refused for another reason.
        tokens = name == "Embedding"
        number = torch.int64 if tokens else given.get("dtype", torch.float32)
        x = torch.zeros(2, *axes, dtype=number)
        y = layer(x, x, x) if name == "MultiheadAttention" else layer(x)
        y = y[0] if isinstance(y, tuple) else y
        output = [*y.shape[1:]]
        if not last:
            output = [*output[1:], output[0]]
        return output, sum(p.numel() for p in layer.parameters())

    return answer(make)


def of_keras(name: str, volume: list[int], arguments: Arguments) -> Arguments:
    def make() -> tuple[list[int], int]:
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
        layer = getattr(keras.layers, name)(**given)
        x = keras.ops.zeros((2, *volume))
        y = layer(x, x) if name == "MultiHeadAttention" else layer(x)
        y = y[0] if isinstance(y, (tuple, list)) else y
        trained = sum(int(torch.tensor(tuple(w.shape)).prod()) for w in layer.trainable_weights)
        return [*y.shape[1:]], trained

    return answer(make)


def framework(name: str, arguments: Arguments) -> str:
    """Which of the two has a class with these arguments."""
    module = getattr(nn, name, None)
    if module is None:
        return "Keras"
    known = signature("PyTorch", name)
    return "PyTorch" if all(argument in known for argument in arguments) else "Keras"


def signature(library: str, name: str) -> list[str]:
    if library == "PyTorch" and name in ("LSTM", "GRU", "RNN"):
        made, own = nn.RNNBase, ["nonlinearity"] if name == "RNN" else []
        return [p for p in inspect.signature(made.__init__).parameters
                if p not in ("self", "mode")] + own  # fmt: skip
    made = getattr(nn if library == "PyTorch" else keras.layers, name)
    return [p for p in inspect.signature(made.__init__).parameters if p not in ("self", "kwargs")]


def main() -> None:
    lines = []
    signatures: dict[str, dict[str, list[str]]] = {"PyTorch": {}, "Keras": {}}
    for name, volume, needed, tried in CASES:
        variants: list[tuple[str, Arguments]] = [("", needed)] if needed or not tried else []
        variants += [(a, {**needed, a: value}) for a, values in tried.items() for value in values]
        for about, arguments in variants:
            library = framework(name, arguments)
            run = of_pytorch if library == "PyTorch" else of_keras
            signatures[library][name] = signature(library, name)
            head = {"framework": library, "class": name, "about": about, "input": volume}
            told = run(name, volume, arguments)
            lines.append({**head, "arguments": arguments, **told})
    head = {"made_with": provenance("torch", "keras"), "signatures": signatures}
    write("arguments.json", head, "cases", lines)


if __name__ == "__main__":
    main()
