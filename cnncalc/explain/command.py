"""`cnncalc explain`: where a layer's numbers come from, or what a diagnostic means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import common as shared
from cnncalc.cli import completion
from cnncalc.cli.printing import format_option
from cnncalc.explain.command_options import Latex, RoundingOption
from cnncalc.render.writers import TEXT, Format, View

if TYPE_CHECKING:
    from cnncalc.explain.derivation.explanation import Explanation
    from cnncalc.explain.rules import Explained

VIEWS = View.TEXT | View.PAGE | View.ROWS | View.DATA
"""What there is of an explanation."""


def explain(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE|CODE",
            autocompletion=completion.files_or_codes,
            help="An architecture file, a bundled name, or - for standard input, with a layer; "
            "or the code of a diagnostic. Without either, all codes are listed.",
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Argument(metavar="LAYER", help="The layer, by the name that `summary` prints."),
    ] = None,
    input: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="[NAME=]VOLUME", help="Another input volume."),
    ] = None,
    set: shared.OneSetOption = None,
    rounding: RoundingOption = None,
    all: Annotated[bool, typer.Option("--all", help="Explain every diagnostic.")] = False,
    latex: Latex = False,
    format: Annotated[Format, format_option("explain", VIEWS)] = TEXT,
    max_layers: shared.MaxLayers = 100_000,
) -> None:
    """Derive a layer's numbers, or explain a diagnostic.

    A layer's volume, weights, MACs and receptive field, step by step; or what the code of a
    diagnostic means, with a wrong and a right file.

    Example: cnncalc explain alexnet conv2
    """
    from cnncalc.cli.console import misuse
    from cnncalc.cli.overrides import inputs_from, is_misuse, pairs_from
    from cnncalc.diagnostics import CATALOGUE
    from cnncalc.errors import UsageError
    from cnncalc.explain.layer import explain as derive
    from cnncalc.network import Network

    if layer is None:
        if latex or input or set or rounding:
            misuse("say a FILE and a LAYER: `cnncalc explain alexnet conv2`")
        if all and file is not None:
            misuse(f"--all explains every diagnostic, `{file}` is one: leave one of the two out")
        codes = list(CATALOGUE) if all else [file] if file is not None else []
        show_rules(codes, format, whole=all)
        return
    if file is None or all:
        misuse("--all explains diagnostics and takes no layer")
    try:
        network = Network.load(
            file,
            input=inputs_from(input or []),
            set=pairs_from(set or []),
            rounding=rounding,
            max_layers=max_layers,
        )
        explained = derive(network, layer)
    except UsageError as error:
        misuse(str(error))
    if any(is_misuse(diagnostic) for diagnostic in explained.diagnostics):
        show(explained._replace(output=None), TEXT, latex=False, placed=True)
        raise typer.Exit(2)
    show(explained, format, latex=latex, placed=True)
    if not explained.ok:
        raise typer.Exit(1)


def show(explained: Explanation, format: Format, *, latex: bool, placed: bool) -> None:
    """Print a derivation, or the findings that stand in its way; `placed`: there is a file."""
    from cnncalc.cli.console import messages, output
    from cnncalc.explain.rendering import Derivation, latex_lines
    from cnncalc.render.diagnostics.full import as_text

    for diagnostic in explained.diagnostics:
        messages().print(as_text(diagnostic, placed=placed), soft_wrap=True)
    if explained.output is None and format.view is not View.DATA:
        return
    if latex and format.view is not View.DATA:
        for line in latex_lines(explained):
            typer.echo(line)
    else:
        format.write(Derivation(explained, placed), output())


def show_rules(codes: list[str], format: Format, *, whole: bool = False) -> None:
    """Print the pages of diagnostics, or the list of codes where none is given."""
    from cnncalc.cli.console import output
    from cnncalc.explain.diagnosed import Diagnosed

    format.write(Diagnosed([_explained(code) for code in codes], whole), output())


def _explained(code: str) -> Explained:
    """A code's page with what is found in its wrong file."""
    from cnncalc.checks.rules import rule_page
    from cnncalc.cli.console import misuse
    from cnncalc.diagnostics import CATALOGUE, did_you_mean
    from cnncalc.explain.rules import Explained
    from cnncalc.network import Network, resolve

    if code not in CATALOGUE:
        if _is_file(resolve(code)):
            misuse(f"which layer of {code}? `cnncalc summary {code}` lists them")
        near = did_you_mean(code, CATALOGUE)
        hint = near[0] if near else "`cnncalc explain` lists them"
        misuse(f"there is no diagnostic `{code}`; {hint}")
    page = rule_page(code)
    report = Network.loads(page.wrong, name="wrong.yaml").report
    return Explained(code, page, report.diagnostics[0])


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
