"""The dialect of ONNX: a model for onnxruntime and OpenVINO."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cnncalc.execution import operations as op
from cnncalc.execution.operations import Function, Merging
from cnncalc.execution.weights import Array
from peers.sliding import Slide, Stamp
from peers.translation import Shape, Unsayable

OPSET = 21
IR = 10
"""Versions that the runtimes of the last years read."""


class OnnxDialect:
    """Values are names. `model()` is what was told."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.initializers: list[Any] = []

    def model(self) -> bytes:
        graph = helper.make_graph(
            self.nodes, "cnncalc", self.inputs, self.outputs, self.initializers
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR)
        if model.ByteSize() >= onnx.checker.MAXIMUM_PROTOBUF:
            raise Unsayable("more weights than one ONNX file holds, 2 GB")
        told: bytes = model.SerializeToString()
        return told

    def _node(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        return self._nodes(kind, inputs, 1, **attributes)[0]

    def _nodes(self, kind: str, inputs: Sequence[str], count: int, **attributes: Any) -> list[str]:
        made = [f"{kind.lower()}{len(self.nodes)}_{number}" for number in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), made, **attributes))
        return made

    def input(self, name: str, shape: Shape) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def output(self, name: str, x: str) -> None:
        own = f"output of {name}"
        self.nodes.append(helper.make_node("Identity", [x], [own]))
        self.outputs.append(helper.make_tensor_value_info(own, TensorProto.FLOAT, None))

    def constant(self, array: Array) -> str:
        return self._initializer(np.ascontiguousarray(array, np.float32))

    def _initializer(self, array: Any) -> str:
        name = f"array{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def _integers(self, numbers: Sequence[int]) -> str:
        return self._initializer(np.array(numbers, np.int64))

    def convolution(
        self, x: str, weight: Array, bias: Array | None, axes: Sequence[Slide], groups: int
    ) -> str:
        biases = [] if bias is None else [self.constant(bias)]
        return self._node(
            "Conv", [x, self.constant(weight), *biases], group=groups, **_window(axes)
        )

    def transposed_convolution(
        self, x: str, weight: Array, bias: Array | None, axes: Sequence[Stamp], groups: int
    ) -> str:
        biases = [] if bias is None else [self.constant(bias)]
        return self._node(
            "ConvTranspose",
            [x, self.constant(weight), *biases],
            group=groups,
            kernel_shape=[axis.kernel for axis in axes],
            strides=[axis.stride for axis in axes],
            dilations=[axis.dilation for axis in axes],
            pads=[axis.before for axis in axes] + [max(axis.after, 0) for axis in axes],
            output_padding=[max(-axis.after, 0) for axis in axes],
        )

    def products(self, x: str, weight: Array) -> str:
        return self._node("MatMul", [x, self.constant(weight)])

    def resize(self, x: str, sizes: Shape, *, linear: bool) -> str:
        how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        if not linear:
            how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric",
                   "nearest_mode": "floor"}  # fmt: skip
        return self._node(
            "Resize", [x, "", "", self._integers(sizes)], axes=range(2, len(sizes) + 2), **how
        )

    def product(self, x: str, weight: Array, bias: Array | None) -> str:
        biases = [] if bias is None else [self.constant(bias)]
        return self._node("Gemm", [x, self.constant(weight), *biases], transB=1)

    def max_pool(self, x: str, axes: Sequence[Slide]) -> str:
        return self._node("MaxPool", [x], **_window(axes))

    def average_pool(self, x: str, axes: Sequence[Slide], divisors: Sequence[Shape]) -> str | None:
        window = _window(axes)
        del window["dilations"]
        for include, which in ((0, "inside"), (1, "whole")):
            if tuple(getattr(axis, which) for axis in axes) == tuple(divisors):
                return self._node("AveragePool", [x], count_include_pad=include, **window)
        return None

    def mean_of_windows(self, x: str, axes: Sequence[Slide]) -> str:
        window = _window(axes)
        del window["dilations"]
        return self._node("AveragePool", [x], count_include_pad=1, **window)

    def global_pool(self, x: str, rank: int, *, mean: bool) -> str:
        return self._node("GlobalAveragePool" if mean else "GlobalMaxPool", [x])

    def affine(self, x: str, arrays: dict[str, Array], eps: float) -> str:
        roles = ("weight", "bias", "running_mean", "running_var")
        learned = [self.constant(arrays[role]) for role in roles]
        return self._node("BatchNormalization", [x, *learned], epsilon=eps)

    def layer_norm(self, x: str, axes: int, arrays: dict[str, Array], eps: float) -> str:
        learned = [self.constant(arrays[role]) for role in ("weight", "bias")]
        return self._node("LayerNormalization", [x, *learned], axis=-axes, epsilon=eps)

    def group_norm(self, x: str, groups: int, arrays: dict[str, Array], eps: float) -> str:
        learned = [self.constant(arrays[role]) for role in ("weight", "bias")]
        return self._node("GroupNormalization", [x, *learned], num_groups=groups, epsilon=eps)

    def neighbours(self, x: str, operation: op.NeighbourNormalization) -> str:
        size, alpha, beta, k = operation
        if size % 2 == 0:  # ONNX has the odd neighbour on the other side
            raise Unsayable(f"a normalisation over {size} channels, an even number")
        return self._node("LRN", [x], size=size, alpha=alpha * size, beta=beta, bias=k)

    def function(self, x: str, operation: op.Elementwise, *, fresh: bool) -> str:
        return _FUNCTIONS[operation.function](self, x, operation.parameter)

    def clipped(self, x: str, low: float, high: float) -> str:
        ends = [self._initializer(np.array(end, np.float32)) for end in (low, high)]
        return self._node("Clip", [x, *ends])

    def gated(self, x: str) -> str:
        return self._node("Mul", [x, self._node("Sigmoid", [x])])

    def slope(self, x: str, weight: Array, rank: int) -> str:
        return self._node("PRelu", [x, self.constant(weight.reshape(-1, *(1,) * rank))])

    def softmax(self, x: str, *, logarithm: bool) -> str:
        return self._node("LogSoftmax" if logarithm else "Softmax", [x], axis=1)

    def merge(self, how: Merging, xs: Sequence[str]) -> str:
        merged = xs[0]
        for x in xs[1:]:
            merged = self._node(_MERGES[how], [merged, x])
        if how is Merging.AVERAGE:
            merged = self._node("Div", [merged, self.constant(np.array(len(xs)))])
        return merged

    def concatenation(self, xs: Sequence[str]) -> str:
        return self._node("Concat", xs, axis=1)

    def reshape(self, x: str, shape: Shape) -> str:
        return self._node("Reshape", [x, self._integers(shape)])

    def permute(self, x: str, axes: Shape) -> str:
        return self._node("Transpose", [x], perm=axes)

    def split(self, x: str, sizes: Sequence[int]) -> list[str]:
        return self._nodes("Split", [x, self._integers(sizes)], len(sizes), axis=1)

    def cut(self, x: str, axis: int, start: int, stop: int, step: int = 1) -> str:
        return self._node("Slice", [x, *(self._integers([n]) for n in (start, stop, axis, step))])

    def surround(self, x: str, ends: Sequence[tuple[int, int]]) -> str:
        pads = [before for before, _ in ends] + [after for _, after in ends]
        return self._node("Pad", [x, self._integers(pads)])


