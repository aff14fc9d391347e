"""The primitive operations that every kind of layer comes down to, with their geometry resolved.

Plain data: no arrays, no arithmetic on windows left to do. Volumes are channels last, and a batch
of N images goes before them: a value is an array (N, *spatial, C). Where an operation has learned
arrays they go by role: `weight`, `bias`, `running_mean`, `running_var`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from cnncalc.geometry import Window

FLOAT_BYTES = 4
"""Bytes of a float32, in which everything is computed."""


class Convolution(NamedTuple):
    """Dot products at every position; zeros outside the volume.

    weight (*F, C/groups, K), bias (K). The K/groups filters of a group stand together and see the
    C/groups channels of theirs. A depthwise convolution has groups = C.
    """

    windows: tuple[Window, ...]
    groups: int = 1


class TableConvolution(NamedTuple):
    """A convolution whose filter k sees the channels `connections[k]` alone.

    weight (*F, pairs) with the pairs of filter 0 first, in the order of the table; bias (K).
    """

    windows: tuple[Window, ...]
    connections: tuple[tuple[int, ...], ...]


class UnsharedConvolution(NamedTuple):
    """A convolution with weights for every position: weight (*out, *F, C, K), bias (*out, K)."""

    windows: tuple[Window, ...]


class TransposedConvolution(NamedTuple):
    """Every input pixel stamps the kernel onto a canvas, of which `before` pixels are cut.

    weight (*F, C/groups, K), bias (K). Output pixels that no stamp reaches are bias alone.
    """

    windows: tuple[Window, ...]
    groups: int = 1


class Product(NamedTuple):
    """The volume as a vector of n numbers times weight (n, units), plus bias (units)."""


class WindowPool(NamedTuple):
    """The largest number of each window, or the sum over `divisors`: one a position and axis."""

    windows: tuple[Window, ...]
    divisors: tuple[tuple[int, ...], ...] | None = None


class SpanPool(NamedTuple):
    """The largest number, or the mean, of stretches of each axis: (start, stop) a position."""

    spans: tuple[tuple[tuple[int, int], ...], ...]
    mean: bool


class ChannelAffine(NamedTuple):
    """x·weight + bias for each channel, after (x − running_mean)/√(running_var + eps) where these
    are there. What is not there is left out."""

    eps: float = 0.0


class Together(StrEnum):
    """What shares its mean and variance."""

    CHANNELS = "channels"
    """The channels of one position."""
    ALL = "all"
    GROUPS = "groups"
    """All positions of a group of channels."""


class Standardization(NamedTuple):
    """(x − mean)/√(variance + eps) by statistics of the data itself, then weight and bias: (C), or
    the volume's shape where `together` is ALL. The variance is the mean square deviation."""

    together: Together
    eps: float
    groups: int = 1


class NeighbourNormalization(NamedTuple):
    """x/(k + alpha·sum of x²)^beta, the sum over `size` channels around each: size // 2 before it,
    (size − 1) // 2 after it, those outside the volume left out."""

    size: int
    alpha: float
    beta: float
    k: float


class Function(StrEnum):
    """Functions of one number. Those with a parameter say what it is."""

    RELU = "relu"
    RELU6 = "relu6"
    LEAKY_RELU = "leaky_relu"
    """The slope left of zero."""
    ELU = "elu"
    """The limit at minus infinity, negated."""
    SELU = "selu"
    GELU = "gelu"
    SILU = "silu"
    MISH = "mish"
    SIGMOID = "sigmoid"
    HARD_SIGMOID = "hard_sigmoid"
    HARD_SWISH = "hard_swish"
    TANH = "tanh"
    SOFTPLUS = "softplus"
    EXP = "exp"


class Elementwise(NamedTuple):
    """A function of every number by itself."""

    function: Function
    parameter: float = 0.0


class LearnedSlope(NamedTuple):
    """x where positive, weight·x elsewhere: weight (1) or (C)."""


class Softmax(NamedTuple):
    """exp(x) over the sum of exp across the channels, or its logarithm."""

    logarithm: bool = False


class Merging(StrEnum):
    """How numbers of several volumes become one."""

    ADD = "add"
    MULTIPLY = "multiply"
    SUBTRACT = "subtract"
    MAXIMUM = "maximum"
    AVERAGE = "average"


class Merge(NamedTuple):
    """Volumes into one, number by number; axes of length 1 stretch to their counterparts."""

    how: Merging


class Concatenation(NamedTuple):
    """Volumes one after the other along the channels."""


class Rearrangement(NamedTuple):
    """The same numbers in another order: the volume read with the axes `split`, these in the order
    `axes`, and the result read with the axes of the output."""

    split: tuple[int, ...]
    axes: tuple[int, ...]


class Cut(NamedTuple):
    """The part from start to stop of every axis, channels included; every step-th where a step
    stands behind them."""

    ranges: tuple[tuple[int, ...], ...]


class Surround(NamedTuple):
    """Zeros before and after, for every axis, channels included."""

    ends: tuple[tuple[int, int], ...]


class Tap(NamedTuple):
    """low + fraction·(high − low): what a position of an axis reads of the axis before."""

    low: int
    high: int
    fraction: float


class Resampling(NamedTuple):
    """Every spatial axis read at `taps`, one axis after the other."""

    taps: tuple[tuple[Tap, ...], ...]


class Pass(NamedTuple):
    """The input itself."""


class Declared(NamedTuple):
    """A layer whose kind no rule executes, such as `custom`: zeros of its volume."""


Operation = (
    Convolution
    | TableConvolution
    | UnsharedConvolution
    | TransposedConvolution
    | Product
    | WindowPool
    | SpanPool
    | ChannelAffine
    | Standardization
    | NeighbourNormalization
    | Elementwise
    | LearnedSlope
    | Softmax
    | Merge
    | Concatenation
    | Rearrangement
    | Cut
    | Surround
    | Resampling
    | Pass
    | Declared
)
