"""A sweep on a Dask cluster: a real scheduler, two worker processes, one killed in the midst."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.errors import UsageError, WorkersLost
from cnncalc.network import Network
from cnncalc.sweep.sweep import plan, stream
from cnncalc.sweep.variants import Given
from cnncalc.workers import cluster as dask
from cnncalc.workers.edition import OtherEdition, by, edition
from cnncalc.workers.pool import worker_pool

SECONDS_TO_START = 120
"""On the clock, be the machine as busy as it may."""

# What distributed leaves behind when its threads end is not this project's to mend.
pytestmark = pytest.mark.filterwarnings("ignore")


class Cluster(NamedTuple):
    address: str
    workers: list[subprocess.Popen[bytes]]


@contextmanager
def started(
    folder: Path, package: Path | None = None, everywhere: bool = False
) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread each, without nannies: the killed stay dead.

    Workers find the `package` first, and the scheduler too where it is `everywhere`.
    """
    pytest.importorskip("distributed")
    file = folder / "scheduler.json"
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    with ExitStack() as running:

        def start(module: str, *args: str, here: bool) -> subprocess.Popen[bytes]:
            env = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "false"}
            if package is not None and here:
                env["PYTHONPATH"] = str(package)
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *common, *args],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=env,
            )
            running.callback(process.wait)
            running.callback(process.kill)
            return process

        start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", here=everywhere)
        until = time.monotonic() + SECONDS_TO_START
        while not (file.exists() and file.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        single = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
        workers = [start("dask_worker", *single, here=True) for _ in range(2)]
        yield Cluster(json.loads(file.read_text())["address"], workers)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with started(tmp_path) as running:
        yield running


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
    with worker_pool(scheduler=cluster.address) as workers:
        for number, (count, variants) in enumerate(stream(planned, workers)):
            assert count == len(variants)
            found += variants
            if number == 1:
                assert len(found) < len(planned.grid) / 2
                cluster.workers[0].send_signal(signal.SIGKILL)
    assert cluster.workers[0].wait() == -signal.SIGKILL
    with worker_pool() as alone:
        assert found == [row for _, variants in stream(planned, alone) for row in variants]
    points = [tuple(variant.values.values()) for variant in found]
    assert points == [planned.grid.cells(number) for number in range(len(planned.grid))]


def refused(address: str) -> str:
    """What is said of workers that are not to be had."""
    with pytest.raises(UsageError) as told, worker_pool(scheduler=address):
        pass
    return re.sub(r"the worker \S+", "the worker", str(told.value)).removeprefix(f"{address}: ")


@pytest.mark.slow
@pytest.mark.parametrize("everywhere", [False, True], ids=["workers", "scheduler-too"])
def test_workers_without_cnncalc(tmp_path: Path, everywhere: bool) -> None:
    package = tmp_path / "packages"
    (package / "cnncalc").mkdir(parents=True)
    (package / "cnncalc" / "__init__.py").write_text("raise ImportError('no cnncalc here')\n")
    with started(tmp_path, package, everywhere) as running:
        both_at_work(running.address)
        told = refused(running.address)
    assert told == f"the worker cannot import this cnncalc, {edition()}; install it there"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("__init__.py", '__version__ = "', '__version__ = "9.'),
        ("geometry.py", "from __future__", "# other sources\nfrom __future__"),
    ],
)
def test_workers_of_another_cnncalc(tmp_path: Path, file: str, before: str, after: str) -> None:
    package = tmp_path / "packages"
    shutil.copytree(Path(cnncalc.__file__).parent, package / "cnncalc")
    changed = package / "cnncalc" / file
    changed.write_text(changed.read_text("utf-8").replace(before, after, 1), "utf-8")
    with started(tmp_path, package) as running:
        both_at_work(running.address)
        told = refused(running.address)
    version = f"9.{cnncalc.__version__}" if file == "__init__.py" else cnncalc.__version__
    assert told.startswith(f"the worker has cnncalc {version} (")
    assert told.endswith(f") and this is {edition()}; install the same there")


@pytest.mark.slow
def test_all_workers_die(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnncalc.workers.cluster.SECONDS_WITHOUT_WORKERS", 3)
    both_at_work(cluster.address)
    planned = plan(Network.load("alexnet").tree, Given(), {"classes": "1..200000"})
    found: list[int] = []

    def work() -> None:
        with worker_pool(scheduler=cluster.address) as workers:
            for _, variants in stream(planned, workers):
                if not found:
                    for worker in cluster.workers:
                        worker.kill()
                found.extend(int(str(variant.values["classes"])) for variant in variants)

    with pytest.raises(WorkersLost) as told:
        work()
    assert str(told.value) == f"{cluster.address}: it has had no workers for 3 s"
    assert found == list(range(1, len(found) + 1))
    assert 0 < len(found) < 200_000


def test_an_edition_is_its_version_and_sources() -> None:
    assert edition().startswith(f"{cnncalc.__version__} (")
    assert by(edition(), len, "four") == 4
    with pytest.raises(OtherEdition, match=re.escape(edition())):
        by("0.0.1 (01234567)", len, "four")


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("cnncalc.workers.cluster.SECONDS_TO_CONNECT", 0.5)
    refused = pytest.raises(
        UsageError, match=r"^the scheduler tcp://127\.0\.0\.1:9 cannot be reached within 0\.5 s$"
    )
    monkeypatch.setattr("cnncalc.workers.cluster.SECONDS_TO_CONNECT", 0.5)
    refused = pytest.raises(
        UsageError, match=r"^the scheduler tcp://127\.0\.0\.1:9 cannot be reached within 0\.5 s$"
    )
    with refused, worker_pool(scheduler="tcp://127.0.0.1:9"):
        pass


def test_a_client_that_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")

    def begin(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(distributed, "Client", begin)
    refused = pytest.raises(UsageError, match=r"^the scheduler here:9 cannot be reached within")
    with refused, worker_pool(scheduler="here:9"):
        pass


@pytest.mark.parametrize("address", ["nosuch://127.0.0.1:9", "127.0.0.1"])
def test_no_address(address: str) -> None:
    pytest.importorskip("distributed")
    told = rf"^{re.escape(address)} is no scheduler: say HOST:PORT$"
    with pytest.raises(UsageError, match=told), worker_pool(scheduler=address):
        pass


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ImportError("words of Python", name="yaml"),
            "cannot import .* \\(yaml is missing there\\);",
        ),
        (AttributeError("words of Python"), "cannot import .*\\); install it there"),
        (OSError("words of Dask"), "the scheduler is gone"),
        (RuntimeError("words of Dask"), "the work failed \\(RuntimeError\\); the workers' logs"),
    ],
)
def test_what_a_library_says_is_said_in_our_words(error: Exception, told: str) -> None:
    pytest.importorskip("distributed")
    client = SimpleNamespace(ncores=dict, get_executor=lambda pure: None)
    future: Future[None] = Future()
    future.set_exception(error)
    with pytest.raises(WorkersLost, match=told) as lost:
        dask.Cluster("tcp://x", client).result(future)
    assert "words" not in str(lost.value)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused = pytest.raises(
        UsageError, match=r"^--scheduler needs distributed: pip install distributed$"
    )
    with refused, worker_pool(scheduler="tcp://127.0.0.1:9"):
        pass
