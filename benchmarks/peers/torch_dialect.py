"""The dialect of PyTorch: a graph module of its own layers and functions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnncalc.execution import operations as op
from cnncalc.execution.operations import Function, Merging
from cnncalc.execution.weights import Array
from peers.sliding import Slide, Stamp
from peers.translation import Shape


class TorchDialect:
    """Values are nodes of a `torch.fx` graph. `module()` is what was told: its result is a tuple
    of the outputs in their order."""

    def __init__(self) -> None:
        self.graph = torch.fx.Graph()
        self.modules: dict[str, Any] = {}
        self.outputs: list[Any] = []

    def module(self) -> Any:
        self.graph.output(tuple(self.outputs))
        root = nn.Module()
        for name, module in self.modules.items():
            if isinstance(module, nn.Module):
                root.add_module(name, module)
            else:
                root.register_buffer(name, module)
        return torch.fx.GraphModule(root, self.graph).eval()

    def _called(self, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return self.graph.call_function(function, given, named)

    def _layer(self, module: Any, x: Any, arrays: dict[str, Array | None]) -> Any:
        with torch.no_grad():
            for role, array in arrays.items():
                if array is not None:
                    getattr(module, role).copy_(_tensor(array))
        name = f"layer{len(self.modules)}"
        self.modules[name] = module
        # A graph without an owner cannot look the module up, which only means a warning less.
        return self.graph.create_node("call_module", name, (x,))

    def input(self, name: str, shape: Shape) -> Any:
        return self.graph.placeholder(f"input_{len(self.graph.nodes)}")

    def output(self, name: str, x: Any) -> None:
        self.outputs.append(x)

    def constant(self, array: Array) -> Any:
        name = f"array{len(self.modules)}"
        self.modules[name] = _tensor(array)
        return self.graph.create_node("get_attr", name)

    def convolution(
        self, x: Any, weight: Array, bias: Array | None, axes: Sequence[Slide], groups: int
    ) -> Any:
        symmetric = all(axis.symmetric for axis in axes)
        if not symmetric:
            x = self._padded(x, axes, 0.0)
        kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(axes) - 1]
        module = kind(
            weight.shape[1] * groups,
            weight.shape[0],
            [axis.kernel for axis in axes],
            [axis.stride for axis in axes],
            [axis.before if symmetric else 0 for axis in axes],
            [axis.dilation for axis in axes],
            groups,
            bias=bias is not None,
        )
        return self._layer(module, x, {"weight": weight, "bias": bias})

    def transposed_convolution(
        self, x: Any, weight: Array, bias: Array | None, axes: Sequence[Stamp], groups: int
    ) -> Any:
        """PyTorch takes as much off both ends; where that is not so, all is made and cut."""
        further = [axis.before - axis.after for axis in axes]
        whole = any(
            not 0 <= more < max(axis.stride, axis.dilation)
            for more, axis in zip(further, axes, strict=True)
        )
        if whole:
            further = [max(-axis.after, 0) for axis in axes]
        kind = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[len(axes) - 1]
        module = kind(
            weight.shape[0],
            weight.shape[1] * groups,
            [axis.kernel for axis in axes],
            [axis.stride for axis in axes],
            [0 if whole else axis.before for axis in axes],
            further,
            groups,
            bias is not None,
            [axis.dilation for axis in axes],
        )
        made = self._layer(module, x, {"weight": weight, "bias": bias})
        for number, axis in enumerate(axes if whole else ()):
            made = self.cut(made, number + 2, axis.before, axis.before + axis.positions)
        return made

    def products(self, x: Any, weight: Array) -> Any:
        return self._called(torch.matmul, x, self.constant(weight))

    def resize(self, x: Any, sizes: Shape, *, linear: bool) -> Any:
        if not linear:
            return self._called(functional.interpolate, x, sizes, mode="nearest")
        mode = ("linear", "bilinear", "trilinear")[len(sizes) - 1]
        return self._called(functional.interpolate, x, sizes, mode=mode, align_corners=False)

    def product(self, x: Any, weight: Array, bias: Array | None) -> Any:
        units, n = weight.shape
        module = nn.Linear(n, units, bias=bias is not None)
        return self._layer(module, x, {"weight": weight, "bias": bias})

    def max_pool(self, x: Any, axes: Sequence[Slide]) -> Any:
        rounded_up = _rounds_up(axes)
        if rounded_up is None:
            x = self._padded(x, axes, float("-inf"))
        return self._called(
            _by_rank("max_pool{}d", len(axes)),
            x,
            [axis.kernel for axis in axes],
            [axis.stride for axis in axes],
            [axis.before if rounded_up is not None else 0 for axis in axes],
            [axis.dilation for axis in axes],
            ceil_mode=bool(rounded_up),
        )

    def average_pool(self, x: Any, axes: Sequence[Slide], divisors: Sequence[Shape]) -> Any | None:
        rounded_up = _rounds_up(axes)
        if rounded_up is None:
            return None
        for include, which in ((False, "inside"), (True, "padded")):
            if tuple(getattr(axis, which) for axis in axes) == tuple(divisors):
                return self._called(
                    _by_rank("avg_pool{}d", len(axes)),
                    x,
                    [axis.kernel for axis in axes],
                    [axis.stride for axis in axes],
                    [axis.before for axis in axes],
                    rounded_up,
                    include,
                )
        return None

    def mean_of_windows(self, x: Any, axes: Sequence[Slide]) -> Any:
        kernel, stride = [axis.kernel for axis in axes], [axis.stride for axis in axes]
        padded = self._padded(x, axes, 0.0)
        return self._called(_by_rank("avg_pool{}d", len(axes)), padded, kernel, stride)

    def _padded(self, x: Any, axes: Sequence[Slide], filling: float) -> Any:
        ends = [end for axis in reversed(axes) for end in (axis.before, axis.after)]
        if not any(ends):
            return x
        return self._called(functional.pad, x, ends, "constant", filling)

    def global_pool(self, x: Any, rank: int, *, mean: bool) -> Any:
        name = "adaptive_avg_pool{}d" if mean else "adaptive_max_pool{}d"
        return self._called(_by_rank(name, rank), x, 1)

    def affine(self, x: Any, arrays: dict[str, Array], eps: float) -> Any:
        roles = ("running_mean", "running_var", "weight", "bias")
        learned = [self.constant(arrays[role]) for role in roles]
        return self._called(functional.batch_norm, x, *learned, eps=eps)

    def layer_norm(self, x: Any, axes: int, arrays: dict[str, Array], eps: float) -> Any:
        learned = [self.constant(arrays[role]) for role in ("weight", "bias")]
        shape = list(arrays["weight"].shape)
        return self._called(functional.layer_norm, x, shape, *learned, eps)

    def group_norm(self, x: Any, groups: int, arrays: dict[str, Array], eps: float) -> Any:
        learned = [self.constant(arrays[role]) for role in ("weight", "bias")]
        return self._called(functional.group_norm, x, groups, *learned, eps)

    def neighbours(self, x: Any, operation: op.NeighbourNormalization) -> Any:
        size, alpha, beta, k = operation
        return self._called(functional.local_response_norm, x, size, alpha * size, beta, k)

    def function(self, x: Any, operation: op.Elementwise, *, fresh: bool) -> Any:
        function, takes = _FUNCTIONS[operation.function]
        given = [operation.parameter] if "parameter" in takes else []
        named = {"inplace": True} if fresh and "inplace" in takes else {}
        return self._called(function, x, *given, **named)

    def slope(self, x: Any, weight: Array, rank: int) -> Any:
        return self._called(functional.prelu, x, self.constant(weight))

    def softmax(self, x: Any, *, logarithm: bool) -> Any:
        function = functional.log_softmax if logarithm else functional.softmax
        return self._called(function, x, dim=1)

    def merge(self, how: Merging, xs: Sequence[Any]) -> Any:
        merged = xs[0]
        for x in xs[1:]:
            merged = self._called(_MERGES[how], merged, x)
        return self._called(torch.div, merged, len(xs)) if how is Merging.AVERAGE else merged

    def concatenation(self, xs: Sequence[Any]) -> Any:
        return self._called(torch.cat, list(xs), 1)

    def reshape(self, x: Any, shape: Shape) -> Any:
        return self._called(torch.reshape, x, shape)

    def permute(self, x: Any, axes: Shape) -> Any:
        return self._called(torch.permute, x, axes)

    def split(self, x: Any, sizes: Sequence[int]) -> list[Any]:
        parts = self._called(torch.split, x, list(sizes), 1)
        return [self._called(operator.getitem, parts, number) for number in range(len(sizes))]

    def cut(self, x: Any, axis: int, start: int, stop: int, step: int = 1) -> Any:
        if step == 1:
            return self._called(torch.narrow, x, axis, start, stop - start)
        ranges = (*[slice(None)] * axis, slice(start, stop, step))
        return self._called(operator.getitem, x, ranges)

    def surround(self, x: Any, ends: Sequence[tuple[int, int]]) -> Any:
        return self._called(functional.pad, x, [end for pair in reversed(ends) for end in pair])


def _tensor(array: Array) -> Any:
    return torch.from_numpy(np.ascontiguousarray(array, np.float32))


def _by_rank(name: str, rank: int) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(functional, name.format(rank))
    return function


def _rounds_up(axes: Sequence[Slide]) -> bool | None:
    """Whether PyTorch's pools need ceil mode for these positions; None where no mode has them."""
    if any(axis.before > axis.kernel // 2 for axis in axes):
        return None
    if all(axis.symmetric for axis in axes):
        return False
    return True if all(axis.symmetric_rounded_up for axis in axes) else None


_MERGES: dict[Merging, Callable[..., Any]] = {
    Merging.ADD: torch.add,
    Merging.MULTIPLY: torch.mul,
    Merging.SUBTRACT: torch.sub,
    Merging.MAXIMUM: torch.maximum,
    Merging.AVERAGE: torch.add,
}

_FUNCTIONS: dict[Function, tuple[Callable[..., Any], Sequence[str]]] = {
    Function.RELU: (functional.relu, ["inplace"]),
    Function.RELU6: (functional.relu6, ["inplace"]),
    Function.LEAKY_RELU: (functional.leaky_relu, ["parameter", "inplace"]),
    Function.ELU: (functional.elu, ["parameter", "inplace"]),
    Function.SELU: (functional.selu, ["inplace"]),
    Function.GELU: (functional.gelu, []),
    Function.SILU: (functional.silu, ["inplace"]),
    Function.MISH: (functional.mish, ["inplace"]),
    Function.SIGMOID: (torch.sigmoid, []),
    Function.HARD_SIGMOID: (functional.hardsigmoid, ["inplace"]),
    Function.HARD_SWISH: (functional.hardswish, ["inplace"]),
    Function.TANH: (torch.tanh, []),
    Function.SOFTPLUS: (functional.softplus, []),
    Function.EXP: (torch.exp, []),
}
