"""Tasks whose worker dies in the midst of writing a result, where a parent may wait for ever."""

from __future__ import annotations

import os
import signal
import struct
import sys
from typing import Any


def torn(*, holding: bool) -> None:
    """Begin a result of a million bytes and be killed; `holding` the lock that others wait for."""
    queue = _result_queue()
    if holding:
        queue._wlock.acquire()
    os.write(queue._writer.fileno(), struct.pack("!i", 10**6) + b"the beginning")
    os.kill(os.getpid(), signal.SIGKILL)


def _result_queue() -> Any:
    """That of the worker: a variable of the function it is in."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    return frame.f_locals["result_queue"]


def square(number: int) -> int:
    return number * number
