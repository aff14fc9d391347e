"""What changes: a network before and after, for one set of changes or one for each value of a list.

Keys are what `--set` takes, and `input`, `input.NAME` and `rounding`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnncalc.arguments import GivenVolume
from cnncalc.compare.comparison import Comparison, compare
from cnncalc.diagnostics import Diagnostic
from cnncalc.errors import UsageError
from cnncalc.graph.overrides import Overrides, is_misuse, overrides_from
from cnncalc.layers import registry
from cnncalc.layers.options import shown
from cnncalc.network import Network
from cnncalc.report.report import Report
from cnncalc.volume import NoVolume, Volume
from cnncalc.yaml import nodes, reader
from cnncalc.yaml.source import Source

INPUT = "input"
ROUNDING = "rounding"

MOST_VALUES = 50
"""Values that a list may have: each is a column."""

_CLOSING = {"(": ")", "[": "]", "{": "}"}


class WhatIfVariant(NamedTuple):
    """The network with changes made, compared with the one before. `label` names it among
    others."""

    label: str
    changes: dict[str, str]
    network: Network
    comparison: Comparison
    news: tuple[Diagnostic, ...]
    """Findings that the network before did not have."""

    @property
    def after(self) -> Report:
        return self.comparison.after


class WhatIf(NamedTuple):
    """A network before, and after each of the changes asked for."""

    before: Report
    variants: tuple[WhatIfVariant, ...]

    @property
    def ok(self) -> bool:
        """Whether no changed network has errors."""
        return all(variant.after.ok for variant in self.variants)


def ask(network: Network, changes: Iterable[tuple[str, object]]) -> WhatIf:
    """The answer to `KEY=VALUE …`; at most one value is a list, `1,2,4`.

    Raises `UsageError` for keys that the network does not have, values that are none, and changes
    that contradict each other.
    """
    given = list(_given(changes))
    before = network.report
    _refuse_contradictions(given, before)
    variants = []
    for label, chosen in _columns(given):
        changed = network.with_overrides(_overrides(chosen, before, network.overrides.max_layers))
        _refuse_unknown(changed.report)
        after = _renamed(changed.report)
        known = {(d.code, d.message, d.place) for d in before.diagnostics}
        news = [d for d in after.diagnostics if (d.code, d.message, d.place) not in known]
        variants.append(WhatIfVariant(label, chosen, changed, compare(before, after), tuple(news)))
    return WhatIf(before, tuple(variants))


# --- what was asked for -------------------------------------------------------------------------


def _given(changes: Iterable[tuple[str, object]]) -> Iterator[tuple[str, list[str]]]:
    """Keys with their values as texts."""
    for key, value in changes:
        texts = split(value) if isinstance(value, str) else [shown(_frozen(value))]
        if not key.strip() or not all(texts):
            raise UsageError(
                f"{key}={value}: say KEY=VALUE, such as classes=10 or conv1.stride=1,2"
            )
        yield key.strip(), texts


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else value


def split(text: str) -> list[str]:
    """The values of a list: commas inside brackets and quotes do not part them."""
    parts, quote = [""], ""
    closing: list[str] = []
    for letter in text:
        if letter == "," and not closing and not quote:
            parts.append("")
            continue
        parts[-1] += letter
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _CLOSING:
            closing.append(_CLOSING[letter])
        elif closing and letter == closing[-1]:
            closing.pop()
    return [part.strip() for part in parts]


def _columns(given: list[tuple[str, list[str]]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each set of changes with the label that distinguishes it."""
    if not given:
        raise UsageError("nothing is changed: say KEY=VALUE, such as classes=10 or conv1.stride=2")
    lists = [key for key, texts in given if len(texts) > 1]
    if len(lists) > 1:
        raise UsageError(
            f"{lists[0]} and {lists[1]} both have several values; one list is compared at a time"
        )
    chosen = {key: texts[0] for key, texts in given}
    if not lists:
        yield ", ".join(f"{key}={text}" for key, text in chosen.items()), chosen
        return
    values = next(texts for key, texts in given if key == lists[0])
    if len(values) > MOST_VALUES:
        raise UsageError(f"{lists[0]} has {len(values)} values; {MOST_VALUES} is the most")
    for text in dict.fromkeys(values):
        yield f"{lists[0]}={text}", {**chosen, lists[0]: text}


