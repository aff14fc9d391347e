"""The memory that is said to be needed, against what a process really takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.execution.native.host import VARIABLE

TAKES = """
import sys
import numpy as np
from cnncalc.execution.folding import folded
from cnncalc.execution.native.backend import Native
from cnncalc.execution.plan import plan
from cnncalc.execution.weights import Weights, random_input
from cnncalc.graph.builder import build
from cnncalc.network import Network

def now(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024

batch = int(sys.argv[2])
made = build(Network.load(sys.argv[1]).document)
todo, native = folded(plan(made)), Native()
schedule, before = native.schedule(todo, batch, 1, direct=False), now("VmRSS")
said = schedule.bytes
program = native.bind(schedule, Weights(made), lambda _: None)
given = {n: random_input(0, n, v, batch) for n, v in made.inputs.items()}
program.run(given)
print(said, now("VmHWM") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc tells the memory used")
def test_the_estimate_is_above_what_is_taken_and_not_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "4")
    command = [sys.executable, "-c", TAKES, "squeezenet1_0", "8"]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    said, taken = map(int, done.stdout.split())
    assert taken < said < 2 * taken
