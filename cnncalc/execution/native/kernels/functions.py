"""Functions of one number, each a kernel that goes over numbers which were just stored, in place.

`after_…` is handed tiles by the epilogue of other kernels: planes times positions, one vector each,
where the first level of the cache still has them.
"""

from __future__ import annotations

from cnncalc.execution.native.kernels import vector_math as vm
from cnncalc.execution.native.kernels.compiler import Exported, Kernel, kernel
from cnncalc.execution.native.kernels.memory import Address, load, store, word
from cnncalc.execution.native.kernels.shapes import after_name
from cnncalc.execution.native.kernels.signatures import TAKES_STORED, Fields, exported
from cnncalc.execution.native.kernels.vectors import Vector, at_least, at_most, fma, vector
from cnncalc.execution.operations import Function
from cnncalc.execution.reference.functions import SELU_ALPHA, SELU_SCALE

# Each gives the result for a vector, given the function's parameter in all lanes.
#
# Where x is positive and where it is negative is told by bounds: a choice between x and something
# else would become a masked store, which costs ten times as much on some processors.


@kernel
def leaky_relu(x: Vector, slope: Vector) -> Vector:
    return fma(at_most(x, 0.0), slope, at_least(x, 0.0))


@kernel
def elu(x: Vector, alpha: Vector) -> Vector:
    return fma(alpha, vm.exponential_less_one(at_most(x, 0.0)), at_least(x, 0.0))


@kernel
def selu(x: Vector, _: Vector) -> Vector:
    return elu(x, vector(SELU_ALPHA)) * SELU_SCALE


@kernel
def gelu(x: Vector, _: Vector) -> Vector:
    return x * vm.normal_distribution(x)


@kernel
def silu(x: Vector, _: Vector) -> Vector:
    return vm.silu(x)


@kernel
def mish(x: Vector, _: Vector) -> Vector:
    return vm.mish(x)


@kernel
def sigmoid(x: Vector, _: Vector) -> Vector:
    return vm.sigmoid(x)


@kernel
def hard_sigmoid(x: Vector, _: Vector) -> Vector:
    return at_most(at_least(x + 3.0, 0.0), 6.0) * (1 / 6)


@kernel
def hard_swish(x: Vector, parameter: Vector) -> Vector:
    return x * hard_sigmoid(x, parameter)


@kernel
def tanh(x: Vector, _: Vector) -> Vector:
    return vm.tanh(x)


@kernel
def softplus(x: Vector, _: Vector) -> Vector:
    return vm.softplus(x)


@kernel
def exp(x: Vector, _: Vector) -> Vector:
    """The square of the exponential of half of x: that one's range leaves nothing out."""
    root = vm.exponential(x * 0.5)
    return root * root


FUNCTIONS: dict[Function, Kernel] = {
    Function.LEAKY_RELU: leaky_relu,
    Function.ELU: elu,
    Function.SELU: selu,
    Function.GELU: gelu,
    Function.SILU: silu,
    Function.MISH: mish,
    Function.SIGMOID: sigmoid,
    Function.HARD_SIGMOID: hard_sigmoid,
    Function.HARD_SWISH: hard_swish,
    Function.TANH: tanh,
    Function.SOFTPLUS: softplus,
    Function.EXP: exp,
}
"""All but ReLU and ReLU6, which are bounds of the epilogue."""


def kernels(lanes: int) -> dict[str, Exported]:
    made = {after_name(name): after(function) for name, function in FUNCTIONS.items()}
    return exported(made, TAKES_STORED)


def after(function: Kernel) -> Kernel:
    """What goes over stored numbers with a function, whose parameter is the step's."""

    @kernel
    def over_stored(
        output: Address, offsets: Address, count: int, planes: int, plane: int, step: Fields
    ) -> None:
        parameter = vector(step.after_parameter)
        for number in range(planes):
            base = output + number * plane
            # One vector a round: processors begin several rounds at once, and more at a time was
            # not faster.
            for position in range(count):
                place = base + word(offsets, position)
                store(function(load(place), parameter), place)

    return over_stored
