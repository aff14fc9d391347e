"""Help pages: commands and options in groups, in colour on a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

MOST_UNGROUPED = 12
"""Up to this many options are shown as one list, without groups."""

Paint = Callable[[str], str]


def usage_pieces(command: Any) -> list[str]:
    """What stands after a command's name: `[OPTIONS] FILE [LAYER]`."""
    pieces = ["[OPTIONS]"]
    for argument in _of_kind(command.params, "argument"):
        shown = _shown(argument)
        pieces.append(shown if argument.required else f"[{shown}]")
    return pieces


def write_options(command: Any, ctx: Any, formatter: Any) -> None:
    """Arguments, and options by their groups; those of none come last."""
    heading, name = _colours(ctx)
    parameters = command.get_params(ctx)
    arguments = [(name(_shown(a)), a.help or "") for a in _of_kind(parameters, "argument")]
    if arguments:
        _write(formatter, heading("Arguments"), arguments)
    options = [option for option in _of_kind(parameters, "option") if not option.hidden]
    groups: dict[str, list[tuple[str, str]]] = {}
    for option in options:
        group = option.rich_help_panel if len(options) > MOST_UNGROUPED else None
        what, help = option.get_help_record(ctx)
        painted = re.sub(r"(?<![\w-])--?[a-z][\w-]*", lambda found: name(found[0]), what)
        groups.setdefault(group or "", []).append((painted, help))
    others = groups.pop("", [])
    for group, records in groups.items():
        _write(formatter, heading(group), records)
    _write(formatter, heading("Other options" if groups else "Options"), others)


def write_commands(commands: Any, groups: Any, ctx: Any, formatter: Any) -> None:
    """Commands by their groups, each with one line on it; the columns of names are equally wide."""
    heading, name = _colours(ctx)
    width = max(map(len, commands))
    for group, names in groups.items():
        known = [(one, commands[one].short_help) for one in names if one in commands]
        if known:
            _write(formatter, heading(group), [(name(f"{n:{width}}"), help) for n, help in known])


def _of_kind(parameters: Iterable[Any], kind: str) -> list[Any]:
    return [parameter for parameter in parameters if parameter.param_type_name == kind]


def _shown(argument: Any) -> str:
    shown: str = argument.metavar or argument.name.upper()
    return shown


def _write(formatter: Any, heading: str, records: list[tuple[str, str]]) -> None:
    with formatter.section(heading):
        formatter.write_dl(records)


def _colours(ctx: Any) -> tuple[Paint, Paint]:
    """How headings and names look: as plain text where rich would print no colours."""
    import typer

    from cnncalc.cli.console import output

    console = output()
    # Whoever prints the page keeps the colours that are in it, into a pipe too if that is forced.
    ctx.color = console.color_system is not None and not console.no_color
    if not ctx.color:
        return str, str
    return (
        lambda text: typer.style(text, fg="yellow", bold=True),
        lambda text: typer.style(text, fg="cyan"),
    )