def _refuse_contradictions(given: list[tuple[str, list[str]]], before: Report) -> None:
    """Raises `UsageError` where two changes set one thing."""
    kinds = {row.name: row.kind for row in before.rows}
    seen: dict[str, str] = {}
    for key, texts in given:
        own = _own_key(key, kinds, before)
        written = f"{key}={','.join(texts)}"
        if own in seen:
            same = "" if own in (key, seen[own].partition("=")[0]) else f": both set {own}"
            raise UsageError(f"`{seen[own]}` and `{written}` contradict each other{same}")
        seen[own] = written


def _own_key(key: str, kinds: dict[str, str], before: Report) -> str:
    """A key with kinds and options by their own names."""
    layer, _, option = key.rpartition(".")
    if layer == INPUT and option in before.inputs and len(before.inputs) == 1:
        return INPUT
    kind = kinds.get(layer)
    if layer.endswith(".*"):
        named = registry.find(layer[:-2])
        if named is not None and named.kind in registry.KINDS:
            kind, layer = named.kind, f"{named.kind}.*"
    if kind is None:
        return key
    return f"{layer}.{registry.KINDS[kind].spellings.get(option, option)}"


# --- overrides ----------------------------------------------------------------------------------


def _overrides(chosen: dict[str, str], before: Report, max_layers: int) -> Overrides:
    options = dict(chosen)
    volumes: dict[str, GivenVolume] = {}
    for key in chosen:
        layer, _, name = key.rpartition(".")
        if key == INPUT or (layer == INPUT and name in before.inputs):
            volumes[name] = _volume(key, name, options.pop(key), before)
    rounding = options.pop(ROUNDING, None)
    return overrides_from(
        input=volumes or None, set=options, rounding=rounding, max_layers=max_layers, option=""
    )


def _volume(key: str, name: str, text: str, before: Report) -> GivenVolume:
    """A volume as written; a single number is the length of all sides, the channels kept."""
    if text.startswith("["):
        node, findings = reader.compose(Source(key, text))
        items = node.items if isinstance(node, nodes.Sequence) and not findings else []
        axes = [item.value for item in items if isinstance(item, nodes.Scalar)]
        return tuple(axis if isinstance(axis, int) else 0 for axis in axes)
    known = before.inputs.get(name)
    if known is None and len(before.inputs) == 1:
        known = next(iter(before.inputs.values()))
    if not text.isdecimal() or known is None or known.rank == 0:
        return text
    try:
        return str(Volume((*(int(text[:20]) for _ in known.spatial), known.channels)))
    except NoVolume as error:
        raise UsageError(f"{key}={text}: {error}") from None


# --- what came out ------------------------------------------------------------------------------


def _refuse_unknown(after: Report) -> None:
    """Raises `UsageError` where a change names something the network does not have."""
    for finding in after.diagnostics:
        if is_misuse(finding):
            text = finding.span.source.text
            why = "".join(f"; {line}" for line in finding.help)
            raise UsageError(f"{text}: {finding.message}{why}" if text else finding.message + why)


def _renamed(report: Report) -> Report:
    """Diagnostics about overrides, placed in a `change`: `whatif` has no `--set`."""
    return report._replace(diagnostics=tuple(map(_placed, report.diagnostics)))


def _placed(finding: Diagnostic) -> Diagnostic:
    source = finding.span.source
    if not source.is_override:
        return finding
    return finding._replace(span=finding.span._replace(source=Source("change", source.text)))
