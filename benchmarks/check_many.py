"""How many files of ResNet-50's size does one process of `cnncalc check` check in a second?

Two folders of 1,000 files: copies of the bundled resnet50.yaml, in which blocks say what repeats,
and files in which all 175 layers are written out, of 64 different widths. Every file says what it
expects, so everything is computed. The target is 50 files a second of processor time: the first
column is the measured rate over that. The second, which no machine decides, is the time over what
PyYAML's C loader alone takes to load the same files.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from measuring import (
    CNNCALC,
    Run,
    busy,
    fresh_environment,
    interleaved,
    number_of_runs,
    print_conditions,
    print_table,
    print_verdict,
    ratio,
    run,
    spread,
)

FILES = 1_000
TARGET = 50
WIDTHS = 64
PARAMETERS = 25_557_032

YAML = """
import sys
from pathlib import Path

import yaml

for path in sorted(Path(sys.argv[1]).iterdir()):
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
"""


class Flat:
    """ResNet-50 of any width with every layer written out, its parameters counted on the way."""

    def __init__(self, width: int) -> None:
        self.params = 0
        self.lines: list[str] = []
        self.convolution("conv1", 3, width, 7, 2)
        self.lines += ["  - {name: relu1, relu: {}}"]
        self.lines += ["  - {name: maxpool, max_pool: {kernel: 3, stride: 2, padding: 1}}"]
        last, channels = "maxpool", width
        for stage, blocks in enumerate((3, 4, 6, 3)):
            planes = width << stage
            for block in range(blocks):
                stride = 2 if stage and not block else 1
                name = f"layer{stage + 1}_{block}"
                last = self.bottleneck(name, last, channels, planes, stride)
                channels = 4 * planes
        self.params += 1000 * channels + 1000
        self.lines += ["  - {name: avgpool, adaptive_avg_pool: 1}", "  - flatten"]
        self.lines += ["  - {name: fc, dense: 1000}"]

    def convolution(
        self, name: str, channels: int, filters: int, kernel: int, stride: int, source: str = ""
    ) -> None:
        """A convolution without bias and its batch_norm."""
        come = f", from: {source}" if source else ""
        self.lines += [
            f"  - {{name: {name}{come}, conv: {{filters: {filters}, kernel: {kernel}, "
            f"stride: {stride}, padding: {kernel // 2}, bias: false}}}}",
            f"  - {{name: {name}_bn, batch_norm: {{}}}}",
        ]
        self.params += kernel * kernel * channels * filters + 2 * filters

    def bottleneck(self, name: str, source: str, channels: int, planes: int, stride: int) -> str:
        """A residual block behind `source`; the name of its last layer."""
        out = 4 * planes
        shortcut = source
        if stride != 1 or channels != out:
            shortcut = f"{name}_down_bn"
            self.convolution(f"{name}_down", channels, out, 1, stride)
        self.convolution(f"{name}_conv1", channels, planes, 1, 1, source)
        self.lines += [f"  - {{name: {name}_relu1, relu: {{}}}}"]
        self.convolution(f"{name}_conv2", planes, planes, 3, stride)
        self.lines += [f"  - {{name: {name}_relu2, relu: {{}}}}"]
        self.convolution(f"{name}_conv3", planes, out, 1, 1)
        self.lines += [
            f"  - {{name: {name}_add, add: [{name}_conv3_bn, {shortcut}]}}",
            f"  - {{name: {name}_relu3, relu: {{}}}}",
        ]
        return f"{name}_relu3"

    @property
    def text(self) -> str:
        head = ["input: 224x224x3", "rounding: floor", "layers:"]
        tail = ["expect:", "  output: 1000", f"  params: {self.params}", ""]
        return "\n".join([*head, *self.lines, *tail])


def folders(bundled: str) -> Iterator[tuple[str, list[str]]]:
    """What the folders are called, and the texts that their files have in turn."""
    flat = [Flat(64 + width) for width in range(WIDTHS)]
    assert flat[0].params == PARAMETERS
    assert sum(line.startswith("  - ") for line in flat[0].lines) == 175
    yield "copies of resnet50.yaml", [bundled]
    yield "175 layers written out", [network.text for network in flat]


def checked(command: tuple[str, ...], environment: dict[str, str]) -> Run:
    ended = run(command, environment)
    assert f"{FILES:,} files checked: all well" in ended.output, ended.output[-200:]
    return ended


def main() -> None:
    runs = number_of_runs(__doc__, 5)
    rows = []
    rates = []
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as name:
        bundled = run((*CNNCALC, "zoo", "resnet50"), environment).output
        for what, texts in folders(bundled):
            folder = Path(name) / what.replace(" ", "-")
            folder.mkdir()
            for number in range(FILES):
                text = texts[number % len(texts)]
                (folder / f"{number:04}.yaml").write_text(text, encoding="utf-8")
            measured = interleaved(
                {
                    "check": partial(
                        checked, (*CNNCALC, "check", "--jobs", "1", str(folder)), environment
                    ),
                    "yaml": partial(run, (sys.executable, "-c", YAML, str(folder)), environment),
                },
                runs,
            )
            taken = busy(measured["check"])
            rates.append(spread([FILES / (one * TARGET) for one in taken]))
            rows.append([what, rates[-1], ratio(taken, busy(measured["yaml"]))])
    print_table(
        [f"{FILES:,} files", f"files a second / {TARGET}", "time / PyYAML's C loader alone"], rows
    )
    print_conditions(runs)
    print_verdict({f"at least {TARGET} files a second": all(rate.median >= 1 for rate in rates)})


if __name__ == "__main__":
    main()
