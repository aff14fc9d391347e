"""`# cnncalc: ignore[slug]`: takes warnings away where they were meant, and tells comments that
take none away.

A comment is about the warnings whose place, as printed, is on its line, or on the line below where
it stands alone. Errors are never silenced: the network would not be what the file says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator

from cnncalc.diagnostics import (
    CATALOGUE,
    ON_REQUEST,
    UNUSED_IGNORE,
    Diagnostic,
    Severity,
    did_you_mean,
)
from cnncalc.document.model import Document, Remark
from cnncalc.yaml.nodes import Scalar
from cnncalc.yaml.source import Span

_Place = tuple[int, int, str]
"""The source by its identity, the line and the slug."""


def silenced(
    document: Document, findings: Iterable[Diagnostic], asked: Container[str], *, whole: bool
) -> list[Diagnostic]:
    """The findings that are left, and what is wrong with the comments of this very file.

    `whole`: the network is that of the file, and every warning had its chance, but for those told
    on request that nobody `asked` for. Whether comments of a file that this one extends silence
    anything is a question to that file.
    """
    ignored: dict[_Place, list[Scalar]] = defaultdict(list)
    for remark in document.remarks:
        for slug in remark.slugs:
            if remark.word == "ignore" and _can_be_silenced(slug.text):
                ignored[id(remark.span.source), remark.line, slug.text].append(slug)
    left: list[Diagnostic] = []
    used: set[int] = set()
    for finding in findings:
        place = (id(finding.span.source), finding.span.line, finding.code)
        if place in ignored:
            used.update(map(id, ignored[place]))
        else:
            left.append(finding)
    for remark in document.remarks:
        if remark.span.source is document.source:
            left += _mistakes(remark)
            if whole and remark.word == "ignore":
                left += (
                    _finding(f"no `{slug.text}` is found here", slug.span, "take it away")
                    for slug in remark.slugs
                    if _can_be_silenced(slug.text)
                    and id(slug) not in used
                    and (slug.text not in ON_REQUEST or slug.text in asked)
                )
    return left


def _can_be_silenced(slug: str) -> bool:
    known = slug in CATALOGUE and CATALOGUE[slug][0] is Severity.WARNING
    return known and slug != UNUSED_IGNORE


def _mistakes(remark: Remark) -> Iterator[Diagnostic]:
    """What a comment says that means nothing."""
    if remark.word not in ("ignore", "warn"):
        near = did_you_mean(remark.word, ("ignore", "warn"))
        help = near or ("comments say `ignore[slug]` or `warn[slug]`",)
        yield _finding(f"there is no `{remark.word}[…]`", remark.span, *help)
    elif not remark.slugs:
        message = f"`{remark.word}` does not say what"
        yield _finding(message, remark.span, f"name it: `# cnncalc: {remark.word}[slug]`")
    else:
        for slug in remark.slugs:
            if slug.text not in CATALOGUE:
                help = did_you_mean(slug.text, CATALOGUE)
                yield _finding(f"there is no finding `{slug.text}`", slug.span, *help)
            elif remark.word == "warn" and slug.text not in ON_REQUEST:
                message = f"`{slug.text}` is told without being asked for"
                asked = ", ".join(f"`{slug}`" for slug in sorted(ON_REQUEST))
                yield _finding(message, slug.span, f"told on request: {asked}")
            elif remark.word == "ignore" and not _can_be_silenced(slug.text):
                yield _finding(_refusal(slug.text), slug.span)


def _refusal(slug: str) -> str:
    if slug == UNUSED_IGNORE:
        return f"`{slug}` cannot be silenced; the comment it is about can go"
    return f"`{slug}` is an error, and only warnings can be silenced"


def _finding(message: str, span: Span, *help: str) -> Diagnostic:
    return Diagnostic(UNUSED_IGNORE, message, span, help=help)
