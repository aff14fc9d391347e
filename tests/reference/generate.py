"""Write the reference numbers that the tests compare with, by building PyTorch and Keras layers.

Run it as `python tests/reference/generate.py` where torch and keras are installed (Keras runs on
the torch backend); it rewrites the JSON files beside it. Nothing of cnncalc is imported, and no
formula for a shape or a count is written here: each number is read off a module that was built and
run on zeros. `macs` is what PyTorch's own operation counter reports, halved.
"""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cases import KERAS, TORCH, Case

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from torch.utils.flop_counter import FlopCounterMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HERE = Path(__file__).parent

Row = list[int]


def provenance(*packages: str) -> dict[str, str]:
    """Look up the versions of the packages that make a file, without their build marks."""
    return {package: version(package).split("+")[0] for package in packages}


def write(name: str, head: dict[str, Any], key: str, lines: Iterable[Any]) -> None:
    """Write one JSON object whose last member, `key`, is a list with one item a line."""
    members = [f"{json.dumps(word)}: {json.dumps(value)}" for word, value in head.items()]
    body = ",\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    members.append(f"{json.dumps(key)}: [\n{body}\n]")
    (HERE / name).write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")


def record(
    case: Case, library: str, output: list[int], counts: dict[str, int], macs: int
) -> dict[str, Any]:
    """Make one line of a `*_layers.json`."""
    return {
        "layer": case.layer,
        "input": case.input,
        "rounding": case.rounding,
        "output": output,
        **counts,
        "macs": macs,
        "made_by": " + ".join(f"{library}.{call.name}" for call in case.calls),
        "call": ", ".join(str(call) for call in case.calls),
    }


# ------------------------------------------------------------------------------------------ PyTorch


def counted(run: Callable[[], torch.Tensor]) -> tuple[torch.Tensor, int]:
    """Return what `run` returns, and the multiply-accumulates PyTorch's counter saw."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        result = run()
    flops = counter.get_total_flops()
    if flops % 2:
        raise AssertionError(f"odd number of FLOPs: {flops}")
    return result, flops // 2


def channels_first(shape: list[int]) -> list[int]:
    """Turn `[H, W, C]` into PyTorch's `[1, C, H, W]`."""
    return [1, shape[-1], *shape[:-1]]


def torch_layer(case: Case) -> dict[str, Any]:
    """Build the case's modules, run them on zeros, and read off volume and counts."""
    modules = [getattr(torch.nn, call.name)(*call.args, **call.kwargs) for call in case.calls]
    network = torch.nn.Sequential(*modules).eval()
    shape = [1, *case.input] if case.channels_last else channels_first(case.input)
    result, macs = counted(lambda: network(torch.zeros(shape)))
    output = list(result.shape[1:])
    if not case.channels_last:
        output = [*output[1:], output[0]]
    counts = {"weights": 0, "biases": 0, "state": 0}
    for name, parameter in network.named_parameters():
        counts["biases" if name.endswith(".bias") else "weights"] += parameter.numel()
    for name, buffer in network.named_buffers():
        if not name.endswith(".num_batches_tracked"):
            counts["state"] += buffer.numel()
    return record(case, "torch.nn", output, counts, macs)


def torch_length(module: torch.nn.Module, width: int) -> int | None:
    """Measure a 1-D module's output; None where PyTorch refuses to run it."""
    try:
        with torch.no_grad():
            length: int = module(torch.zeros(1, 1, width)).shape[-1]
    except RuntimeError:
        return None
    return length


def pool_rounding() -> tuple[list[list[Row]], list[Row]]:
    """Try every small `max_pool1d`.

    Returns one list of rows per width, and apart from them those that only `ceil_mode` accepts.
    Paddings up to the effective kernel are tried; PyTorch takes none beyond half the kernel,
    however far it is dilated.
    """
    lines: list[list[Row]] = []
    only_ceil: list[Row] = []
    for width in range(1, 13):
        rows: list[Row] = []
        for kernel, stride, dilation in product(range(1, 6), range(1, 5), range(1, 3)):
            for padding in range(dilation * (kernel - 1) + 2):
                build = (kernel, stride, padding, dilation)
                floor = torch_length(torch.nn.MaxPool1d(*build), width)
                ceil = torch_length(torch.nn.MaxPool1d(*build, ceil_mode=True), width)
                if floor is not None and ceil is not None:
                    rows.append([width, *build, floor, ceil])
                elif ceil is not None:
                    only_ceil.append([width, *build, ceil])
                elif floor is not None:
                    raise AssertionError(f"only floor is accepted: {width}, {build}")
        lines.append(rows)
    return lines, only_ceil


