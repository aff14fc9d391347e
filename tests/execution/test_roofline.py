"""The bytes that layers move, counted by hand."""

from __future__ import annotations

from cnncalc.execution.backend import Piece
from cnncalc.execution.folding import folded
from cnncalc.execution.plan import Plan, plan
from cnncalc.execution.roofline import bytes_moved
from cnncalc.graph.builder import build
from cnncalc.network import Network
from cnncalc.yaml.source import Source
from tests.networks import Item, written
from tests.together import together


def planned(volume: object, *items: Item, **head: object) -> Plan:
    document = Network.parsed(Source("<test>", written(volume, *items, **head))).document
    assert document is not None
    return plan(build(document))


def moved(made: Plan, *together: tuple[int, ...], batch: int = 1) -> list[int]:
    """Numbers moved by each layer, or by those that are computed together."""
    pieces = [Piece(nodes, "") for nodes in together] or [
        Piece(step.nodes, "") for step in made.steps
    ]
    return [bytes // 4 for bytes in bytes_moved(made, pieces, batch).values()]


CONV = {"conv": {"filters": 4, "kernel": 3}}
"""On 5x5x2: 50 read, 72 weights and 4 biases, 36 written."""


@together(
    ("item", "numbers"),
    [
        (CONV, 50 + 76 + 36),
        ({"max_pool": 5}, 50 + 2),
        ({"dense": 7}, 50 + 357 + 7),
        ("relu", 50 + 50),
        ("batch_norm", 50 + 4 + 4 + 50),
        ("prelu", 50 + 1 + 50),
        ("dropout", 0),
        ("flatten", 0),
        ({"permute": [1, 0, 2]}, 50 + 50),
        ({"slice": [0, 1]}, 25 + 25),
        ({"crop": 1}, 18 + 18),
        ({"pad": 1}, 50 + 98),
        ({"separable_conv": {"filters": 4, "kernel": 3}}, 50 + (18 + 8 + 4) + 36),
        ({"custom": {"output": 3}}, 3),
    ],
)
def test_a_layer(item: Item, numbers: int) -> None:
    assert moved(planned([5, 5, 2], item)) == [numbers]


def test_a_batch_shares_its_weights() -> None:
    assert moved(planned([5, 5, 2], CONV), batch=3) == [3 * (50 + 36) + 76]


def test_weights_that_are_shared_are_read_by_both() -> None:
    items = [{"name": "a", "dense": 6}, {"name": "b", "dense": {"units": 6}, "share": "a"}]
    made = planned(6, *items)
    assert moved(made) == [6 + 42 + 6] * 2
    assert moved(made, (0, 1)) == [6 + 42 + 6], "computed together they are read once"


def test_a_merge_reads_all() -> None:
    items = [{"name": "a", "relu": {}}, {"name": "s", "add": ["a", "input"]}]
    assert moved(planned(6, *items)) == [12, 18]
    assert moved(planned(6, *items), (0, 1)) == [12], "the input is read once"
    twice = [{"name": "s", "add": ["input", "input"]}]
    assert moved(planned(6, *twice)) == [12]


def test_what_stays_between_layers_does_not_count() -> None:
    made = planned([5, 5, 2], CONV, "relu", {"name": "p", "max_pool": 3})
    assert moved(made) == [162, 72, 40]
    assert moved(made, (0, 1), (2,)) == [162, 40]
    assert moved(made, (0, 1, 2)) == [50 + 76 + 4]


def test_what_leaves_counts_though_it_is_read_inside() -> None:
    items = [{"name": "c", **CONV}, {"name": "r", "relu": {}}]
    assert moved(planned([5, 5, 2], *items, outputs=["c", "r"]), (0, 1)) == [50 + 76 + 36 + 36]
    skip = [*items, {"name": "s", "add": ["c", "r"]}]
    assert moved(planned([5, 5, 2], *skip), (0, 1), (2,)) == [50 + 76 + 72, 108]


def test_what_is_passed_on_is_what_it_was() -> None:
    made = planned([5, 5, 2], CONV, "dropout", "relu")
    assert moved(made, (0, 1), (2,)) == [162, 72], "written once"
    assert moved(made, (0,), (1, 2)) == [162, 72], "read once"
    assert moved(made, (0, 1, 2)) == [162]


def test_another_name_for_numbers_moves_nothing() -> None:
    items = [CONV, {"name": "c", "concat": ["conv1", "conv1"]}, {"max_pool": 3}]
    made = planned([5, 5, 2], *items)
    assert moved(made) == [162, 36 + 72, 72 + 8]
    pieces = [Piece(step.nodes, "", view=step.nodes == (1,)) for step in made.steps]
    assert [bytes // 4 for bytes in bytes_moved(made, pieces, 1).values()] == [162, 0, 80]


def test_folded_norms_cost_nothing() -> None:
    made = planned([5, 5, 2], CONV, "batch_norm", "relu")
    assert moved(made) == [162, 36 + 16 + 36, 72]
    assert moved(folded(made)) == [162, 72]


def test_pieces_of_one_layer_are_one() -> None:
    made = planned([5, 5, 2], {"separable_conv": {"filters": 4, "kernel": 3}})
    assert moved(made, (0,), (0,)) == moved(made, (0,))
