"""Words of PyTorch and Keras that mean something there and are not said here, or otherwise.

Other names of what is said here stand with the kinds and options themselves.
"""

from __future__ import annotations

import re

from cnncalc.layers import registry

FOLLOWS = (
    "in_channels",
    "in_features",
    "num_features",
    "normalized_shape",
    "input_shape",
    "input_dim",
    "input_size",
    "embed_dim",
    "kdim",
    "vdim",
)
"""Arguments of classes that say what is known here anyway."""

WITHOUT_EFFECT = {
    "inplace", "padding_mode", "divisor_override", "align_corners", "antialias", "batch_first",
    "time_major", "stateful", "unroll", "recurrent_dropout", "padding_idx", "max_norm", "mask_zero",
    "scale_grad_by_freq", "sparse",
}  # fmt: skip
_OF_TRAINING = re.compile(r"\w+_(initializer|regularizer|constraint)")
"""Arguments of classes that decide values, never a volume or a count."""

_CALL = re.compile(r"(?:\w+\.)*(\w+)\(.*\)", re.DOTALL)

_INPUT = "the input is no layer: say `input:` at the head of the file, such as `input: 32x32x3`"

_RESIZED = "say `upsample: {scale: 2, mode: %s}`"
_REDUCED = (
    "say `reduce: {function: %s, axes: spatial, keepdims: true}`, axes by name or from behind"
)

_OTHERWISE = {
    "bidirectional": "both directions are an option: `lstm: {units: 64, direction: both}`",
    "upsamplingnearest2d": _RESIZED % "nearest",
    "upsamplingbilinear2d": _RESIZED % "bilinear",
    **{f"reduce{how}": _REDUCED % how for how in ("mean", "sum", "max", "min")},
    "scaleddotproductattention": "say `attention: {heads: 8, project: false}`",
    "dot": "say `matmul: [a, b]`, with `transpose_a` or `transpose_b` beside `branches`",
    "activation": "an activation is a kind of its own, such as `relu`",
    "input": _INPUT,
    "inputlayer": _INPUT,
}


def why_not(option: str) -> str | None:
    """Why an argument of a class there is no option here."""
    if option in FOLLOWS:
        return "that follows from the layer before"
    if option in WITHOUT_EFFECT or _OF_TRAINING.fullmatch(option):
        return "it changes no volume and no count"
    return None


def said_otherwise(kind: str) -> tuple[str, ...]:
    """Help for what is no kind here, and how to say it: a class, or a call as in Python."""
    call = _CALL.fullmatch(kind)
    if call is not None and registry.find(call[1]) is not None:
        return (f"no calls are read here: options are a mapping, `{call[1]}: {{option: value}}`",)
    help = _OTHERWISE.get(kind.lower())
    return () if help is None else (help,)
