"""What PyTorch's and Keras' classes mean where that is not what a kind means by the same word.

A table beside the kinds: of each kind the arguments that its classes have and it has no option for,
and of some classes, by their names, what they do differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cnncalc.layers import forms, sequence_arguments
from cnncalc.layers.activation import Activation
from cnncalc.layers.arguments import (
    Argument,
    ChannelAxis,
    Constraint,
    DividedAlpha,
    Guarded,
    IncomingChannels,
    IncomingNumbers,
    IncomingVolume,
    Never,
    NormalizedByNumber,
    NormalizedShape,
    Only,
    Side,
    Translated,
)
from cnncalc.layers.base import Layer
from cnncalc.layers.class_constraints import keras_transpose, no_strided_same
from cnncalc.layers.translations import (
    adaptive_size,
    from_one,
    group_count,
    machine_epsilon,
    one_pair,
    pytorch_padding,
    share_of_newest,
    shared_axes,
    the_same,
)

Arguments = Mapping[str, Argument]

ANYTHING = Argument()
OF_TRAINING = re.compile(r"\w+_(initializer|regularizer|constraint)")
"""Arguments that decide values, never a volume or a count."""

_AXIS = {"axis": ChannelAxis(first=False)}
_DIM: Arguments = {"dim": ChannelAxis(first=True, beside="axis")}
_PADDED = {"padding_mode": Only("zeros", why="the padding is zeros here")}
_HALF_PIXELS = "positions are read at the centres of pixels, as with `align_corners: false`"
_SAMPLED: Arguments = {
    "align_corners": Only(False, why=_HALF_PIXELS),
    "recompute_scale_factor": Only(False, why="the scale is taken as it is given"),
    "antialias": Only(False, why="nothing is smoothed before it is made smaller"),
}
_WEIGHTED: Arguments = {"in_channels": IncomingChannels(), **_PADDED}
_ONE_OUTPUT = "a layer has one output here"
_MEASURED = "the running mean and variance are kept, and are what normalises"

_ADAPTED: Arguments = {
    "lora_rank": Only(
        why="weights of low rank beside the layer's are not counted here",
        instead="add them as layers of their own",
    ),
    "lora_alpha": ANYTHING,
    "quantization_config": Only(
        why="the bytes of a number are `--dtype`'s", instead="leave it out"
    ),
}

_WITH_SCALE = "a scale is learned where a shift is"
_WITHOUT = "`affine: false` learns neither"
_LEARNED: Arguments = {
    "bias": Only(True, why="a shift is learned where a scale is", instead=_WITHOUT),
    "center": Only(True, why="a shift is learned where a scale is", instead=_WITHOUT),
    "scale": Only(True, why=_WITH_SCALE, instead=_WITHOUT),
}

_IN_PLACE: Arguments = {"inplace": ANYTHING}
_DROPPED: Arguments = {**_IN_PLACE, **dict.fromkeys(("seed", "noise_shape"), ANYTHING)}

COMMON: Arguments = {
    **dict.fromkeys(("device", "autocast", "batch_size"), ANYTHING),
    "dtype": Only(
        "float32",
        "torch.float32",
        "float",
        why="the bytes of a number are said for the whole network",
        instead="leave it out, and say `--dtype`",
    ),
    "input_shape": IncomingVolume(),
    "batch_input_shape": IncomingVolume(batch=True),
    "batch_shape": IncomingVolume(batch=True),
    "input_dim": IncomingChannels(),
    "data_format": Only(
        "channels_last",
        why="volumes are channels last here",
        instead="leave it out, and say the input channels last",
    ),
}
"""What classes of either framework take whatever they do."""

ARGUMENTS: dict[str, Arguments] = {
    "conv": _WEIGHTED,
    "depthwise_conv": _WEIGHTED,
    "separable_conv": _WEIGHTED,
    "conv_transpose": _WEIGHTED,
    "locally_connected": {**_WEIGHTED, "implementation": ANYTHING},
    "dense": {
        "in_features": IncomingNumbers(),
        "input_dim": IncomingNumbers(),
        **_ADAPTED,
    },
    "max_pool": {"return_indices": Only(False, why=_ONE_OUTPUT, instead="leave it out")},
    "adaptive_max_pool": {"return_indices": Only(False, why=_ONE_OUTPUT, instead="leave it out")},
    "avg_pool": {"divisor_override": Only(why="the mean is over the pixels of the window")},
    "batch_norm": {
        "num_features": IncomingChannels(),
        "track_running_stats": Only(True, why=_MEASURED,
                                    instead="`instance_norm` and `group_norm` keep none"),
        "renorm": Only(False, why="there is no renormalisation"),
        **dict.fromkeys(("renorm_clipping", "renorm_momentum", "fused", "synchronized"), ANYTHING),
        **_AXIS,
    },
    "instance_norm": {
        "num_features": IncomingChannels(),
        **_LEARNED,
        "momentum": ANYTHING,
        "track_running_stats": Only(False, why="no running mean and variance are kept",
                                    instead="`batch_norm` keeps them"),
        **_AXIS,
    },
    "layer_norm": {
        "normalized_shape": NormalizedShape(),
        "center": Translated("bias", the_same, {"type": ["boolean"]}),
        "scale": Only(True, why=_WITH_SCALE, instead=_WITHOUT),
        "rms_scaling": Only(False, why="the mean is subtracted here"),
        "axis": NormalizedByNumber(),
    },
    "group_norm": {"num_channels": IncomingChannels(), **_LEARNED, **_AXIS},
    "scale": {
        "dim": IncomingChannels(),
        "projection_dim": IncomingChannels(),
        "init_values": Translated("init", the_same, {"type": ["number"]}),
    },
    "rms_norm": {"normalized_shape": NormalizedShape(), "axis": NormalizedByNumber()},
    "l2_norm": {"dim": ChannelAxis(first=True, beside="axes")},
    "grn": {"dim": IncomingChannels()},
    "softmax": _DIM,
    "log_softmax": _DIM,
    "concat": _DIM,
    "glu": {"dim": ChannelAxis(first=True)},
    "reduce": {
        "dim": Never("PyTorch counts `dim` with the batch, and has channels first",
                     "say `axes: spatial`, `channels`, `height`, …, or axes from behind"),
    },
    "hard_tanh": dict.fromkeys(
        ("min_value", "max_value"),
        Only(why="PyTorch has given this name up", instead="say `min_val` and `max_val`"),
    ),
    "blur_pool": {"channels": IncomingChannels()},
    "relu": {
        "max_value": Only(why="relu has no upper end", instead="`relu6` ends at 6"),
        "negative_slope": Only(0, why="relu is 0 left of zero", instead="`leaky_relu` has a slope"),
        "threshold": Only(0, why="relu begins at zero", instead="there is no other threshold"),
    },
    "gelu": {"approximate": Only("none", False, why="it is x·Φ(x), not an approximation of it")},
    "softplus": {
        "beta": Only(1, why="it is log(1 + exp(x))"),
        "threshold": Only(20, why="it is log(1 + exp(x)) everywhere"),
    },
    "prelu": {"init": ANYTHING},
    "flatten": {
        "start_dim": Only(1, why="all axes but the batch become one",
                          instead="`reshape: […]` keeps some of them"),
        "end_dim": Only(-1, why="all axes but the batch become one",
                        instead="`reshape: […]` keeps some of them"),
    },
    "upsample": {
        "size": Never(
            "`size` is the output's size to PyTorch's Upsample, and a factor to Keras' "
            "UpSampling2D",
            "say `scale: …` for a factor, and `resize: …` for a size",
        ),
        **_SAMPLED,
    },
    "resize": {
        "crop_to_aspect_ratio": Only(False, why="nothing is cut off", instead="`crop` cuts"),
        **dict.fromkeys(("fill_mode", "fill_value"), ANYTHING),
        "pad_to_aspect_ratio": Only(False, why="nothing is added", instead="`pad` adds"),
        **_SAMPLED,
    },
    "dropout": _DROPPED,
    "drop_path": {"mode": ANYTHING},
    **sequence_arguments.ARGUMENTS,
    "embedding": {**sequence_arguments.ARGUMENTS["embedding"], **_ADAPTED},
}  # fmt: skip
"""Of each kind the arguments of its classes that are no options of it."""

FIRST = {
    "batch_norm": "num_features",
    "instance_norm": "num_features",
    "softmax": "dim",
    "log_softmax": "dim",
    "flatten": "start_dim",
    "layer_norm": "normalized_shape",
    "rms_norm": "normalized_shape",
    "glu": "dim",
}
"""The argument that a number after a kind is where it is not the main option."""


class FrameworkClass(NamedTuple):
    """What a class says differently: by its name as written, which may have to have its capitals.

    `defaults` and `first`, the argument that a bare value is, are in the class's own words;
    `says` are options that its name says by itself, whatever defaults a file has; `elsewhere` has
    arguments that make another kind of it.
    """

    name: re.Pattern[str]
    arguments: Arguments = {}
    first: str | None = None
    defaults: Mapping[str, Any] = {}
    says: Mapping[str, Any] = {}
    elsewhere: Mapping[str, str] = {}
    constraint: Constraint | None = None


def _called(pattern: str) -> re.Pattern[str]:
    """A class's name in any spelling, with the axes in it or without."""
    return re.compile(pattern.replace("#", "(?:[123]d)?"), re.IGNORECASE)


