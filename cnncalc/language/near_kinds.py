"""Ways in which people write layers and that are none here, with what to write instead."""

from __future__ import annotations

import re

from cnncalc.language.calls import as_item
from cnncalc.language.model import Option
from cnncalc.layers import registry
from cnncalc.yaml.nodes import Mapping, Node, Scalar, Sequence

KIND_KEYS = (
    "type",
    "kind",
    "class",
    "class_name",
    "op",
    "op_type",
    "layer",
    "layer_type",
    "module",
)
"""Keys under which other formats name the kind."""

OPTION_KEYS = ("config", "args", "kwargs", "params", "attrs", "attributes", "options", "param")
"""Keys under which other formats keep the options."""

_DIMENSIONS = re.compile(r"[123]d$")

_UP = "it is `upsample: 2` by a factor, and `resize: 64` to a size"
_METHODS = {
    "expanddims": "it is `reshape` to the volume with that axis",
    "upscale": _UP,
    "bn": "it is `batch_norm`",
    "norm": "a normalisation is a kind of its own, such as `batch_norm`",
    "pool": "it is `max_pool` or `avg_pool`",
    "pooling": "it is `max_pool` or `avg_pool`",
    "gap": "it is `global_avg_pool`",
    "globalpool": "it is `global_avg_pool` or `global_max_pool`",
    "deconv": "it is `conv_transpose`",
    "convt": "it is `conv_transpose`",
    "upconv": "it is `conv_transpose`",
    "dwconv": "it is `depthwise_conv`",
    "residual": "a sum of branches is `add: [[…], []]`; `[]` is what comes in",
    "shortcut": "a sum of branches is `add: [[…], []]`; `[]` is what comes in",
    "skip": "a sum of branches is `add: [[…], []]`; `[]` is what comes in",
    "branch": "branches stand in a merge: `concat: [[…], […]]` or `add: [[…], []]`",
    "branches": "branches stand in a merge: `concat: [[…], […]]` or `add: [[…], []]`",
    "parallel": "branches stand in a merge: `concat: [[…], […]]` or `add: [[…], []]`",
    "route": "it is `concat: [a, b]` with the names of earlier layers",
    "layers": "several layers are one item as `sequential: […]`",
    "block": "a block of the file is called by its own name; several layers are `sequential: […]`",
    "output": "the outputs are the section `outputs:`, or else the last layer",
}


def near_kind(key: Scalar, others: list[Option]) -> tuple[str, ...]:
    """Help for an item whose kind is none; `others` are its keys and values beside the wiring."""
    written = next((o for o in others if o.key.text.lower() in KIND_KEYS), None)
    if written is not None and isinstance(written.value, Scalar):
        return (_by_key(written.value.text, [o for o in others if o is not written]),)
    if (item := as_item(key.text)) is not None:
        return (f"write `{item}`",)
    words = key.text.split()
    if len(words) > 2 and words[1] == "-" and registry.find(words[0]):
        return ("two items on one line: the `- ` below stands too far right",)
    if len(words) > 1 and (named := registry.find(words[0])) and named.kind in registry.KINDS:
        item = as_item(f"{words[0]}({', '.join(words[1:])})")
        return (f"write `{item or f'{words[0]}: {{…}}'}`",)
    folded = _DIMENSIONS.sub("", key.text.lower().replace("_", ""))
    help = _METHODS.get(folded)
    return () if help is None else (help,)


def _by_key(kind: str, others: list[Option]) -> str:
    """What an item says that names its kind under a key."""
    options = [f"{o.key.text}: {_short(o.value)}" for o in others if o.key.text not in OPTION_KEYS]
    for option in others:
        if option.key.text in OPTION_KEYS and isinstance(option.value, Mapping):
            options += [f"{key.text}: {_short(value)}" for key, value in option.value.entries]
    value = f": {{{', '.join(options)}}}" if options else ""
    return f"the kind is the key: `{kind}{value}`"


def _short(value: Node) -> str:
    if isinstance(value, Scalar):
        return value.text if len(value.text) <= 20 else "…"
    return "[…]" if isinstance(value, Sequence) else "{…}"


def as_list(mapping: Mapping) -> tuple[str, ...]:
    """Help for layers that are a mapping: its first entry as an item of a list."""
    if not mapping.entries:
        return ()
    key, value = mapping.entries[0]
    if registry.find(key.text) is not None:
        item = f"{key.text}: {_short(value)}" if _short(value) else key.text
        return (f"each begins with `- `: `- {item}`",)
    return (f"each begins with `- `, and its name is one of its keys: `- {{name: {key.text}, …}}`",)
