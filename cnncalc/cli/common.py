"""What commands share: options that several take, the file, and how errors end a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cnncalc.cli import completion
from cnncalc.geometry import Rounding

if TYPE_CHECKING:
    from cnncalc.language.model import Document

WHAT_IF = "What if"
PRINTING = "What to print"
"""Groups of options on help pages."""

File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="An architecture file, a bundled name, or - for standard input.",
        autocompletion=completion.files,
    ),
]
Files = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...",
        autocompletion=completion.files,
        help="Architecture files, folders, globs, bundled names, or - for standard input.",
    ),
]
OneSetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Another value for a variable or an option."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        rich_help_panel=WHAT_IF,
        help="Another value for a variable, for a layer's option, or for an option of all layers "
        "of a kind (conv.*.bias=false), in all variants. Repeatable.",
    ),
]
InputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="[NAME=]VOLUME",
        rich_help_panel=WHAT_IF,
        help="Another input volume in all variants.",
    ),
]
RoundingOption = Annotated[
    Rounding | None,
    typer.Option(
        rich_help_panel=WHAT_IF,
        help="What to do where a stride does not fit: refuse it, round down, or round up.",
    ),
]
Batch = Annotated[
    int, typer.Option(min=1, metavar="N", rich_help_panel=WHAT_IF, help="Images in a batch.")
]
Dtype = Annotated[
    str,
    typer.Option(
        metavar="TYPE",
        rich_help_panel=WHAT_IF,
        autocompletion=completion.dtypes,
        help="Type of an element: float32, float16, bfloat16, int8, …",
    ),
]
MaxLayers = Annotated[
    int, typer.Option(min=1, metavar="N", help="Refuse networks with more layers.")
]


def document(file: str) -> Document:
    """The file's tree; ends the command where the file is wrong."""
    from cnncalc.cli.console import messages, print_diagnostics
    from cnncalc.errors import InvalidFile
    from cnncalc.network import Network

    try:
        return Network.load(file).tree
    except InvalidFile as error:
        print_diagnostics(messages(), error.diagnostics)
        raise typer.Exit(1) from None


@contextmanager
def ending(interrupted: Callable[[], str]) -> Iterator[None]:
    """Turns what may go wrong into a line and an exit code; `interrupted` is what Ctrl-C says."""
    from cnncalc.cli import console
    from cnncalc.errors import UsageError, WorkersLost

    try:
        yield
    except (UsageError, WorkersLost) as error:
        misuse(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not error.filename:
            misuse("the working folder is gone")
        place = f"{error.filename}: " if error.filename else ""
        misuse(f"{place}{error.strerror or error}")
    except KeyboardInterrupt:
        console.remark(interrupted())
        raise typer.Exit(130) from None


def misuse(message: str) -> NoReturn:
    """End a command that was called wrongly."""
    from cnncalc.cli import console

    console.misuse(message)


def nothing(message: str) -> NoReturn:
    """End a command that found nothing."""
    from cnncalc.cli import console

    console.remark(message)
    raise typer.Exit(1)
