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
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.bench.bench import Bench as Bench
    from cnncalc.bench.bench import BenchComparison as BenchComparison
    from cnncalc.bench.bench import BenchEntry as BenchEntry
    from cnncalc.bench.bench import BenchSettings as BenchSettings
    from cnncalc.bench.bench import Unmeasured as Unmeasured
    from cnncalc.checks.files import Checked as Checked
    from cnncalc.checks.files import Expected as Expected
    from cnncalc.compare.comparison import Comparison as Comparison
    from cnncalc.compare.comparison import Difference as Difference
    from cnncalc.compare.comparison import Match as Match
    from cnncalc.compare.whatif import WhatIf as WhatIf
    from cnncalc.compare.whatif import WhatIfVariant as WhatIfVariant
    from cnncalc.diagnostics import Diagnostic as Diagnostic
    from cnncalc.edit.formatted import Formatted as Formatted
    from cnncalc.errors import InvalidFile as InvalidFile
    from cnncalc.errors import UsageError as UsageError
    from cnncalc.errors import WorkersLost as WorkersLost
    from cnncalc.explain.derivation.case import Step as Step
    from cnncalc.explain.derivation.explanation import Explanation as Explanation
    from cnncalc.fit.repair import Repair as Repair
    from cnncalc.fit.repair import Repairs as Repairs
    from cnncalc.fit.sizes import AxisFit as AxisFit
    from cnncalc.fit.sizes import Fit as Fit
    from cnncalc.graph.overrides import Overrides as Overrides
    from cnncalc.network import Network as Network
    from cnncalc.report.report import Group as Group
    from cnncalc.report.report import Report as Report
    from cnncalc.report.report import Row as Row
    from cnncalc.report.report import Totals as Totals
    from cnncalc.report.timing import Run as Run
    from cnncalc.saving.expectations import ExpectationChange as ExpectationChange
    from cnncalc.saving.expectations import Rewritten as Rewritten
    from cnncalc.sweep.solve import Solution as Solution
    from cnncalc.sweep.variants import Variant as Variant
    from cnncalc.volume import Volume as Volume
    from cnncalc.yaml.source import Source as Source

# Folders that are called as functions below are: the first import of a folder would otherwise put
# it in the place of the function.
for _folder in ("bench", "explain", "fit", "sweep"):
    import_module(f"cnncalc.{_folder}")

__version__ = "0.1.0"
__all__ = [
    "AxisFit",
    "Bench",
    "BenchComparison",
    "BenchEntry",
    "BenchSettings",
    "Checked",
    "Comparison",
    "Diagnostic",
    "Difference",
    "ExpectationChange",
    "Expected",
    "Explanation",
    "Fit",
    "Formatted",
    "Group",
    "InvalidFile",
    "Match",
    "Network",
    "Overrides",
    "Repair",
    "Repairs",
    "Report",
    "Rewritten",
    "Row",
    "Run",
    "Solution",
    "Source",
    "Step",
    "Totals",
    "Unmeasured",
    "UsageError",
    "Variant",
    "Volume",
    "WhatIf",
    "WhatIfVariant",
    "WorkersLost",
    "__version__",
    "bench",
    "check",
    "diff",
    "explain",
    "fit",
    "fmt",
    "layer",
    "load",
    "loads",
    "repairs",
    "run",
    "solve",
    "sweep",
    "update",
    "whatif",
]

_Volume = str | int | tuple[int, ...]
_Input = _Volume | Mapping[str, _Volume] | None
_Path = str | PathLike[str]


