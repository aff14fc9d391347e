"""Words of PyTorch and Keras that the language does not have, or has under another name.

Other names of what is said here stand with the kinds and options themselves.
"""

from __future__ import annotations

import re

from cnncalc.layers import registry

_CALL = re.compile(r"(?:\w+\.)*(\w+)\(.*\)", re.DOTALL)

_INPUT = "the input is no layer: say `input:` at the head of the file, such as `input: 32x32x3`"

_OTHERWISE = {
    "activation": "an activation is a kind of its own, such as `relu`",
    "input": _INPUT,
    "inputlayer": _INPUT,
}


def said_otherwise(kind: str) -> tuple[str, ...]:
    """Help for what is no kind here, and how to say it: a class, or a call as in Python."""
    call = _CALL.fullmatch(kind)
    if call is not None and registry.find(call[1]) is not None:
        return (f"no calls are read here: options are a mapping, `{call[1]}: {{option: value}}`",)
    word = kind.rpartition(".")[2]
    if word != kind and registry.find(word) is not None:
        return (f"no modules are named here: say `{word}`",)
    help = _OTHERWISE.get(kind.lower())
    return () if help is None else (help,)
