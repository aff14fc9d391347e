"""Networks run in turns, and compared with an earlier time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnncalc.bench.bench import Baseline, Bench, BenchSettings, Unmeasured, bench, compare
from cnncalc.execution.entry import conditions, run, run_all, unwatched
from cnncalc.execution.request import ArrayFiles, RunRequest
from cnncalc.network import Network
from cnncalc.report.report import Report


def measure(
    networks: Mapping[str, Network],
    batch: int,
    wanted: RunRequest,
    baseline: Baseline | None = None,
    tolerance: float = 0.1,
    advance: Callable[[str, float], None] = unwatched,
    files: ArrayFiles | None = None,
) -> Bench:
    """The bench of networks by the files they come from, beside a baseline where there is one.

    Those with errors before their end are not measured. `files` are the inputs and outputs of one
    network alone. Raises `Refused` where none can be run, or
    `Disagreement`.
    """
    machine, threads = conditions(wanted)
    complete = {file: network for file, network in networks.items() if network.report.complete}
    if files is None:
        answers = run_all([*complete.values()], wanted, advance)
    else:
        answers = [run(network, wanted, files, advance) for network in complete.values()]
    failed = [
        Unmeasured(file, "it has errors", network.report.diagnostics)
        for file, network in networks.items()
        if file not in complete
    ]
    failed += [
        Unmeasured(file, str(answer))
        for file, answer in zip(complete, answers, strict=True)
        if not isinstance(answer, Report)
    ]
    reports = [answer for answer in answers if isinstance(answer, Report)]
    backend = next((one.run.backend for one in reports if one.run is not None), wanted.backend)
    settings = BenchSettings(machine, backend, threads, batch, wanted.fold, wanted.algorithms)
    measured = bench(settings, reports, failed)
    if baseline is None or not measured.entries:
        return measured
    return measured._replace(comparison=compare(measured, baseline, tolerance))
