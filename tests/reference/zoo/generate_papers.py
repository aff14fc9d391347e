"""Write down the networks of `paper_networks.py` layer by layer, by running them in PyTorch.

Run it as `python tests/reference/zoo/generate_papers.py` where torch is installed; it rewrites the
files in `papers/`, whose form is described in `tables.py`. Nothing of cnncalc is imported. Volumes
and arrays are read off the modules and what they return, the wiring off PyTorch's own trace; MACs
are the weights times the positions that use them. Taking every other pixel stands as `avg_pool`.
"""

from __future__ import annotations

import operator
import sys
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from paper_networks import NETWORKS
from tables import Row, walk, write
from torch import fx, nn
from torch.fx.passes.shape_prop import ShapeProp
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).parent / "papers"

KINDS: dict[Any, str | None] = {
    nn.Conv1d: "conv",
    nn.Conv2d: "conv",
    nn.ConvTranspose2d: "conv_transpose",
    nn.Linear: "dense",
    nn.BatchNorm1d: "batch_norm",
    nn.BatchNorm2d: "batch_norm",
    nn.MaxPool1d: "max_pool",
    nn.MaxPool2d: "max_pool",
    nn.AvgPool2d: "avg_pool",
    nn.AdaptiveAvgPool1d: "global_avg_pool",
    nn.AdaptiveAvgPool2d: "global_avg_pool",
    nn.ReLU: "relu",
    nn.LeakyReLU: "leaky_relu",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.Softmax: "softmax",
    nn.Upsample: "upsample",
    nn.ConstantPad1d: None,
    nn.Dropout: None,
    nn.Flatten: None,
    operator.add: "add",
    operator.mul: "multiply",
    operator.getitem: "avg_pool",
    torch.tanh: "tanh",
    torch.sigmoid: "sigmoid",
    torch.cat: "concat",
    torch.stack: None,  # the sum over what was stacked stands for both
    functional.pad: None,
    "sum": "add",
}


def channels_last(shape: Iterable[int]) -> list[int]:
    """Turn `[1, C, H, W]` into `[H, W, C]`."""
    _, channels, *spatial = shape
    return [*spatial, channels]


def record(name: str, shape: tuple[int, ...], network: nn.Module) -> None:
    """Trace a network, run it on zeros, and write its file."""
    traced = fx.symbolic_trace(network.eval())
    with torch.no_grad():
        ShapeProp(traced).propagate(torch.zeros(1, *shape))

    def made(node: fx.Node) -> Any:
        """Find what makes a value: the type of a module, a function, or a method's name."""
        if node.op == "call_module":
            return type(traced.get_submodule(str(node.target)))
        return node.target

    def reads(node: fx.Node) -> list[fx.Node] | None:
        if node.op == "placeholder":
            return None
        if made(node) == "sum":
            (node,) = node.all_input_nodes
        return [*node.all_input_nodes]

    def rows(node: fx.Node) -> list[Row]:
        kind = KINDS[made(node)]
        if kind is None:
            return []
        output = channels_last(node.meta["tensor_meta"].shape)
        if kind == "global_avg_pool":
            output = output[-1:]
        weights = biases = state = macs = 0
        if node.op == "call_module":
            module = traced.get_submodule(str(node.target))
            arrays = dict(module.named_parameters())
            weights = arrays["weight"].numel() if "weight" in arrays else 0
            biases = arrays["bias"].numel() if "bias" in arrays else 0
            state = sum(b.numel() for b in module.buffers() if b.dim())
            before = channels_last(node.all_input_nodes[0].meta["tensor_meta"].shape)
            if kind in ("conv", "conv_transpose", "dense"):
                positions = before if kind == "conv_transpose" else output
                macs = prod(positions[:-1]) * weights
        return [[kind, output, weights, biases, state, macs]]

    (end,) = (node for node in traced.graph.nodes if node.op == "output")
    head = {
        "input": channels_last([1, *shape]),
        "params_with_state": sum(a.numel() for a in network.parameters())
        + sum(b.numel() for b in network.buffers() if b.dim()),
        "trainable": sum(a.numel() for a in network.parameters()),
    }
    found = walk(end.all_input_nodes, lambda node: node.name, reads, rows)
    write(FOLDER / f"{name}.json", ("torch",), head, *found)


def main() -> None:
    """Rewrite all files."""
    sys.setrecursionlimit(20_000)  # the walk is as deep as the network
    for name, (shape, build) in NETWORKS.items():
        record(name, shape, build())


if __name__ == "__main__":
    main()
