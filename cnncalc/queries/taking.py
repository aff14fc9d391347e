"""A repair taken: the file's text with its changes written in, and the caller's own beside them.

Nothing here opens files.
"""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.document.model import Document
from cnncalc.geometry import Rounding
from cnncalc.graph.build import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.settings import Settings, everywhere
from cnncalc.queries.placing import edits
from cnncalc.queries.repair import Change, Repair
from cnncalc.queries.rewrite import CannotRewrite, Edit, rewrite, spelled

Parse = Callable[[str], Document | None]
"""From a text to its tree, as if it stood where it is to be saved; None where it is wrong."""


def taken(document: Document, settings: Settings, repair: Repair, parse: Parse) -> str:
    """The text of a document's file with a repair in it, and with what `settings` change.

    The text was parsed and built, and makes the repaired network. Raises `CannotRewrite` where that
    cannot be had, as where a change belongs into a file that this one extends.
    """
    exact = settings._replace(rounding=everywhere(Rounding.EXACT))
    repaired = build(document, exact._replace(patches=repair.patches))
    own = edits(build(document, exact), settings)
    text = rewrite(document.source.text, [*own, *(_edit(document, c) for c in repair.changes)])
    parsed = parse(text)
    again = None if parsed is None else build(parsed, Settings(rounding=exact.rounding))
    if again is None or not again.complete or _network(again) != _network(repaired):
        raise CannotRewrite("the changes cannot be written so that the file means the same")
    return text


def _network(graph: Graph) -> tuple[object, ...]:
    nodes = [(node.name, node.layer, node.inputs, node.inferred) for node in graph.nodes]
    return graph.inputs, nodes, graph.outputs


def _edit(document: Document, change: Change) -> Edit:
    item, kind = change.item, type(change.made)
    if item.node.source is not document.source:
        place = item.node.span
        raise CannotRewrite(f"{change.layer} stands at {place}, in a file that this one extends")
    others = (name for name, own in kind.spellings.items() if own == change.option)
    names = tuple(dict.fromkeys((change.option, *others)))
    new = list(map(_plain, change.new)) if isinstance(change.new, tuple) else change.new
    path = ((item.kind_key.text,), names)
    return Edit(path, spelled(new), item.node.start, kind.default_option)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
