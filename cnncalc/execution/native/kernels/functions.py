"""Functions of one number, each a kernel that goes over numbers which were just stored, in place.

`after_…` is handed tiles by the epilogue of other kernels: planes times positions, one vector each,
where the first level of the cache still has them.
"""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.execution.native.kernels import vector_math as vm
from cnncalc.execution.native.kernels.builder import Function, Module, Value
from cnncalc.execution.native.kernels.epilogue import AFTER_TYPES
from cnncalc.execution.native.kernels.records import STEP
from cnncalc.execution.operations import Function as Named
from cnncalc.execution.reference.functions import SELU_ALPHA, SELU_SCALE

Body = Callable[[Function, Value, Value], Value]
"""The result for a vector, given the function's parameter in all lanes."""


def _clipped(f: Function, x: Value, highest: float) -> Value:
    return f.at_most(f.at_least(x, f.constant(0)), f.constant(highest))


def _sides(f: Function, x: Value) -> tuple[Value, Value]:
    """x where it is positive and x where it is negative, 0 elsewhere. A choice between x and
    something else would become a masked store, which costs ten times as much on some processors."""
    return f.at_least(x, f.constant(0)), f.at_most(x, f.constant(0))


def _leaky_relu(f: Function, x: Value, slope: Value) -> Value:
    above, below = _sides(f, x)
    return f.fma(below, slope, above)


def _elu(f: Function, x: Value, alpha: Value) -> Value:
    above, below = _sides(f, x)
    return f.fma(alpha, vm.exponential_less_one(f, below), above)


def _selu(f: Function, x: Value, _: Value) -> Value:
    return f.times(f.constant(SELU_SCALE), _elu(f, x, f.constant(SELU_ALPHA)))


def _hard_sigmoid(f: Function, x: Value, _: Value) -> Value:
    return f.times(_clipped(f, f.plus(x, f.constant(3)), 6), f.constant(1 / 6))


def _exp(f: Function, x: Value, _: Value) -> Value:
    """The square of the exponential of half of x: that one's range leaves nothing out."""
    root = vm.exponential(f, f.times(x, f.constant(0.5)))
    return f.times(root, root)


BODIES: dict[Named, Body] = {
    Named.LEAKY_RELU: _leaky_relu,
    Named.ELU: _elu,
    Named.SELU: _selu,
    Named.GELU: lambda f, x, _: f.times(x, vm.normal_distribution(f, x)),
    Named.SILU: lambda f, x, _: vm.silu(f, x),
    Named.MISH: lambda f, x, _: vm.mish(f, x),
    Named.SIGMOID: lambda f, x, _: vm.sigmoid(f, x),
    Named.HARD_SIGMOID: _hard_sigmoid,
    Named.HARD_SWISH: lambda f, x, _: f.times(x, _hard_sigmoid(f, x, _)),
    Named.TANH: lambda f, x, _: vm.tanh(f, x),
    Named.SOFTPLUS: lambda f, x, _: vm.softplus(f, x),
    Named.EXP: _exp,
}
"""All but ReLU and ReLU6, which are bounds of the epilogue."""


def name(function: Named) -> str:
    return f"after_{function.value}"


def write(module: Module) -> None:
    for function, body in BODIES.items():
        _after(module, function, body)


def _after(module: Module, function: Named, body: Body) -> None:
    """AFTER_TYPES; the parameter is the step's `after_parameter`."""
    f = Function(module, name(function), *AFTER_TYPES)
    output, offsets, count, planes, plane, step = f.arguments
    parameter = f.number(step, STEP, "after_parameter")

    with f.loop(0, planes) as number:
        base = f.at(output, f.mul(number, plane))
        # One vector a round: processors begin several rounds at once, and more at a time was not
        # faster.
        with f.loop(0, count) as position:
            place = f.at(base, f.word(offsets, position))
            f.store(body(f, f.load(place), parameter), place)
    f.finish()
