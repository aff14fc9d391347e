"""The application: its commands, and what holds for all of them."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from cnncalc import __version__
from cnncalc.cli.standard_streams import watched
from cnncalc.cli.usage import Command, Commands
from cnncalc.docstrings import docstring

GROUPS = {
    "Look at a network": {
        "summary": "cnncalc.cli.summary",
        "explain": "cnncalc.explain.command",
        "layers": "cnncalc.cli.layers",
        "zoo": "cnncalc.zoo.command",
    },
    "Work out one layer": {
        "conv": "cnncalc.explain.layer_commands",
        "pool": "cnncalc.explain.layer_commands",
        "conv_transpose": "cnncalc.explain.layer_commands",
        "dense": "cnncalc.explain.layer_commands",
    },
    "Ask": {
        "whatif": "cnncalc.compare.whatif_command",
        "fit": "cnncalc.fit.command",
        "sweep": "cnncalc.sweep.sweep_command",
        "solve": "cnncalc.sweep.solve_command",
        "diff": "cnncalc.compare.diff_command",
    },
    "Keep it in CI": {
        "check": "cnncalc.cli.check",
        "bench": "cnncalc.bench.command",
    },
    "Write it": {
        "fmt": "cnncalc.edit.fmt_command",
        "schema": "cnncalc.schema.command",
    },
}
"""Every command with the module that holds the function of its name, in the groups of `--help`."""

COMMANDS = {name: module for group in GROUPS.values() for name, module in group.items()}


class _Commands(Commands):
    groups = GROUPS


def application(*names: str) -> typer.Typer:
    """The application with these commands. Registering one takes time at every start."""
    app = typer.Typer(
        name="cnncalc",
        cls=_Commands,
        help="What comes out of this layer, how many weights does it have, and why does my stride "
        "not fit? Reads convolutional networks written down in YAML.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in names:
        module = import_module(COMMANDS[name])
        command = getattr(module, name)
        text = docstring(command)
        described = _first_paragraph(text)
        app.command(name, cls=Command, help=text, short_help=described)(command)
    return app


def _first_paragraph(text: str) -> str:
    """What the list of commands says of one: whole, where it would be cut otherwise."""
    return " ".join(text.partition("\n\n")[0].split())


def __getattr__(name: str) -> typer.Typer:
    if name == "app":
        return application(*COMMANDS)
    raise AttributeError(name)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cnncalc {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


def _called() -> tuple[str, ...]:
    """The command that is called, alone; all of them where help or completion may name any."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    completing = "_CNNCALC_COMPLETE" in os.environ
    return (first,) if first in COMMANDS and not completing else tuple(COMMANDS)


def main() -> None:
    """Run the command line. Exit codes: 0 all well, 1 an architecture is wrong, 2 a call that makes
    no sense or output that is lost."""
    # Typer may read arguments with pydantic; looking for plugins of that takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with watched():
        try:
            application(*_called())()
        except MemoryError:
            typer.echo("cnncalc: there is too little memory", err=True)
            raise SystemExit(2) from None
