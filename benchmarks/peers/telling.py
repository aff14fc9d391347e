"""The markdown that says what was measured, how, and whether targets are met."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from measuring import Ratio, table, verdict

from peers.contenders import Contender
from peers.outcomes import Measured, Outcome
from peers.quiet import QUIET

_NONE = "–"
_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_tile", "asimd")

HOW = """\
Times are milliseconds for one call that works off the whole batch: median (p10–p90) of all runs. A
ratio is the median (p10–p90) of the rounds' ratios. All compute the same network with the same
weights and inputs, batch norms folded where a layer before them takes them in. Every contender is a
process of its own that keeps its network ready; they run in turn, one at a time, in short bursts,
with so many threads each. A burst that others on the machine disturb is done again while there is
patience; how many cores they kept busy in the end is told for the middle burst of a setting. One
that shares a batch out among streams gives each stream a thread.
Differences are max|d|/max|y| over all outputs."""


PROCESSOR = """\
Milliseconds of processor time for one call, over the threads: what the clock would tell if all
threads were busy and nobody else were. On a busy machine it says more than the clock, with one
thread; threads that spin while they wait count as busy."""


def document(outcomes: Sequence[Outcome], contenders: Sequence[Contender], rounds: int) -> str:
    """The whole report, of as many settings as are done."""
    parts = ["# Running against other runtimes", HOW, _conditions(outcomes, rounds)]
    own = any(outcome.own for outcome in outcomes)
    if own:
        parts += [verdict(_targets(outcomes)), "## Ratios", _ratios(outcomes)]
    parts += ["## Times", _times(outcomes, contenders)]
    parts += ["The best peer in fp32 is in bold.", "## Processor time"]
    parts += [PROCESSOR, _processor_times(outcomes, contenders), "## Differences between outputs"]
    parts += [_differences(outcomes, contenders), "## Conduct", _conduct(outcomes, contenders)]
    faults = [
        f"- {_name(outcome)}: {name} did not run: {fault}"
        for outcome in outcomes
        for name, fault in outcome.faults.items()
    ]
    if faults:
        parts += ["## Did not run", "\n".join(faults)]
    return "\n\n".join(parts) + "\n"


def progress(outcome: Outcome) -> str:
    """One line for the terminal."""
    best = outcome.best
    told = "nobody ran" if best is None else f"{best.contender.name} {_milliseconds(best.seconds)}"
    if outcome.own and outcome.ratio:
        told += f", cnncalc {_milliseconds(outcome.own.seconds)}, ratio {outcome.ratio}"
    return f"{_name(outcome)}: {told}"


def _name(outcome: Outcome) -> str:
    network, batch, threads = outcome.setting
    return f"{network}, batch {batch}, {threads} thread{'s' if threads > 1 else ''}"


def _targets(outcomes: Sequence[Outcome]) -> dict[str, bool]:
    """Every setting. One in which there is nothing to compare meets no target."""
    return {
        f"{_name(outcome)}: {outcome.target}": outcome.ratio is not None
        and outcome.target.met(outcome.ratio.median)
        for outcome in outcomes
    }


def _ratios(outcomes: Sequence[Outcome]) -> str:
    headers = ["network", "batch", "threads", "cnncalc", "best fp32 peer", "its time"]
    headers += ["cnncalc ÷ best", "target", "met", "in processor time", "ready after"]
    rows = []
    for outcome in outcomes:
        own, best, ratio = outcome.own, outcome.best, outcome.ratio
        if own is None or best is None or ratio is None:
            rows.append([*outcome.setting, *[_NONE] * 4, outcome.target, "no", _NONE, _NONE])
            continue
        times = [_milliseconds(own.seconds), best.contender.told, _milliseconds(best.seconds)]
        met = "yes" if outcome.target.met(ratio.median) else "no"
        rest = [f"{outcome.processor_ratio:.2f}", f"{own.ready:.1f} s"]
        rows.append([*outcome.setting, *times, ratio, outcome.target, met, *rest])
    return table(headers, rows)


def _times(outcomes: Sequence[Outcome], contenders: Sequence[Contender]) -> str:
    rows = [
        [*outcome.setting, *(_time(outcome, c) for c in contenders), _others(outcome)]
        for outcome in outcomes
    ]
    headers = ["network", "batch", "threads", *(c.told for c in contenders), "others' cores"]
    return table(headers, rows)


def _time(outcome: Outcome, contender: Contender) -> str:
    measured = outcome.measured.get(contender.name)
    if measured is None:
        return _NONE
    told = _milliseconds(measured.seconds)
    return f"**{told}**" if measured is outcome.best else told


def _processor_times(outcomes: Sequence[Outcome], contenders: Sequence[Contender]) -> str:
    rows = []
    for outcome in outcomes:
        threads, found = outcome.setting.threads, outcome.measured
        shares = {name: 1000 * found[name].processor / threads for name in found}
        told = (_three(shares[c.name]) if c.name in shares else _NONE for c in contenders)
        rows.append([*outcome.setting, *told])
    return table(["network", "batch", "threads", *(c.told for c in contenders)], rows)


def _others(outcome: Outcome) -> str:
    return _NONE if outcome.others is None else f"{outcome.others:.2f}"


def _differences(outcomes: Sequence[Outcome], contenders: Sequence[Contender]) -> str:
    """From everyone that others were held to."""
    held = [(c, other) for other in contenders for c in contenders if _held(outcomes, c, other)]
    rows = [
        [*outcome.setting, *(_difference(outcome, c.name, other.name) for c, other in held)]
        for outcome in outcomes
    ]
    headers = [f"{c.name} from {other.name}" for c, other in held]
    return table(["network", "batch", "threads", *headers], rows)


def _held(outcomes: Sequence[Outcome], contender: Contender, other: Contender) -> bool:
    found = (outcome.measured.get(contender.name) for outcome in outcomes)
    return any(measured and other.name in measured.deviations for measured in found)


def _difference(outcome: Outcome, name: str, other: str) -> str:
    measured = outcome.measured.get(name)
    if measured is None or other not in measured.deviations:
        return _NONE
    return f"{measured.deviations[other]:.1e}"


def _conduct(outcomes: Sequence[Outcome], contenders: Sequence[Contender]) -> str:
    """Whether threads were what was asked for, and who was busy while others ran."""
    threads = sorted({outcome.setting.threads for outcome in outcomes})
    headers = [f"cores busy, {count} thread{'s' if count > 1 else ''}" for count in threads]
    rows = []
    for contender in contenders:
        found = [o for o in outcomes if contender.name in o.measured]
        if not found:
            continue
        cores = [_cores([o for o in found if o.setting.threads == n], contender) for n in threads]
        idle = max(o.measured[contender.name].idle for o in found)
        rows.append([contender.told, *cores, f"{1000 * idle:.0f} ms"])
    return table(["", *headers, "busy between bursts, at most"], rows)


def _cores(outcomes: Sequence[Outcome], contender: Contender) -> str:
    found = [outcome.measured[contender.name].cores for outcome in outcomes]
    return f"{min(found):.2f}–{max(found):.2f}" if found else _NONE


def _conditions(outcomes: Sequence[Outcome], rounds: int) -> str:
    everyone: list[Measured] = [m for o in outcomes for m in o.measured.values()]
    facts = {name: fact for measured in everyone for name, fact in measured.facts.items()}
    versions = ", ".join(f"{name} {fact}" for name, fact in facts.items())
    model, features = _processor()
    machine = f"{model}, {os.cpu_count()} cores" + (f" ({' '.join(features)})" if features else "")
    told = f"{machine}; {platform.system()}; {versions}; {rounds} rounds."
    busy = [others for outcome in outcomes if (others := outcome.others or 0.0) > QUIET]
    if not busy:
        return told
    return (
        f"{told}\n\nOthers used the machine in {len(busy)} of {len(outcomes)} settings, and kept "
        f"up to {max(busy):.1f} cores busy: times are then no times of the machine, and only "
        "ratios, of what ran in turns, say something; those of processor time say it best."
    )


def _processor() -> tuple[str, list[str]]:
    """Its name and which vectors it has, where the system tells."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    model = told.get("model name") or platform.processor() or platform.machine()
    features = told.get("flags", told.get("Features", "")).split()
    return model, [feature for feature in _FEATURES if feature in features]


def _milliseconds(seconds: Ratio) -> str:
    low, median, high = (_three(1000 * each) for each in seconds)
    return f"{median} ({low}–{high})"


def _three(number: float) -> str:
    """Three digits, and all of those before the point."""
    return f"{number:.0f}" if number >= 100 else f"{number:#.3g}"
