"""`cnncalc zoo`: the bundled architectures."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncalc.cli import completion
from cnncalc.cli.printing import format_option
from cnncalc.render.writers import TABLE, Format

if TYPE_CHECKING:
    from cnncalc.network import Network


class Sort(StrEnum):
    """What a list is sorted by."""

    FAMILY = "family"
    NAME = "name"
    PARAMS = "params"
    MACS = "macs"


def zoo(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="An architecture, whose file is printed; or a part of names or families, such as "
            "`resnet` or `segmentation`, to list those that have it. Without it, all are listed.",
            autocompletion=completion.bundled_names,
        ),
    ] = None,
    sort: Annotated[
        Sort | None, typer.Option(help="Sort the list by this, smallest first (default: family).")
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Reverse the order.")] = False,
    format: Annotated[
        Format | None, format_option("zoo", help="How to print the list (default: table).")
    ] = None,
) -> None:
    """List the bundled architectures, or print the YAML of one.

    Example: cnncalc zoo resnet50 > mine.yaml
    """
    from cnncalc import bundled
    from cnncalc.cli.console import output
    from cnncalc.zoo.rendering import Bundled

    if name is not None and format is None and sort is None and not reverse:
        path = bundled.find(name)
        if path is not None:
            typer.echo(path.read_text("utf-8"), nl=False)
            return
    records = _sorted(_records(_matching(name)), sort or Sort.FAMILY, reverse)
    by_family = sort in (None, Sort.FAMILY)
    whole = name is None and by_family and not reverse
    (format or TABLE).write(Bundled(records, by_family, whole), output())


def _matching(name: str | None) -> dict[str, Network]:
    """The files that a name means, by their own names: one, or those that have it in their name or
    family. Ends the command where there are none."""
    from cnncalc import bundled
    from cnncalc.cli.console import misuse
    from cnncalc.diagnostics import did_you_mean
    from cnncalc.network import Network

    path = bundled.find(name) if name is not None else None
    stems = [path.stem] if path is not None else bundled.names()
    opened = {stem: Network.read(str(bundled.folder() / f"{stem}.yaml")) for stem in stems}
    if name is None or path is not None:
        return opened
    families = {stem: _family(file) or "" for stem, file in opened.items()}
    wanted = name.casefold()
    found = {
        stem: file
        for stem, file in opened.items()
        if wanted and (wanted in stem.casefold() or wanted in families[stem].casefold())
    }
    if not found:
        known = dict.fromkeys([*opened, *filter(None, families.values())])
        near = did_you_mean(name, known) or ("`cnncalc zoo` lists them",)
        misuse(f"there is no bundled architecture `{name}`; {near[0]}")
    return found


def _family(file: Network) -> str | None:
    return file.document.family if file.document is not None else None


def _records(files: dict[str, Network]) -> list[dict[str, Any]]:
    """What the list says of each, with a progress bar where there are many."""
    from cnncalc.cli.progress import with_progress
    from cnncalc.zoo.rendering import record

    stems = with_progress(list(files), "measuring", len(files))
    return [record(stem, files[stem].report) for stem in stems]


def _sorted(records: list[dict[str, Any]], sort: Sort, reverse: bool) -> list[dict[str, Any]]:
    from cnncalc.bundled import by_family, by_name

    records.sort(key=lambda record: by_name(record["name"]), reverse=reverse)
    match sort:
        case Sort.FAMILY:
            records.sort(key=lambda record: by_family(record["family"]), reverse=reverse)
        case Sort.PARAMS | Sort.MACS:
            records.sort(key=lambda record: record[sort.value], reverse=reverse)
    return records
