"""The application: its commands, and what holds for all of them."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from cnncalc import __version__
from cnncalc.cli import check, diff, explain, fit, layer, layers, solve, summary, sweep, whatif, zoo

app = typer.Typer(
    name="cnncalc",
    help="What comes out of this layer, how many weights does it have, and why does my stride "
    "not fit? Reads convolutional networks written down in YAML.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cnncalc {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


app.command("summary")(summary.summary)
app.command("check")(check.check)
app.command("layers")(layers.layers)
app.command("fit")(fit.fit)
app.command("zoo")(zoo.zoo)
app.command("explain")(explain.explain)
app.command("conv")(layer.conv)
app.command("pool")(layer.pool)
app.command("conv_transpose")(layer.conv_transpose)
app.command("dense")(layer.dense)
app.command("sweep")(sweep.sweep)
app.command("solve")(solve.solve)
app.command("whatif")(whatif.whatif)
app.command("diff")(diff.diff)


def main() -> None:
    """Run the command line. Exit codes: 0 all well, 1 an architecture is wrong, 2 misuse."""
    # No plugin of pydantic has a say in the layers' options, and looking for them takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
