"""Element-wise functions. One operation an element each; a normalised exponential takes three."""

from cnncalc.diagnostics import RuleError
from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis, learned
from cnncalc.layers.options import Number, PReLUParameters
from cnncalc.volume import Volume


class Activation(Layer):
    """A function of each element."""

    operations_per_element = 1

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        return Inferred(volume, operations=volume.size * self.operations_per_element)


class ReLU(Activation):
    """max(0, x).

    Output: the input's volume
    FLOPs: 1 per element
    Example: {relu: {}} on 55x55x96 gives 55x55x96
    """

    kind = "relu"


class ReLU6(Activation):
    """min(max(0, x), 6).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "relu6"


class LeakyReLU(Activation):
    """x where positive, slope·x elsewhere.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "leaky_relu"
    default_option = "slope"

    slope = Number("factor of negative values", "negative_slope", "alpha", default=0.01)


class ELU(Activation):
    """x where positive, alpha·(exp(x) − 1) elsewhere.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "elu"
    default_option = "alpha"

    alpha = Number("limit of negative values", default=1.0)


class SELU(Activation):
    """The self-normalising exponential unit (Klambauer et al. 2017).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "selu"


class GELU(Activation):
    """x·Φ(x), the Gaussian error linear unit.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "gelu"


class SiLU(Activation):
    """x·sigmoid(x), also called swish.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "silu"
    aliases = ("swish",)


class Mish(Activation):
    """x·tanh(softplus(x)).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "mish"


class Sigmoid(Activation):
    """1/(1 + exp(−x)).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "sigmoid"


class HardSigmoid(Activation):
    """min(max(0, x + 3), 6)/6.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "hard_sigmoid"


class HardSwish(Activation):
    """x·hard_sigmoid(x).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "hard_swish"
    aliases = ("hard_silu",)


class Tanh(Activation):
    """The hyperbolic tangent.

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "tanh"


class Softplus(Activation):
    """log(1 + exp(x)).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "softplus"


class Softmax(Activation):
    """exp(x) over the sum of exp across the channels.

    Output: the input's volume
    FLOPs: 3 per element (exponential, sum, division)
    Example: {softmax: {}} on 1000 gives 1000
    """

    kind = "softmax"
    operations_per_element = 3


class LogSoftmax(Activation):
    """x minus the logarithm of the sum of exp across the channels.

    Output: the input's volume
    FLOPs: 3 per element (exponential, sum, difference)
    """

    kind = "log_softmax"
    operations_per_element = 3


class Exp(Activation):
    """exp(x).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "exp"
    aliases = ("exponential",)


class PReLU(Activation):
    """x where positive, a learned slope times x elsewhere.

    Output: the input's volume
    Weights: 1, or C with parameters `channels`
    FLOPs: 1 per element
    Example: {prelu: {}} on 8x8x16 gives 8x8x16, 1 weights
    Example: {prelu: channels} on 8x8x16 gives 8x8x16, 16 weights
    """

    kind = "prelu"
    default_option = "parameters"

    parameters = PReLUParameters("learned slopes: 1 or `channels`", "num_parameters", default=1)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        slopes = volume.channels if self.parameters == "channels" else self.parameters
        if slopes not in (1, volume.channels):
            raise RuleError(
                "bad-value",
                f"{slopes} slopes for {volume.channels} channels: it is 1 or {volume.channels}",
                at="parameters",
            )
        return super().infer(inputs, rounding)._replace(tensors=learned((slopes,)))
