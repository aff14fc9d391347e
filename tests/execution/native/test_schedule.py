"""A schedule: what it says whole, that it is data, and that its bytes are those that are packed."""

from __future__ import annotations

import numpy as np
import pytest

from cnncalc import network as networks
from cnncalc.execution.entry import run
from cnncalc.execution.native import backend, tables
from cnncalc.execution.native.schedule import banding
from cnncalc.execution.native.schedule import schedule as module
from cnncalc.execution.native.schedule.fusing import fused
from cnncalc.execution.native.schedule.schedule import Schedule, schedule
from cnncalc.execution.request import ArrayFiles, RunRequest
from cnncalc.graph.builder import build
from cnncalc.network import Network
from tests.execution.native import programs
from tests.execution.native.driving import LANES
from tests.networks import Item, written


def scheduled(text: str, lanes: int = 8, threads: int = 1, *, direct: bool = True) -> Schedule:
    return schedule(programs.planned(text)[0], 1, lanes, threads, direct=direct)


SMALL = written(
    [8, 8, 16],
    {"name": "a", "conv": {"filters": 16, "kernel": 3, "padding": 1}},
    {"name": "act", "relu": {}},
    {"name": "pool", "max_pool": 2},
    {"name": "b", "dense": 10},
)

# A plane of 8x8 has the halo of a window of 3x3: 10 rows and columns of 8 lanes of 4 bytes, 3,200
# bytes, which are 50 lines of 64 bytes; 51, an odd number, are 3,264 bytes. Those of 4x4 have none:
# 512 bytes, 8 lines, so 9: 576. The vector of 10 takes 2 planes of 1 line.
# 3*3*16 reads of 16 filters and 16 biases are 2,320 numbers of 4 bytes. `dense` reads 4*4*16
# numbers for 2 vectors of 8, and has 16 biases with the unused lanes: 4,112 numbers.
# Of F(2x2) there are 16 products of 16*16 weights, of F(4x4) 36.
TOLD = """\
0 a + act: winograd F(4x4,3x3) 36,864 or direct 9,280 or winograd F(2x2,3x3) 16,384; 6,528 at 6,528, 0-1
1 pool: WindowPool 0; 1,152 at 13,056, 1-2
2 b: dense 16,448; 128 at 14,208, 2-3"""  # noqa: E501


def test_it_is_told_whole() -> None:
    head, *lines = str(scheduled(SMALL, direct=False)).splitlines()
    assert head.startswith("batch of 1, 8 lanes, 1 threads: 3 tasks, 14,336 bytes in turns, ")
    assert "\n".join(lines) == TOLD


def test_direct_has_no_form_of_winograds() -> None:
    first = scheduled(SMALL).tasks[0]
    assert [way.name for way in first.ways] == ["direct"]
    assert scheduled(SMALL).room_bytes == 0 < scheduled(SMALL, direct=False).room_bytes


@pytest.mark.parametrize("lanes", LANES)
def test_it_is_the_same_wherever_it_is_made(lanes: int) -> None:
    """Nothing in it comes from the machine: no address, no time, no order of a set."""
    one, other = (scheduled(SMALL, lanes, 2, direct=False) for _ in range(2))
    assert str(one) == str(other)
    assert one.bytes == other.bytes
    with pytest.raises(AttributeError):
        one.batch = 2  # type: ignore[misc]


def test_a_run_schedules_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(*given: object, **options: bool) -> Schedule:
        made.append("schedule")
        return schedule(*given, **options)  # type: ignore[arg-type]

    def fusing(*given: object) -> object:
        made.append("fused")
        return fused(*given)  # type: ignore[arg-type]

    def building(*given: object) -> object:
        made.append("graph")
        return build(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(backend, "schedule", counted)
    monkeypatch.setattr(module, "fused", fusing)
    monkeypatch.setattr(networks, "build", building)
    network = Network.loads(SMALL)
    done = run(network, RunRequest(threads=1, repeat=1, explain_plan=True), ArrayFiles())
    assert done.run is not None
    assert made == ["graph", "schedule", "fused"]


CONTRACTIONS: list[tuple[object, list[Item]]] = [
    ([6, 5, 3], [{"conv": {"filters": 5, "kernel": 3}}]),
    ([6, 5, 20], [{"conv": {"filters": 40, "kernel": 1}}]),
    ([6, 5, 24], [{"conv": {"filters": 36, "kernel": 3, "groups": 4}}]),
    ([6, 5, 32], [{"conv": {"filters": 64, "kernel": 2, "groups": 2}}]),
    ([9, 9, 20], [{"depthwise_conv": {"kernel": 3, "padding": 1}}]),
    ([9, 9, 16], [{"conv": {"filters": 16, "kernel": 3, "groups": 8}}]),
    ([4, 4, 5], ["flatten", {"dense": 7}]),
    ([11], [{"dense": 3}]),
    ([6, 6, 3], [{"locally_connected": {"filters": 5, "kernel": 3}}]),
    ([6, 6, 3], [{"conv_transpose": {"filters": 5, "kernel": 3, "stride": 2}}]),
    ([6, 6, 3], [{"conv": {"filters": 2, "kernel": 3, "connections": [[0], [0, 2]]}}]),
    ([16, 16, 16], [{"conv": {"filters": 64, "kernel": 1}}, {"depthwise_conv": {"kernel": 3}},
                    {"conv": {"filters": 24, "kernel": 1}}]),
]  # fmt: skip


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of all numbers that tables keep."""
    found: list[int] = []
    keep, floats = tables.Tables.keep, tables.Tables.floats

    def keeping(
        self: tables.Tables, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]
    ) -> int:
        if array.dtype == np.float32:
            found.append(array.nbytes)
        return keep(self, array)

    def giving(self: tables.Tables, count: int) -> object:
        found.append(4 * count)
        return floats(self, count)

    monkeypatch.setattr(tables.Tables, "keep", keeping)
    monkeypatch.setattr(tables.Tables, "floats", giving)
    return found


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize(("volume", "items"), CONTRACTIONS)
def test_weights_take_what_it_says(
    volume: object, items: list[Item], lanes: int, kept: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banding, "WORTH_BYTES", 0)
    todo, weights = programs.planned(written(volume, *items))
    programs.made(todo, weights, lanes, 1, 1)
    kept.clear()  # what was kept to measure kernels
    program = programs.made(todo, weights, lanes, 1, 1)
    said = sum(task.ways[0].weight_bytes for task in program.schedule.tasks if task.ways)
    assert said == sum(kept)


def test_shared_weights_are_kept_once() -> None:
    """Three layers of the same arrays; a fourth has others."""
    conv: Item = {"filters": 32, "kernel": 3, "padding": 1}
    items: list[Item] = [
        {"name": "a", "conv": conv},
        {"name": "b", "share": "a", "conv": conv},
        {"name": "c", "share": "a", "conv": conv},
        {"name": "d", "conv": conv},
    ]
    todo, weights = programs.planned(written([6, 6, 32], *items))
    own = programs.made(todo, weights, 8, 1, 1)
    assert own.schedule.shares_weights
    sizes = [one.nbytes for one in own._tables._kept if one.nbytes >= 4 * 32 * 32 * 9]
    assert len(sizes) == 2
    apart = programs.planned(written([6, 6, 32], items[0], items[-1]))[0]
    assert not schedule(apart, 1, 8, 1).shares_weights
    said = schedule(todo, 1, 8, 1).bytes - schedule(apart, 1, 8, 1).bytes
    assert said < 4 * 32 * 32 * 9, "the estimate counts them once as well"
