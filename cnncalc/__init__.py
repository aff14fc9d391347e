"""cnncalc: volumes, weights and costs of convolutional networks written down in YAML.

>>> import cnncalc
>>> report = cnncalc.load("alexnet")
>>> report.totals.params
62378344
>>> report.rows[0].output_shape
(55, 55, 96)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

# Functions that go by the name of their folder are imported at once: importing the folder later
# would put it in the place of the function. Their modules import nothing else before a call.
from cnncalc.bench.api import bench
from cnncalc.explain.api import explain, layer
from cnncalc.fit.api import fit, repairs
from cnncalc.sweep.api import solve, sweep

if TYPE_CHECKING:
    from cnncalc.bench.bench import Bench, BenchComparison, BenchEntry, BenchSettings, Unmeasured
    from cnncalc.checks.api import check
    from cnncalc.checks.files import Checked, Expected
    from cnncalc.compare.api import diff, whatif
    from cnncalc.compare.comparison import Comparison, Difference, Match
    from cnncalc.compare.whatif import WhatIf, WhatIfVariant
    from cnncalc.diagnostics import Diagnostic
    from cnncalc.edit.api import fmt
    from cnncalc.edit.formatted import Formatted
    from cnncalc.errors import InvalidFile, UsageError, WorkersLost
    from cnncalc.execution.api import run
    from cnncalc.explain.derivation.case import Step
    from cnncalc.explain.derivation.explanation import Explanation
    from cnncalc.fit.repair import Repair, Repairs
    from cnncalc.fit.sizes import AxisFit, Fit
    from cnncalc.graph.overrides import Overrides
    from cnncalc.network import Network, load, loads
    from cnncalc.report.report import Group, Report, Row, Totals
    from cnncalc.report.timing import Run
    from cnncalc.saving.api import update
    from cnncalc.saving.expectations import ExpectationChange, Rewritten
    from cnncalc.sweep.solve import Solution
    from cnncalc.sweep.variants import Variant
    from cnncalc.volume import Volume
    from cnncalc.yaml.source import Source

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

_LOADED_WHEN_ASKED_FOR = {
    "cnncalc.bench.bench": (
        "Bench",
        "BenchComparison",
        "BenchEntry",
        "BenchSettings",
        "Unmeasured",
    ),
    "cnncalc.checks.api": ("check",),
    "cnncalc.checks.files": (
        "Checked",
        "Expected",
    ),
    "cnncalc.compare.api": (
        "diff",
        "whatif",
    ),
    "cnncalc.compare.comparison": (
        "Comparison",
        "Difference",
        "Match",
    ),
    "cnncalc.compare.whatif": (
        "WhatIf",
        "WhatIfVariant",
    ),
    "cnncalc.diagnostics": ("Diagnostic",),
    "cnncalc.edit.api": ("fmt",),
    "cnncalc.edit.formatted": ("Formatted",),
    "cnncalc.errors": (
        "InvalidFile",
        "UsageError",
        "WorkersLost",
    ),
    "cnncalc.execution.api": ("run",),
    "cnncalc.explain.derivation.case": ("Step",),
    "cnncalc.explain.derivation.explanation": ("Explanation",),
    "cnncalc.fit.repair": (
        "Repair",
        "Repairs",
    ),
    "cnncalc.fit.sizes": (
        "AxisFit",
        "Fit",
    ),
    "cnncalc.graph.overrides": ("Overrides",),
    "cnncalc.network": (
        "Network",
        "load",
        "loads",
    ),
    "cnncalc.report.report": (
        "Group",
        "Report",
        "Row",
        "Totals",
    ),
    "cnncalc.report.timing": ("Run",),
    "cnncalc.saving.api": ("update",),
    "cnncalc.saving.expectations": (
        "ExpectationChange",
        "Rewritten",
    ),
    "cnncalc.sweep.solve": ("Solution",),
    "cnncalc.sweep.variants": ("Variant",),
    "cnncalc.volume": ("Volume",),
    "cnncalc.yaml.source": ("Source",),
}
"""The other names, by the modules they come from: `import cnncalc` stays light."""

_HOMES = {name: module for module, names in _LOADED_WHEN_ASKED_FOR.items() for name in names}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
