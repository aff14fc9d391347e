"""A process that holds one network in one runtime and runs it in bursts when it is told to.

It reads a line of JSON and answers with one. What runtimes print goes to standard error.

    python -m peers.worker ENGINE VARIANT NETWORK BATCH THREADS FILE

FILE is where the outputs of the first run go, as NumPy's npz.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from time import perf_counter, process_time
from typing import Any, TextIO

import numpy as np

from peers.contenders import Setting
from peers.engines import Engine, engine
from peers.translation import Unsayable


def main() -> None:
    # Keeps the way out for answers alone.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name, variant, network, batch, threads, file = sys.argv[1:]
    try:
        _serve(name, variant, Setting(network, int(batch), int(threads)), file, answers)
    except Unsayable as fault:
        _answer(answers, {"fault": str(fault)})


def _serve(name: str, variant: str, setting: Setting, file: str, answers: TextIO) -> None:
    start = perf_counter()
    made = engine(name, variant, setting)
    made.run()
    ready = perf_counter() - start
    np.savez(file, *made.outputs().values())
    gc.collect()
    gc.freeze()
    gc.disable()
    _answer(answers, {"ready": ready, "facts": made.facts})
    busy = process_time()
    for line in sys.stdin:
        asked = json.loads(line)
        if "compare" in asked:
            _answer(answers, deviation(*asked["compare"]))
            continue
        told = burst(made, asked["seconds"], asked["least"])
        # What it did while it waited: nothing, if it is a good neighbour.
        told["idle"] = told.pop("begun") - busy
        busy = process_time()
        _answer(answers, told)


def burst(made: Engine, seconds: float, least: int) -> dict[str, Any]:
    """Run until so many seconds have passed and it ran `least` times.

    The first run fills the caches that others have used meanwhile; it counts only where it is
    longer than the burst was to be, for then it makes no difference.
    """
    begun, start = process_time(), perf_counter()
    made.run()
    first = perf_counter() - start
    times = [first] if first > seconds else []
    while sum(times) < seconds or len(times) < (1 if first > seconds else least):
        start = perf_counter()
        made.run()
        times.append(perf_counter() - start)
    busy, uncounted = process_time() - begun, [] if first > seconds else [first]
    return {
        "times": times,
        "begun": begun,
        "busy": busy,
        "each": busy / len([*uncounted, *times]),
        "elapsed": sum([*uncounted, *times]),
    }


def deviation(of: str, file: str) -> dict[str, float]:
    """max|d|/max|y|, the largest of all outputs in two files; infinite where one holds no number
    or zeros alone, which would hold nothing to account."""
    worst = 0.0
    with np.load(of) as own, np.load(file) as expected:
        for name in expected.files:
            y = expected[name].astype(np.float64)
            far, scale = np.abs(own[name] - y).max(), np.abs(y).max()
            comparable = bool(np.isfinite(far) and scale)
            worst = max(worst, float(far / scale) if comparable else float("inf"))
    return {"deviation": worst}


def _answer(answers: TextIO, told: dict[str, Any]) -> None:
    answers.write(json.dumps(told) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
