"""A sweep on a Dask cluster: a real scheduler, two worker processes, one killed in the midst."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from cnncalc.errors import UsageError
from cnncalc.network import Network
from cnncalc.sweep.sweep import plan, stream
from cnncalc.sweep.variants import Given
from cnncalc.workers import crew

SECONDS_TO_START = 120
"""On the clock, be the machine as busy as it may."""

# What distributed leaves behind when its threads end is not this project's to mend.
pytestmark = pytest.mark.filterwarnings("ignore")


class Cluster(NamedTuple):
    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread each, without nannies: the killed stay dead."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    with ExitStack() as started:

        def start(module: str, *args: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *common, *args],
                cwd=tmp_path,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "false"},
            )
            started.callback(process.wait)
            started.callback(process.kill)
            return process

        start("dask_scheduler", "--port", "0", "--host", "127.0.0.1")
        until = time.monotonic() + SECONDS_TO_START
        while not (file.exists() and file.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        single = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
        workers = [start("dask_worker", *single) for _ in range(2)]
        yield Cluster(json.loads(file.read_text())["address"], workers)


def both_at_work(address: str) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(2, timeout=SECONDS_TO_START)


@pytest.mark.slow
def test_a_killed_worker_loses_and_doubles_nothing(cluster: Cluster) -> None:
    both_at_work(cluster.address)
    vary = {"depth1": "1..10", "depth2": "1..10", "classes": "10,20"}
    planned = plan(Network.load("resnet18").tree, Given(), vary)
    found = []
    with crew(scheduler=cluster.address) as workers:
        for number, (count, variants) in enumerate(stream(planned, workers)):
            assert count == len(variants)
            found += variants
            if number == 1:
                assert len(found) < len(planned.grid) / 2
                cluster.workers[0].send_signal(signal.SIGKILL)
    assert cluster.workers[0].wait() == -signal.SIGKILL
    with crew() as alone:
        assert found == [row for _, variants in stream(planned, alone) for row in variants]
    points = [tuple(variant.values.values()) for variant in found]
    assert points == [planned.grid.cells(number) for number in range(len(planned.grid))]


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("cnncalc.workers.SECONDS_TO_CONNECT", 0.5)
    refused = pytest.raises(UsageError, match=r"tcp://127\.0\.0\.1:9 is not to be reached")
    with refused, crew(scheduler="tcp://127.0.0.1:9"):
        pass


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused = pytest.raises(
        UsageError, match=r"^--scheduler needs distributed: pip install distributed$"
    )
    with refused, crew(scheduler="tcp://127.0.0.1:9"):
        pass