def load(
    path_or_name: _Path,
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

    What is wrong with the file is never raised: it is in `report.diagnostics`. Ask `report.ok`
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

    `extends:` in it means bundled architectures and files under the working folder. Otherwise as
    `load`.
    """
    from cnncalc.network import Network

    network = Network.loads(
        text, name=name, input=input, set=set, rounding=rounding, batch=batch, dtype=dtype,
        max_layers=max_layers,
    )  # fmt: skip
    return network.report


def explain(
    path_or_name: _Path,
    layer: str,
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    max_layers: int = 100_000,
) -> Explanation:
    """How the numbers of one layer of an architecture come about, step by step, for one image.

    `layer` is a name as in `Report.rows`; otherwise as `load`. Every step holds its formula,
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
    is in `diagnostics`, as for `load`. Raises `ValueError` for an unknown kind or no volume.
    """
    from cnncalc.explain.layer import explain_alone

    return explain_alone(kind, input, options, rounding)


def fit(
    path_or_name: _Path,
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    strict: bool = False,
    max_layers: int = 100_000,
) -> Fit:
    """For which input sizes an architecture fits: `fit("alexnet").axes[0].exact` is 67 + 32k.

    Every axis of `Fit.axes` holds the given size and, in pixels, the sizes that fit `exact`ly and
    those that survive where misfits are rounded down (`floor`); `size in sizes` asks for one. The
    file's `rounding` plays no part. Layers that ask for rounding themselves may round, unless
    `strict`. What is wrong with the network is in `diagnostics`. Raises `ValueError` where the
    arguments make no sense or the file cannot be parsed.
    """
    from cnncalc.fit.sizes import fit
    from cnncalc.network import Network

    network = Network.load(str(path_or_name), input=input, set=set, max_layers=max_layers)
    return fit(network.tree, network.overrides, strict=strict)


def repairs(
    path_or_name: _Path,
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    strict: bool = False,
    most: int = 10,
    apply: int | None = None,
    write: _Path | None = None,
    max_layers: int = 100_000,
) -> Repairs:
    """The smallest changes of paddings, kernels, strides and roundings that make a size fit.

    Fewest places in the file first; at most `most` are `found`, none where the size fits already.
    Each was tried on the whole network. With `apply`, the number of a repair counted from 1, the
    file that `write` names is written: the network's own file with the repair in it, comments and
    layout kept. Raises `ValueError` where the list is shorter, or the change cannot be written.
    Otherwise as `fit`.
    """
    from cnncalc.errors import UsageError
    from cnncalc.fit.apply import save_repair
    from cnncalc.fit.repair import repairs
    from cnncalc.graph.overrides import positive
    from cnncalc.network import Network

    positive("most", most)
    if (apply is None) is not (write is None):
        raise UsageError("`apply` and `write` go together")
    if apply is not None:
        positive("apply", apply)
    network = Network.load(str(path_or_name), input=input, set=set, max_layers=max_layers)
    found = repairs(network.tree, network.overrides, strict=strict, most=max(most, apply or 1))
    if apply is not None and write is not None:
        save_repair(network.tree, network.overrides, found, apply, Path(write))
    return found


def whatif(
    path_or_name: _Path,
    changes: Mapping[str, object],
    *,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
    write: _Path | None = None,
) -> WhatIf:
    """A network before and after `changes`, layer by layer.

    Keys are those of `set` in `load`, and `input`, `input.NAME` and `rounding`; the text `"1,2,4"`
    gives one key several values, and the answer one of its `variants` for each. A variant's
    `comparison` holds the layers that belong together and the totals; MACs, FLOPs and bytes are for
    `batch` images of `dtype` elements. `write` saves the changed file, comments and layout kept.

    What the changes break is in each variant's `after.diagnostics`. Raises `ValueError` for
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
            raise UsageError(f"{write} can hold one network: give one value for each key")
        save(answer.variants[0].network, str(write))
    return answer


def diff(
    a: _Path,
    b: _Path | None = None,
    *,
    git: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Comparison:
    """Two networks compared: layers added, removed and changed, and the totals' differences.

    With `git`, a revision, and no `b`: file `a` as it was at the revision, and as it is. MACs,
    FLOPs and bytes are for `batch` images of `dtype` elements. What is wrong with either is in
    `before.diagnostics` and `after.diagnostics`. Raises `ValueError` where it is not clear which
    two are meant, or git does not have the file.
    """
    from cnncalc.compare.git import difference

    other = None if b is None else str(b)
    return difference(str(a), other, git, batch=batch, dtype=dtype, max_layers=max_layers)


def sweep(
    path_or_name: _Path,
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
    path_or_name: _Path,
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


def check(
    paths: _Path | Iterable[_Path],
    *,
    select: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    strict: bool = False,
    jobs: int = 1,
    max_layers: int = 100_000,
) -> list[Checked]:
    """What is found in files, and whether each is what its `expect:` says.

    `paths` are architecture files, folders, globs and bundled names, or one of these. `select`
    keeps only some of the warnings and failed expectations, `ignore` leaves some out; both hold
    codes of diagnostics. With `strict`, warnings count as errors. `jobs` processes share the work.
    A file is `ok` where nothing counts as an error. A finding in a file that several extend is
    among the `diagnostics` of the first, and among the `repeats` of the others. Raises
    `ValueError` where no file is meant, or a code is not known.
    """
    from cnncalc.checks.files import check_files, selection
    from cnncalc.graph.overrides import positive
    from cnncalc.paths import architecture_files

    positive("jobs", jobs)
    positive("max_layers", max_layers)
    chosen = selection(_listed(select), _listed(ignore))
    files = architecture_files(_listed(paths))
    return list(check_files(files, chosen, strict=strict, jobs=jobs, max_layers=max_layers))


def update(path: _Path, *, max_layers: int = 100_000) -> Rewritten:
    """Write what a network is into the `expect:` of its file, comments and layout kept.

    `changes` are the expectations that changed; where there are none, nothing is written. A file
    with errors is left as it is, and `report` says what they are. Raises `ValueError` for anything
    but a file of your own, and where the file cannot say so or cannot be written.
    """
    from cnncalc.graph.overrides import positive
    from cnncalc.saving.update_expect import update_expectations

    positive("max_layers", max_layers)
    return update_expectations(str(path), max_layers)


def fmt(path: _Path, *, write: bool = False) -> Formatted:
    """The text of a file in the one layout: the same network, with every comment.

    `changes` is whether it differs from what was read. A file that cannot be read or is not YAML
    has `findings`; one that is left as it is has a `reason`. With `write` the file is written where
    it changes; raises `ValueError` where that fails.
    """
    from cnncalc.edit.formatted import format_path, write_formatted

    done = format_path(str(path))
    if write:
        write_formatted(str(path), done)
    return done


def run(
    path_or_name: _Path,
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    backend: str = "native",
    threads: int | None = None,
    repeat: int | None = None,
    warmup: int = 1,
    seed: int = 0,
    fold: bool = True,
    roofline: bool = False,
    explain_plan: bool = False,
    input_file: _Path | None = None,
    output_file: _Path | None = None,
    algorithms: str = "fastest",
    verify: bool = False,
    trace_file: _Path | None = None,
    max_layers: int = 100_000,
) -> Report:
    """The report of a network with the times of an execution: `Report.run`, and `timing` of rows.

    `backend` is `"native"`, compiled kernels, or `"reference"`, NumPy. Without `threads` all cores
    are used, without `repeat` the measured runs take two seconds; `warmup` runs come before them.
    Weights and inputs are random numbers of `seed`, unless `input_file`, .npy or .npz, holds the
    inputs, batch first and channels last; `output_file` receives the outputs. With `fold`, batch
    norms are folded into weights. `roofline` adds what the machine allows, `explain_plan` how the
    network was carried out. `algorithms="direct"` leaves out Winograd's. `verify` compares the
    outputs with the reference's: `Report.run.verified`. `trace_file` receives what each thread did,
    for chrome://tracing. Otherwise as `load`; a network with errors is not run, and `run` is
    None.

    Needs the extra `run`. Raises `ValueError` where the network cannot be run.
    """
    from cnncalc.execution.entry import run
    from cnncalc.execution.request import ArrayFiles, request
    from cnncalc.network import Network

    wanted = request(
        backend=backend, threads=threads, repeat=repeat, warmup=warmup, seed=seed, fold=fold,
        roofline=roofline, explain_plan=explain_plan, algorithms=algorithms, verify=verify,
    )  # fmt: skip
    network = Network.load(
        str(path_or_name), input=input, set=set, rounding=rounding, batch=batch,
        max_layers=max_layers,
    )  # fmt: skip
    if not network.report.complete:
        return network.report
    files = ArrayFiles(
        None if input_file is None else Path(input_file),
        None if output_file is None else Path(output_file),
        None if trace_file is None else Path(trace_file),
    )
    return run(network, wanted, files)


def bench(
    paths: _Path | Iterable[_Path],
    *,
    baseline: Bench | _Path | None = None,
    tolerance: float = 0.1,
    batch: int = 1,
    backend: str = "native",
    threads: int | None = None,
    repeat: int | None = None,
    warmup: int = 1,
    seed: int = 0,
    fold: bool = True,
    roofline: bool = False,
    algorithms: str = "fastest",
    max_layers: int = 100_000,
) -> Bench:
    """Networks executed in turns, and compared with an earlier time.

    `paths` are as for `check`, and the rest is as for `run`. `entries` are the networks that ran,
    `unmeasured` the files that did not, with the reason. `baseline` is an earlier bench or the
    output of `cnncalc bench --format json`; `comparison` then says which medians are longer by more
    than `tolerance`, 0.1 for a tenth. Raises `ValueError` where nothing can be run.
    """
    from cnncalc.bench.bench import Bench, baseline_of
    from cnncalc.bench.data import read
    from cnncalc.bench.measuring import measure
    from cnncalc.errors import UsageError
    from cnncalc.execution.request import request
    from cnncalc.network import Network
    from cnncalc.paths import architecture_files

    if not 0 <= tolerance < float("inf"):
        raise UsageError(f"`tolerance` is a number of 0 or more, not {tolerance!r}")
    wanted = request(
        backend=backend, threads=threads, repeat=repeat, warmup=warmup, seed=seed, fold=fold,
        roofline=roofline, algorithms=algorithms,
    )  # fmt: skip
    files = architecture_files(_listed(paths))
    if baseline is None:
        before = None
    else:
        before = baseline_of(baseline) if isinstance(baseline, Bench) else read(Path(baseline))
    networks = {file: Network.load(file, batch=batch, max_layers=max_layers) for file in files}
    return measure(networks, batch, wanted, before, tolerance)


def _listed(given: _Path | Iterable[_Path]) -> list[str]:
    """One text or path, or several, as a list of texts."""
    several = (given,) if isinstance(given, str | PathLike) else given
    return [str(one) for one in several]


_TYPES = {
    "AxisFit": "cnncalc.fit.sizes",
    "Bench": "cnncalc.bench.bench",
    "BenchComparison": "cnncalc.bench.bench",
    "BenchEntry": "cnncalc.bench.bench",
    "BenchSettings": "cnncalc.bench.bench",
    "Checked": "cnncalc.checks.files",
    "Comparison": "cnncalc.compare.comparison",
    "Diagnostic": "cnncalc.diagnostics",
    "Difference": "cnncalc.compare.comparison",
    "ExpectationChange": "cnncalc.saving.expectations",
    "Expected": "cnncalc.checks.files",
    "Explanation": "cnncalc.explain.derivation.explanation",
    "Fit": "cnncalc.fit.sizes",
    "Formatted": "cnncalc.edit.formatted",
    "Group": "cnncalc.report.report",
    "InvalidFile": "cnncalc.errors",
    "Match": "cnncalc.compare.comparison",
    "Network": "cnncalc.network",
    "Overrides": "cnncalc.graph.overrides",
    "Repair": "cnncalc.fit.repair",
    "Repairs": "cnncalc.fit.repair",
    "Report": "cnncalc.report.report",
    "Rewritten": "cnncalc.saving.expectations",
    "Row": "cnncalc.report.report",
    "Run": "cnncalc.report.timing",
    "Solution": "cnncalc.sweep.solve",
    "Source": "cnncalc.yaml.source",
    "Step": "cnncalc.explain.derivation.case",
    "Totals": "cnncalc.report.report",
    "Unmeasured": "cnncalc.bench.bench",
    "UsageError": "cnncalc.errors",
    "Variant": "cnncalc.sweep.variants",
    "Volume": "cnncalc.volume",
    "WhatIf": "cnncalc.compare.whatif",
    "WhatIfVariant": "cnncalc.compare.whatif",
    "WorkersLost": "cnncalc.errors",
}
"""Types by the modules they come from."""


def __getattr__(name: str) -> object:
    # Types are looked up when asked for: `import cnncalc` stays light.
    if name in _TYPES:
        return getattr(import_module(_TYPES[name]), name)
    raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
