"""Element-wise functions. One operation an element each; a normalised exponential takes three."""

from cnncalc.diagnostics import RuleError
from cnncalc.layers.axes import CHANNELS, Axes, AxesOption, KerasAxesOption, numbered
from cnncalc.layers.base import Inferred, Layer, Option, RoundingPerAxis, learned
from cnncalc.layers.options import Number, Parameters
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


class HardTanh(Activation):
    """min(max(low, x), high).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "hard_tanh"

    low = Number("least value", "min_val", default=-1.0)
    high = Number("largest value", "max_val", default=1.0)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        if self.low > self.high:
            message = f"the least value {self.low:g} is above the largest, {self.high:g}"
            raise RuleError("bad-value", message, at="low")
        return super().infer(inputs, rounding)


class Softplus(Activation):
    """log(1 + exp(x)).

    Output: the input's volume
    FLOPs: 1 per element
    """

    kind = "softplus"


class _Softmax(Activation):
    operations_per_element = 3

    axis = AxesOption(
        "what adds up to 1: `channels`, `spatial`, `all`, or axes from -1 to -4", default=CHANNELS
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        axes = numbered(self.axis, volume, "axis")
        reach = () if axes == (volume.rank,) else None
        return super().infer(inputs, rounding)._replace(reach=reach)


class Softmax(_Softmax):
    """exp(x) over the sum of exp across the channels, or across `axis`.

    Output: the input's volume
    FLOPs: 3 per element (exponential, sum, division)
    Example: {softmax: {}} on 1000 gives 1000
    """

    kind = "softmax"


class LogSoftmax(_Softmax):
    """x minus the logarithm of the sum of exp across the channels, or across `axis`.

    Output: the input's volume
    FLOPs: 3 per element (exponential, sum, difference)
    """

    kind = "log_softmax"


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
    Weights: 1; C with parameters `channels`; with `all`, or shared axes, one for each element, of
        those along shared axes one together
    FLOPs: 1 per element
    Example: {prelu: {}} on 8x8x16 gives 8x8x16, 1 weights
    Example: {prelu: channels} on 8x8x16 gives 8x8x16, 16 weights
    Example: {prelu: {shared_axes: height}} on 8x8x16 gives 8x8x16, 128 weights
    """

    kind = "prelu"
    default_option = "parameters"

    parameters: Option[int | str | None] = Parameters(
        "learned slopes: 1, `channels` or `all`",
        "num_parameters",
        default=None,
        none_means="1; all with shared_axes",
    )
    shared_axes: Option[Axes | None] = KerasAxesOption(
        "axes along which slopes are shared: by name, from behind, or as Keras counts them, from 1",
        default=None,
    )

    @property
    def slopes(self) -> int | str:
        """What is learned: so many slopes, or `channels` or `all`."""
        if self.parameters is None:
            return 1 if self.shared_axes is None else "all"
        return self.parameters

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        if self.slopes == "all":
            shared = () if self.shared_axes is None else numbered(
                self.shared_axes, volume, "shared_axes"
            )  # fmt: skip
            shape = tuple(1 if axis in shared else n for axis, n in enumerate(volume))
            return super().infer(inputs, rounding)._replace(tensors=learned(shape))
        if self.shared_axes is not None:
            message = "beside `shared_axes` `parameters` can only be `all`"
            raise RuleError("bad-value", message, at="shared_axes")
        slopes = volume.channels if self.slopes == "channels" else self.slopes
        if slopes not in (1, volume.channels):
            raise RuleError(
                "bad-value",
                f"{slopes} slopes for {volume.channels} channels: it is 1 or {volume.channels}",
                at="parameters",
            )
        return super().infer(inputs, rounding)._replace(tensors=learned((slopes,)))


class GLU(Activation):
    """The first half of the channels times the sigmoid of the second (Dauphin et al. 2017).

    Output: the input's spatial axes, C/2 channels
    FLOPs: 2 per output element
    Example: {glu: {}} on 100x64 gives 100x32
    """

    kind = "glu"

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        if volume.channels % 2:
            message = f"glu halves the channels, and {volume} has {volume.channels}"
            raise RuleError("shape-mismatch", message)
        output = volume.with_channels(volume.channels // 2)
        return Inferred(output, operations=2 * output.size)
