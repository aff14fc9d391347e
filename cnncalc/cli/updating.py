"""`cnncalc check --update`: files made to expect what their networks are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from cnncalc.cli import variants as shared


def update_files(files: Sequence[str], max_layers: int, *, quiet: bool) -> None:
    """Write what each network is into the `expect:` of its file, and tell what changed.

    A file with errors stays as it is, and makes the exit code 1; so does one that cannot be
    changed without losing something.
    """
    from cnncalc.cli.console import messages, output, print_diagnostics
    from cnncalc.loading import bases_first, refresh, request
    from cnncalc.queries import rewrite
    from cnncalc.queries.override import Misuse
    from cnncalc.render.numbers import plural
    from cnncalc.render.restating import written_lines

    rewrite.ready()
    for file in files:
        _refuse_what_is_no_file(file)
    wanted = request(max_layers=max_layers)
    written = left = 0
    for file in bases_first(files):
        try:
            done = refresh(file, wanted)
        except Misuse as error:
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
        verdict += f", {same:,} true already" if same else ""
        verdict += f", {left:,} not updated" if left else ""
        output().print(verdict, soft_wrap=True)
    if left:
        raise typer.Exit(1)


def _refuse_what_is_no_file(file: str) -> None:
    from cnncalc import zoo

    if file == "-":
        shared.misuse("--update writes files: standard input is none")
    if not Path(file).exists() and zoo.find(file):
        shared.misuse(
            f"--update: {file} is a bundled architecture; copy it first: "
            f"cnncalc zoo {file} > {file}.yaml"
        )
