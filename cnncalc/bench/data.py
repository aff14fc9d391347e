"""A bench as nested data, and what a comparison reads of an earlier one. The keys are stable:
docs/running.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cnncalc import __version__
from cnncalc.bench.bench import Baseline, Bench, BenchComparison, BenchEntry, BenchSettings, Figure
from cnncalc.errors import UsageError
from cnncalc.render.report.data import run_of
from cnncalc.saving.files import need_regular

SHORTEST, LONGEST = 1e-9, 1e9
"""Seconds that a run can have taken."""


def of(bench: Bench, comparison: BenchComparison | None) -> dict[str, Any]:
    """The whole bench; the networks one by one."""
    return {
        "cnncalc": __version__,
        "settings": bench.settings._asdict(),
        "networks": (_network(entry, comparison) for entry in bench.entries),
        **({"comparison": _comparison(comparison)} if comparison is not None else {}),
        "not_measured": [{"file": one.file, "reason": one.reason} for one in bench.unmeasured],
    }


def _encoded(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _network(entry: BenchEntry, comparison: BenchComparison | None) -> dict[str, Any]:
    change = comparison.changes.get(entry.name) if comparison is not None else None
    return {
        "name": entry.name,
        "file": entry.file,
        "macs": entry.macs,
        "flops": entry.flops,
        "run": run_of(entry.run),
        **({"change": change._asdict()} if change is not None else {}),
    }


def _comparison(comparison: BenchComparison) -> dict[str, Any]:
    return {
        "baseline": comparison.baseline,
        "tolerance": comparison.tolerance,
        "slower": comparison.slower,
        "added": comparison.added,
        "missing": comparison.missing,
        "recounted": comparison.recounted,
        "otherwise": {what: [then, now] for what, then, now in comparison.otherwise},
    }


def read(path: Path) -> Baseline:
    """A bench that was written earlier. Raises `UsageError` where a file is none, `OSError`."""
    need_regular(path)
    try:
        found = json.loads(path.read_bytes())
        settings = _settings(_known(found, "settings", dict))
        networks = _known(found, "networks", list)
        figures = dict(_figure(network) for network in networks)
    except _Malformed as strange:
        raise UsageError(
            f"{path} is not the output of `cnncalc bench --format json`: {strange}"
        ) from None
    except (ValueError, RecursionError):
        raise UsageError(
            f"{path} is not the output of `cnncalc bench --format json`: it is not JSON"
        ) from None
    return Baseline(str(path), settings, figures)


class _Malformed(Exception):
    """What is missing, or of another type."""


def _known(holder: object, key: str, type: type) -> Any:
    if not isinstance(holder, dict) or key not in holder:
        raise _Malformed(f"it has no `{key}`")
    value = holder[key]
    # In Python a truth value is an integer as well; it is none here.
    if not isinstance(value, type) or (isinstance(value, bool) and type is not bool):
        raise _Malformed(f"`{key}` is {_encoded(value)[:40]}")
    return value


def _settings(found: dict[str, object]) -> BenchSettings:
    return BenchSettings(
        machine=_known(found, "machine", str),
        backend=_known(found, "backend", str),
        threads=_positive(found, "threads"),
        batch=_positive(found, "batch"),
        folded=_known(found, "folded", bool),
        # Those that were written earlier do not have it, and were the fastest.
        algorithms=_known({"algorithms": "fastest", **found}, "algorithms", str),
    )


def _figure(network: object) -> tuple[str, Figure]:
    latency = _known(_known(network, "run", dict), "latency_seconds", dict)
    median = latency.get("median")
    number = isinstance(median, int | float) and not isinstance(median, bool)
    if not number or not SHORTEST <= median <= LONGEST:
        raise _Malformed(f"`median` is {_encoded(median)[:40]}")
    flops: int = _known(network, "flops", int)
    return _known(network, "name", str), Figure(float(median), flops)


def _positive(found: dict[str, object], key: str) -> int:
    value: int = _known(found, key, int)
    if value < 1:
        raise _Malformed(f"`{key}` is {value}")
    return value
