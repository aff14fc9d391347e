"""Whole programs against the reference: every kind, views, merges, what is fused, many threads."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cnncalc import bundled
from cnncalc.execution.folding import folded
from cnncalc.execution.native.program import NativeProgram
from cnncalc.execution.plan import Plan, plan
from cnncalc.execution.weights import Array, Weights, random_input
from cnncalc.graph.builder import build
from cnncalc.layers import registry
from cnncalc.network import Network
from tests.execution.native import programs
from tests.execution.native.driving import LANES
from tests.execution.native.programs import hold
from tests.execution.native.winograd import in_form
from tests.execution.networks import computed, graph
from tests.layers.samples import SAMPLES, of
from tests.networks import Item, branching, written

pytestmark = pytest.mark.parametrize("lanes", LANES)


def conv(filters: int, kernel: int = 1, **options: object) -> dict[str, object]:
    return {"conv": {"filters": filters, "kernel": kernel, "padding": kernel // 2, **options}}


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_kind_with_every_option(kind: str, lanes: int) -> None:
    sample = SAMPLES[kind]
    for options in sample.settings():
        hold(written(sample.volume, of(kind, options), rounding="floor"), lanes, error=1e-5)


@pytest.mark.parametrize("seed", range(7))
def test_branching_networks(seed: int, lanes: int) -> None:
    """With weights that keep numbers at their size, since rounding grows with it."""
    made = graph(branching(seed))
    todo = folded(plan(made)) if seed % 2 else plan(made)
    weights, batch = Weights(made, seed), 1 + seed % 3
    program = programs.made(todo, weights, lanes, batch, 1 + seed % 2)
    for number in range(2):
        given = drawn(program, batch, seed + number)
        found, expected = programs.outputs(program, given), computed(todo, weights, given)
        for name, y in found.items():
            programs.same(y, expected[name], 1e-5)


def drawn(program: NativeProgram, batch: int, seed: int) -> dict[str, Array]:
    volumes = program.schedule.plan.graph.inputs
    return {name: random_input(seed, name, volume, batch) for name, volume in volumes.items()}


VIEWS: dict[str, tuple[list[int], list[Item]]] = {
    "slice of some lanes": ([4, 5, 19], [{"slice": [3, 18]}, conv(5, 3)]),
    "slice of every other lane": ([4, 5, 19], [{"slice": [1, None, 2]}, conv(5, 3)]),
    "slice in space": (
        [9, 8, 19],
        [{"slice": {"height": [1], "width": [None, -1, 2], "channels": [1, None, 3]}}, conv(5, 3)],
    ),
    "slice, then depthwise": ([4, 5, 19], [{"slice": [3, 18]}, {"depthwise_conv": {"kernel": 3}}]),
    "concat of odd channels": (
        [4, 5, 3],
        [{"concat": [[conv(5)], [conv(7, 3), "relu"], []]}, conv(4, 3, groups=1), "relu"],
    ),
    "concat of the same volume": ([4, 5, 3], ["relu", {"concat": [[], []]}, conv(4, 3)]),
    "concat, then a sum": (
        [4, 3, 5],
        [{"concat": [[], [conv(2)]]}, {"add": [[], ["relu"]]}, {"max_pool": [2, 1]}],
    ),
    "shuffle of views": (
        [3, 2, 6],
        [{"concat": [[], [{"slice": [1, 5]}]]}, {"channel_shuffle": 5}, {"channel_shuffle": 2},
         {"slice": [2, 9]}, {"average": [[], ["relu6"]]}],
    ),
    "a shuffle is an output": ([3, 2, 6], [conv(9), {"channel_shuffle": 3}]),
    "an input in another order": ([3, 2, 6], [{"channel_shuffle": 3}]),
    "an input as a vector": ([3, 2, 6], ["flatten"]),
    "dense of a view": ([3, 4, 21], [{"slice": [2, 19]}, {"channel_shuffle": 17}, {"dense": 9}]),
    "dense of a vector of a vector": ([3, 4, 5], ["flatten", {"reshape": [1, 60]}, {"dense": 9}]),
    "pixels as channels": ([2, 3, 5], [{"reshape": [1, 1, 30]}, conv(4), "relu"]),
    "pixels as channels, padded": (
        [2, 3, 5], [{"reshape": [1, 1, 30]}, {"conv": {"filters": 4, "kernel": 1, "padding": 1}}],
    ),
    "pixels as channels, three around": ([2, 3, 5], [{"reshape": [1, 1, 30]}, conv(4, 3)]),
    "pixels as channels, in groups": ([2, 3, 5], [{"reshape": [1, 1, 30]}, conv(6, groups=3)]),
    "pixels as channels, depthwise": (
        [2, 3, 5], [{"reshape": [1, 1, 30]}, {"depthwise_conv": {"kernel": 1}}, conv(3)],
    ),
    "pixels as channels along one axis": (
        [2, 3, 5],
        [{"reshape": [1, 30]}, conv(4), {"reshape": [1, 1, 1, 4]}, conv(6, groups=2)],
    ),
    "part of a vector": ([3, 4, 5], ["flatten", {"slice": [7, 44]}, {"dense": 3}]),
    "vectors one behind the other": (
        [2, 2, 5], [{"concat": [["flatten"], [{"dense": 3}]]}, "relu"],
    ),
    "a vector read as a volume": ([24], [{"reshape": [2, 3, 4]}, conv(5, 3)]),
    "a volume read otherwise": ([4, 6, 5], [{"reshape": [6, 4, 5]}, conv(3, 3)]),
    "a volume turned": ([4, 6, 5], [{"permute": [2, 0, 1]}, conv(3, 3)]),
    "what passes": ([4, 5, 3], ["dropout", conv(4, 3), "identity", "relu"]),
}  # fmt: skip


@pytest.mark.parametrize("case", VIEWS)
def test_views(case: str, lanes: int) -> None:
    """Other names for numbers that are there, whoever reads them."""
    volume, items = VIEWS[case]
    hold(written(volume, *items), lanes, batch=3)


MERGES: dict[str, Item] = {
    "the same value twice": {"add": [[], []]},
    "three times": {"average": [[], [], []]},
    "a row over all rows": {"multiply": [[], [{"global_max_pool": {"keepdims": True}}]]},
    "the first one stretches": {"add": [[{"global_max_pool": {"keepdims": True}}], [], ["relu"]]},
    "all stretch": {"maximum": [[{"adaptive_max_pool": [1, 4]}], [{"adaptive_max_pool": [3, 1]}]]},
    "channels stretch": {"multiply": [[{"slice": [1, 2]}], []]},
    "a difference": {"subtract": [["relu"], []]},
    "views": {"add": [[{"channel_shuffle": 5}], [{"slice": [0, 20]}], []]},
    "with a function": {"add": [[], ["relu"]], "activation": "relu6"},
}


@pytest.mark.parametrize("case", MERGES)
def test_merges(case: str, lanes: int) -> None:
    item = MERGES[case]
    assert isinstance(item, dict)
    function = item.get("activation", "identity")
    merge = {kind: branches for kind, branches in item.items() if kind != "activation"}
    hold(written([3, 4, 20], merge, {str(function): {}}), lanes, batch=3, error=1e-6)


@pytest.mark.parametrize("function", ["relu", {"leaky_relu": 0.5}, "relu6"], ids=json.dumps)
@pytest.mark.parametrize("width", [1, 3])
def test_residuals(width: int, function: Item, lanes: int) -> None:
    """A sum is done where one of its terms is made, whichever comes first, and the function before
    the sum or behind it."""
    branch = [conv(5, width, groups=1)]
    groups = [{"depthwise_conv": {"kernel": width, "padding": width // 2}}]
    for last in (branch, groups):
        for merge in ([last, []], [[], last], [[*last, function], []], [[], [*last, function]],
                      [last, branch], [branch, last]):  # fmt: skip
            program = hold(written([5, 4, 5], "relu", {"add": merge}, function), lanes)
            done = [piece for piece in program.pieces if len(piece.nodes) > 1]
            assert done, merge


def test_a_sum_with_a_volume_whose_planes_lie_anywhere(
    monkeypatch: pytest.MonkeyPatch, lanes: int
) -> None:
    """Concatenated from volumes that fill their vectors, none of whose channels must move."""
    in_form(monkeypatch, "none: exact")
    parts: list[Item] = [[conv(3 * lanes)], [conv(lanes)], [conv(2 * lanes)]]
    for last in (conv(6 * lanes, 3), {"depthwise_conv": {"kernel": 3, "padding": 1}}):
        items = [{"concat": parts}, {"slice": [0, 5 * lanes]}, {"concat": [[], [conv(lanes)]]},
                 {"add": [[], [last]]}]  # fmt: skip
        hold(written([4, 5, 3], *items), lanes)


def test_what_is_fused_is_seen_by_nobody_else(lanes: int) -> None:
    """A volume that is an output, or read elsewhere, is there as it is."""
    items: list[Item] = [
        {"name": "a", "conv": {"filters": 4, "kernel": 1}}, {"name": "b", "relu": {}},
        {"name": "c", "add": ["b", "input"]}, {"name": "d", "relu": {}},
        {"name": "e", "add": ["a", "d"]},
    ]  # fmt: skip
    for outputs in (["e"], ["a", "e"], ["b", "c", "d", "e"], ["c", "e"]):
        hold(written([3, 4, 4], *items, outputs=outputs), lanes)


def test_several_inputs_and_outputs(lanes: int) -> None:
    items: list[Item] = [
        {"name": "s", "subtract": ["a", "b"]},
        {"name": "c", "from": "a", "conv": {"filters": 2, "kernel": 1}},
        {"name": "m", "concat": ["s", "a", "c"]},
    ]  # fmt: skip
    volumes = {"a": [3, 3, 5], "b": [3, 3, 5], "unread": [4, 7]}
    hold(written(volumes, *items, outputs=["m", "c", "s"]), lanes)


def test_shared_weights(lanes: int) -> None:
    items: list[Item] = [
        {"name": "one", **conv(4, 3)}, {"name": "two", "share": "one", **conv(4, 3)},
        {"name": "three", "share": "one", **conv(4, 3)},
    ]  # fmt: skip
    hold(written([5, 6, 4], *items), lanes)


def test_a_norm_is_computed_as_written_or_folded(lanes: int) -> None:
    items: list[Item] = [conv(7, 3, bias=False), "batch_norm", "relu", "scale",
                         {"separable_conv": {"filters": 3, "kernel": 3}}, "batch_norm", "relu",
                         {"conv_transpose": {"filters": 2, "kernel": 2, "stride": 2}}, "batch_norm",
                         {"dense": 6}, "batch_norm"]  # fmt: skip
    for fold in (False, True):
        hold(written([5, 6, 4], *items), lanes, error=1e-5, fold=fold)


def test_a_norm_folded_where_every_position_has_weights(lanes: int) -> None:
    """The bias that is left is one for all positions, of which there are as many as filters."""
    local: Item = {"locally_connected": {"filters": 12, "kernel": 3, "bias": False}}
    hold(written([5, 6, 4], local, "batch_norm"), lanes, error=1e-5, fold=True)


@pytest.mark.parametrize("threads", [3, 7, 16])
def test_more_threads_than_cores_or_work(threads: int, lanes: int) -> None:
    items: list[Item] = [
        conv(3, 3), {"max_pool": 2}, conv(2 * lanes + 1), {"depthwise_conv": {"kernel": 1}},
        {"multiply": [[], [{"global_max_pool": {"keepdims": True}}]]}, {"dense": 1},
    ]  # fmt: skip
    hold(written([4, 4, 3], *items), lanes, batch=1, threads=threads)


def test_threads_change_nothing_but_rounding(lanes: int) -> None:
    todo, weights = bundled_network("m5")
    found = []
    for threads in (1, 2, 3):
        program = programs.made(todo, weights, lanes, 2, threads)
        (y,) = programs.outputs(program, drawn(program, 2, 0)).values()
        found.append(y)
    for y in found[1:]:
        programs.same(y, found[0], 1e-5)


def bundled_network(name: str) -> tuple[Plan, Weights]:
    document = Network.load(str(bundled.find(name))).document
    assert document is not None
    made = build(document)
    return folded(plan(made)), Weights(made)


SMALL = ("lenet5", "resnet20-cifar", "dqn", "m5")


@pytest.mark.parametrize("name", SMALL)
def test_bundled_networks(name: str, lanes: int) -> None:
    todo, weights = bundled_network(name)
    program = programs.made(todo, weights, lanes, 1, 2)
    given = drawn(program, 1, 0)
    expected = computed(todo, weights, given)
    for output, y in programs.outputs(program, given).items():
        programs.same(y, expected[output], 1e-5)


class TestInfinitiesAndNans:
    """They come out where IEEE 754 has them, but where an algorithm mixes numbers."""

    def through(self, lanes: int, volume: list[int], *items: Item) -> tuple[Array, Array, Array]:
        """The input, what the native program makes of it, and what the reference does."""
        todo, weights = programs.planned(written(volume, *items))
        x = np.ones((1, *volume), np.float32)
        x[0, 1, 1, 1], x[0, 3, 3, 0], x[0, 4, 0, 2] = np.nan, np.inf, -np.inf
        program = programs.made(todo, weights, lanes, 1, 2)
        (y,) = programs.outputs(program, {"input": x}).values()
        (z,) = computed(todo, weights, {"input": x}).values()
        return x, y, z

    @pytest.mark.parametrize(
        "item",
        [conv(3, 3), conv(1), {"depthwise_conv": {"kernel": 3}}, {"dense": 4}, "relu",
         {"max_pool": 2}, {"avg_pool": 2}, {"add": [[], ["relu"]]}, {"multiply": [[], []]},
         {"concat": [[], ["relu"]]}, {"upsample": 2}, "global_avg_pool", {"pad": 1}],
        ids=json.dumps,
    )  # fmt: skip
    def test_go_through(self, item: Item, lanes: int) -> None:
        _, y, z = self.through(lanes, [6, 6, 4], item)
        np.testing.assert_array_equal(y, z)

    def test_spread_over_groups_that_share_a_vector(self, lanes: int) -> None:
        """Numbers of one group are multiplied by zeros for another: but never beyond its
        position."""
        x, y, z = self.through(lanes, [6, 6, 4], conv(6, groups=2))
        touched = ~np.isfinite(x).all(axis=-1)
        np.testing.assert_array_equal(y[~touched], z[~touched])
        assert not np.isfinite(y[touched]).all()
