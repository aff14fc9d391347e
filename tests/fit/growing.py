"""Random small networks whose sizes are hard to tell: strides, branches, all that resizes."""

from __future__ import annotations

from random import Random

from tests.networks import Item, written


def network(seed: int) -> str:
    """A file, the same for the same seed. It may fit nowhere."""
    random = Random(seed)
    grower = _Grower(random)
    items = grower.items(3)
    end: list[Item] = random.choice(
        [[], ["flatten", {"dense": 3}], [{"global_avg_pool": {}}, {"dense": 3}],
         [{"adaptive_avg_pool": random.randint(1, 7)}, {"max_pool": random.randint(1, 3)}]]
    )  # fmt: skip
    head: dict[str, object] = {"rounding": random.choice(["exact", "floor", "ceil"])}
    side = random.randint(20, 60)
    other = side if random.random() < 0.5 else random.randint(20, 60)
    return written(f"{side}x{other}x4", *items, *end, **head)


class _Grower:
    def __init__(self, random: Random) -> None:
        self.random = random

    def items(self, depth: int) -> list[Item]:
        return [self.item(depth) for _ in range(self.random.randint(1, 3))]

    def item(self, depth: int) -> Item:
        makers = [self.conv] * 4 + [self.pool] * 3 + [self.resizing] * 2
        if depth > 1:
            makers += [self.branches] * 3
        return self.random.choice(makers)(depth)

    def conv(self, depth: int) -> Item:
        kernel = self.random.randint(1, 5)
        padding = self.random.choice([0, "same", self.random.randint(0, 3), kernel // 2])
        return {"conv": {"filters": 4, "kernel": kernel, "padding": padding,
                         "stride": self.random.choice([1, 1, 1, 2, 2, 3, 4]),
                         "dilation": self.random.choice([1, 1, 1, 2])}}  # fmt: skip

    def pool(self, depth: int) -> Item:
        kernel = self.random.randint(1, 4)
        options: dict[str, object] = {"kernel": kernel, "stride": self.random.randint(1, 4)}
        if self.random.random() < 0.4:
            options["padding"] = self.random.randint(0, kernel // 2)
        if self.random.random() < 0.4:
            options["rounding"] = self.random.choice(["exact", "floor", "ceil"])
        return {"max_pool": options}

    def resizing(self, depth: int) -> Item:
        pick = self.random.randint
        return self.random.choice(
            [
                {"upsample": pick(1, 3)},
                {"pad": [[pick(0, 2), pick(0, 2)], [pick(0, 2), pick(0, 2)]]},
                {"crop": pick(0, 3)},
                {"conv_transpose": {"filters": 4, "kernel": pick(1, 4), "stride": pick(1, 3),
                                    "padding": pick(0, 1)}},
                {"conv_transpose": {"filters": 4, "kernel": 3, "stride": 2, "padding": "same"}},
                {"sequential": [{"pixel_unshuffle": 2}, {"conv": {"filters": 4, "kernel": 1}}]},
                {"sequential": [{"pixel_shuffle": 2}, {"conv": {"filters": 4, "kernel": 1}}]},
                {"permute": [1, 0, 2]},
                {"resize": pick(5, 30)},
            ]
        )  # fmt: skip

    def branches(self, depth: int) -> Item:
        kind = self.random.choice(["add", "concat", "maximum", "multiply"])
        stride = self.random.choice([1, 1, 2, 2, 3])
        branches: list[list[Item]] = [
            [*self.kept(depth), self.strided(stride), *self.kept(depth)] for _ in range(2)
        ]
        if stride == 1 and self.random.random() < 0.5:
            branches[1] = []
        if self.random.random() < 0.3:
            branches.append(self.items(1))
        merge = {kind: branches}
        if kind != "concat":
            return merge
        return {"sequential": [merge, {"conv": {"filters": 4, "kernel": 1}}]}

    def kept(self, depth: int) -> list[Item]:
        """Nothing, or what mostly keeps the size."""
        return self.random.choice(
            [[], [], [{"conv": {"filters": 4, "kernel": 3, "padding": 1}}],
             [{"multiply": [[], [{"global_avg_pool": {"keepdims": True}}, "sigmoid"]]}],
             self.items(1) if self.random.random() < 0.3 else []]
        )  # fmt: skip

    def strided(self, stride: int) -> Item:
        kernel = self.random.choice([1, 2, 3, 3, 5])
        padding = self.random.choice(["same", kernel // 2, kernel // 2, 0])
        return {"conv": {"filters": 4, "kernel": kernel, "stride": stride, "padding": padding}}
