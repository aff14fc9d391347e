"""Sizes that fit: the closed form against every size built one by one."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.fit.rendering import sentences
from cnncalc.fit.sizes import Fit, fit
from cnncalc.geometry import Rounding
from cnncalc.graph.builder import build
from cnncalc.graph.overrides import Overrides
from cnncalc.language.model import Document
from cnncalc.network import Network
from cnncalc.sizes.complete_graph import complete_graph
from cnncalc.sizes.sizes import Sizes, axes_of
from cnncalc.sizes.words import text
from cnncalc.yaml.source import Source
from tests.fit.growing import network
from tests.networks import VARIED, Item, written
from tests.slowness import slow, slow_but

LAST = 100
"""The largest size that is built in a comparison."""


def parsed(content: str) -> Document:
    document = Network.parsed(Source("test.yaml", content)).document
    assert document is not None
    return document


def of(volume: object, *items: Item, strict: bool = False, **head: object) -> Fit:
    return fit(parsed(written(volume, *items, **head)), Overrides(), strict=strict)


def said(volume: object, *items: Item, strict: bool = False) -> list[str]:
    return [text(axis.exact) for axis in of(volume, *items, strict=strict).axes]


def compare(document: Document, found: Fit, last: int = LAST) -> int:
    """Every size up to `last` built with misfits refused, and rounded down; how many answers were
    in closed form."""
    base = complete_graph(document, Overrides())
    in_closed_form = 0
    for axis, answer in zip(axes_of(base), found.axes, strict=True):
        for rounding, sizes in (
            (Rounding.EXACT, answer.exact),
            (Rounding.FLOOR, answer.floor),
        ):
            rules = [Rounding.FLOOR] * 3
            rules[axis.position] = rounding
            built = [
                size
                for size in range(1, last + 1)
                if build(
                    document,
                    Overrides(
                        inputs=axis.moved(base.inputs, size),
                        rounding=tuple(rules),
                        stop_at_first_error=True,
                    ),
                ).complete
            ]
            assert [size for size in range(1, last + 1) if size in sizes] == built
            in_closed_form += sizes.searched is None
    return in_closed_form


class TestBruteForce:
    @pytest.mark.parametrize("first", [0, *slow(*range(5, 90, 5))])
    def test_random_networks(self, first: int) -> None:
        known = closed = 0
        for seed in range(first, first + 5):
            content = network(seed)
            if "permute" in content:
                continue
            document = parsed(content)
            found = fit(document, Overrides())
            if found.diagnostics:
                continue
            known += 2 * len(found.axes)
            closed += compare(document, found)
        assert known
        assert closed == known

    @pytest.mark.parametrize("name", slow_but(["alexnet", "lenet5"], VARIED))
    def test_bundled(self, name: str) -> None:
        document = Network.load(name).tree
        found = fit(document, Overrides())
        last = 300 if name.startswith(("unet", "alexnet")) else LAST
        assert compare(document, found, last) == 2 * len(found.axes) >= 4


class TestPublished:
    """`min_size` in the metadata of torchvision's weights
    (https://pytorch.org/vision/stable/models.html): the smallest square image that passes."""

    @pytest.mark.parametrize(
        ("name", "least"),
        [
            ("alexnet-torchvision", 63),
            ("vgg11", 32),
            ("googlenet-torchvision", 15),
            ("inception_v3", 75),
            ("squeezenet1_0", 21),
            ("squeezenet1_1", 17),
            ("densenet121", 29),
            ("densenet161", 29),
            ("vgg19_bn", 32),
            ("convnext_tiny", 32),
        ],
    )
    @pytest.mark.slow
    def test_min_size(self, name: str, least: int) -> None:
        assert smallest(name) == {least}


def smallest(name: str) -> set[int | None]:
    document = Network.load(name).tree
    return {axis.floor.smallest for axis in fit(document, Overrides()).axes}


class TestAnswers:
    def test_alexnet(self) -> None:
        found = cnncalc.fit("alexnet")
        assert list(sentences(found)) == ["AlexNet: H = W = 227 fits; all that fit: 67 + 32k"]
        sizes = found.axes[0].exact
        assert (sizes.smallest, sizes.step) == (67, 32)
        assert (sizes.below(227), sizes.above(227)) == (195, 259)
        assert (sizes.below(67), sizes.above(1)) == (None, 67)
        assert found.fits

    def test_axes_apart(self) -> None:
        found = of("30x32x1", {"max_pool": {"kernel": [2, 4]}})
        assert [text(axis.exact) for axis in found.axes] == ["2 + 2k", "4 + 4k"]
        assert [axis.fits for axis in found.axes] == [True, True]

    def test_union(self) -> None:
        layers = [{"conv": {"filters": 2, "kernel": 1, "stride": 3, "padding": "same"}},
                  {"max_pool": {"kernel": 2, "stride": 2}}]  # fmt: skip
        assert said("12x1", *layers) == ["0, 4 or 5 mod 6, from 4 on"]

    def test_isolated(self) -> None:
        """Branches of different strides meet where they happen to be as long, or one is of 1."""
        branches: list[list[Item]] = [[{"crop": [[0, 5]]}], [{"max_pool": 2}]]
        assert said("10x1", {"add": branches}) == ["6, 10"]

    def test_broadcast(self) -> None:
        branches: list[list[Item]] = [[], [{"max_pool": 4}]]
        assert said("8x1", {"add": branches}) == ["4"]

    def test_never(self) -> None:
        found = of("8x1", {"upsample": 2}, {"conv": {"filters": 1, "kernel": 1, "stride": 2}})
        assert [text(axis.exact) for axis in found.axes] == ["none"]
        assert not found.ok

    def test_own_rounding(self) -> None:
        pool = {"max_pool": {"kernel": 2, "rounding": "ceil"}}
        assert said("9x1", pool) == ["1 or more"]
        assert said("9x1", pool, strict=True) == ["2 + 2k"]

    def test_beyond_any_given_size(self) -> None:
        layers = [{"conv": {"filters": 1, "kernel": 3, "stride": 2}}] * 30
        assert said("224x3", *layers) == ["2147483647 + 1073741824k"]

    def test_beyond_all_numbers(self) -> None:
        assert said("224x3", *[{"conv": {"filters": 1, "kernel": 1, "stride": 2}}] * 80) == ["none"]

    def test_given_size_that_builds_no_way(self) -> None:
        found = of("31x33x2", {"pixel_unshuffle": 4}, {"max_pool": 2})
        assert [(a.given, text(a.exact)) for a in found.axes] == [(31, "8 + 8k"), (33, "8 + 8k")]

    @pytest.mark.slow
    def test_the_size_decides_the_structure(self) -> None:
        layers: list[Item] = [
            {"repeat": "$(in.width // 8)", "conv": {"filters": 1, "kernel": 3}},
            {"max_pool": 2},
        ]
        document = parsed(written("32x1", *layers))
        found = fit(document, Overrides())
        assert found.axes[0].exact.searched == 512
        assert "reads the size" in found.notes[0]
        compare(document, found)

    def test_the_size_decides_no_more_than_costs(self) -> None:
        assert all(axis.exact.searched is None for axis in cnncalc.fit("lenet5").axes)

    def test_fixed_by_a_reshape(self) -> None:
        found = of("28x28x1", "flatten", {"reshape": "28x28x1"})
        assert text(found.axes[0].exact) == "28 of 1 to 512"

    def test_inputs_that_meet(self) -> None:
        branches = [[{"from": "left", "max_pool": 2}], [{"from": "right", "max_pool": 2}]]
        found = of({"left": "9x9x1", "right": "9x9x1"}, {"from": "left", "add": branches})
        assert [axis.inputs for axis in found.axes] == [("left", "right")] * 2
        assert {text(axis.exact) for axis in found.axes} == {"2 + 2k"}

    def test_vectors(self) -> None:
        assert of(100, {"dense": 16}).axes == ()
        assert of(100, {"dense": 16}, {"reshape": "4x4x1"}, {"max_pool": 3}).diagnostics

    def test_wrong_networks(self) -> None:
        assert [d.code for d in of("8x8x3", {"conv": {"filters": 2}}).diagnostics] == [
            "missing-option"
        ]

    def test_permuted_axes(self) -> None:
        found = of("9x7x3", {"permute": [1, 0, 2]}, {"max_pool": [2, 4]})
        assert [text(axis.exact) for axis in found.axes] == ["4 + 4k", "2 + 2k"]


@pytest.mark.slow
def test_too_much_to_follow_is_said() -> None:
    """Every stride splits the classes anew: the answer is a search, and the search is bounded."""
    primes = (2, 3, 5, 7, 11, 13, 17, 19)
    branches = [
        [{"conv": {"filters": 1, "kernel": 3, "stride": p, "padding": "same"}},
         {"global_avg_pool": {"keepdims": True}}]
        for p in primes
    ]  # fmt: skip
    found = of("64x1", {"concat": branches})
    assert found.axes[0].exact.searched == 512
    assert len(found.axes[0].exact.isolated) == 512


def test_sizes_as_data() -> None:
    sizes = Sizes(6, (0, 2), 8, (3,))
    members = [3, 8, 12, 14, 18]
    assert [n for n in range(20) if n in sizes] == members
    assert sizes.step is None
    for n in range(20):
        assert sizes.below(n) == max((m for m in members if m < n), default=None)
        assert sizes.above(n) == min((m for m in [*members, 20] if m > n), default=None)
