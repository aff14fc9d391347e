"""How the processes that share work out are begun."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from cnncalc.workers import pool as executors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have one way")

PROGRAM = """
import sys, warnings
from cnncalc.workers.pool import _context, worker_pool

warnings.simplefilter("error")
print(_context().get_start_method())
with worker_pool(2) as workers:
    print(workers.result(workers.submit(abs, -3)))
"""


def test_a_process_of_one_thread_is_forked() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("fork\n3\n", "")


def test_a_process_of_several_threads_is_not() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        context = executors._context()
        assert context is not None
        assert context.get_start_method() == "forkserver"
        with executors.worker_pool(2) as workers:
            assert workers.result(workers.submit(abs, -3)) == 3
    finally:
        over.set()
        thread.join()
