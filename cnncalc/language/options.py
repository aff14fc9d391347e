"""Options as written to options by their own names: one table of spellings, for any kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from cnncalc.diagnostics import MOST_NEAR_NAMES, Diagnostic, did_you_mean, listed
from cnncalc.language.model import Option
from cnncalc.language.near_options import near_option
from cnncalc.language.sections import is_null
from cnncalc.layers import classes
from cnncalc.layers.arguments import Argument
from cnncalc.layers.base import Layer
from cnncalc.yaml.nodes import Mapping, Node, Scalar


def by_own_name(
    owner: str,
    names: dict[str, str],
    written: Iterable[tuple[Scalar, Node]],
    argument_of: Callable[[str], Argument | None] = lambda _: None,
) -> tuple[dict[str, Option], list[Diagnostic]]:
    """Options keyed by their own names, and findings for unknown and repeated ones. Arguments of
    the frameworks' classes that say none are keyed as they are written."""
    options: dict[str, Option] = {}
    findings: list[Diagnostic] = []
    for key, value in written:
        argument = argument_of(key.text)
        own = names.get(key.text) if argument is None else argument.option or key.text
        if own is None:
            near = near_option(key.text, owner, names)
            if not near and len(findings) < MOST_NEAR_NAMES:
                near = did_you_mean(key.text, names)
            findings.append(
                Diagnostic(
                    "unknown-key",
                    f"{owner} has no option `{key.text}`",
                    key.span,
                    help=near or _all_options(owner, names),
                )
            )
        elif own in options:
            findings.append(
                Diagnostic(
                    "duplicate-key",
                    f"`{key.text}` says `{own}` a second time",
                    key.span,
                    notes=(f"it stands first at {options[own].key.span}",),
                )
            )
        else:
            options[own] = Option(key, value, argument)
    return options, findings


def _all_options(owner: str, names: dict[str, str]) -> tuple[str, ...]:
    own = list(dict.fromkeys(names.values()))
    return (f"{owner} has {listed(own)}" if own else f"{owner} has no options",)


def of_value(
    layer: type[Layer], kind_key: Scalar, value: Node | None
) -> tuple[dict[str, Option], list[Diagnostic]]:
    """The options in a kind's value: a mapping, a bare value for the main option, or nothing."""
    find = partial(classes.argument, layer, kind_key.text)
    if isinstance(value, Mapping):
        return by_own_name(layer.kind, layer.spellings, value.entries, find)
    if value is None or is_null(value):
        return {}, []
    plain = value.value if isinstance(value, Scalar) else None
    first = classes.first_argument(layer, kind_key.text, plain)
    if first is not None and (argument := find(first)) is not None:
        return {argument.option or first: Option(kind_key, value, argument)}, []
    if layer.default_option is None:
        finding = Diagnostic(
            "wrong-type",
            f"{layer.kind} has no main option, so it takes no bare value",
            Option(kind_key, value).span,
            help=(f"write `- {kind_key.text}`", *_all_options(layer.kind, layer.spellings)),
        )
        return {}, [finding]
    return {layer.default_option: Option(kind_key, value)}, []