_SIZE = Translated("scale", the_same, forms.extent(1))
_PADDING: Arguments = {"padding": Translated("padding", pytorch_padding, forms.amounts())}

CLASSES = (
    FrameworkClass(
        re.compile("Upsample"),
        {
            "size": Never("with a `size` PyTorch's Upsample is a `resize`", "say `resize`"),
            "Upsample": Never(
                "a bare value is a size to PyTorch's Upsample, and a factor to `upsample`",
                "say `scale_factor: …` or `size: …`",
            ),
        },
        first="Upsample",
        elsewhere={"size": "resize"},
    ),
    FrameworkClass(_called("up[-_]?sampling[-_]?#"), {"size": _SIZE}),
    FrameworkClass(_called("(zero|constant)[-_]?pad[-_]?#"), _PADDING, first="padding"),
    *(
        FrameworkClass(
            _called(f"{name}[-_]?pad[-_]?#"),
            {**_PADDING, "mode": Never(f"the name of the class says `mode: {mode}`",
                                       "say `pad` for another mode")},
            first="padding",
            says={"mode": mode},
        )
        for name, mode in (
            ("reflection", "reflect"), ("replication", "replicate"), ("circular", "circular")
        )
    ),
    FrameworkClass(
        _called("zero[-_]?padding[-_]?1d"),
        {"padding": Translated("padding", one_pair, forms.amounts())},
        first="padding",
    ),
    FrameworkClass(
        _called("cropping[-_]?1d"),
        {"cropping": Translated("cropping", one_pair, forms.amounts())},
        first="cropping",
    ),
    FrameworkClass(
        _called("batch[-_]?normalization"),
        {"momentum": Translated("momentum", share_of_newest, {"type": ["number"]})},
        first="axis",
    ),
    FrameworkClass(
        _called("instance[-_]?normalization"),
        defaults={"affine": True},
        first="axis",
    ),
    FrameworkClass(re.compile("LayerNorm"), first="normalized_shape"),
    FrameworkClass(
        re.compile("RMSNorm"),
        {"eps": Translated("eps", machine_epsilon, {"type": ["number"]})},
        first="normalized_shape",
    ),
    FrameworkClass(_called("(layer|rms)[-_]?normalization"), first="axis"),
    FrameworkClass(re.compile("PReLU"), {"shared_axes": Guarded("shared_axes", shared_axes)}),
    FrameworkClass(re.compile("GLU"), defaults={"dim": -1}),
    FrameworkClass(
        _called("group[-_]?normalization"), {"groups": Guarded("groups", group_count)}
    ),
    FrameworkClass(
        _called("resizing"),
        {"height": Side("size", 0), "width": Side("size", 1)},
        defaults={"mode": "bilinear"},
    ),
    FrameworkClass(_called("local[-_]?response[-_]?norm"), {"alpha": DividedAlpha()}),
    FrameworkClass(
        re.compile("Permute"),
        {"axes": Translated("axes", from_one), "dims": Translated("axes", from_one)},
        first="dims",
    ),
    FrameworkClass(
        _called("adaptive[-_]?(avg|max)[-_]?pool[-_]?#"),
        {
            name: Guarded("size", adaptive_size, forms.extent(1))
            for name in ("output_size", "size")
        },
        first="output_size",
    ),
    FrameworkClass(re.compile("Conv[123]d"), constraint=Constraint(no_strided_same)),
    FrameworkClass(
        _called("conv(olution)?[-_]?[123]d[-_]?transpose"), constraint=Constraint(keras_transpose)
    ),
)  # fmt: skip


