"""A worker as its driver sees it: started, asked line by line, ended."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from threading import Timer
from typing import Any

from peers.contenders import Contender, Setting

PATIENCE = 900.0
"""Seconds that an answer may take."""

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class Fault(Exception):
    """Why the worker of a contender of this name cannot, in one line."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


class Worker:
    """A process with one network in one runtime. `outputs` is the file with its outputs."""

    def __init__(
        self,
        python: Path,
        contender: Contender,
        setting: Setting,
        outputs: Path,
        environment: Mapping[str, str],
    ) -> None:
        """Raises `Fault` where the network is not made ready."""
        self.name = contender.name
        self.outputs = outputs
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed by `end`
        given = [contender.engine, contender.variant, *map(str, setting), str(outputs)]
        self._process = subprocess.Popen(
            [str(python), "-m", "peers.worker", *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**environment, **dict.fromkeys(_THREADS, str(setting.threads))},
        )
        try:
            self.ready: dict[str, Any] = self._answer()
        except BaseException:
            self.end()
            raise

    def ask(self, question: Mapping[str, object]) -> dict[str, Any]:
        """Raises `Fault` where there is no answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Fault(self.name, self._last_words()) from None
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        timer = Timer(PATIENCE, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            raise Fault(self.name, self._last_words())
        answer: dict[str, Any] = json.loads(line)
        if "fault" in answer:
            raise Fault(self.name, answer["fault"])
        return answer

    def _last_words(self) -> str:
        code = self._process.wait()
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"exit code {code}: {words[-1] if words else 'without a word'}"

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()
