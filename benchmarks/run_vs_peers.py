"""How long does `--run` take beside PyTorch, onnxruntime and OpenVINO, with the same result?

All run the same networks with the same weights, on the CPU, with as many threads. Each is a process
of its own that keeps its network ready; they run in turn, in bursts, so that a machine that slows
down slows all of them. The target is a ratio to the fastest of those that compute in fp32, in each
setting anew; OpenVINO is shown at its own choice of precision too.

The first run makes a virtual environment (--environment, or one in the cache folder, below
$XDG_CACHE_HOME or ~/.cache in cnncalc-benchmarks/) and installs the runtimes with pip, next to what
cnncalc[run] needs; cnncalc itself is the one of this checkout. On Linux PyPI's torch is the one for
CUDA, which is large: let PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu offer pip the one
for CPUs. The markdown is written anew after every setting: what is interrupted keeps what was done.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from environments import kept, python_with
from measuring import fresh_environment, interleaved
from peers import quiet
from peers.contenders import CNNCALC, COMPILED, PEERS, Contender, Setting, cnncalc
from peers.outcomes import ANY_OTHER, TARGETS, Burst, Measured, Outcome
from peers.pipe import Fault, Worker
from peers.telling import document, progress

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "run_vs_peers.md"

REQUIREMENTS = ("torch==2.13.0", "onnxruntime", "openvino", "onnx", "numpy")

NETWORKS = (
    *TARGETS,
    "densenet121",
    "googlenet",
    "shufflenet_v2_x1_0",
    "efficientnet_b0",
    "inception_v3",
    "darknet53",
    "regnet_y_400mf",
    "lenet5",
    "zfnet",
    "xception",
    "mnasnet1_0",
    "mobilenet_v3_large",
    "efficientnet_v2_s",
    "resnext50_32x4d",
    "convnext_tiny",
    "m5",
    "r3d_18",
    "unet",
    "dcgan-generator",
    "deeplabv3_mobilenet_v3_large",
    "yolov3",
    "deepface",
)

LEAST = 3
"""Runs in a burst, however long they take, up to the length of the burst in one."""


class Manner(NamedTuple):
    """How it is measured: bursts of each, the seconds that one takes, and those it may take to
    find the machine quiet."""

    rounds: int
    seconds: float
    patience: float


def main() -> None:
    given = arguments()
    if given.list:
        from peers.listing import listing

        from cnncalc import bundled
        from cnncalc.network import Network

        named = ((name, Network.load(name).graph) for name in bundled.names())
        for line in listing(named):
            print(line)
        return
    manner = Manner(given.rounds, given.seconds, given.patience)
    contenders = [*PEERS, *([COMPILED] if given.torch_compile else [])]
    if given.peers:
        contenders = [contender for contender in contenders if contender.name in given.peers]
    if not given.without_cnncalc:
        contenders = [cnncalc(given.backend), *contenders]
    python = python_with(given.environment or kept("run-vs-peers"), requirements())
    outcomes: list[Outcome] = []
    settings = [
        Setting(network, batch, threads)
        for network in given.networks
        for batch in given.batch
        for threads in given.threads
    ]
    with fresh_environment() as environment:
        environment["PYTHONPATH"] = os.pathsep.join((str(ROOT / "benchmarks"), str(ROOT)))
        for setting in settings:
            taking_part = [c for c in contenders if c.takes_part(setting)]
            outcomes.append(measured(setting, taking_part, manner, python, environment))
            print(progress(outcomes[-1]), file=sys.stderr)
            given.output.parent.mkdir(parents=True, exist_ok=True)
            given.output.write_text(document(outcomes, contenders, given.rounds))
    print(document(outcomes, contenders, given.rounds), end="")


def measured(
    setting: Setting,
    contenders: Sequence[Contender],
    manner: Manner,
    python: Path,
    environment: Mapping[str, str],
) -> Outcome:
    """All contenders that can, in turn."""
    workers: dict[Contender, Worker] = {}
    faults: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="cnncalc-peers-") as folder:
        try:
            for contender in contenders:
                file = Path(folder) / f"{contender.name}.npz"
                try:
                    workers[contender] = Worker(python, contender, setting, file, environment)
                except Fault as fault:
                    faults[fault.name] = str(fault)
            deviations = compared(workers)
            turns = {c: partial(burst, worker, manner) for c, worker in workers.items()}
            told = interleaved(turns, manner.rounds)
        except Fault as fault:
            return Outcome(setting, {}, {**faults, fault.name: str(fault)})
        finally:
            for worker in workers.values():
                worker.end()
    found = {
        contender.name: Measured(
            contender,
            bursts,
            workers[contender].ready["ready"],
            workers[contender].ready["facts"],
            deviations[contender],
        )
        for contender, bursts in told.items()
    }
    return Outcome(setting, found, faults)


def burst(worker: Worker, manner: Manner) -> Burst:
    """The first that others do not disturb, or the one they disturb least."""
    end = time.perf_counter() + manner.patience
    least: Burst | None = None
    while True:
        quiet.wait(end - time.perf_counter())
        told = attempt(worker, manner)
        if least is None or (told.others or 0) < (least.others or 0):
            least = told
        if (least.others or 0) <= quiet.QUIET or time.perf_counter() >= end:
            return least


def attempt(worker: Worker, manner: Manner) -> Burst:
    before = quiet.busy()
    answer = worker.ask({"seconds": manner.seconds, "least": LEAST})
    after = quiet.busy()
    others = None
    if before is not None and after is not None:
        others = max(after - before - answer["busy"], 0) / answer["elapsed"]
    cores = answer["busy"] / answer["elapsed"]
    return Burst(answer["times"], answer["each"], cores, answer["idle"], others)


def compared(workers: Mapping[Contender, Worker]) -> dict[Contender, dict[str, float]]:
    """How far outputs are apart: everyone's from the first peer's, and cnncalc's from those of
    onnxruntime too."""
    peers = [contender for contender in workers if contender.name != CNNCALC]
    deviations: dict[Contender, dict[str, float]] = {contender: {} for contender in workers}
    for contender, worker in workers.items():
        others = [c for c in peers if c is peers[0] or c.name == "onnxruntime"]
        for other in others if contender.name == CNNCALC else peers[:1]:
            if other is not contender:
                files = [str(worker.outputs), str(workers[other].outputs)]
                answer = worker.ask({"compare": files})
                deviations[contender][other.name] = answer["deviation"]
    return deviations


def requirements() -> list[str]:
    """The peers, and what cnncalc says that it needs to run networks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [*REQUIREMENTS, *project["dependencies"], *project["optional-dependencies"]["run"]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--networks", nargs="+", default=NETWORKS, metavar="NAME",
        help=f"bundled names or files (default: {' '.join(NETWORKS)}); "
        f"the target of one without a target of its own is {ANY_OTHER}")  # fmt: skip
    add(
        "--list",
        action="store_true",
        help="only tell which bundled networks the peers can be told; needs none of them",
    )
    add("--batch", type=positive, nargs="+", default=[1, 8], metavar="N", help="(default 1 8)")
    cores = os.cpu_count() or 1
    add("--threads", type=positive, nargs="+", default=[1, 2][:cores], metavar="N",
        help="(default 1 2)")  # fmt: skip
    add("--rounds", type=positive, default=7, metavar="N", help="bursts of each (default 7)")
    add("--seconds", type=float, default=0.3, metavar="S", help="length of a burst (default 0.3)")
    add("--patience", type=float, default=5, metavar="S",
        help="seconds to find the machine quiet for each burst (default 5)")  # fmt: skip
    add("--backend", default="native", metavar="NAME", help="cnncalc's (default native)")
    add("--without-cnncalc", action="store_true", help="peers alone: the marks to pass")
    add("--torch-compile", action="store_true",
        help="torch.compile too: it needs a C++ compiler, and a minute a setting")  # fmt: skip
    names = [contender.name for contender in PEERS]
    add("--peers", nargs="+", choices=names, metavar="NAME", help=f"only these of {names}")
    add("--environment", type=Path, metavar="FOLDER", help="the virtual environment to use or make")
    add("--output", type=Path, default=RESULTS, metavar="FILE",
        help="the markdown (default benchmarks/results/run_vs_peers.md)")  # fmt: skip
    given = parser.parse_args()
    if max(given.threads) > cores:
        parser.error(f"--threads {max(given.threads)}: this machine has {cores} cores")
    return given


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
