"""A variant of a network as the text of its file: edited, read again and compared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cnncalc.language.parser import SECTIONS
from cnncalc.layers.base import RoundingPerAxis
from cnncalc.network import Network
from cnncalc.saving.expectations import (
    Rewritten,
    refuse_another,
    refuse_errors,
    with_true_expectations,
)
from cnncalc.saving.files import write_edited
from cnncalc.saving.from_overrides import edits
from cnncalc.yaml.edit import CannotRewrite, Edit, rewrite


def save(variant: Network, path: str) -> Rewritten:
    """Write a file with the overrides of a variant in it. Raises `UsageError`, and then the file is
    what it was: where a file cannot say the change, or cannot be written."""
    if not variant.report.complete:
        raise CannotRewrite(f"the changed network has errors; {path} is not written")
    saved = rewritten(variant, edits(variant.graph, variant.overrides), Path(path))
    write_edited(path, saved.text, variant.source)
    return saved


def rewritten(
    variant: Network,
    changes: Iterable[Edit],
    path: Path,
    rounding: RoundingPerAxis | None = None,
) -> Rewritten:
    """The text of a variant's file with changes in it, and with its expectations brought into line.

    Read at `path`, the text has no errors and is the same network as the variant, which `rounding`
    holds both to where it is given. Raises `CannotRewrite` where that cannot be had.
    """
    text = rewrite(variant.source.text, changes, SECTIONS)
    again = variant.reparsed(text, path)
    if again.document is None:
        raise CannotRewrite("the changed file would not be readable")
    saved = with_true_expectations(again)
    refuse_errors(saved.report)
    report = saved.report
    if rounding is not None:
        report = again.with_overrides(again.overrides._replace(rounding=rounding)).report
    refuse_another(report, variant.report)
    return saved