@lru_cache(maxsize=1024)
def class_of(name: str) -> FrameworkClass | None:
    """What the class of this name says differently."""
    return next((known for known in CLASSES if known.name.fullmatch(name)), None)


def argument(layer: type[Layer], name: str, written: str) -> Argument | None:
    """What `written` is to a class by this name, where that is no option of the kind."""
    known = class_of(name)
    if known is not None and known.elsewhere.get(written) == layer.kind:
        known = None
    if known is not None and written in known.arguments:
        return known.arguments[written]
    if written in layer.spellings or layer.kind == "custom":
        return None
    found = ARGUMENTS.get(layer.kind, {}).get(written) or _of_family(layer).get(written)
    return ANYTHING if found is None and OF_TRAINING.fullmatch(written) else found


def _of_family(layer: type[Layer]) -> Arguments:
    return {**COMMON, **_IN_PLACE} if issubclass(layer, Activation) else COMMON


def first_argument(layer: type[Layer], name: str, value: object) -> str | None:
    """The argument that a bare value is, where that is not the kind's main option."""
    known = class_of(name)
    is_text = isinstance(value, str)
    if known is not None and known.first is not None:
        return None if is_text and "$" not in str(value) and layer.default_option else known.first
    return None if is_text and layer.default_option else FIRST.get(layer.kind)


