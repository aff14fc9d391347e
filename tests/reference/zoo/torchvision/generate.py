"""Write what torchvision's networks are made of, layer by layer, by building and running them.

Run it as `python tests/reference/zoo/torchvision/generate.py` where torch and torchvision are
installed; it rewrites the JSON files beside it and `../published/torchvision.json`. Nothing of
cnncalc is imported. The networks run on the meta device: every volume is what PyTorch made of the
input, every count is the number of elements of a parameter, and MACs are positions of the output
times the weights that one of them uses.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torchvision.models import get_model, get_model_weights, list_models

HERE = Path(__file__).parent

FAMILIES = (
    *("alexnet", "vgg", "googlenet", "inception", "resnet", "wide_resnet", "resnext", "densenet"),
    *("squeezenet", "mobilenet", "mnasnet", "shufflenet", "efficientnet", "regnet", "convnext"),
    *("fcn_", "deeplabv3", "lraspp", "r3d", "mc3", "r2plus1d", "s3d"),
)
BUNDLED = {"alexnet": "alexnet-torchvision", "googlenet": "googlenet-torchvision"}
"""Where the bundled name is not torchvision's, since the original has that."""

INPUTS = {
    "inception_v3": [299, 299, 3],
    **{name: [16, 112, 112, 3] for name in ("r3d_18", "mc3_18", "r2plus1d_18")},
    "s3d": [16, 224, 224, 3],
}
"""Where it is not 224x224x3."""

NORMALIZATIONS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm)
SLIDING = {
    **dict.fromkeys(("max_pool2d", "max_pool3d"), ("kernel_size", "stride", "padding", "dilation")),
    **dict.fromkeys(("avg_pool2d", "avg_pool3d"), ("kernel_size", "stride", "padding")),
}
"""The pools that slide, and the order of their arguments."""
FUNCTIONS = (
    *((nn.functional, name) for name in (*SLIDING, "adaptive_avg_pool2d", "adaptive_avg_pool3d")),
    *((torch, "mean"), (torch.Tensor, "mean"), (torch, "sigmoid"), (nn.functional, "hardtanh")),
    *((nn.functional, name) for name in ("relu", "relu6", "silu", "gelu")),
    *((nn.functional, name) for name in ("hardswish", "hardsigmoid")),
)
"""Pools and activations, which modules call as well: nn.ReLU6 calls hardtanh."""


def volume(tensor: torch.Tensor, *, channels_last: bool) -> str:
    """Write a tensor's axes without the batch, channels last: `56x56x64`."""
    axes = list(tensor.shape[1:])
    channels_last = channels_last or len(axes) == 1
    return "x".join(map(str, axes if channels_last else [*axes[1:], axes[0]]))


def window(rank: int, *figures: Any) -> str:
    """Write kernel, stride, padding and dilation: `3/2/1/1`, `1x7/1/0x3/1` where axes differ."""
    axes = [(figure,) * rank if isinstance(figure, int) else tuple(figure) for figure in figures]
    return "/".join(
        str(each[0]) if len(set(each)) == 1 else "x".join(map(str, each)) for each in axes
    )


