"""Networks timed in turns, from Python.

Imported with the package: what is heavy is imported when a function is called.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.arguments import GivenPath, listed

if TYPE_CHECKING:
    from cnncalc.bench.bench import Bench


def bench(
    paths: GivenPath | Iterable[GivenPath],
    *,
    baseline: Bench | GivenPath | None = None,
    tolerance: float = 0.1,
    batch: int = 1,
    backend: str = "native",
    threads: int | None = None,
    repeat: int | None = None,
    warmup: int = 1,
    seed: int = 0,
    fold: bool = True,
    roofline: bool = False,
    algorithms: str = "fastest",
    max_layers: int = 100_000,
) -> Bench:
    """Networks executed in turns, and compared with an earlier time.

    `paths` are as for `check`, and the rest is as for `run`. `entries` are the networks that ran,
    `unmeasured` the files that did not, with the reason. `baseline` is an earlier bench or the
    output of `cnncalc bench --format json`; `comparison` then says which medians are longer by more
    than `tolerance`, 0.1 for a tenth. Raises `ValueError` where nothing can be run.
    """
    from cnncalc.bench.bench import Bench, baseline_of
    from cnncalc.bench.data import read
    from cnncalc.bench.measuring import measure
    from cnncalc.errors import UsageError
    from cnncalc.execution.request import request
    from cnncalc.network import Network
    from cnncalc.paths import architecture_files

    if not 0 <= tolerance < float("inf"):
        raise UsageError(f"`tolerance` is a number of 0 or more, not {tolerance!r}")
    wanted = request(
        backend=backend, threads=threads, repeat=repeat, warmup=warmup, seed=seed, fold=fold,
        roofline=roofline, algorithms=algorithms,
    )  # fmt: skip
    files = architecture_files(listed(paths))
    if baseline is None:
        before = None
    else:
        before = baseline_of(baseline) if isinstance(baseline, Bench) else read(Path(baseline))
    networks = {file: Network.load(file, batch=batch, max_layers=max_layers) for file in files}
    return measure(networks, batch, wanted, before, tolerance)
