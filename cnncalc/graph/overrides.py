"""What a caller changes about a file without editing it: `classes=10`, `conv1.stride=2`, …"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.arguments import Input
from cnncalc.diagnostics import Diagnostic, did_you_mean
from cnncalc.errors import UsageError
from cnncalc.geometry import Rounding
from cnncalc.language.expressions import Value
from cnncalc.language.foreign_names import nearest_kind
from cnncalc.language.model import Branch, Option
from cnncalc.layers import registry
from cnncalc.layers.base import RoundingPerAxis
from cnncalc.layers.options import integer, shown
from cnncalc.volume import Volume
from cnncalc.yaml.nodes import Scalar
from cnncalc.yaml.reader import compose
from cnncalc.yaml.source import Source

MAX_LAYERS = 100_000

TRAINABLE = "trainable"
"""What overrides say of layers, groups and blocks beside their options."""


class Overrides(NamedTuple):
    """What `--set` says: `variables`; `options` by layer name, then option; `kind_options` by kind,
    then option, for all layers of the kind.

    `inputs` replaces input volumes by name, `rounding` the file's own. `patches` tries other
    values for options of one item of the file, by the item's identity, or, by kind, for those that
    an item leaves to the defaults; `branches` tries other branches of a merge, by its item's
    identity; `stop_at_first_error` stops at the first error. These serve the search for fixes.
    """

    variables: Mapping[str, Option] = {}
    options: Mapping[str, Mapping[str, Option]] = {}
    kind_options: Mapping[str, Mapping[str, Option]] = {}
    inputs: Mapping[str, Volume] = {}
    rounding: RoundingPerAxis | None = None
    max_layers: int = MAX_LAYERS
    patches: Mapping[int | str, Mapping[str, Value]] = {}
    branches: Mapping[int, tuple[Branch, ...]] = {}
    stop_at_first_error: bool = False

    @property
    def changes_network(self) -> bool:
        """Whether the network is another one than the file's."""
        return any((self.variables, self.options, self.kind_options, self.inputs, self.rounding))


def everywhere(rounding: Rounding) -> RoundingPerAxis:
    """One rounding for all axes."""
    return (rounding,) * 3


_NOT_THERE = ("unknown-variable", "unknown-layer", "unknown-key")


def overrides_from(
    *,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    max_layers: int = MAX_LAYERS,
    option: str = "--set ",
) -> Overrides:
    """Overrides from what a caller gave. Raises `UsageError`.

    `set` maps variables (`classes`), options of layers (`stage2.0.conv1.stride`) and options of all
    layers of a kind (`conv.*.padding`) to values, or to texts that are read as YAML. Messages about
    `set` begin with `option`.
    """
    positive("max_layers", max_layers)
    if rounding is not None and rounding not in tuple(Rounding):
        near = "".join(f"; {help}" for help in did_you_mean(str(rounding), Rounding))
        raise UsageError(f"rounding is exact, floor or ceil, not `{rounding}`{near}")
    return _overrides(set or {}, option)._replace(
        inputs=_inputs(input),
        rounding=everywhere(Rounding(rounding)) if rounding is not None else None,
        max_layers=max_layers,
    )


def is_misuse(diagnostic: Diagnostic) -> bool:
    """Whether a diagnostic says that overrides name something the file does not have."""
    return diagnostic.span.source.is_override and diagnostic.code in _NOT_THERE


def positive(what: str, number: object) -> None:
    """Raises `UsageError` for anything but a whole number of 1 or more."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise UsageError(f"`{what}` is a whole number of 1 or more, not {number!r}")


def _texts(what: str, given: object) -> None:
    """Raises `UsageError` for anything but a mapping whose keys are texts."""
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise UsageError(f"`{what}` maps names to values, and {given!r} does not")


def _inputs(given: Input) -> dict[str, Volume]:
    named = given if isinstance(given, Mapping) else {"input": given} if given is not None else {}
    _texts("input", named)
    volumes = {}
    for name, volume in named.items():
        try:
            if isinstance(volume, str):
                volumes[name] = Volume.parse(volume)
            else:
                axes = volume if isinstance(volume, (list, tuple)) else (volume,)
                volumes[name] = Volume(integer(axis) for axis in axes)
        except ValueError as error:
            raise UsageError(f"input: {error}") from None
    return volumes


def _overrides(given: Mapping[str, object], called: str) -> Overrides:
    """Each target by its form: a variable, layer.option, or kind.*.option."""
    variables: dict[str, Option] = {}
    options: dict[str, dict[str, Option]] = {}
    kind_options: dict[str, dict[str, Option]] = {}
    _texts("set", given)
    for target, value in given.items():
        layer, dot, option = target.rpartition(".")
        if not option or (dot and not layer):
            raise UsageError(f"{called}{target}: this is neither a variable nor layer.option")
        text = shown(value)
        # Read as if the target were blank, so that places in the value are places in the whole.
        source = Source("--set", " " * (len(target) + 1) + text, is_override=True)
        node, findings = compose(source)
        if node is None or findings:
            why = findings[0].message if text.strip() else "there is no value"
            raise UsageError(f"{called}{target}={text}: {why}")
        source.text = f"{target}={text}"
        key = Scalar(source, len(target) - len(option), len(target), option, option)
        if layer.endswith(".*"):
            kind_options.setdefault(_kind(layer[:-2], f"{called}{target}"), {})[option] = Option(
                key, node
            )
        elif dot:
            options.setdefault(layer, {})[option] = Option(key, node)
        else:
            variables[target] = Option(key, node)
    return Overrides(variables=variables, options=options, kind_options=kind_options)


def _kind(name: str, given: str) -> str:
    """The kind that `conv.*.padding` speaks of, by any of its names."""
    named = registry.find(name)
    if named is None or named.kind not in registry.KINDS:
        near = nearest_kind(name, registry.KINDS)
        raise UsageError(f"{given}: there is no kind `{name}`" + "".join(f"; {n}" for n in near))
    return named.kind
