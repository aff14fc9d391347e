"""`--set` and `--input` as written on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncalc.arguments import GivenVolume
from cnncalc.cli.console import misuse
from cnncalc.graph.overrides import is_misuse as is_misuse


def pairs_from(given: Sequence[str]) -> dict[str, object]:
    """KEY=VALUE, … as a mapping."""
    pairs: dict[str, object] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            misuse(f"--set {text}: say KEY=VALUE, such as classes=10 or conv1.stride=2")
        pairs[key.strip()] = value
    return pairs


def inputs_from(given: Sequence[str]) -> Mapping[str, GivenVolume] | None:
    """VOLUME, or NAME=VOLUME, … as a mapping by input."""
    volumes: dict[str, GivenVolume] = {}
    for text in given:
        name, equals, volume = text.rpartition("=")
        volumes[name if equals else "input"] = volume
    return volumes or None
