"""Many variants of a network, from Python.

Imported with the package: what is heavy is imported when a function is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from cnncalc.arguments import GivenPath, Input

if TYPE_CHECKING:
    from cnncalc.sweep.solve import Solution
    from cnncalc.sweep.variants import Variant


def sweep(
    path_or_name: GivenPath,
    vary: Mapping[str, str | Iterable[object]],
    *,
    where: str | Iterable[str] | None = None,
    sort: str | Iterable[str] | None = None,
    pareto: str | Iterable[str] | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Iterator[Variant]:
    """The figures of an architecture at every point of a grid, one after the other.

    `vary` maps keys of `set`, `input` and `rounding` to lists, or to texts such as `"0.5,0.75"` and
    `"160..224:32"`; for `input` one number is the length of all sides in pixels. `where` keeps the
    points that satisfy, `"macs <= 300M and fits"`; `sort` and `pareto` name figures and keys, less
    being better, or more after a minus, and need all points before they give the first. `jobs`
    processes do the work, or the Dask cluster of a `scheduler`, `"tcp://host:8786"`, which needs
    `distributed`. Otherwise as `load`.

    A point at which the network does not fit has `fits` false and a `problem`. Raises `ValueError`
    where the arguments make no sense or the file cannot be parsed.
    """
    from cnncalc.network import Network
    from cnncalc.sweep import sweep as query
    from cnncalc.sweep.variants import Given

    given = Given(input, set or {}, rounding, batch, dtype, max_layers)
    planned = query.plan(Network.load(str(path_or_name)).tree, given, vary, where)
    return query.sweep(planned, sort=sort, pareto=pareto, jobs=jobs, scheduler=scheduler)


def solve(
    path_or_name: GivenPath,
    key: str,
    where: str | Iterable[str],
    *,
    over: str | Iterable[object] | None = None,
    smallest: bool = False,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Solution:
    """The largest value of `key` for which conditions hold, or the smallest: `Solution.value`.

    `solve("mobilenet_v2", "width", "macs <= 300M")`. `over` holds the values to search, as `vary`
    does for `sweep`; without it they go up to where the conditions break. `value` is None where
    none satisfies; `exhaustive`, `monotone` and `notes` say how far the answer goes. Raises
    `ValueError` where the arguments make no sense or the file cannot be parsed.
    """
    from cnncalc.network import Network
    from cnncalc.sweep import solve as query
    from cnncalc.sweep.variants import Given

    given = Given(input, set or {}, rounding, batch, dtype, max_layers)
    document = Network.load(str(path_or_name)).tree
    return query.solve(document, given, key, where, over=over, smallest=smallest)
