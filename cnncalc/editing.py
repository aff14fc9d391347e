"""Files that change: variants saved, expectations said anew, the one layout; how all is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.analysis.expectations import Held
from cnncalc.diagnostics import EXPECTATION_FAILED
from cnncalc.document.reading import STANDARD_INPUT, Unreadable, read
from cnncalc.document.writing import write_whole
from cnncalc.graph.build import build
from cnncalc.loading import Opened, Request, hold, measure, open_path, open_source
from cnncalc.queries.override import Misuse
from cnncalc.source import Source

if TYPE_CHECKING:
    from cnncalc.queries.formatting.formatted import Formatted
    from cnncalc.queries.restating import Restatement
    from cnncalc.queries.whatif import WhatIfVariant


def save(opened: Opened, variant: WhatIfVariant, request: Request, out: str) -> Restatement:
    """Write a file with a variant's changes in it to `out`. Raises `Misuse`, and then `out` is what
    it was: where a file cannot say the change, or `out` cannot be written."""
    from cnncalc.queries.saving import rewritten

    if opened.document is None or not variant.after.complete:
        raise Misuse(f"the changed network has errors; {out} is not written")
    graph = build(opened.document)
    saved = rewritten(graph, variant.settings, variant.after, reloading(out, request))
    write(out, saved.text)
    return saved


def reloading(name: str, request: Request) -> Callable[[str], Held]:
    """From a text to what it holds to, as if it stood in the file of that name."""

    def reload(text: str) -> Held:
        return hold(open_source(Source(name, text), Path(name)), request)

    return reload


def refresh(name: str, request: Request) -> Restatement:
    """Make a file expect what its network is, and write it where that changes anything.

    A file with errors is left as it is: see `Restatement.report`. Raises `Misuse`.
    """
    from cnncalc.queries.restating import Restatement, refreshed

    opened = open_path(name)
    held = hold(opened, request)
    text = opened.source.text
    broken = (d.is_error and d.code != EXPECTATION_FAILED for d in held.report.diagnostics)
    if any(broken):
        return Restatement(text, (), held.report)
    done = refreshed(text, held, reloading(name, request))
    if done.text != text:
        write(name, done.text, keep_mark=True)
    return done


def write(name: str | Path, text: str | bytes, *, keep_mark: bool = False) -> None:
    """Write a file whole or not at all. Raises `Misuse`."""
    try:
        write_whole(name, text, keep_mark=keep_mark)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Misuse(f"{name} cannot be written: {why}") from None


def format_path(path: str) -> Formatted:
    """The text of a file, or of `-`, in the one layout; nothing is written. Never raises for what
    is in the file; `CannotRewrite` where ruamel.yaml is missing."""
    from cnncalc.queries.formatting.formatted import Formatted, formatted
    from cnncalc.queries.formatting.remarks import Reading

    try:
        source = read(path)
    except Unreadable as fault:
        return Formatted("", "", findings=(fault.diagnostic,))

    def reload(text: str) -> Reading:
        where = None if path == STANDARD_INPUT else Path(path)
        opened = open_source(Source(source.name, text), where)
        assert opened.document is not None
        return Reading(opened.document, measure(opened, Request()))

    return formatted(source, reload)
