"""Networks executed, from Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cnncalc.arguments import GivenPath, Input
from cnncalc.execution import entry
from cnncalc.execution.request import ArrayFiles, request
from cnncalc.network import Network
from cnncalc.report.report import Report


def run(
    path_or_name: GivenPath,
    *,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    backend: str = "native",
    threads: int | None = None,
    repeat: int | None = None,
    warmup: int = 1,
    seed: int = 0,
    fold: bool = True,
    roofline: bool = False,
    explain_plan: bool = False,
    input_file: GivenPath | None = None,
    output_file: GivenPath | None = None,
    algorithms: str = "fastest",
    verify: bool = False,
    trace_file: GivenPath | None = None,
    max_layers: int = 100_000,
) -> Report:
    """The report of a network with the times of an execution: `Report.run`, and `timing` of rows.

    `backend` is `"native"`, compiled kernels, or `"reference"`, NumPy. Without `threads` all cores
    are used, without `repeat` the measured runs take two seconds; `warmup` runs come before them.
    Weights and inputs are random numbers of `seed`, unless `input_file`, .npy or .npz, holds the
    inputs, batch first and channels last; `output_file` receives the outputs. With `fold`, batch
    norms are folded into weights. `roofline` adds what the machine allows, `explain_plan` how the
    network was carried out. `algorithms="direct"` leaves out Winograd's. `verify` compares the
    outputs with the reference's: `Report.run.verified`. `trace_file` receives what each thread did,
    for chrome://tracing. Otherwise as `load`; a network with errors is not run, and `run` is None.

    Needs the extra `run`. Raises `ValueError` where the network cannot be run.
    """
    wanted = request(
        backend=backend, threads=threads, repeat=repeat, warmup=warmup, seed=seed, fold=fold,
        roofline=roofline, explain_plan=explain_plan, algorithms=algorithms, verify=verify,
    )  # fmt: skip
    network = Network.load(
        str(path_or_name), input=input, set=set, rounding=rounding, batch=batch,
        max_layers=max_layers,
    )  # fmt: skip
    if not network.report.complete:
        return network.report
    files = ArrayFiles(
        None if input_file is None else Path(input_file),
        None if output_file is None else Path(output_file),
        None if trace_file is None else Path(trace_file),
    )
    return entry.run(network, wanted, files)
