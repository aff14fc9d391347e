"""`# cnncalc: ignore[code]`: comments that suppress warnings, and warnings about comments that
suppress nothing.

A comment is about the warnings whose place, as printed, is on its line, or on the next line where
it stands alone; `ignore-file[code]` is about all lines that no other comment speaks for. Errors
are never suppressed: the network would not be what the file says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator

from cnncalc.diagnostics import (
    CATALOGUE,
    MOST_NEAR_NAMES,
    ON_REQUEST,
    UNUSED_IGNORE,
    Diagnostic,
    Severity,
    did_you_mean,
)
from cnncalc.language.model import Document, Remark
from cnncalc.yaml.nodes import Scalar
from cnncalc.yaml.source import Span

_Place = tuple[int, int | None, str]
"""The source by its identity, the line (None: any) and the code."""

IGNORE, IGNORE_FILE, WARN = WORDS = ("ignore", "ignore-file", "warn")


def suppressed(
    document: Document, findings: Iterable[Diagnostic], asked: Container[str], *, whole: bool
) -> list[Diagnostic]:
    """The findings that are left, and what is wrong with the comments of this very file.

    `whole`: the network is that of the file, and every lint was run, except those on request that
    nobody `asked` for. Whether the comments of a file that this one extends suppress anything is
    checked in that file.
    """
    ignored: dict[_Place, list[Scalar]] = defaultdict(list)
    for remark in document.remarks:
        for code in remark.codes:
            if remark.word in (IGNORE, IGNORE_FILE) and _can_be_suppressed(code.text):
                line = remark.line if remark.word == IGNORE else None
                ignored[id(remark.span.source), line, code.text].append(code)
    left: list[Diagnostic] = []
    used: set[int] = set()
    for finding in findings:
        source = id(finding.span.source)
        for line in (finding.span.line, None):
            if (source, line, finding.code) in ignored:
                used.update(map(id, ignored[source, line, finding.code]))
                break
        else:
            left.append(finding)
    for remark in document.remarks:
        if remark.span.source is document.source:
            left += _mistakes(remark, few=len(left) < MOST_NEAR_NAMES)
            if whole and remark.word in (IGNORE, IGNORE_FILE):
                where = "here" if remark.word == IGNORE else "in this file"
                left += (
                    _finding(f"no `{code.text}` is found {where}", code.span, "remove it")
                    for code in remark.codes
                    if _can_be_suppressed(code.text)
                    and id(code) not in used
                    and (code.text not in ON_REQUEST or code.text in asked)
                )
    return left


def _can_be_suppressed(code: str) -> bool:
    known = code in CATALOGUE and CATALOGUE[code][0] is Severity.WARNING
    return known and code != UNUSED_IGNORE


def _mistakes(remark: Remark, *, few: bool) -> Iterator[Diagnostic]:
    """What is wrong with a comment, whatever is found on its line; near words where there are but
    `few` findings."""
    if remark.word not in WORDS:
        near = did_you_mean(remark.word, WORDS) if few else ()
        help = near or ("comments say `ignore[code]`, `ignore-file[code]` or `warn[code]`",)
        yield _finding(f"there is no `{remark.word}[…]`", remark.span, *help)
    elif not remark.codes:
        message = f"`{remark.word}` names no warning"
        yield _finding(message, remark.span, f"name it: `# cnncalc: {remark.word}[code]`")
    else:
        for code in remark.codes:
            if code.text not in CATALOGUE:
                help = did_you_mean(code.text, CATALOGUE) if few else ()
                yield _finding(f"there is no diagnostic `{code.text}`", code.span, *help)
            elif remark.word == WARN and code.text not in ON_REQUEST:
                message = f"`{code.text}` is reported without being asked for"
                asked = ", ".join(f"`{code}`" for code in sorted(ON_REQUEST))
                yield _finding(message, code.span, f"on request: {asked}")
            elif remark.word != WARN and not _can_be_suppressed(code.text):
                yield _finding(_refusal(code.text), code.span)


def _refusal(code: str) -> str:
    if code == UNUSED_IGNORE:
        return f"`{code}` cannot be suppressed; remove the comment that it is about"
    return f"`{code}` is an error, and only warnings can be suppressed"


def _finding(message: str, span: Span, *help: str) -> Diagnostic:
    return Diagnostic(UNUSED_IGNORE, message, span, help=help)
