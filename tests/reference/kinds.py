"""Write `torch_kinds.json` and `keras_kinds.json`: kinds whose arrays have several parts, or that
read several volumes, with what PyTorch and Keras make of them.

Run it as `python tests/reference/kinds.py` where torch and keras are installed. Nothing of cnncalc
is imported. Inputs and arrays are whole numbers drawn from a fixed seed, the arithmetic is float64.
Volumes are channels last throughout, and every case ends in the layer `k`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from generate import counted, provenance, write
from torch import nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from values import numbers

if TYPE_CHECKING:
    from collections.abc import Callable

GENERATOR = torch.Generator().manual_seed(2017)

Tensors = dict[str, torch.Tensor]


def integers(*shape: int, limit: int = 3) -> torch.Tensor:
    return torch.randint(-limit, limit + 1, shape, generator=GENERATOR).double()


def filled(module: nn.Module) -> nn.Module:
    """The module with whole numbers for all its parameters, in double precision."""
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(integers(*parameter.shape))
    return module


@dataclass(frozen=True)
class Made:
    """`run` takes (N, *volume). `arrays` are those of `k` by their names in the language."""

    layers: list[object]
    volume: list[int]
    run: Callable[[torch.Tensor], torch.Tensor]
    call: str
    arrays: Tensors = field(default_factory=dict)
    parameters: tuple[int, int] = (0, 0)
    scale: float = 1.0
    batch: int = 2
    counts: bool = True
    """Whether PyTorch's counter sees all multiply-accumulates of the call."""


def line(made: Made) -> dict[str, Any]:
    x = integers(made.batch, *made.volume) * made.scale
    # The other forms of attention do not tell the counter what they multiply.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        y, macs = counted(lambda: made.run(x))
    weights, biases = made.parameters
    return {
        "layers": made.layers,
        "input": made.volume,
        "call": made.call,
        "output": list(y.shape[1:]),
        "weights": weights,
        "biases": biases,
        "macs": macs // made.batch if made.counts else None,
        "x": numbers(x),
        "arrays": {name: numbers(tensor) for name, tensor in made.arrays.items()},
        "y": numbers(y),
    }


def split(module: nn.Module) -> tuple[int, int]:
    """A module's weights, and its biases."""
    told = [(name, parameter.numel()) for name, parameter in module.named_parameters()]
    return (
        sum(n for name, n in told if "bias" not in name),
        sum(n for name, n in told if "bias" in name),
    )


def k(kind: str, **options: object) -> dict[str, object]:
    return {"name": "k", kind: options}


# ---------------------------------------------------------------------------------------- PyTorch


def multihead(module: nn.MultiheadAttention, rank: int, own: bool) -> Tensors:
    """The arrays of attention as kernels of 1x1 convolutions; `own`: of a volume to itself."""

    def kernel(weight: torch.Tensor) -> torch.Tensor:
        return weight.detach().T.reshape(*(1,) * rank, *weight.T.shape)

    found: Tensors = {"output_weight": kernel(module.out_proj.weight)}
    if module.in_proj_bias is not None:
        found["output_bias"] = module.out_proj.bias.detach()
    if own:
        found["qkv_weight"] = kernel(module.in_proj_weight)
        if module.in_proj_bias is not None:
            found["qkv_bias"] = module.in_proj_bias.detach()
        return found
    if module.in_proj_weight is not None:
        parts = module.in_proj_weight.chunk(3)
    else:
        parts = (module.q_proj_weight, module.k_proj_weight, module.v_proj_weight)
    biases = module.in_proj_bias.chunk(3)
    for name, weight, bias in zip(("query", "key", "value"), parts, biases, strict=True):
        found[f"{name}_weight"], found[f"{name}_bias"] = kernel(weight), bias.detach()
    return found


