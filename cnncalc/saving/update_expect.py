"""Files made to expect what their networks are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnncalc import bundled
from cnncalc.checks.expectations import spoken
from cnncalc.errors import UsageError
from cnncalc.graph.overrides import MAX_LAYERS, Overrides
from cnncalc.language.parser import SECTIONS
from cnncalc.network import Network
from cnncalc.report.report import Report
from cnncalc.saving.expectations import (
    ExpectationChange,
    Rewritten,
    has_other_errors,
    verified,
    with_true_expectations,
)
from cnncalc.saving.files import write_edited
from cnncalc.yaml.edit import with_section
from cnncalc.yaml.reading import STANDARD_INPUT
from cnncalc.yaml.spelling import spelled


def update_expectations(path: str, max_layers: int = MAX_LAYERS) -> Rewritten:
    """Make a file expect what its network is, and write it where that changes anything.

    What holds stays as it is written. A number or a volume that does not is replaced; of a bound,
    the end that fails is moved to the number. An expectation of an extended file that fails is
    corrected in this one. A file with other errors is left as it is: see `Rewritten.report`. Raises
    `UsageError`.
    """
    refuse_what_is_no_file(path)
    network = Network.read(path).with_overrides(Overrides(max_layers=max_layers))
    text = network.source.text
    if network.document is None or has_other_errors(network.report):
        return Rewritten(text, (), network.report)
    if network.document.expect:
        done = with_true_expectations(network)
    else:
        facts = {name: spelled(value) for name, value in _facts(network.report).items()}
        changes = tuple(ExpectationChange(name, None, value) for name, value in facts.items())
        done = verified(network, with_section(text, "expect", facts, SECTIONS), changes)
    if done.text != text:
        write_edited(path, done.text, network.source)
    return done


def refuse_what_is_no_file(path: str) -> None:
    """Raises `UsageError` for standard input and for bundled architectures."""
    if path == STANDARD_INPUT:
        raise UsageError("standard input cannot be updated: it is not a file")
    if not Path(path).exists() and bundled.find(path):
        raise UsageError(
            f"{path} is a bundled architecture; copy it first: cnncalc zoo {path} > {path}.yaml"
        )


def _facts(report: Report) -> dict[str, Any]:
    """What a fresh `expect:` says."""
    volumes = {name: spoken(volume) for name, volume in report.outputs.items()}
    output = next(iter(volumes.values())) if len(volumes) == 1 else volumes
    return {"output": output, "params": report.totals.params, "macs": report.totals.macs}