def _window(axes: Sequence[Slide]) -> dict[str, Any]:
    ends = [axis.ends for axis in axes]
    return {
        "kernel_shape": [axis.kernel for axis in axes],
        "strides": [axis.stride for axis in axes],
        "dilations": [axis.dilation for axis in axes],
        "pads": [before for before, _ in ends] + [after for _, after in ends],
    }


def _simple(kind: str, **attributes: Any) -> Callable[[OnnxDialect, str, float], str]:
    return lambda dialect, x, _: dialect._node(kind, [x], **attributes)


_MERGES = {
    Merging.ADD: "Add",
    Merging.MULTIPLY: "Mul",
    Merging.SUBTRACT: "Sub",
    Merging.MAXIMUM: "Max",
    Merging.AVERAGE: "Add",
}

_FUNCTIONS: dict[Function, Callable[[OnnxDialect, str, float], str]] = {
    Function.RELU: _simple("Relu"),
    Function.RELU6: lambda dialect, x, _: dialect.clipped(x, 0, 6),
    Function.LEAKY_RELU: lambda dialect, x, slope: dialect._node("LeakyRelu", [x], alpha=slope),
    Function.ELU: lambda dialect, x, alpha: dialect._node("Elu", [x], alpha=alpha),
    Function.SELU: _simple("Selu"),
    Function.GELU: _simple("Gelu"),
    Function.SILU: lambda dialect, x, _: dialect.gated(x),
    Function.MISH: _simple("Mish"),
    Function.SIGMOID: _simple("Sigmoid"),
    Function.HARD_SIGMOID: _simple("HardSigmoid", alpha=1 / 6, beta=0.5),
    Function.HARD_SWISH: _simple("HardSwish"),
    Function.TANH: _simple("Tanh"),
    Function.SOFTPLUS: _simple("Softplus"),
    Function.EXP: _simple("Exp"),
}