def attentions() -> list[Made]:
    def multi(*args: int, **options: Any) -> nn.MultiheadAttention:
        module = filled(nn.MultiheadAttention(*args, batch_first=True, **options))
        assert isinstance(module, nn.MultiheadAttention)
        return module

    def made(
        layers: list[object],
        volume: list[int],
        module: nn.MultiheadAttention,
        sources: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
        call: str,
        mask: torch.Tensor | None = None,
    ) -> Made:
        def run(x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = module(*sources(x), attn_mask=mask)[0]
            return y.reshape(*x.shape[:-1], -1) if x.ndim > y.ndim else y

        own = "branches" not in str(layers)
        arrays = multihead(module, len(volume) - 1, own)
        return Made(layers, volume, run, call, arrays, split(module), scale=0.125)

    own, bare, other = multi(6, 2), multi(4, 4, bias=False), multi(6, 3, kdim=4, vdim=2)
    later = torch.triu(torch.full((5, 5), -torch.inf, dtype=torch.float64), 1)
    dot = functional.scaled_dot_product_attention
    return [
        made([k("attention", heads=2)], [5, 6], own, lambda x: (x, x, x),
             "MultiheadAttention(6, 2)"),
        made([k("attention", num_heads=4, bias=False)], [2, 3, 4], bare,
             lambda x: (x.flatten(1, 2),) * 3, "MultiheadAttention(4, 4, bias=False)"),
        made([k("attention", heads=2, is_causal=True)], [5, 6], own, lambda x: (x, x, x),
             "MultiheadAttention(6, 2)(x, x, x, attn_mask=the triangle above)", later),
        made([k("attention", heads=3, branches=[[], [{"slice": [0, 4]}], [{"slice": [4, 6]}]])],
             [4, 6], other, lambda x: (x, x[..., :4], x[..., 4:]),
             "MultiheadAttention(6, 3, kdim=4, vdim=2)"),
        made([{"name": "few", "crop": [[0, 2]]},
              k("attention", heads=2, branches=["few", "input"])], [5, 6], own,
             lambda x: (x[:, :3], x, x), "MultiheadAttention(6, 2)(x[:, :3], x, x)"),
        Made([k("attention", heads=2, project=False)], [5, 6],
             lambda x: dot(*(x.unflatten(-1, (2, 3)).transpose(1, 2),) * 3)
             .transpose(1, 2).flatten(-2), "scaled_dot_product_attention in 2 heads", scale=0.25),
        Made([k("attention", heads=1, project=False, axes="width")], [3, 4, 2],
             lambda x: dot(x, x, x), "scaled_dot_product_attention, row by row", scale=0.5),
        Made([k("attention", heads=1, project=False, axes="height")], [3, 4, 2],
             lambda x: dot(*(x.transpose(1, 2),) * 3).transpose(1, 2),
             "scaled_dot_product_attention, column by column", scale=0.5),
        relative(),
    ]  # fmt: skip


def relative() -> Made:
    """Swin's bias: a table with a row for each difference of places."""
    height, width, heads = 2, 3, 2
    table = integers((2 * height - 1) * (2 * width - 1), heads)
    bias = torch.zeros(heads, 6, 6, dtype=torch.float64)
    for a in range(6):
        for b in range(6):
            down, right = a // width - b // width, a % width - b % width
            bias[:, a, b] = table[(down + height - 1) * (2 * width - 1) + right + width - 1]

    def run(x: torch.Tensor) -> torch.Tensor:
        split = x.flatten(1, 2).unflatten(-1, (heads, 2)).transpose(1, 2)
        y = functional.scaled_dot_product_attention(split, split, split, attn_mask=bias)
        return y.transpose(1, 2).flatten(-2).reshape(x.shape)

    return Made([k("attention", heads=heads, project=False, position_bias=[height, width])],
                [height, width, 4], run, "scaled_dot_product_attention, attn_mask by differences",
                {"position_bias": table}, (table.numel(), 0), scale=0.25)  # fmt: skip


def recurrent() -> list[Made]:
    def made(item: dict[str, object], volume: list[int], module: nn.RNNBase) -> Made:
        filled(module)
        arrays = {
            name: tensor.detach().T if "weight" in name else tensor.detach()
            for name, tensor in module.named_parameters()
        }
        return Made([item], volume, lambda x: module(x)[0], str(module), arrays, split(module),
                    scale=0.125, counts=False)  # fmt: skip

    return [
        made(k("lstm", hidden_size=3), [4, 5], nn.LSTM(5, 3, batch_first=True)),
        made(k("LSTM", hidden_size=2, num_layers=2, bidirectional=True), [3, 4],
             nn.LSTM(4, 2, 2, batch_first=True, bidirectional=True)),
        made(k("lstm", hidden_size=3, bias=False), [4, 5],
             nn.LSTM(5, 3, bias=False, batch_first=True)),
        made(k("gru", hidden_size=3), [4, 5], nn.GRU(5, 3, batch_first=True)),
        made(k("GRU", hidden_size=2, direction="both"), [3, 4],
             nn.GRU(4, 2, batch_first=True, bidirectional=True)),
        made(k("rnn", hidden_size=3), [4, 5], nn.RNN(5, 3, batch_first=True)),
        made(k("RNN", hidden_size=3, nonlinearity="relu"), [4, 5],
             nn.RNN(5, 3, nonlinearity="relu", batch_first=True)),
    ]  # fmt: skip


def first(x: torch.Tensor) -> torch.Tensor:
    return x.movedim(-1, 1)


def last(x: torch.Tensor) -> torch.Tensor:
    return x.movedim(1, -1)


def framed(module: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., torch.Tensor]:
    """Channels first inside."""
    return lambda x: last(module(first(x)))


def moves() -> list[Made]:
    found = [
        Made([k("matmul", branches=[[], [{"permute": [1, 0]}]])], [4, 3],
             lambda x: x @ x.transpose(1, 2), "matmul"),
        Made([k("matmul", branches=[[], []], transpose_b=True)], [2, 4, 3],
             lambda x: x @ x.transpose(-1, -2), "matmul"),
        Made([k("matmul", branches=[[], []], transpose_a=True)], [2, 4, 3],
             lambda x: x.transpose(-1, -2) @ x, "matmul"),
        Made([k("minimum", branches=[[], [{"permute": [1, 0, 2]}]])], [3, 3, 2],
             lambda x: torch.minimum(x, x.transpose(1, 2)), "minimum"),
        Made([k("concat", branches=[[], [{"crop": [[1, 0], [0, 0]]}]], axis="height")], [3, 2, 2],
             lambda x: torch.cat([x, x[:, 1:]], 1), "cat(dim=1)"),
        Made([k("Concatenate", branches=[[], []], axis=-2)], [3, 2],
             lambda x: torch.cat([x, x], -2), "cat(dim=-2)"),
        Made([k("softmax", axis=-2)], [3, 4, 2], lambda x: x.softmax(-2), "softmax(-2)"),
        Made([k("softmax", axis="height")], [3, 4, 2], lambda x: x.softmax(1), "softmax(1)"),
        Made([k("softmax", axis="spatial")], [3, 4, 2],
             lambda x: x.flatten(1, 2).softmax(1).reshape(x.shape), "softmax over positions"),
        Made([k("log_softmax", axis=[-3, -1])], [3, 4, 2],
             lambda x: x - x.logsumexp((1, 3), keepdim=True), "log_softmax over two axes"),
        Made([k("rescale", scale=0.25, offset=-1)], [2, 3, 2], lambda x: x * 0.25 - 1, "x/4 − 1"),
        Made([k("rescale", factor=[2, 0.5], offset=[1, -2])], [2, 3, 2],
             lambda x: x * torch.tensor([2, 0.5]) + torch.tensor([1, -2]), "by channel"),
    ]  # fmt: skip
    for how in ("mean", "sum", "max", "min"):
        of = {"max": torch.amax, "min": torch.amin}.get(how) or getattr(torch, how)
        found += [
            Made([k("reduce", function=how, axes=axes, keepdims=keep)], [2, 3, 4],
                 lambda x, of=of, dims=dims, keep=keep: of(x, dims, keepdim=keep),
                 f"{how}({dims}, keepdim={keep})")
            for axes, dims, keep in (
                ("channels", (3,), True), ("width", (2,), False), ([-1, -3], (1, 3), False),
            )
        ]  # fmt: skip
    for name, mode in (("ReflectionPad2d", "reflect"), ("ReplicationPad2d", "replicate"),
                       ("CircularPad2d", "circular")):  # fmt: skip
        module = getattr(nn, name)((1, 2, 0, 1))
        found.append(Made([k("pad", padding=[[0, 1], [1, 2]], mode=mode)], [2, 3, 2],
                          framed(module), str(module)))  # fmt: skip
        module = getattr(nn, name)(1)
        found.append(Made([k(name, padding=1)], [2, 3, 2], framed(module), str(module)))
    constant = nn.ConstantPad1d((2, 1), 3.5)
    found.append(Made([k("ConstantPad1d", padding=[[2, 1]], value=3.5)], [3, 2],
                      framed(constant), str(constant)))  # fmt: skip
    return found


def resized() -> list[Made]:
    return [
        Made([k("upsample", scale=scale, mode=mode)], volume,
             framed(lambda x, scale=scale, mode=mode: functional.interpolate(
                 x, scale_factor=scale, mode=mode)),
             f"interpolate(scale_factor={scale}, mode={mode!r})")
        for scale, mode, volume in (
            (1.5, "nearest", [5, 3, 2]), (2.5, "nearest-exact", [3, 4, 2]),
            (1.5, "bilinear", [5, 3, 2]), (0.5, "bilinear", [6, 5, 2]),
            (2, "bicubic", [4, 3, 2]), (1.5, "bicubic", [5, 4, 2]), (1.5, "linear", [5, 2]),
            (1.5, "trilinear", [3, 2, 4, 2]), (0.5, "area", [6, 4, 2]),
            ([1.5, 2], "area", [4, 3, 1]),
        )
    ] + [
        Made([k("resize", size=[5, 7], mode=mode)], [4, 3, 2],
             framed(lambda x, mode=mode: functional.interpolate(x, (5, 7), mode=mode)),
             f"interpolate((5, 7), mode={mode!r})")
        for mode in ("nearest-exact", "bicubic", "area")
    ]  # fmt: skip


def functions() -> list[Made]:
    rms = filled(nn.RMSNorm(4, eps=0.01))
    whole = filled(nn.RMSNorm([3, 4], eps=0.01))
    table = filled(nn.Embedding(5, 3))
    standard = filled(nn.Conv2d(4, 4, 3, groups=2, bias=True))

    def standardised(x: torch.Tensor) -> torch.Tensor:
        # As timm's StdConv2d: batch_norm over the filters.
        weight = functional.batch_norm(
            standard.weight.reshape(1, 4, -1), None, None, training=True, eps=1e-6
        ).reshape_as(standard.weight)
        y = functional.conv2d(first(x), weight, standard.bias, groups=2)
        return last(y)

    row = torch.tensor([1, 2, 1], dtype=torch.float64) / 4
    binomial = (row[:, None] * row[None])[:, :, None, None].repeat(1, 1, 1, 3)

    def blurred(x: torch.Tensor) -> torch.Tensor:
        # As timm's BlurPool2d(filt_size=3, stride=2).
        padded = functional.pad(first(x), (1, 1, 1, 1), mode="reflect")
        filter = binomial.movedim(-1, 0).movedim(-1, 1)
        return last(functional.conv2d(padded, filter, stride=2, groups=x.shape[-1]))

    def response(x: torch.Tensor) -> torch.Tensor:
        # As facebookresearch/ConvNeXt-V2's GRN.
        length = torch.norm(x, p=2, dim=(1, 2), keepdim=True)
        return gamma * (x * (length / (length.mean(-1, keepdim=True) + 1e-6))) + beta + x

    gamma, beta = integers(3), integers(3)
    factor, learned = integers(1), integers(1, 3)
    slopes = integers(1, 4, 2)
    return [
        Made([k("RMSNorm", eps=0.01)], [3, 4], rms, "RMSNorm(4, eps=0.01)",
             {"weight": rms.weight.detach()}, split(rms)),
        Made([k("rms_norm", axes="all", eps=0.01)], [3, 4], whole, "RMSNorm([3, 4], eps=0.01)",
             {"weight": whole.weight.detach()}, split(whole)),
        Made([k("l2_norm")], [3, 2, 4], lambda x: functional.normalize(x, dim=-1), "normalize"),
        Made([k("l2_norm", axes="spatial")], [3, 2, 4],
             lambda x: functional.normalize(x.flatten(1, 2), dim=1).reshape(x.shape), "normalize"),
        Made([k("Hardtanh", min_val=-1.5, max_val=2)], [3, 4],
             nn.Hardtanh(-1.5, 2.0), "Hardtanh(-1.5, 2)"),
        Made([k("hard_tanh")], [3, 4], nn.Hardtanh(), "Hardtanh()"),
        Made([k("GLU")], [3, 4], nn.GLU(), "GLU()"),
        Made([{"slice": [0, 1]}, {"reshape": 3}, {"rescale": {"offset": 2}},
              k("Embedding", num_embeddings=5, embedding_dim=3)], [3, 1],
             lambda x: table((x[..., 0] + 2).long().clamp(0, 4)), "Embedding(5, 3)",
             {"weight": table.weight.detach()}, split(table)),
        Made([k("conv", filters=4, kernel=3, groups=2, standardize=True)], [4, 5, 4], standardised,
             "conv2d by standardised weights",
             {"weight": standard.weight.detach().movedim((1, 0), (-2, -1)),
              "bias": standard.bias.detach()}, split(standard)),
        Made([k("blur_pool", rounding="floor")], [6, 5, 3], blurred, "conv2d by a binomial filter",
             {"filter": binomial}),
        Made([k("grn")], [3, 2, 3], response, "GRN", {"weight": gamma, "bias": beta}, (3, 3)),
        Made([k("scale", parameters=1)], [3, 2, 4], lambda x: x * factor, "x·parameter",
             {"weight": factor}, (1, 0)),
        Made([{"name": "k", "parameter": [1, 3]}], [2, 3],
             lambda x: learned.expand(len(x), 1, 3), "parameter", {"weight": learned}, (3, 0)),
        Made([k("prelu", parameters="all", shared_axes="height")], [3, 4, 2],
             lambda x: torch.where(x > 0, x, x * slopes), "a slope for each column and channel",
             {"weight": slopes}, (8, 0)),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- Keras


def keras_line(
    layers: list[object], volume: list[int], layer: keras.Layer, names: list[str] | None = None,
    scale: float = 0.125, shapes: dict[str, tuple[int, ...]] | None = None, feed: str = "x",
) -> dict[str, Any]:  # fmt: skip
    """`names` are the language's for the layer's variables, in Keras' order; gates stand in
    Keras' order, which `reordered` turns."""
    x = integers(2, *volume) * scale
    layer.build((None, *volume)) if feed == "x" else layer.build(
        *((None, *volume) for _ in range(2))
    )
    for variable in layer.weights:
        variable.assign(integers(*variable.shape))
    with torch.no_grad():
        y = layer(x) if feed == "x" else layer(x, x)
    biases = sum(
        v.value.numel() for v in layer.trainable_weights if "bias" in v.path.rpartition("/")[2]
    )
    total = sum(v.value.numel() for v in layer.trainable_weights)
    arrays: Tensors = {}
    if names is not None:
        for name, variable in zip(names, layer.weights, strict=True):
            arrays |= reordered(name, variable.value.detach(), layer)
    for name, shape in (shapes or {}).items():
        arrays[name] = arrays[name].reshape(shape)
    if shapes:
        parts = ("query", "key", "value")
        for what in ("weight", "bias"):
            arrays[f"qkv_{what}"] = torch.cat([arrays.pop(f"{p}_{what}") for p in parts], -1)
    return {
        "layers": layers, "input": volume, "call": called(layer),
        "output": list(y.shape[1:]), "weights": total - biases, "biases": biases, "macs": None,
        "x": numbers(x), "arrays": {name: numbers(tensor) for name, tensor in arrays.items()},
        "y": numbers(y.detach()),
    }  # fmt: skip


def called(layer: keras.Layer) -> str:
    config = layer.get_config()
    told = ("units", "num_heads", "key_dim", "value_dim", "reset_after", "return_sequences",
            "use_bias", "shared_axes", "axis", "epsilon")  # fmt: skip
    return f"{type(layer).__name__}({', '.join(f'{n}={config[n]}' for n in told if n in config)})"


def reordered(name: str, value: torch.Tensor, layer: keras.Layer) -> Tensors:
    """Keras' gates of a GRU are update, reset, new, and its two biases stand in one array."""
    inner = getattr(layer, "forward_layer", layer)
    if isinstance(inner, keras.layers.GRU):
        update, reset, new = value.chunk(3, -1)
        value = torch.cat([reset, update, new], -1)
        if value.ndim == 2 and name.startswith("bias"):
            return {name: value[0], name.replace("_ih_", "_hh_"): value[1]}
    return {name: value}


RECURRENT = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0"]
ATTENTION = [f"{part}_{what}" for part in ("query", "key", "value", "output")
             for what in ("weight", "bias")]  # fmt: skip


def keras_lines() -> list[dict[str, Any]]:
    keras.config.set_floatx("float64")
    layers = keras.layers
    both = [*RECURRENT, *(f"{name}_reverse" for name in RECURRENT)]
    flat = {
        "query_weight": (1, 5, 6), "key_weight": (1, 5, 6), "value_weight": (1, 5, 8),
        "output_weight": (1, 8, 5), "query_bias": (6,), "key_bias": (6,), "value_bias": (8,),
    }  # fmt: skip
    return [
        keras_line([k("LSTM", units=3)], [4, 5], layers.LSTM(3), RECURRENT),
        keras_line([k("lstm", units=3, return_sequences=True)], [4, 5],
                   layers.LSTM(3, return_sequences=True), RECURRENT),
        keras_line([k("lstm", units=3, use_bias=False)], [4, 5],
                   layers.LSTM(3, use_bias=False), RECURRENT[:2]),
        keras_line([k("lstm", units=2, direction="both")], [3, 4],
                   layers.Bidirectional(layers.LSTM(2)), both),
        keras_line([k("lstm", units=2, direction="both", sequence=True)], [3, 4],
                   layers.Bidirectional(layers.LSTM(2, return_sequences=True)), both),
        keras_line([k("GRU", units=3)], [4, 5], layers.GRU(3), RECURRENT),
        keras_line([k("gru", units=3, reset_after=False)], [4, 5],
                   layers.GRU(3, reset_after=False), RECURRENT),
        keras_line([k("SimpleRNN", units=3)], [4, 5], layers.SimpleRNN(3), RECURRENT),
        keras_line([k("attention", num_heads=2, key_dim=3, value_dim=4)], [4, 5],
                   layers.MultiHeadAttention(2, 3, 4), ATTENTION, shapes=flat, feed="two"),
        keras_line([k("RMSNormalization", epsilon=0.01)], [3, 4],
                   layers.RMSNormalization(epsilon=0.01), ["weight"]),
        keras_line([k("UnitNormalization")], [3, 4], layers.UnitNormalization(), scale=1),
        keras_line([k("Rescaling", scale=0.5, offset=-1)], [3, 4],
                   layers.Rescaling(0.5, -1), scale=1),
        keras_line([k("PReLU", parameters="all")], [3, 4, 2], layers.PReLU(), ["weight"], scale=1),
        keras_line([k("PReLU", parameters="all", shared_axes=[-3, -2])], [3, 4, 2],
                   layers.PReLU(shared_axes=[1, 2]), ["weight"], scale=1),
    ]  # fmt: skip


if __name__ == "__main__":
    made = [*attentions(), *recurrent(), *moves(), *resized(), *functions()]
    write(
        "torch_kinds.json", {"made_with": provenance("torch")}, "cases", [line(one) for one in made]
    )
    write("keras_kinds.json", {"made_with": provenance("keras", "torch")}, "cases", keras_lines())
