"""`cnncalc conv`, `pool`, `conv_transpose` and `dense`: one layer, without a file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from cnncalc.cli.printing import format_option
from cnncalc.explain.command import VIEWS, show
from cnncalc.explain.command_options import Latex, RoundingOption
from cnncalc.geometry import Rounding
from cnncalc.render.writers import TEXT, Format

_NOT_AN_OPTION = ("wrong-type", "unknown-key", "bad-expression", "unknown-variable")

_VOLUME = "such as 32x32x3; 16000x1 is 1-D, 16x112x112x3 3-D"
_AXES = "3 for all axes, or 3x5 for each its own"

Input = Annotated[
    str,
    typer.Argument(
        metavar="VOLUME",
        help=f"The input volume, {_VOLUME}. A bare number is a side: 7 is 7x7 with any number of "
        "channels.",
    ),
]
DenseInput = Annotated[
    str,
    typer.Argument(
        metavar="VOLUME", help=f"The input volume, {_VOLUME}. A bare number is a vector."
    ),
]
Filters = Annotated[
    str | None,
    typer.Option(
        metavar="K",
        help="Number of filters: the output's channels. Without it only sizes are answered.",
    ),
]
Units = Annotated[str, typer.Option("--units", "-u", metavar="N", help="Number of outputs.")]
Kernel = Annotated[
    str, typer.Option("--kernel", "-k", metavar="F", help=f"The sides of the window: {_AXES}.")
]
Stride = Annotated[
    str | None,
    typer.Option(
        "--stride", "-s", metavar="S", help=f"Pixels from one window to the next: {_AXES}."
    ),
]
Padding = Annotated[
    str | None,
    typer.Option(
        "--padding",
        "-p",
        metavar="P",
        help="Zeros around the volume: 1 for all sides, 1x2 for each axis its own, [[0,1],[0,1]] "
        "for each side its own, same, valid, half or causal.",
    ),
]
Dilation = Annotated[
    str | None,
    typer.Option(
        "--dilation",
        "-d",
        metavar="D",
        help=f"Pixels from one tap of the window to the next: {_AXES}.",
    ),
]
Groups = Annotated[
    str | None, typer.Option("--groups", "-g", metavar="G", help="Groups of channels.")
]
NoBias = Annotated[bool, typer.Option("--no-bias", help="Without biases.")]
OutputPadding = Annotated[
    str | None,
    typer.Option("--output-padding", metavar="N", help="Pixels added at the end of each axis."),
]


class Mode(StrEnum):
    """What a pool takes of its window."""

    MAX = "max"
    AVG = "avg"


def conv(
    input: Input,
    kernel: Kernel,
    filters: Filters = None,
    stride: Stride = None,
    padding: Padding = None,
    dilation: Dilation = None,
    groups: Groups = None,
    no_bias: NoBias = False,
    rounding: RoundingOption = None,
    latex: Latex = False,
    format: Annotated[Format, format_option("conv", VIEWS)] = TEXT,
) -> None:
    """Work out one convolution, with the formulas.

    The output volume, the parameters and the MACs.

    Example: cnncalc conv 32x32x3 --filters 10 --kernel 5 --padding 2

    Example: cnncalc conv 7 --kernel 3
    """
    options = {
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    _run("conv", input, options, rounding, format, bias=not no_bias, latex=latex)


def pool(
    input: Input,
    kernel: Kernel,
    stride: Annotated[
        str | None,
        typer.Option(
            "--stride",
            "-s",
            metavar="S",
            help="Pixels from one window to the next (default: the kernel).",
        ),
    ] = None,
    padding: Padding = None,
    dilation: Dilation = None,
    mode: Annotated[
        Mode, typer.Option(help="Take the maximum or the average of a window.")
    ] = Mode.MAX,
    rounding: RoundingOption = None,
    latex: Latex = False,
    format: Annotated[Format, format_option("pool", VIEWS)] = TEXT,
) -> None:
    """Work out one pooling layer, or say what would make it fit.

    Example: cnncalc pool 28x28x6 --kernel 2
    """
    options = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    _run(f"{mode}_pool", input, options, rounding, format, latex=latex)


def conv_transpose(
    input: Input,
    kernel: Kernel,
    filters: Filters = None,
    stride: Stride = None,
    padding: Padding = None,
    output_padding: OutputPadding = None,
    dilation: Dilation = None,
    groups: Groups = None,
    no_bias: NoBias = False,
    latex: Latex = False,
    format: Annotated[Format, format_option("conv_transpose", VIEWS)] = TEXT,
) -> None:
    """Work out one transposed convolution.

    Example: cnncalc conv_transpose 28x28x128 --filters 64 --kernel 2 --stride 2
    """
    options = {
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
        "groups": groups,
    }
    _run("conv_transpose", input, options, None, format, bias=not no_bias, latex=latex)


def dense(
    input: DenseInput,
    units: Units,
    no_bias: NoBias = False,
    latex: Latex = False,
    format: Annotated[Format, format_option("dense", VIEWS)] = TEXT,
) -> None:
    """Work out one fully connected layer.

    Example: cnncalc dense 6x6x256 --units 4096
    """
    _run("dense", input, {"units": units}, None, format, bias=not no_bias, latex=latex)


def _run(
    kind: str,
    input: str,
    options: Mapping[str, str | None],
    rounding: Rounding | None,
    format: Format,
    *,
    bias: bool = True,
    latex: bool,
) -> None:
    """Explain a network of this one layer; exit 1 where it does not fit, 2 for no layer at all."""
    from cnncalc.cli.console import messages, misuse
    from cnncalc.errors import UsageError
    from cnncalc.explain.layer import explain_single_layer
    from cnncalc.explain.single_layer import value_of

    given = {name: value_of(text) for name, text in options.items() if text is not None}
    if not bias:
        given["bias"] = False
    try:
        explained = explain_single_layer(kind, input, given, rounding)
    except UsageError as error:
        misuse(str(error))
    show(explained, format, latex=latex, placed=False)
    codes = [diagnostic.code for diagnostic in explained.diagnostics]
    if any(code in _NOT_AN_OPTION for code in codes):
        raise typer.Exit(2)
    if not explained.ok:
        raise typer.Exit(1)
    (volume,) = explained.inputs
    if volume.rank == 1 and volume[0] == volume[1]:
        side, _ = volume
        note = f"[{volume}] is 1-D, {side} positions of {side} channels; a square is {side} alone"
        messages().print(f"note: {note} or {volume}xC", soft_wrap=True)
