"""cnncalc: volumes, weights and costs of convolutional networks written down in YAML.

>>> import cnncalc
>>> report = cnncalc.load("alexnet")
>>> report.totals.params
62378344
>>> report.rows[0].output_shape
(55, 55, 96)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.compare.comparison import Comparison as Comparison
    from cnncalc.compare.comparison import Difference as Difference
    from cnncalc.compare.comparison import Match as Match
    from cnncalc.compare.whatif import WhatIf as WhatIf
    from cnncalc.compare.whatif import WhatIfVariant as WhatIfVariant
    from cnncalc.diagnostics import Diagnostic as Diagnostic
    from cnncalc.explain.derivation.case import Step as Step
    from cnncalc.explain.derivation.explanation import Explanation as Explanation
    from cnncalc.fit.repair import Repair as Repair
    from cnncalc.fit.repair import Repairs as Repairs
    from cnncalc.fit.sizes import AxisFit as AxisFit
    from cnncalc.fit.sizes import Fit as Fit
    from cnncalc.report.report import Group as Group
    from cnncalc.report.report import Report as Report
    from cnncalc.report.report import Row as Row
    from cnncalc.report.report import Totals as Totals
    from cnncalc.report.timing import Run as Run
    from cnncalc.sweep.solve import Solution as Solution
    from cnncalc.sweep.variants import Variant as Variant
    from cnncalc.volume import Volume as Volume

# Folders that are called as functions below are: the first import of a folder would otherwise put
# it in the place of the function.
for _folder in ("bench", "explain", "fit", "sweep"):
    import_module(f"cnncalc.{_folder}")

__version__ = "0.1.0"
__all__ = [
    "AxisFit",
    "Comparison",
    "Diagnostic",
    "Difference",
    "Explanation",
    "Fit",
    "Group",
    "Match",
    "Repair",
    "Repairs",
    "Report",
    "Row",
    "Run",
    "Solution",
    "Step",
    "Totals",
    "Variant",
    "Volume",
    "WhatIf",
    "WhatIfVariant",
    "__version__",
    "diff",
    "explain",
    "fit",
    "layer",
    "load",
    "loads",
    "repairs",
    "solve",
    "sweep",
    "whatif",
]

_Volume = str | int | tuple[int, ...]
_Input = _Volume | Mapping[str, _Volume] | None


def load(
    path_or_name: str | PathLike[str],
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Report:
    """The report of an architecture file or a bundled architecture.

    `input` replaces the input's volume, `"224x224x3"` or `(224, 224, 3)`, height x width x
    channels; a mapping does so for named inputs. `set` gives variables and options other values:
    `{"classes": 10, "conv1.stride": 2}`. MACs, FLOPs and activation bytes are for `batch` images
    of `dtype` elements.

    What is wrong with the file is never raised but told in `report.diagnostics`; check `report.ok`
    (no errors) or `report.complete` (every layer is known) before trusting totals. Raises
    `ValueError` where the arguments themselves make no sense.
    """
    from cnncalc.network import Network

    network = Network.load(
        str(path_or_name), input=input, set=set, rounding=rounding, batch=batch, dtype=dtype,
        max_layers=max_layers,
    )  # fmt: skip
    return network.report


def loads(
    text: str,
    *,
    name: str = "<text>",
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Report:
    """The report of an architecture given as text; `name` stands for the file in diagnostics.

    `extends:` in it means bundled architectures and files under the working folder. All else is as
    for `load`.
    """
    from cnncalc.network import Network

    network = Network.loads(
        text, name=name, input=input, set=set, rounding=rounding, batch=batch, dtype=dtype,
        max_layers=max_layers,
    )  # fmt: skip
    return network.report


def explain(
    path_or_name: str | PathLike[str],
    layer: str,
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    max_layers: int = 100_000,
) -> Explanation:
    """How the numbers of one layer of an architecture come about, step by step, for one image.

    `layer` is a name as in `Report.rows`; all else is as for `load`. Every step holds its formula,
    its value and the unit. Where the layer is not known `output` is None, and `diagnostics` say
    why. Raises `ValueError` where the network has no such layer.
    """
    from cnncalc.explain.layer import explain
    from cnncalc.network import Network

    network = Network.load(
        str(path_or_name), input=input, set=set, rounding=rounding, max_layers=max_layers
    )
    return explain(network, layer)


def layer(
    kind: str, input: _Volume, *, rounding: str | None = None, **options: object
) -> Explanation:
    """One layer without a file: `layer("conv", "32x32x3", filters=10, kernel=5, padding=2)`.

    `options` go by any of their names. A bare number is a side of any number of channels where the
    kind has a window: 7 is 7x7; weights and MACs are then for each input channel. What does not fit
    is told in `diagnostics`, as for `load`. Raises `ValueError` for an unknown kind or no volume.
    """
    from cnncalc.explain.layer import explain_alone

    return explain_alone(kind, input, options, rounding)


def fit(
    path_or_name: str | PathLike[str],
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    strict: bool = False,
    max_layers: int = 100_000,
) -> Fit:
    """For which input sizes an architecture fits: `fit("alexnet").axes[0].exact` is 67 + 32k.

    Every axis of `Fit.axes` holds the given size and, in pixels, the sizes that fit `exact`ly and
    those that survive where misfits are rounded down (`floor`); `size in sizes` asks for one. The
    file's `rounding` plays no part. Layers that ask for rounding themselves may round, but for
    `strict`. What is wrong with the network is told in `diagnostics`. Raises `ValueError` where the
    arguments make no sense or the file cannot be parsed.
    """
    from cnncalc.fit.sizes import fit
    from cnncalc.network import Network

    network = Network.load(str(path_or_name), input=input, set=set, max_layers=max_layers)
    return fit(network.tree, network.overrides, strict=strict)


def repairs(
    path_or_name: str | PathLike[str],
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    strict: bool = False,
    most: int = 10,
    max_layers: int = 100_000,
) -> Repairs:
    """The smallest changes of paddings, kernels, strides and roundings that make a size fit.

    Fewest places in the file first; at most `most` are `found`, none where the size fits already.
    Each was tried on the whole network. All else is as for `fit`.
    """
    from cnncalc.fit.repair import repairs
    from cnncalc.graph.overrides import positive
    from cnncalc.network import Network

    positive("most", most)
    network = Network.load(str(path_or_name), input=input, set=set, max_layers=max_layers)
    return repairs(network.tree, network.overrides, strict=strict, most=most)


def whatif(
    path_or_name: str | PathLike[str],
    changes: Mapping[str, object],
    *,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
    write: str | PathLike[str] | None = None,
) -> WhatIf:
    """A network before and after `changes`, layer by layer.

    Keys are those of `set` in `load`, and `input`, `input.NAME` and `rounding`; the text `"1,2,4"`
    gives one key several values, and the answer one of its `variants` for each. A variant's
    `comparison` holds the layers that belong together and the totals; MACs, FLOPs and bytes are for
    `batch` images of `dtype` elements. `write` saves the changed file, comments and layout kept.

    What the changes break is told in each variant's `after.diagnostics`. Raises `ValueError` for
    keys that the network does not have, changes that contradict each other, and where `write`
    cannot be had.
    """
    from cnncalc.compare.whatif import ask
    from cnncalc.errors import UsageError
    from cnncalc.network import Network
    from cnncalc.saving.rewritten import save

    network = Network.load(str(path_or_name), batch=batch, dtype=dtype, max_layers=max_layers)
    answer = ask(network, changes.items())
    if write is not None:
        if len(answer.variants) > 1:
            raise UsageError(f"{write} can hold one network; say one value for each key")
        save(answer.variants[0].network, str(write))
    return answer


def diff(
    a: str | PathLike[str],
    b: str | PathLike[str] | None = None,
    *,
    git: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Comparison:
    """Two networks compared: layers added, removed and changed, and the totals' differences.

    With `git`, a revision, and no `b`: file `a` as it was at the revision, and as it is. MACs,
    FLOPs and bytes are for `batch` images of `dtype` elements. What is wrong with either is told in
    `before.diagnostics` and `after.diagnostics`. Raises `ValueError` where it is not clear which
    two are meant, or git does not have the file.
    """
    from cnncalc.compare.git import difference

    other = None if b is None else str(b)
    return difference(str(a), other, git, batch=batch, dtype=dtype, max_layers=max_layers)


def sweep(
    path_or_name: str | PathLike[str],
    vary: Mapping[str, str | Iterable[object]],
    *,
    where: str | Iterable[str] | None = None,
    sort: str | Iterable[str] | None = None,
    pareto: str | Iterable[str] | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    input: _Input = None,
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
    `distributed`. All else is as for `load`.

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
    path_or_name: str | PathLike[str],
    key: str,
    where: str | Iterable[str],
    *,
    over: str | Iterable[object] | None = None,
    smallest: bool = False,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Solution:
    """The largest value of `key` for which conditions hold, or the smallest: `Solution.value`.

    `solve("mobilenet_v2", "width", "macs <= 300M")`. `over` holds the values to search, as `vary`
    does for `sweep`; otherwise they go up to where the conditions break. `value` is None where none
    satisfies; `exhaustive`, `monotone` and `notes` say how far the answer goes. Raises `ValueError`
    where the arguments make no sense or the file cannot be parsed.
    """
    from cnncalc.network import Network
    from cnncalc.sweep import solve as query
    from cnncalc.sweep.variants import Given

    given = Given(input, set or {}, rounding, batch, dtype, max_layers)
    document = Network.load(str(path_or_name)).tree
    return query.solve(document, given, key, where, over=over, smallest=smallest)


_TYPES = {
    "AxisFit": "cnncalc.fit.sizes",
    "Comparison": "cnncalc.compare.comparison",
    "Diagnostic": "cnncalc.diagnostics",
    "Difference": "cnncalc.compare.comparison",
    "Explanation": "cnncalc.explain.derivation.explanation",
    "Fit": "cnncalc.fit.sizes",
    "Group": "cnncalc.report.report",
    "Match": "cnncalc.compare.comparison",
    "Repair": "cnncalc.fit.repair",
    "Repairs": "cnncalc.fit.repair",
    "Report": "cnncalc.report.report",
    "Row": "cnncalc.report.report",
    "Run": "cnncalc.report.timing",
    "Solution": "cnncalc.sweep.solve",
    "Step": "cnncalc.explain.derivation.case",
    "Totals": "cnncalc.report.report",
    "Variant": "cnncalc.sweep.variants",
    "Volume": "cnncalc.volume",
    "WhatIf": "cnncalc.compare.whatif",
    "WhatIfVariant": "cnncalc.compare.whatif",
}
"""Types by the modules they come from."""


def __getattr__(name: str) -> object:
    # Types are looked up when asked for: `import cnncalc` stays light.
    if name in _TYPES:
        return getattr(import_module(_TYPES[name]), name)
    raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
