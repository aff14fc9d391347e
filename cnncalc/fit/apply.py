"""A repair as the text of a file: its changes written in, and the caller's own beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnncalc.errors import UsageError
from cnncalc.fit.repair import Change, Repair, Repairs
from cnncalc.geometry import Rounding
from cnncalc.graph.overrides import Overrides, everywhere
from cnncalc.language.model import Document
from cnncalc.layers import classes
from cnncalc.network import Network
from cnncalc.saving.expectations import Rewritten
from cnncalc.saving.files import write_edited
from cnncalc.saving.from_overrides import edits
from cnncalc.saving.rewritten import rewritten
from cnncalc.yaml.edit import CannotRewrite, Edit
from cnncalc.yaml.spelling import spelled


def repaired(document: Document, overrides: Overrides, repair: Repair, path: Path) -> Rewritten:
    """The text of a document's file with a repair in it, and with what `overrides` change, as it is
    read at `path`.

    The text makes the repaired network. Raises `CannotRewrite` where that cannot be had, as where a
    change belongs into a file that this one extends.
    """
    exact = overrides._replace(rounding=everywhere(Rounding.EXACT))
    source = document.source
    unrepaired = Network(source.name, source, document=document, overrides=exact)
    variant = replace(unrepaired, overrides=exact._replace(patches=repair.patches))
    own = edits(unrepaired.graph, overrides)
    changes = [*own, *(_edit(document, change) for change in repair.changes)]
    return rewritten(variant, changes, path, rounding=exact.rounding)


def save_repair(
    document: Document, overrides: Overrides, known: Repairs, number: int, target: Path
) -> Rewritten:
    """Write a document's file with repair `number` of a list in it, counted from 1.

    Raises `UsageError` where the list is shorter, or the change cannot be written.
    """
    if number > len(known.found):
        raise UsageError(
            f"there is no repair {number} to apply: the list has {len(known.found) or 'none'}"
        )
    saved = repaired(document, overrides, known.found[number - 1], target)
    write_edited(target, saved.text, document.source)
    return saved


def _edit(document: Document, change: Change) -> Edit:
    item, kind = change.item, type(change.made)
    if item.node.source is not document.source:
        place = item.node.span
        raise CannotRewrite(f"{change.layer} stands at {place}, in a file that this one extends")
    others = (name for name, own in kind.spellings.items() if own == change.option)
    more = classes.names_of(kind, item.kind_key.text, change.option)
    names = tuple(dict.fromkeys((change.option, *others, *more)))
    new = list(map(_plain, change.new)) if isinstance(change.new, tuple) else change.new
    path = ((item.kind_key.text,), names)
    return Edit(path, spelled(new), item.node.start, kind.default_option)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
