"""Write down keras.applications layer by layer, one file a network, by building the networks.

Run it as `python tests/reference/zoo/generate_keras.py` where keras and torch are installed; it
rewrites the files in `keras/`, whose form is described in `tables.py`. Nothing of cnncalc is
imported. Volumes, arrays and wiring are read off the models that Keras builds; MACs are Keras' own
kernels times its own output positions. An activation inside a layer stands behind it as one of its
own.
"""

from __future__ import annotations

import os
import sys
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras.src.applications import nasnet
from tables import Row, walk, write

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "keras"

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


def rows(layer: Layer) -> list[Row]:
    """Read the rows off a layer: none, itself, its activation, or both."""
    name = type(layer).__name__
    if name in LOOKED_THROUGH:
        return []
    kind, output = KINDS[name], list(layer.output.shape[1:])
    found: list[Row] = []
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


def reads(layer: Layer) -> list[Layer] | None:
    """List the layers that a layer reads; None for the input."""
    if isinstance(layer, keras.layers.InputLayer):
        return None
    (call,) = layer._inbound_nodes
    return [made_by(tensor) for tensor in call.input_tensors]


def record(name: str, model: keras.Model) -> None:
    """Write one network's file."""
    head = {
        "input": list(model.inputs[0].shape[1:]),
        "params_with_state": model.count_params(),
        "trainable": sum(prod(variable.shape) for variable in model.trainable_variables),
    }
    found = walk([made_by(model.output)], lambda layer: layer.name, reads, rows)
    write(FOLDER / f"{name}.json", ("keras", "torch"), head, *found)


def main() -> None:
    """Rewrite all files."""
    sys.setrecursionlimit(20_000)  # the walk is as deep as the network
    for name, build in NETWORKS.items():
        keras.backend.clear_session()
        record(name, build())


if __name__ == "__main__":
    main()