class Recorder:
    """What passed through the layers, in the order in which they ran."""

    def __init__(self, model: nn.Module) -> None:
        """Listen to all convolutions, linear layers and normalisations of a model."""
        self.rows: list[tuple[Any, ...]] = []
        for module in model.modules():
            if isinstance(module, (nn.modules.conv._ConvNd, nn.Linear, *NORMALIZATIONS)):
                module.register_forward_hook(self.passed)

    def passed(self, module: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        """Record a module's call."""
        weights, biases = (0 if p is None else p.numel() for p in (module.weight, module.bias))
        last = isinstance(module, nn.Linear) or type(module) is nn.LayerNorm
        macs, slid = 0, ""
        if isinstance(module, nn.modules.conv._ConvNd):
            figures = (module.kernel_size, module.stride, module.padding, module.dilation)
            slid = window(output.dim() - 2, *figures)
            macs = output[0, 0].numel() * weights
        elif isinstance(module, nn.Linear):
            macs = output.numel() // module.out_features * weights
        volumes = (volume(each, channels_last=last) for each in (inputs[0], output))
        self.rows.append((type(module).__name__, slid, *volumes, weights, biases, macs))

    def recorded(self, name: str, function: Any) -> Any:
        """Make a function that is recorded: torchvision has modules and bare calls."""

        def call(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
            output = function(tensor, *args, **kwargs)
            slid = ""
            if name in SLIDING:
                given = {**dict(zip(SLIDING[name], args, strict=False)), **kwargs}
                kernel = given["kernel_size"]
                figures = (given.get("stride") or kernel, given.get("padding", 0))
                slid = window(tensor.dim() - 2, kernel, *figures, given.get("dilation", 1))
            last = name == "gelu"  # ConvNeXt's, between two linear layers
            volumes = (volume(each, channels_last=last) for each in (tensor, output))
            self.rows.append((name, slid, *volumes, 0, 0, 0))
            return output

        return call

    def run(self, model: nn.Module, size: list[int]) -> None:
        """Run a model on one input."""
        kept = [(place, name, getattr(place, name)) for place, name in FUNCTIONS]
        for place, name, function in kept:
            setattr(place, name, self.recorded(name, function))
        try:
            with torch.no_grad():
                model(torch.empty([1, size[-1], *size[:-1]], device="meta"))
        finally:
            for place, name, function in kept:
                setattr(place, name, function)


def built(name: str) -> nn.Module:
    """Build a network as it is evaluated, without the side heads that help training."""
    arguments: dict[str, Any] = {"weights": None}
    if name in ("googlenet", "inception_v3"):
        arguments |= {"aux_logits": False, "init_weights": False}
    elif name.startswith(("fcn_", "deeplabv3", "lraspp")):
        arguments |= {"weights_backbone": None}
    # RegNet works its widths out with tensors that have values.
    with torch.device("cpu" if name.startswith("regnet") else "meta"):
        return get_model(name, **arguments).eval().to("meta")


def published(name: str, size: list[int]) -> dict[str, Any]:
    """Look up what torchvision states of its weights: of those for this input, if there are."""
    known = []
    for weights in get_model_weights(name):
        transforms = weights.transforms()
        side = (getattr(transforms, "crop_size", None) or transforms.resize_size)[0]
        known.append(
            {
                "params": weights.meta["num_params"],
                "gmacs": weights.meta["_ops"],
                "input": [*size[:-3], side, side, 3],
            }
        )
    return next((each for each in known if each["input"] == size), known[0])


def written(name: str) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """Make the head of a table, and its rows."""
    model, size = built(name), INPUTS.get(name, [224, 224, 3])
    recorder = Recorder(model)
    recorder.run(model, size)
    params = sum(parameter.numel() for parameter in model.parameters())
    state = sum(b.numel() for n, b in model.named_buffers() if "num_batches_tracked" not in n)
    head = {
        "model": f"{get_model_weights(name).__module__}.{name}",
        "made_by": {key: version(key).split("+")[0] for key in ("torchvision", "torch")},
        "input": size,
        "params": params,
        "state": state,
        "macs": sum(row[-1] for row in recorder.rows),
        "published": published(name, size),
    }
    return head, recorder.rows


def write(name: str, head: dict[str, Any], rows: list[tuple[Any, ...]]) -> None:
    """Write a table: each distinct row once, and the sequence they come in."""
    distinct = list(dict.fromkeys(rows))
    number = {row: index for index, row in enumerate(distinct)}
    members = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in distinct)
    members.append(f'"distinct": [\n{lines}\n]')
    sequence = json.dumps([number[row] for row in rows], separators=(",", ":"))
    members.append(f'"sequence": {sequence}')
    (HERE / f"{name}.json").write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")


def entry(head: dict[str, Any], rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Make the network's entry among what was published."""
    stated = head["published"]
    source = f"{head['model']}, num_params and GMACs in the metadata of its weights"
    if head["params"] != stated["params"]:
        source += f"; less the {stated['params'] - head['params']:,} parameters of the side head"
    (*_, classes) = rows[-1][3].split("x")
    output = [int(classes)]
    if "segmentation" in head["model"]:
        output = [*head["input"][:2], *output]
    found = {"source": source, "output": output, "params": head["params"], "state": head["state"]}
    if stated["input"] == head["input"]:
        found["gmacs"] = stated["gmacs"]
    return found


def main() -> None:
    """Write all tables."""
    torch.manual_seed(0)
    entries: dict[str, Any] = {}
    for name in list_models():
        if name.startswith(FAMILIES):
            head, rows = written(name)
            write(BUNDLED.get(name, name), head, rows)
            entries[BUNDLED.get(name, name)] = entry(head, rows)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(e)}" for key, e in entries.items())
    path = HERE.parent / "published" / "torchvision.json"
    path.write_text("{\n" + lines + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
