"""What the rows of a sweep answer, as a short text that every row of a results file holds.

Two sweeps have the same question where the same point has the same row in both: the values that
vary may be others, all else may not.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
from collections.abc import Mapping

from cnncalc import __version__
from cnncalc.language.model import Document
from cnncalc.sweep.sweep import Plan
from cnncalc.yaml.source import Source

_LENGTH = 12
"""Hexadecimal digits: of a million questions two are the same with a chance of 1 in 500."""


def question(planned: Plan) -> str:
    """The digest of the file, those it extends, and all that was asked but for the values that
    vary."""
    given = planned.given
    asked = {
        "cnncalc": __version__,
        "files": sorted(_texts(planned.document)),
        "vary": sorted(axis.key for axis in planned.grid.axes),
        "where": str(planned.conditions),
        "input": given.input,
        "set": given.set,
        "rounding": given.rounding,
        "batch": given.batch,
        "dtype": given.dtype,
        "max_layers": given.max_layers,
    }
    text = json.dumps(_plain(asked), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def _plain(value: object) -> object:
    """A value as JSON has it; one that it has not as Python writes it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _texts(document: Document) -> set[str]:
    """The texts that a document was made of."""
    gathering = _Sources(io.BytesIO())
    gathering.dump(document)
    return gathering.texts


class _Sources(pickle.Pickler):
    """Comes by everything that a document is made of, and keeps the texts."""

    def __init__(self, nowhere: io.BytesIO) -> None:
        super().__init__(nowhere, pickle.HIGHEST_PROTOCOL)
        self.texts: set[str] = set()

    def persistent_id(self, part: object) -> str | None:
        if not isinstance(part, Source):
            return None
        self.texts.add(part.text)
        return part.name