def other_kind(name: str, given: Iterable[str]) -> str | None:
    """The kind that a class is with these arguments, where that is not the one of its name."""
    known = class_of(name)
    kinds = known.elsewhere if known is not None else {}
    return next((kinds[argument] for argument in given if argument in kinds), None)


def keeps_name(name: str, given: Iterable[str] | None) -> bool:
    """Whether a kind's own name would say something else in the place of a class's. `given` are
    the arguments, None for a bare value."""
    known = class_of(name)
    if known is None:
        return False
    told = [known.arguments.get(name or "") for name in ([known.first] if given is None else given)]
    otherwise = any(a is not None and not isinstance(a, Guarded) for a in told)
    return otherwise or bool(known.defaults or known.says)


def names_of(layer: type[Layer], name: str, option: str) -> tuple[str, ...]:
    """What else a class calls an option."""
    known = class_of(name)
    arguments = {} if known is None else known.arguments
    others = {**ARGUMENTS.get(layer.kind, {}), **arguments}
    return tuple(written for written, argument in others.items() if argument.option == option)


def says(name: str) -> Mapping[str, Any]:
    """The options that a class's name says by itself, as `ReflectionPad2d` does."""
    known = class_of(name)
    return {} if known is None else known.says


def differs(layer: type[Layer], name: str, option: str) -> bool:
    """Whether a class means another thing by the name of an option."""
    found = argument(layer, name, option)
    return found is not None and not isinstance(found, Guarded)


def of_kind(layer: type[Layer]) -> dict[str, Argument]:
    """The arguments of a kind and of its classes, for those who do not tell them apart."""
    if layer.kind == "custom":
        return {}
    found = {**_of_family(layer), **ARGUMENTS.get(layer.kind, {})}
    names = [f"{name}{axes}" for name in (layer.kind, *layer.aliases) for axes in ("", "1d", "2d")]
    for known in CLASSES:
        if any(known.name.fullmatch(name) for name in (*names, layer.kind.title())):
            found |= known.arguments
    return {
        name: argument
        for name, argument in found.items()
        if name not in layer.spellings and not isinstance(argument, Never)
    }
