"""Write down keras.applications layer by layer, one file a network, by building the networks.

Run it as `python tests/reference/zoo/keras/generate.py` where keras and torch are installed; it
rewrites the JSON files beside it. Nothing of cnncalc is imported. Volumes, arrays and wiring are
read off the models that Keras builds; MACs are Keras' own kernels times its own output positions.

A file has `layers`, the distinct layers as [kind, output, weights, biases, state, macs], and
`graph`, the network: [number of the layer in `layers`, places in `graph` of what it reads, …],
where -1 is the input. The order is depth first from the output, each layer after all that it
reads, in the order in which it reads them; so it does not depend on the order in which parallel
branches were made. Padding, cropping, dropout and reshaping are looked through: what reads one of
them reads what is before it. An activation inside a layer stands behind it as one of its own.
"""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras.src.applications import nasnet

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent

KINDS = {
    "Conv2D": "conv",
    "DepthwiseConv2D": "depthwise_conv",
    "SeparableConv2D": "separable_conv",
    "Dense": "dense",
    "BatchNormalization": "batch_norm",
    "MaxPooling2D": "max_pool",
    "AveragePooling2D": "avg_pool",
    "GlobalAveragePooling2D": "global_avg_pool",
    "Add": "add",
    "CustomScaleLayer": "add",  # Inception-ResNet's sum, with a constant factor on one side
    "Concatenate": "concat",
    "Activation": None,
    "ReLU": None,
}
LOOKED_THROUGH = {"ZeroPadding2D", "Cropping2D", "Dropout", "Reshape"}

ARRAYS = {
    "kernel": "weights",
    "depthwise_kernel": "weights",
    "pointwise_kernel": "weights",
    "gamma": "weights",
    "bias": "biases",
    "beta": "biases",
    "moving_mean": "state",
    "moving_variance": "state",
}

Layer = Any


def nasnet_a(side: int, *figures: Any) -> keras.Model:
    """Build a NASNet by the function behind the public ones, which refuse the PyTorch backend."""
    return nasnet.NASNet((side, side, 3), *figures, True, None, default_size=side)


NETWORKS: dict[str, Callable[[], keras.Model]] = {
    "mobilenet": lambda: keras.applications.MobileNet(weights=None),
    "xception": lambda: keras.applications.Xception(weights=None),
    "inception_v3-keras": lambda: keras.applications.InceptionV3(weights=None),
    "inception_resnet_v2": lambda: keras.applications.InceptionResNetV2(weights=None),
    "nasnet_mobile": lambda: nasnet_a(224, 1056, 4, 32, False, 2),
    "nasnet_large": lambda: nasnet_a(331, 4032, 6, 96, True, 2),
    "resnet50-keras": lambda: keras.applications.ResNet50(weights=None),
    "resnet101-keras": lambda: keras.applications.ResNet101(weights=None),
    "resnet152-keras": lambda: keras.applications.ResNet152(weights=None),
    "resnet50v2": lambda: keras.applications.ResNet50V2(weights=None),
    "resnet101v2": lambda: keras.applications.ResNet101V2(weights=None),
    "resnet152v2": lambda: keras.applications.ResNet152V2(weights=None),
}


def activation(layer: Layer) -> str | None:
    """Name the function that a layer applies to its output; None for none."""
    if isinstance(layer, keras.layers.ReLU):
        return {None: "relu", 6.0: "relu6"}[layer.max_value]
    function = getattr(layer, "activation", None)
    return None if function in (None, keras.activations.linear) else function.__name__


def rows(layer: Layer) -> list[list[Any]]:
    """Read the rows off a layer: none, itself, its activation, or both."""
    name = type(layer).__name__
    if name in LOOKED_THROUGH:
        return []
    kind, output = KINDS[name], list(layer.output.shape[1:])
    found: list[list[Any]] = []
    if kind is not None:
        counts = {"weights": 0, "biases": 0, "state": 0}
        macs = 0
        for variable in layer.variables:
            counts[ARRAYS[variable.name]] += prod(variable.shape)
            if variable.name.endswith("kernel"):
                macs += prod(output[:-1]) * prod(variable.shape)
        found.append([kind, output, *counts.values(), macs])
    function = activation(layer)
    if function is not None:
        found.append([function, output, 0, 0, 0, 0])
    return found


def made_by(tensor: Any) -> Layer:
    """Return the layer that makes a tensor of a model."""
    return tensor._keras_history.operation


def graph(model: keras.Model) -> tuple[list[list[Any]], list[list[int]]]:
    """Walk the model from its output; return the distinct layers, and the network of them."""
    distinct: dict[str, int] = {}
    network: list[list[int]] = []
    places: dict[str, int] = {}

    def visit(layer: Layer) -> int:
        if isinstance(layer, keras.layers.InputLayer):
            return -1
        if layer.name not in places:
            (call,) = layer._inbound_nodes
            reads = [visit(made_by(tensor)) for tensor in call.input_tensors]
            for row in rows(layer):
                number = distinct.setdefault(json.dumps(row), len(distinct))
                network.append([number, *reads])
                reads = [len(network) - 1]
            (places[layer.name],) = reads
        return places[layer.name]

    visit(made_by(model.output))
    return [json.loads(row) for row in distinct], network


def compact(values: list[Any]) -> str:
    """Write a list of lists with a few items a line."""
    lines, line = [], ""
    for value in values:
        text = json.dumps(value, separators=(",", ":"))
        if line and len(line) + len(text) > 118:
            lines.append(line)
            line = ""
        line += f"{text},"
    lines.append(line.removesuffix(","))
    return "[\n" + "\n".join(lines) + "\n]"


def write(name: str, model: keras.Model) -> None:
    """Write one network's file."""
    layers, network = graph(model)
    head = {
        "made_with": {package: version(package).split("+")[0] for package in ("keras", "torch")},
        "input": list(model.inputs[0].shape[1:]),
        "params_with_state": model.count_params(),
        "trainable": sum(prod(variable.shape) for variable in model.trainable_variables),
    }
    members = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    members += [f'"layers": {compact(layers)}', f'"graph": {compact(network)}']
    path = HERE / f"{name}.json"
    path.write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")


def main() -> None:
    """Rewrite all files."""
    for name, build in NETWORKS.items():
        keras.backend.clear_session()
        write(name, build())


if __name__ == "__main__":
    import sys

    sys.setrecursionlimit(20_000)  # the walk is as deep as the network
    main()
