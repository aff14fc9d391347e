"""Values of arguments of PyTorch's and Keras' classes in the words of the language. Each raises
`RuleError`, in words that follow the option's name, for what has none here."""

from __future__ import annotations

from typing import Any

from cnncalc.diagnostics import RuleError
from cnncalc.layers.options import bad_value, shown


def is_none(value: object) -> bool:
    """Null, or Python's word for it, which is a text in YAML."""
    return value is None or value == "None"


def is_number(value: object) -> bool:
    """Whether a value is a number: not a truth value, which is one to Python."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def pytorch_padding(value: Any) -> Any:
    """`[left, right, top, bottom]` as pairs for each axis, height first: PyTorch starts from the
    last axis."""
    if not isinstance(value, tuple) or any(isinstance(entry, (tuple, list)) for entry in value):
        return value
    if len(value) % 2 or not value:
        raise bad_value(
            "takes a number here, or a pair for each axis from the last one: [left, right, top, "
            f"bottom]; not {shown(value)}"
        )
    pairs = [tuple(value[i : i + 2]) for i in range(0, len(value), 2)]
    return tuple(reversed(pairs))


def one_pair(value: Any) -> Any:
    """Keras' `(before, after)` of the only axis."""
    flat = isinstance(value, tuple) and len(value) == 2
    return (value,) if flat and all(isinstance(entry, int) for entry in value) else value


def adaptive_size(value: Any) -> Any:
    """PyTorch's None among the sizes keeps an axis as it is."""
    sizes = value if isinstance(value, tuple) else (value,)
    if any(map(is_none, sizes)):
        help = "an axis that keeps its size is `$in.height`, `$in.width` or `$in.depth` here"
        raise RuleError("bad-value", f"takes numbers, not {shown(value)}", help=[help])
    return value


def group_count(value: Any) -> Any:
    """Keras' -1: as many groups as there are channels."""
    if value == -1:
        help = "a group for each channel is `instance_norm: {affine: true}`"
        raise RuleError("bad-value", "must be 1 or more, not -1", help=[help])
    return value


def from_one(value: Any) -> Any:
    """Keras counts the axes of a volume from 1; with a 0 they are counted as here."""
    axes = value if isinstance(value, tuple) else (value,)
    if not all(map(is_number, axes)) or 0 in axes:
        return value
    return tuple(axis - 1 for axis in axes)


def share_of_newest(value: Any) -> Any:
    """Keras' momentum is the share of what was there before."""
    return round(1 - value, 12) if is_number(value) else value


def shared_axes(value: Any) -> Any:
    """Keras' None shares a slope along no axis."""
    if is_none(value):
        message = "of null is a slope for each element in Keras"
        raise RuleError("bad-value", message, help=["say `parameters: all`"])
    return value


def machine_epsilon(value: Any) -> Any:
    """PyTorch's None for what is added to a mean square: the least step from 1, in 32 bits."""
    return 2.0**-23 if is_none(value) else value


def the_same(value: Any) -> Any:
    return value
