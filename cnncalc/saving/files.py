"""Files that change: variants saved, expectations said anew, the one layout; how all is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.checks.expectations import Held
from cnncalc.diagnostics import EXPECTATION_FAILED
from cnncalc.errors import UsageError
from cnncalc.graph.overrides import Settings
from cnncalc.loading import Request, hold, measure, open_path, open_source
from cnncalc.network import Network
from cnncalc.saving.writing import write_whole
from cnncalc.yaml.reading import STANDARD_INPUT, Unreadable, read
from cnncalc.yaml.source import Source

if TYPE_CHECKING:
    from cnncalc.edit.formatted import Formatted
    from cnncalc.saving.update_expect import Restatement


def save(network: Network, out: str) -> Restatement:
    """Write a file with the changes of a variant in it to `out`.

    Raises `UsageError` where a file cannot say the change, or `out` cannot be written; it is then
    what it was.
    """
    from cnncalc.saving.variant import rewritten

    if not network.report.complete:
        raise UsageError(f"the changed network has errors; {out} is not written")
    settings = Settings(max_layers=network.settings.max_layers)
    request = Request(settings, network.batch, network.dtype)
    saved = rewritten(network, reloading(out, request))
    write(out, saved.text)
    return saved


def reloading(name: str, request: Request) -> Callable[[str], Held]:
    """From a text to what it holds to, as if it stood in the file of that name."""

    def reload(text: str) -> Held:
        return hold(open_source(Source(name, text), Path(name)), request)

    return reload


def refresh(name: str, request: Request) -> Restatement:
    """Make a file expect what its network is, and write it where that changes anything.

    A file with errors is left as it is: see `Restatement.report`. Raises `UsageError`.
    """
    from cnncalc.saving.update_expect import Restatement, refreshed

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
    """Write a file whole or not at all. Raises `UsageError`."""
    try:
        write_whole(name, text, keep_mark=keep_mark)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{name} cannot be written: {why}") from None


def format_path(path: str) -> Formatted:
    """The text of a file, or of `-`, in the one layout; nothing is written. Never raises for what
    is in the file; `CannotRewrite` where ruamel.yaml is missing."""
    from cnncalc.edit.formatted import Formatted, formatted
    from cnncalc.edit.suppressions import Reading

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
