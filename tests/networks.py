"""Small networks made in tests, and what the package says of them."""

from __future__ import annotations

import json
from random import Random

import cnncalc
from cnncalc.report.report import Report, Row

Item = object
"""A layer as an architecture file has it: a word or a mapping."""

VARIED = (
    "alexnet",
    "alexnet-two-gpu",
    "classic",
    "googlenet",
    "lenet5",
    "mobilenet_v2",
    "resnet18",
    "resnet50",
    "siamese-omniglot",
    "unet",
    "unet3d",
    "vgg16",
)
"""Bundled networks that differ in what they are made of: groups, knobs, branches, side heads,
sparse connections, shortcuts, two inputs, skips, three axes. For tests that take too long to go
through all."""


def written(volume: object, *items: Item, **head: object) -> str:
    """An architecture file. JSON is YAML."""
    return json.dumps({"input": volume, "layers": items, **head}, ensure_ascii=False)


def report(volume: object, *items: Item, **head: object) -> Report:
    """The report of a network without faults."""
    result = cnncalc.loads(written(volume, *items, **head))
    assert result.complete, [(d.code, d.message) for d in result.diagnostics]
    return result


def row(volume: object, item: Item, **head: object) -> Row:
    """The one row of a network of one layer."""
    (only,) = report(volume, item, **head).rows
    return only


def error(volume: object, *items: Item, **head: object) -> str:
    """The code of the one error of a network."""
    found = cnncalc.loads(written(volume, *items, **head)).diagnostics
    (code,) = [diagnostic.code for diagnostic in found if diagnostic.is_error]
    return code


def where_outputs_come_from(reported: Report) -> list[str]:
    """The row behind each output of a report: a block's name means its last layer."""
    groups = reported.groups
    return [reported.rows[groups[name].output].name if name in groups else name
            for name in reported.outputs]  # fmt: skip


def branching(seed: int) -> str:
    """A file with residual, parallel and squeezed branches, skips over any distance, a pool and
    several outputs. The same for the same seed."""
    return _Grower(Random(seed)).file()


class _Grower:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.names: list[str] = []
        self.channels = 4

    def file(self) -> str:
        volume = [8, 6, self.channels]
        items = [self.named(item) for item in self.items(depth=2)]
        items += [{"name": "shrink", "max_pool": 2}]
        self.names = ["shrink"]
        items += [self.named(item) for item in self.items(depth=2)]
        outputs = sorted({*self.random.sample(self.names, min(2, len(self.names))), "last"})
        items += [{"name": "last", "identity": {}}]
        return written(volume, *items, outputs=outputs)

    def named(self, item: dict[str, object]) -> dict[str, object]:
        if self.random.random() < 0.5:
            return item
        name = f"n{self.random.randrange(10**9)}"
        self.names.append(name)
        return {"name": name, **item}

    def items(self, depth: int) -> list[dict[str, object]]:
        return [self.item(depth) for _ in range(self.random.randint(1, 4))]

    def item(self, depth: int) -> dict[str, object]:
        makers = [self.conv, self.plain]
        if depth:
            makers += [self.residual, self.parallel, self.squeezed]
        return self.random.choice(makers)(depth)

    def conv(self, depth: int) -> dict[str, object]:
        self.channels = self.random.choice([2, 4, 6])
        return {"conv": {"filters": self.channels, "kernel": 3, "padding": 1,
                         "bias": self.random.random() < 0.5}}  # fmt: skip

    def plain(self, depth: int) -> dict[str, object]:
        return {self.random.choice(["relu", "batch_norm", "dropout", "softmax", "prelu"]): {}}

    def residual(self, depth: int) -> dict[str, object]:
        channels = self.channels
        branch = [*self.items(depth - 1), {"conv": {"filters": channels, "kernel": 1}}]
        self.channels = channels
        return {"add": [branch, []]}

    def parallel(self, depth: int) -> dict[str, object]:
        """Concat of the volume itself, branches and names: their channels are left to the file."""
        channels = self.channels
        branches: list[object] = [[]]
        total = channels
        for _ in range(self.random.randint(1, 2)):
            self.channels = channels
            branches.append(self.items(depth - 1))
            total += self.channels
        self.channels = total
        if self.names and self.random.random() < 0.5:
            skip = {"from": self.random.choice(self.names), "conv": {"filters": 2, "kernel": 1}}
            branches.append([skip])
            self.channels += 2
        return {"concat": branches}

    def squeezed(self, depth: int) -> dict[str, object]:
        gate = {"conv": {"filters": "$in.channels", "kernel": 1, "activation": "sigmoid"}}
        return {"multiply": [[], [{"global_avg_pool": {"keepdims": True}}, gate]]}
