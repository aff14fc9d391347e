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
    steps are then for each input channel, and there is no `row`. Where `filters_known` is false the
    output's channels are a stand-in, and there are steps for sizes alone. Where the layer does not
    fit there is no `output` and no step; `diagnostics` are the file's errors, and the warnings
    about this layer.
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
    filters_known: bool = True
    keeps_channels: bool = False

    @property
    def output_channels_known(self) -> bool:
        """Whether the channels of `output` are no stand-in."""
        return self.filters_known and (self.channels_known or not self.keeps_channels)

    @property
    def ok(self) -> bool:
        """Whether there are no errors in the file; warnings may be."""
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)
