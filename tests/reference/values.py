"""Write `torch_values.json`: what PyTorch computes for small layers on small integers.

Run it as `python tests/reference/values.py` where torch is installed. Nothing of cnncalc is
imported. Inputs and weights are whole numbers drawn from a fixed seed, the arithmetic is float64.
Arrays are written as the architecture language has them: volumes channels last, kernels
(*F, channels in, channels out).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from generate import provenance, write
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable

GENERATOR = torch.Generator().manual_seed(1998)


@dataclass(frozen=True)
class Values:
    """A layer in both words. `made` is a module, or a function of (N, C, *spatial)."""

    layer: str | dict[str, object]
    volume: list[int]
    made: nn.Module | Callable[[torch.Tensor], torch.Tensor]
    call: str = ""
    rounding: str = "exact"
    channels_last: bool = False
    batch: int = 1
    scale: float = 1.0
    """What the integers of the input are multiplied by."""


def integers(*shape: int) -> torch.Tensor:
    return torch.randint(-4, 5, shape, generator=GENERATOR).double()


def first_to_last(x: torch.Tensor) -> torch.Tensor:
    """(N, C, *spatial) to (N, *spatial, C)."""
    return x.movedim(1, -1)


def kernel(module: nn.Module, weight: torch.Tensor) -> torch.Tensor:
    """A module's weight in the order (*F, channels in, channels out)."""
    if isinstance(module, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)):
        # (C, K/groups, *F): the channels of a group stand together, and so do their filters.
        c, k, g = weight.shape[0], weight.shape[1], module.groups
        split = weight.reshape(g, c // g, k, *weight.shape[2:])
        return split.movedim((1, 0, 2), (-3, -2, -1)).reshape(*weight.shape[2:], c // g, g * k)
    if isinstance(module, nn.LayerNorm):
        return weight
    if weight.ndim > 2:
        return weight.movedim((1, 0), (-2, -1))
    return weight.T if weight.ndim == 2 else weight


def arrays(module: nn.Module) -> dict[str, torch.Tensor]:
    """Whole numbers for all of a module's arrays, variances positive; in the language's order."""
    found = {}
    for path, tensor in [*module.named_parameters(), *module.named_buffers()]:
        name = path.rpartition(".")[2]
        if name == "num_batches_tracked":
            continue
        with torch.no_grad():
            tensor.copy_(integers(*tensor.shape))
            if name == "running_var":
                tensor.abs_().add_(1)
        found[name] = kernel(module, tensor.detach()) if name == "weight" else tensor.detach()
    return found


def line(case: Values) -> dict[str, Any]:
    x = integers(case.batch, *case.volume) * case.scale
    own = {}
    if isinstance(case.made, nn.Module):
        case.made.double().eval()
        own = arrays(case.made)
    given = x if case.channels_last else x.movedim(-1, 1)
    with torch.no_grad():
        y = case.made(given)
    y = y if case.channels_last or y.ndim == 2 else first_to_last(y)
    return {
        "layer": case.layer,
        "input": case.volume,
        "rounding": case.rounding,
        "call": case.call or str(case.made),
        "x": numbers(x),
        "arrays": {name: numbers(tensor) for name, tensor in own.items()},
        "y": numbers(y),
    }


def numbers(tensor: torch.Tensor) -> dict[str, Any]:
    flat = [float(f"{v:.9g}") for v in tensor.flatten().tolist()]
    return {"shape": list(tensor.shape), "values": [int(v) if v == int(v) else v for v in flat]}


def with_args(kind: str, **options: object) -> dict[str, object]:
    return {kind: options}


def windows() -> list[Values]:
    conv, transposed = nn.Conv2d, nn.ConvTranspose2d
    return [
        Values(with_args("conv", filters=3, kernel=3), [5, 6, 2], conv(2, 3, 3)),
        Values(with_args("conv", filters=4, kernel=[3, 2], stride=[2, 1], padding=[1, 0],
                         dilation=[1, 2], groups=2),
               [7, 6, 4], conv(4, 4, (3, 2), (2, 1), (1, 0), (1, 2), 2), batch=2),
        Values(with_args("conv", filters=2, kernel=3, padding=[[0, 1], [2, 0]], bias=False),
               [4, 4, 3], nn.Sequential(nn.ZeroPad2d((2, 0, 0, 1)), conv(3, 2, 3, bias=False)),
               call="ZeroPad2d((2, 0, 0, 1)), Conv2d(3, 2, 3, bias=False)"),
        Values(with_args("conv", filters=2, kernel=4, stride=3, padding=2),
               [11, 3], nn.Conv1d(3, 2, 4, 3, 2), rounding="floor"),
        Values(with_args("conv", filters=2, kernel=[2, 3, 2], stride=[1, 2, 1], padding=1),
               [3, 5, 3, 2], nn.Conv3d(2, 2, (2, 3, 2), (1, 2, 1), 1)),
        Values(with_args("depthwise_conv", kernel=3, stride=2, padding=1, multiplier=2),
               [5, 7, 3], conv(3, 6, 3, 2, 1, groups=3), batch=2),
        Values(with_args("conv_transpose", filters=3, kernel=3, stride=2),
               [3, 2, 2], transposed(2, 3, 3, 2)),
        Values(with_args("conv_transpose", filters=4, kernel=[3, 2], stride=[3, 2], padding=[1, 0],
                         output_padding=[2, 1], dilation=[2, 1], groups=2),
               [3, 4, 4],
               transposed(4, 4, (3, 2), (3, 2), (1, 0), (2, 1), 2, dilation=(2, 1)), batch=2),
        Values(with_args("conv_transpose", filters=2, kernel=1, stride=3, bias=False),
               [4, 3], nn.ConvTranspose1d(3, 2, 1, 3, bias=False)),
        Values(with_args("conv_transpose", filters=2, kernel=2, stride=2, padding=1),
               [2, 3, 2, 2], nn.ConvTranspose3d(2, 2, 2, 2, 1)),
        Values({"dense": 4}, [6], nn.Linear(6, 4), batch=3),
        Values(with_args("dense", units=3, bias=False), [5], nn.Linear(5, 3, bias=False)),
    ]  # fmt: skip


def pools() -> list[Values]:
    biggest, mean = nn.MaxPool2d, nn.AvgPool2d
    ceil = {"rounding": "ceil"}
    return [
        Values(with_args("max_pool", kernel=3, stride=2, padding=1), [7, 5, 2], biggest(3, 2, 1)),
        Values(with_args("max_pool", kernel=2, stride=3, rounding="ceil"), [6, 7, 2],
               biggest(2, 3, ceil_mode=True)),
        Values(with_args("max_pool", kernel=3, stride=1, padding=1, dilation=2), [6, 7, 2],
               biggest(3, 1, 1, 2)),
        Values(with_args("max_pool", kernel=3), [10, 2], nn.MaxPool1d(3), rounding="floor"),
        Values(with_args("max_pool", kernel=2), [4, 4, 2, 2], nn.MaxPool3d(2)),
        Values(with_args("avg_pool", kernel=3, stride=2, padding=1), [7, 5, 2], mean(3, 2, 1)),
        Values(with_args("avg_pool", kernel=3, stride=2, padding=1, **ceil), [6, 8, 2],
               mean(3, 2, 1, ceil_mode=True)),
        Values(with_args("avg_pool", kernel=3, stride=2, padding=1, count_include_pad=False,
                         **ceil), [6, 8, 2], mean(3, 2, 1, True, False)),
        Values(with_args("avg_pool", kernel=[2, 3], stride=[3, 2], **ceil), [6, 8, 2],
               mean((2, 3), (3, 2), ceil_mode=True), batch=2),
        Values(with_args("avg_pool", kernel=2, stride=1), [5, 2], nn.AvgPool1d(2, 1)),
        Values(with_args("avg_pool", kernel=2), [4, 2, 4, 2], nn.AvgPool3d(2)),
        Values(with_args("adaptive_avg_pool", size=[3, 2]), [7, 5, 2],
               nn.AdaptiveAvgPool2d((3, 2))),
        Values(with_args("adaptive_avg_pool", size=[4, 7]), [3, 5, 2],
               nn.AdaptiveAvgPool2d((4, 7))),
        Values(with_args("adaptive_max_pool", size=[3, 2]), [7, 5, 2],
               nn.AdaptiveMaxPool2d((3, 2))),
        Values(with_args("global_avg_pool", keepdims=True), [3, 5, 2], nn.AdaptiveAvgPool2d(1)),
        Values(with_args("global_max_pool", keepdims=True), [3, 5, 2], nn.AdaptiveMaxPool2d(1)),
    ]  # fmt: skip


def norms() -> list[Values]:
    return [
        Values("batch_norm", [3, 4, 2], nn.BatchNorm2d(2), batch=2),
        Values(with_args("batch_norm", affine=False, eps=0.5), [5],
               nn.BatchNorm1d(5, 0.5, affine=False)),
        Values("layer_norm", [3, 2, 6], nn.LayerNorm(6), channels_last=True),
        Values(with_args("layer_norm", bias=False, eps=0.1), [7], nn.LayerNorm(7, 0.1, bias=False),
               channels_last=True, batch=2),
        Values(with_args("layer_norm", axes="all"), [2, 3, 4], nn.LayerNorm([2, 3, 4]),
               channels_last=True),
        Values(with_args("group_norm", groups=3), [2, 3, 6], nn.GroupNorm(3, 6), batch=2),
        Values(with_args("group_norm", groups=1, affine=False), [4, 4],
               nn.GroupNorm(1, 4, affine=False)),
        Values("instance_norm", [3, 3, 2], nn.InstanceNorm2d(2)),
        Values(with_args("instance_norm", affine=True, eps=0.1), [3, 4, 3],
               nn.InstanceNorm2d(3, 0.1, affine=True)),
        # alpha there is a factor of the mean, here of the sum.
        Values(with_args("lrn", size=3, alpha=0.2, beta=0.75, k=2), [2, 3, 7],
               nn.LocalResponseNorm(3, 0.6, 0.75, 2)),
        Values(with_args("lrn", size=4, alpha=0.25, beta=0.5, k=1), [2, 3, 7],
               nn.LocalResponseNorm(4, 1.0, 0.5, 1)),
        Values(with_args("lrn", size=5, alpha=0.1, beta=1, k=1), [2, 2, 3],
               nn.LocalResponseNorm(5, 0.5, 1, 1)),
    ]  # fmt: skip


def functions() -> list[Values]:
    modules: list[tuple[object, nn.Module]] = [
        ("relu", nn.ReLU()), ("relu6", nn.ReLU6()), ("leaky_relu", nn.LeakyReLU()),
        ({"leaky_relu": 0.2}, nn.LeakyReLU(0.2)), ("elu", nn.ELU()), ({"elu": 0.5}, nn.ELU(0.5)),
        ("selu", nn.SELU()), ("gelu", nn.GELU()), ("silu", nn.SiLU()), ("mish", nn.Mish()),
        ("sigmoid", nn.Sigmoid()), ("hard_sigmoid", nn.Hardsigmoid()),
        ("hard_swish", nn.Hardswish()), ("tanh", nn.Tanh()), ("softplus", nn.Softplus()),
        ("softmax", nn.Softmax(1)), ("log_softmax", nn.LogSoftmax(1)), ("prelu", nn.PReLU()),
        ({"prelu": "channels"}, nn.PReLU(3)),
    ]  # fmt: skip
    cases = [Values(layer, [3, 3, 3], module, scale=2.5) for layer, module in modules]
    return [*cases, Values("exp", [3, 3, 3], torch.exp, call="torch.exp")]


def resizings() -> list[Values]:
    def resize(mode: str, **how: Any) -> dict[str, Any]:
        def made(x: torch.Tensor) -> torch.Tensor:
            return functional.interpolate(x, mode=mode, **how)

        words = ", ".join(f"{key}={value!r}" for key, value in how.items())
        return {"made": made, "call": f"interpolate(mode={mode!r}, {words})"}

    bilinear = {"mode": "bilinear"}
    return [
        Values({"upsample": 2}, [2, 3, 2], **resize("nearest", scale_factor=2)),
        Values(with_args("upsample", scale=[2, 3], **bilinear), [3, 2, 2],
               **resize("bilinear", scale_factor=(2, 3))),
        Values(with_args("upsample", scale=3, **bilinear), [4, 2],
               **resize("linear", scale_factor=3)),
        Values(with_args("upsample", scale=2, **bilinear), [2, 3, 2, 1],
               **resize("trilinear", scale_factor=2)),
        Values({"resize": [5, 3]}, [3, 7, 2], **resize("nearest", size=(5, 3))),
        Values(with_args("resize", size=[5, 3], **bilinear), [3, 7, 2],
               **resize("bilinear", size=(5, 3))),
        Values(with_args("resize", size=1, **bilinear), [4, 5, 2], **resize("bilinear", size=1)),
        Values({"pixel_shuffle": 2}, [2, 3, 8], nn.PixelShuffle(2)),
        Values({"pixel_unshuffle": 2}, [4, 6, 2], nn.PixelUnshuffle(2)),
        Values({"channel_shuffle": 3}, [2, 2, 6], nn.ChannelShuffle(3)),
        Values({"pad": [[1, 0], [2, 3]]}, [2, 2, 2], nn.ZeroPad2d((2, 3, 1, 0))),
    ]  # fmt: skip


def main() -> None:
    cases = [*windows(), *pools(), *norms(), *functions(), *resizings()]
    write("torch_values.json", {"made_with": provenance("torch")}, "cases", map(line, cases))


if __name__ == "__main__":
    main()
