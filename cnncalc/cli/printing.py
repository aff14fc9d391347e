"""How commands are asked to print: `--format`, and `--columns`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import typer

from cnncalc.cli.common import PRINTING
from cnncalc.render.writers import FORMATS, View, offered

T = TypeVar("T")

HOW = "How to print."


def format_option(command: str, views: View = View.RECORDS, help: str = HOW) -> Any:
    """`--format` of a command that offers these views, as a `Format`."""
    return choice_option(command, lambda: offered(views), FORMATS.__getitem__, help)


def choice_option(
    command: str, names: Callable[[], Iterable[str]], read: Callable[[str], T], help: str = HOW
) -> Any:
    """`--format` of a command that has these, and refuses others by name."""

    def parsed(value: object) -> T:
        from cnncalc.cli.console import misuse

        name, known = str(value), list(names())
        if name not in known:
            misuse(
                f"`--format`: {command} has no {name}: {', '.join(known)}",
                f"Try `cnncalc {command} --help`.",
            )
        return read(name)

    return typer.Option(
        "--format",
        "-f",
        parser=parsed,
        metavar=f"[{'|'.join(names())}]",
        rich_help_panel=PRINTING,
        autocompletion=lambda incomplete: [n for n in names() if n.startswith(incomplete)],
        help=help,
    )


def chosen_columns(
    listed: str | None,
    known: Iterable[str],
    default: Iterable[str],
    needing: Mapping[str, str] | None = None,
) -> list[str]:
    """The keys of `--columns`, each once; all that are known for `all`, the default without.

    `needing` are columns that are not known, with the options that they need.
    """
    from cnncalc.cli.console import misuse
    from cnncalc.diagnostics import did_you_mean

    if listed is None:
        return list(default)
    known = tuple(known)
    keys = [key.strip() for key in listed.split(",") if key.strip()]
    if keys == ["all"]:
        return list(known)
    for key in keys:
        if needing and key in needing:
            misuse(f"the column `{key}` needs {needing[key]}")
        if key not in known:
            near = did_you_mean(key, known) or (f"there are {', '.join(known)}",)
            misuse(f"there is no column `{key}`; {near[0]}")
    if not keys:
        misuse(f"--columns names none; there are {', '.join(known)}")
    return list(dict.fromkeys(keys))
