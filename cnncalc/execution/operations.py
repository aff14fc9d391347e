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
    MINIMUM = "minimum"
    AVERAGE = "average"


class Merge(NamedTuple):
    """Volumes into one, number by number; axes of length 1 stretch to their counterparts."""

    how: Merging


class Concatenation(NamedTuple):
    """Volumes one after the other along the channels."""


class Joining(NamedTuple):
    """Volumes one behind the other along a spatial axis, counted from 0."""

    axis: int


class MatrixProduct(NamedTuple):
    """The products of two volumes' matrices, of their last two axes, transposed where it says so;
    axes of length 1 before them stretch."""

    transposed: tuple[bool, bool]


class Rearrangement(NamedTuple):
    """The same numbers in another order: the volume read with the axes `split`, these in the order
    `axes`, and the result read with the axes of the output."""

    split: tuple[int, ...]
    axes: tuple[int, ...]


class Cut(NamedTuple):
    """The part from start to stop of every axis, channels included; every step-th where a step
    stands behind them."""

    ranges: tuple[tuple[int, ...], ...]


class Edge(StrEnum):
    """What lies around a volume, by NumPy's names."""

    ZEROS = "constant"
    REFLECT = "reflect"
    SYMMETRIC = "symmetric"
    REPLICATE = "edge"
    CIRCULAR = "wrap"


class Surround(NamedTuple):
    """Zeros, or what `edge` says, before and after, for every axis, channels included."""

    ends: tuple[tuple[int, int], ...]
    edge: Edge = Edge.ZEROS


class Frame(NamedTuple):
    """A number before and after, for every axis."""

    ends: tuple[tuple[int, int], ...]
    value: float


class Tap(NamedTuple):
    """low + fraction·(high − low): what a position of an axis reads of the axis before."""

    low: int
    high: int
    fraction: float


class Resampling(NamedTuple):
    """Every spatial axis read at `taps`, one axis after the other."""

    taps: tuple[tuple[Tap, ...], ...]


class Weighting(NamedTuple):
    """Every spatial axis read at `taps`, for each position the pixels and their weights, one axis
    after the other."""

    taps: tuple[tuple[tuple[tuple[int, float], ...], ...], ...]


class Reduction(StrEnum):
    MEAN = "mean"
    SUM = "sum"
    MAX = "max"
    MIN = "min"


class Reducing(NamedTuple):
    """One number for all along axes, counted from 0."""

    how: Reduction
    axes: tuple[int, ...]


class Rescaling(NamedTuple):
    """x·factor + offset, with one number or one a channel."""

    factor: tuple[float, ...]
    offset: tuple[float, ...]


class Clipping(NamedTuple):
    """Numbers held between two."""

    low: float
    high: float


class Gate(NamedTuple):
    """The first half of the channels times the sigmoid of the second."""


class ElementSlope(NamedTuple):
    """x where positive, weight·x elsewhere: weight as the volume, or of length 1 along axes."""


class LengthNormalization(NamedTuple):
    """x over its Euclidean length along axes, counted from 0, or over eps where that is more."""

    axes: tuple[int, ...]
    eps: float


class RootNormalization(NamedTuple):
    """x/√(mean square + eps), by position or over all, then times weight."""

    together: Together
    eps: float


class ResponseNormalization(NamedTuple):
    """weight·x·g/(mean of g + eps) + bias + x, g the Euclidean length of each channel."""

    eps: float


class Constant(NamedTuple):
    """The array weight, whatever comes in."""


class Lookup(NamedTuple):
    """The row of weight (tokens, dims) for each number, the nearest there is."""


class Attention(NamedTuple):
    """Softmax of queries times keys, times values, in heads. Reads queries, keys and values, or
    fewer volumes of which the last stands for those that are missing.

    Positions are those along `query_axes` and `key_axes`, spatial axes counted from 0; along others
    each place is by itself. `query_weight` (*1, C, heads·d), `key_weight`, `value_weight`, with
    their biases, where volumes are to be projected; where one volume has all three side by side,
    `parts` says how many channels each has. `position_bias` (∏(2g − 1), heads) has a number for
    each difference of places in the grid g.
    """

    heads: int
    query_axes: tuple[int, ...]
    key_axes: tuple[int, ...]
    causal: bool = False
    grid: tuple[int, ...] = ()
    parts: tuple[int, ...] = ()


class Cell(StrEnum):
    """What a step of a recurrent layer does. Gates stand in PyTorch's order: input, forget, new,
    output; reset, update, new."""

    LSTM = "lstm"
    GRU = "gru"
    GRU_RESET_BEFORE = "gru_reset_before"
    TANH = "tanh"
    RELU = "relu"


class Recurrence(NamedTuple):
    """A cell along the one spatial axis, from a state of zeros: `layers` on top of one another,
    each in all `ways` ("" forwards, "_reverse" backwards), whose outputs stand side by side.

    weight_ih_l0 (C, gates·U), weight_hh_l0 (U, gates·U), bias_ih_l0, bias_hh_l0; …_l0_reverse, …
    Gives all outputs, or with `last` each way's last.
    """

    cell: Cell
    layers: int
    ways: tuple[str, ...]
    last: bool


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
    | Joining
    | MatrixProduct
    | Frame
    | Weighting
    | Reducing
    | Rescaling
    | Clipping
    | Gate
    | ElementSlope
    | LengthNormalization
    | RootNormalization
    | ResponseNormalization
    | Constant
    | Lookup
    | Attention
    | Recurrence
    | Pass
    | Declared
)

BY_REFERENCE = (
    Joining,
    MatrixProduct,
    Frame,
    Weighting,
    Reducing,
    Rescaling,
    Clipping,
    Gate,
    ElementSlope,
    LengthNormalization,
    RootNormalization,
    ResponseNormalization,
    Constant,
    Lookup,
    Attention,
    Recurrence,
)
"""Operations that every backend does as the reference does."""
