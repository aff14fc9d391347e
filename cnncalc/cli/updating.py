"""`cnncalc check --update`: files made to expect what their networks are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer


def update_files(files: Sequence[str], max_layers: int, *, quiet: bool) -> None:
    """Write what each network is into the `expect:` of its file, and say what changed.

    A file with errors stays as it is, and makes the exit code 1; so does one that cannot be
    changed without losing something.
    """
    from cnncalc.cli.console import messages, output, print_diagnostics
    from cnncalc.errors import UsageError
    from cnncalc.render.expectations import written_lines
    from cnncalc.render.numbers import plural
    from cnncalc.saving.update_expect import refuse_what_is_no_file, update_expectations

    for file in files:
        try:
            refuse_what_is_no_file(file)
        except UsageError as error:
            raise UsageError(f"--update: {error}") from None
    written = left = 0
    for file in _bases_first(files):
        try:
            done = update_expectations(file, max_layers)
        except UsageError as error:
            messages().print(f"{file}: not updated: {error}", soft_wrap=True)
            left += 1
            continue
        print_diagnostics(output(), done.report.diagnostics)
        if not done.report.ok:
            messages().print(f"{file}: not updated, because of its errors", soft_wrap=True)
            left += 1
        elif done.changes:
            written += 1
            for line in written_lines(file, done.changes):
                output().print(line, soft_wrap=True)
    if not quiet:
        verdict = f"{plural(len(files), 'file')}: {written:,} updated"
        same = len(files) - written - left
        verdict += f", {same:,} already up to date" if same else ""
        verdict += f", {left:,} not updated" if left else ""
        output().print(verdict, soft_wrap=True)
    if left:
        raise typer.Exit(1)


def _bases_first(names: Sequence[str]) -> Iterator[str]:
    """Files in an order in which none comes before one that it extends."""
    from cnncalc.language.inheritance import base_of
    from cnncalc.links import followed
    from cnncalc.network import Network

    waiting = {followed(name): name for name in names}

    def take(path: Path) -> Iterator[str]:
        name = waiting.pop(path, None)
        if name is None:
            return
        document = Network.read(name).document
        base = document and base_of(document, Path(name))
        if base:
            yield from take(followed(base))
        yield name

    for path in list(waiting):
        yield from take(path)
