"""Element-wise functions. One operation an element each; a normalised exponential takes three."""

from __future__ import annotations

from typing import ClassVar

from cnncalc.diagnostics import Problem
from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis, learned
from cnncalc.layers.options import Number, PReLUParameters, option
from cnncalc.volume import Volume


class Activation(Layer):
    """A function of each element."""

    operations_per_element: ClassVar[int] = 1

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        return Inferred(volume, operations=volume.size * self.operations_per_element)


class ReLU(Activation):
    """max(0, x).

    Output: the input's volume
    FLOPs: 1 per element
    Example: {relu: {}} on 55x55x96 gives 55x55x96
    """

    kind: ClassVar[str] = "relu"


class ReLU6(Activation):
    """min(max(0, x), 6).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "relu6"


class LeakyReLU(Activation):
    """x where positive, slope·x elsewhere.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "leaky_relu"
    main: ClassVar[str | None] = "slope"

    slope: Number = option(0.01, "factor of negative values", "negative_slope", "alpha",
                           name="slope")  # fmt: skip


class ELU(Activation):
    """x where positive, alpha·(exp(x) − 1) elsewhere.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "elu"
    main: ClassVar[str | None] = "alpha"

    alpha: Number = option(1.0, "limit of negative values")


class SELU(Activation):
    """The self-normalising exponential unit (Klambauer et al. 2017).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "selu"


class GELU(Activation):
    """x·Φ(x), the Gaussian error linear unit.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "gelu"


class SiLU(Activation):
    """x·sigmoid(x), also called swish.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "silu"
    also: ClassVar[tuple[str, ...]] = ("swish",)


class Mish(Activation):
    """x·tanh(softplus(x)).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "mish"


class Sigmoid(Activation):
    """1/(1 + exp(−x)).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "sigmoid"


class HardSigmoid(Activation):
    """min(max(0, x + 3), 6)/6.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "hard_sigmoid"


class HardSwish(Activation):
    """x·hard_sigmoid(x).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "hard_swish"
    also: ClassVar[tuple[str, ...]] = ("hard_silu",)


class Tanh(Activation):
    """The hyperbolic tangent.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "tanh"


class Softplus(Activation):
    """log(1 + exp(x)).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "softplus"


class Softmax(Activation):
    """exp(x) over the sum of exp across the channels.

    Output: the input's volume
    FLOPs: 3 per element (exponential, sum, division)
    Example: {softmax: {}} on 1000 gives 1000
    """

    kind: ClassVar[str] = "softmax"
    operations_per_element: ClassVar[int] = 3


class LogSoftmax(Activation):
    """x minus the logarithm of the sum of exp across the channels.

    Output: the input's volume
    FLOPs: 3 per element (exponential, sum, difference)
    """

    kind: ClassVar[str] = "log_softmax"
    operations_per_element: ClassVar[int] = 3


class Exp(Activation):
    """exp(x).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind: ClassVar[str] = "exp"


class PReLU(Activation):
    """x where positive, a learned slope times x elsewhere.

    Output: the input's volume
    Weights: 1, or C with parameters `channels`
    FLOPs: 1 per element
    Example: {prelu: {}} on 8x8x16 gives 8x8x16, 1 weights
    Example: {prelu: channels} on 8x8x16 gives 8x8x16, 16 weights
    """

    kind: ClassVar[str] = "prelu"
    main: ClassVar[str | None] = "parameters"

    parameters: PReLUParameters = option(
        1, "learned slopes: 1 or `channels`", "num_parameters", name="parameters"
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        slopes = volume.channels if self.parameters == "channels" else self.parameters
        if slopes not in (1, volume.channels):
            raise Problem(
                "bad-value",
                f"{slopes} slopes for {volume.channels} channels: it is 1 or {volume.channels}",
                at="parameters",
            )
        return super().infer(inputs, rounding)._replace(tensors=learned((slopes,)))
