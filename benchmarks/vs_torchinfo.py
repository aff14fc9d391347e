"""How much sooner does `cnncalc summary resnet50` tell than torchinfo on torchvision's ResNet-50?

Both are whole processes, timed by the clock: torch uses all cores. Most of torchinfo's time goes
into importing what it stands on, so further lines tell of the same network without torchvision, and
of importing torch alone.

The first run makes a virtual environment of its own in the cache folder ($XDG_CACHE_HOME or
~/.cache, below cnncalc-benchmarks/) and installs torch, torchinfo and torchvision into it with pip;
remove the folder to be rid of it. On Linux PyPI's torch is the one for CUDA, which is large: let
PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu offer pip the one for CPUs. A torchvision
whose operators were built for another torch is read without them: ResNet-50 uses none. Where there
is no torchvision at all, the network in plain torch stands for it.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

from environments import kept, python_with
from measuring import (
    CNNCALC,
    fresh_environment,
    interleaved,
    number_of_runs,
    print_conditions,
    print_table,
    print_verdict,
    ratio,
    run,
    seconds,
)

TARGET = 10
PARAMETERS = 25_557_032
TORCH = "torch==2.13.0"
TORCHINFO = "torchinfo==1.8.0"

OWN_PARAMETERS = f"import cnncalc; assert cnncalc.load('resnet50').totals.params == {PARAMETERS}"
TORCHVISION = "from torchvision.models import resnet50"

WITHOUT_OPERATORS = f"""
import sys
import types

sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")
{TORCHVISION}
"""

# As in torchvision/models/resnet.py: blocks with bottlenecks, version 1.5.
PLAIN_TORCH = """
from torch import nn


def convolution(channels, filters, kernel, stride=1):
    return nn.Conv2d(channels, filters, kernel, stride, kernel // 2, bias=False)


class Bottleneck(nn.Module):
    def __init__(self, channels, planes, stride):
        super().__init__()
        self.conv1 = convolution(channels, planes, 1)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = convolution(planes, planes, 3, stride)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = convolution(planes, 4 * planes, 1)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or channels != 4 * planes:
            self.downsample = nn.Sequential(
                convolution(channels, 4 * planes, 1, stride), nn.BatchNorm2d(4 * planes)
            )

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.relu(self.bn3(self.conv3(x)) + identity)


def stage(channels, planes, blocks, stride):
    first = Bottleneck(channels, planes, stride)
    return nn.Sequential(first, *(Bottleneck(4 * planes, planes, 1) for _ in range(blocks - 1)))


def resnet50():
    return nn.Sequential(
        convolution(3, 64, 7, 2),
        nn.BatchNorm2d(64),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 1),
        stage(64, 64, 3, 1),
        stage(256, 128, 4, 2),
        stage(512, 256, 6, 2),
        stage(1024, 512, 3, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(2048, 1000),
    )
"""

SUMMARY = f"""
from torchinfo import summary

found = summary(resnet50(), (1, 3, 224, 224))
assert found.total_params == {PARAMETERS}, found.total_params
"""


def peer_environment() -> Path:
    """The Python of an environment with torch and torchinfo, made where there is none."""
    return python_with(kept("vs-torchinfo"), [TORCH, TORCHINFO], wished=["torchvision"])


def works(python: Path, program: str) -> bool:
    tried = subprocess.run([python, "-c", program], capture_output=True, check=False)
    return not tried.returncode


def programs(python: Path) -> dict[str, str]:
    """What to hold cnncalc against; the first is what the target speaks of."""
    found = {}
    if works(python, TORCHVISION):
        found["torchinfo, torchvision's ResNet-50"] = TORCHVISION + SUMMARY
    elif works(python, WITHOUT_OPERATORS):
        found["torchinfo, torchvision's ResNet-50, operators left out"] = (
            WITHOUT_OPERATORS + SUMMARY
        )
    found["torchinfo, ResNet-50 in plain torch"] = PLAIN_TORCH + SUMMARY
    found["`import torch`"] = "import torch"
    return found


def main() -> None:
    runs = number_of_runs(__doc__, 9)
    python = peer_environment()
    peers = programs(python)
    with fresh_environment() as environment:
        run((sys.executable, "-c", OWN_PARAMETERS), environment)
        own = partial(run, (*CNNCALC, "summary", "resnet50"), environment)
        others = {
            name: partial(run, (str(python), "-c", program), environment)
            for name, program in peers.items()
        }
        measured = interleaved({"cnncalc": own, **others}, runs)
    times = seconds(measured["cnncalc"])
    ratios = {name: ratio(seconds(measured[name]), times) for name in peers}
    print_table(["whole process", "time / `cnncalc summary resnet50`"], list(ratios.items()))
    print_conditions(runs)
    name, faster = next(iter(ratios.items()))
    print_verdict({f"at least {TARGET} times as fast as {name}": faster.median >= TARGET})


if __name__ == "__main__":
    main()
