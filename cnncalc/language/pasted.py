"""Networks in other tools' words, pasted where an architecture file is expected: one finding says
what it is and what to write instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.language.calls import as_item
from cnncalc.yaml.source import Source, Span

BEGINNING = 20_000
"""Characters of a file that are looked at."""

MOST_TRANSLATED = 4
"""Layers that are shown as they are written here."""

_CALL = re.compile(
    r"(?<![\w.])(?:\w+\.)*(?!Sequential|Model|Module|Input)[A-Z]\w*\((?:[^()\n]|\([^()\n]*\)){0,300}\)"
)


_IN_ANOTHER_ORDER = re.compile(r"^\s*def ", re.MULTILINE)
"""Source whose layers need not follow one another as they are written."""


class _Kind(NamedTuple):
    """Another tool's way to write a network: what it is called, and what it is told by."""

    called: str
    sign: re.Pattern[str]
    code: str = "yaml-syntax"


_KINDS = (
    _Kind(
        "Python source",
        re.compile(
            r"^\s*(import|from) +(torch|keras|tensorflow|jax|flax)\b|^\s*class \w+\(.*Module\):"
            r"|\bnn\.(Sequential|Module)\b|\b(keras|models|tf)\.(\w+\.)*Sequential\("
            r"|^\s*(\w+ *= *)?Sequential\(\s*\[?|^\s*(self\.)?\w+ *= *(nn|layers)\.\w+\("
            r"|^\s*model\.add\(",
            re.M,
        ),
    ),
    _Kind(
        "a printed PyTorch model",
        re.compile(r"\A\s*(\w+\(\s*\n\s*\(\w+\): \w+|\(\w+\): \w+\()"),
    ),
    _Kind(
        "a table of layers, as a framework prints it",
        re.compile(
            r"\A\s*Model: \"|^[\s│┃|=─━┏┡]*Layer +\(type(?::depth-idx)?\)|^\s*Layer \(type", re.M
        ),
    ),
    _Kind(
        "a Keras model as JSON",
        re.compile(r"\A\s*\{\s*\"(class_name|config|module)\"\s*:[\s\S]*\"class_name\"\s*:"),
        "unknown-key",
    ),
    _Kind(
        "a Caffe prototxt",
        re.compile(r"^\s*layers? *\{\s*$|^\s*(convolution_param|pooling_param) *\{", re.M),
    ),
    _Kind(
        "a Darknet cfg",
        re.compile(r"\A(\s*[#;].*\n|\s*\n)*\s*\[(net|network|convolutional)\]\s*$", re.M),
    ),
    _Kind(
        "an Ultralytics model file",
        re.compile(r"\A(?![\s\S]*^layers:)[\s\S]*^backbone:[\s\S]*^head:", re.M),
        "unknown-key",
    ),
)


def pasted(source: Source) -> Diagnostic | None:
    """A finding on a text that is another tool's network; None for any other text."""
    text = source.text[:BEGINNING]
    if re.search(r"^(layers|extends|input):", text, re.MULTILINE):
        return None
    kind = next((kind for kind in _KINDS if kind.sign.search(text)), None)
    if kind is None:
        return None
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    span = Span(source, start, len(text) if end < 0 else end)
    message = f"this is {kind.called}, and no architecture file"
    help = ["a file has `input:` and a list of `layers:`; `cnncalc zoo lenet5` prints one"]
    if not _IN_ANOTHER_ORDER.search(text) and (layers := _beginning(text)):
        help.insert(0, f"it begins so here: `layers: [{', '.join(layers)}, …]`")
    return Diagnostic(kind.code, message, span, help=tuple(help))


def _beginning(text: str) -> list[str]:
    """The first layers of a text as they are written here, up to one that cannot be said so."""
    layers: list[str] = []
    for call in _CALL.finditer(text):
        item = as_item(call[0])
        if item is None or len(layers) == MOST_TRANSLATED:
            break
        layers.append(f"{{{item}}}" if ":" in item else item)
    return layers
