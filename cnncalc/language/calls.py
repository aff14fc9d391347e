"""Calls of PyTorch's and Keras' classes, as in Python or in a printed model, as items of a file."""

from __future__ import annotations

import ast
import re

from cnncalc.diagnostics import RuleError
from cnncalc.layers import registry
from cnncalc.layers.base import Layer
from cnncalc.layers.options import shown

_CALL = re.compile(r"(?:\w+\.)*(\w+)\s*\((.*)\)\s*,?", re.DOTALL)

_LONGEST = 500

_WINDOW = ("kernel", "stride", "padding")
_OF_TORCH: dict[str, tuple[str | None, ...]] = {
    "conv": (None, "filters", *_WINDOW, "dilation", "groups", "bias"),
    "conv_transpose": (None, "filters", *_WINDOW, "output_padding", "groups", "bias", "dilation"),
    "max_pool": (*_WINDOW, "dilation"),
    "avg_pool": _WINDOW,
    "dense": (None, "units", "bias"),
    "batch_norm": (None,),
    "dropout": ("rate",),
    "flatten": (None, None),
}
"""The arguments of PyTorch's classes by their places; None where they say what comes in."""

_OF_KERAS: dict[str, tuple[str | None, ...]] = {
    "conv": ("filters", *_WINDOW),
    "conv_transpose": ("filters", *_WINDOW),
    "max_pool": _WINDOW,
    "avg_pool": _WINDOW,
    "dense": ("units", "activation"),
    "dropout": ("rate",),
}
_KERAS_WORDS = re.compile(r"\dD|Dense|Pooling")
"""What is Keras' in a name; PyTorch's have a small d."""

_FOLLOWS = ("in_channels", "in_features", "num_features", "input_shape", "inplace", "affine", "eps",
            "momentum", "track_running_stats", "ceil_mode", "start_dim", "end_dim", "name",
            "padding_mode", "data_format", "p")  # fmt: skip
"""Arguments that are left out: what comes in says them, or they are as they are here anyway."""


def as_item(call: str) -> str | None:
    """`conv: {filters: 64, kernel: 3}` for `Conv2d(3, 64, 3)`; None for what is no call, or for one
    that cannot be said so."""
    found = _CALL.fullmatch(call.strip()) if len(call) <= _LONGEST else None
    named = None if found is None else registry.find(found[1])
    if found is None or named is None or named.kind not in registry.KINDS:
        return None
    layer = registry.KINDS[named.kind]
    if layer.merges:
        return None
    try:
        tree = ast.parse(f"f({found[2]})", mode="eval").body
        assert isinstance(tree, ast.Call)
        given = _given(found[1], layer, tree)
        if given is None:
            return None
        layer(**{name: value for name, value in given.items() if name != "activation"})
    except (SyntaxError, ValueError, RuleError, RecursionError, MemoryError):
        return None
    options = ", ".join(f"{name}: {shown(value)}" for name, value in given.items())
    if layer.default_option is not None and list(given) == [layer.default_option]:
        return f"{named.kind}: {shown(given[layer.default_option])}"
    return f"{named.kind}: {{{options}}}" if options else named.kind


def _given(word: str, layer: type[Layer], call: ast.Call) -> dict[str, object] | None:
    """The options of a call by their own names; None where one is not known. Raises `ValueError`
    for arguments that are no plain values."""
    keras = _KERAS_WORDS.search(word) is not None or word in registry.KINDS
    order = (_OF_KERAS if keras else _OF_TORCH).get(layer.kind, ())
    if len(call.args) > len(order) and call.args:
        return None
    given: dict[str, object] = {}
    for name, argument in zip(order, call.args, strict=False):
        if name is not None:
            given[name] = ast.literal_eval(argument)
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        own = layer.spellings.get(keyword.arg)
        if own is None and keyword.arg == "p" and "rate" in layer.options:
            own = "rate"
        if own is not None and keyword.arg != "name":
            given[own] = ast.literal_eval(keyword.value)
        elif keyword.arg not in _FOLLOWS:
            return None
        elif keyword.arg == "ceil_mode" and ast.literal_eval(keyword.value) is True:
            given["rounding"] = "ceil"
    plain = {name: _plain(value) for name, value in given.items()}
    return {n: v for n, v in plain.items() if not _says_nothing(v, layer.options[n].default)}


def _says_nothing(value: object, default: object) -> bool:
    """Whether a value is the default, or `False` where there is none."""
    return value == default or (value is False and default is None)


def _plain(value: object) -> object:
    """(3, 3) as 3."""
    if isinstance(value, (list, tuple)):
        return value[0] if len(set(map(repr, value))) == 1 and value else tuple(value)
    return value
