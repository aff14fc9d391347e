"""Comments that speak to the linter, and the findings they are about: they stay on one line.

Such a comment is about a line, which a new layout may take apart. No report contains what it
silences, so the text is read once more without these comments.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.suppression import IGNORE_FILE
from cnncalc.edit.pieces import Collection, File, read, walk
from cnncalc.network import Network
from cnncalc.yaml.comments import Comment
from cnncalc.yaml.nodes import Node

_MARK = "cnncalc:"
_NO_MARK = "cnncalc;"


def anchors(network: Network, root: Node) -> dict[int, int]:
    """Where the finding stands that a comment is about, by where the comment stands.

    Comments on a line of their own outside of braces are left out: they are above their line
    already, and stay there.
    """
    assert network.document is not None
    movable = list(_beside_or_inside(read(root)))
    found: dict[int, int] = {}
    places = {
        (span.line, finding.code): span.start
        for one in (network, network.reparsed(_struck_out(network.source.text, movable)))
        for finding in reversed(one.report.diagnostics)
        if (span := finding.span).source is one.source
    }
    for remark in network.document.remarks:
        at = remark.span.start
        for comment in movable:
            if comment.start <= at < comment.end and remark.word != IGNORE_FILE:
                for code in remark.codes:
                    if (remark.line, code.text) in places:
                        found[comment.start] = places[remark.line, code.text]
    return found


def _beside_or_inside(file: File) -> Iterator[Comment]:
    """The comments for the linter after something on their line, or inside braces."""
    braces = [p for p in walk(file.root) if isinstance(p, Collection) and p.flow]
    for comment in file.found:
        if _MARK in comment.text:
            line = file.text.rfind("\n", 0, comment.start) + 1
            beside = bool(file.text[line : comment.start].strip())
            if beside or any(piece.start < comment.start < piece.end for piece in braces):
                yield comment


def _struck_out(text: str, found: list[Comment]) -> str:
    """The text with these comments blanked out, of the same length."""
    for comment in found:
        said = comment.text.replace(_MARK, _NO_MARK)
        text = text[: comment.start] + said + text[comment.end :]
    return text
