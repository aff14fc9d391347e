"""A layer with the derivation of its numbers: what `cnncalc explain` asks for and prints."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.explain.derivation.case import Step
from cnncalc.report.report import Row
from cnncalc.volume import Volume


class Explanation(NamedTuple):
    """A layer with the derivation of its numbers, for one image.

    `summary` and `rules` are the manual's words for the kind. Where `channels_known` is false the
    channels of `inputs` are a stand-in, and so are those of an output that `keeps_channels`; the
    steps are then for each input channel, and there is no `row`. Where the layer does not fit there
    is no `output` and no step; `diagnostics` are the file's errors, and the warnings about this
    layer.
    """

    layer: str
    file: str
    kind: str | None = None
    summary: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    inputs: tuple[Volume, ...] = ()
    output: Volume | None = None
    row: Row | None = None
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    channels_known: bool = True
    keeps_channels: bool = False

    @property
    def ok(self) -> bool:
        """Whether there are no errors in the file; warnings may be."""
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)