def conv_transpose() -> list[list[Row]]:
    """Try every small `conv_transpose1d`; keep what PyTorch accepts, one list of rows per width."""
    lines = []
    for width in range(1, 7):
        rows: list[Row] = []
        for kernel, stride, padding, dilation in product(
            range(1, 5), range(1, 4), range(3), range(1, 3)
        ):
            for extra in range(max(stride, dilation)):
                module = torch.nn.ConvTranspose1d(
                    1, 1, kernel, stride, padding, output_padding=extra, dilation=dilation
                )
                length = torch_length(module, width)
                if length is not None:
                    rows.append([width, kernel, stride, padding, dilation, extra, length])
        lines.append(rows)
    return lines


# -------------------------------------------------------------------------------------------- Keras

KERAS_MEMBERS = {
    "kernel": "weights",
    "depthwise_kernel": "weights",
    "pointwise_kernel": "weights",
    "gamma": "weights",
    "alpha": "weights",
    "bias": "biases",
    "beta": "biases",
    "moving_mean": "state",
    "moving_variance": "state",
    "seed_generator_state": None,
}


def keras_layer(case: Case) -> dict[str, Any]:
    """Build the case's layers, run them on zeros, and read off volume and counts."""
    layers = [getattr(keras.layers, call.name)(*call.args, **call.kwargs) for call in case.calls]

    def run() -> torch.Tensor:
        value = torch.zeros([1, *case.input])
        for layer in layers:
            promised = layer.compute_output_shape(tuple(value.shape))
            value = layer(value)
            if tuple(value.shape) != tuple(promised):
                raise AssertionError(f"{layer}: promised {promised}, made {tuple(value.shape)}")
        return value

    result, macs = counted(run)
    counts = {"weights": 0, "biases": 0, "state": 0}
    for layer in layers:
        for variable in layer.variables:
            member = KERAS_MEMBERS[variable.name]
            if member is not None:
                counts[member] += int(variable.value.numel())
    return record(case, "keras.layers", list(result.shape[1:]), counts, macs)


def keras_same() -> list[list[Row]]:
    """Try every small `Conv1D(padding="same")`; one list of rows per width.

    Keras refuses a stride beside a dilation, so those pairs are left out.
    """
    lines = []
    for width in range(1, 13):
        rows: list[Row] = []
        for kernel, stride, dilation in product(range(1, 6), range(1, 5), range(1, 3)):
            if stride > 1 and dilation > 1:
                continue
            layer = keras.layers.Conv1D(
                1, kernel, strides=stride, dilation_rate=dilation, padding="same"
            )
            with torch.no_grad():
                length = layer(torch.zeros(1, width, 1)).shape[1]
            rows.append([width, kernel, stride, dilation, length])
        lines.append(rows)
    return lines


# --------------------------------------------------------------------------------------------- main


def main() -> None:
    """Rewrite all files."""
    from_torch = {"made_with": provenance("torch")}
    from_keras = {"made_with": provenance("keras", "torch")}

    write("torch_layers.json", from_torch, "cases", map(torch_layer, TORCH))
    write("keras_layers.json", from_keras, "cases", map(keras_layer, KERAS))

    lines, only_ceil = pool_rounding()
    ranges = {"W": [1, 12], "F": [1, 5], "S": [1, 4], "P": "0..D(F-1)+1", "D": [1, 2]}
    columns = ["W", "F", "S", "P", "D", "floor", "ceil"]
    head = {**from_torch, "ranges": ranges, "columns": columns, "only_ceil": only_ceil}
    write("torch_pool_rounding.json", head, "rows_by_width", lines)

    ranges = {"W": [1, 6], "F": [1, 4], "S": [1, 3], "P": [0, 2], "D": [1, 2]}
    ranges["output_padding"] = "0..max(S,D)-1"
    columns = ["W", "F", "S", "P", "D", "output_padding", "out"]
    head = {**from_torch, "ranges": ranges, "columns": columns}
    write("torch_conv_transpose.json", head, "rows_by_width", conv_transpose())

    ranges = {"W": [1, 12], "F": [1, 5], "S": [1, 4], "D": [1, 2]}
    columns = ["W", "F", "S", "D", "out"]
    head = {**from_keras, "ranges": ranges, "columns": columns}
    write("keras_same.json", head, "rows_by_width", keras_same())


if __name__ == "__main__":
    main()
