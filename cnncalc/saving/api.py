"""Files made to expect what their networks are, from Python."""

from __future__ import annotations

from cnncalc.arguments import GivenPath
from cnncalc.graph.overrides import positive
from cnncalc.saving.expectations import Rewritten
from cnncalc.saving.update_expect import update_expectations


def update(path: GivenPath, *, max_layers: int = 100_000) -> Rewritten:
    """Write what a network is into the `expect:` of its file, comments and layout kept.

    `changes` are the expectations that changed; where there are none, nothing is written. A file
    with errors is left as it is, and `report` says what they are. Raises `ValueError` for anything
    but a file of your own, and where the file cannot say so or cannot be written.
    """
    positive("max_layers", max_layers)
    return update_expectations(str(path), max_layers)
