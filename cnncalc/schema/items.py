"""What may stand in a list of layers. There are four sorts of lists, depending on the file.

Where it has blocks of its own (or extends a file that may have), a kind may be one of them; where
it has defaults, options that a kind requires may be missing.
"""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.language.items import BRANCHES, CONDITIONAL, WIRING
from cnncalc.layers import forms, registry
from cnncalc.layers.base import Layer
from cnncalc.schema.kinds import (
    Schema,
    of_kinds,
    options_of,
    partial,
    reference,
    stand_alone,
    with_expressions,
)
from cnncalc.schema.names import (
    EXPRESSION,
    identifier,
    or_expression,
    spelled,
    whole,
)

ONE_KIND = "one-kind"
VALUE = "value"
_MERGE = "-of-branches"
INSTANCE = "instance"

_KINDS: dict[str, type[Layer] | None] = registry.KINDS | dict.fromkeys(registry.NO_LAYERS)


class Sort(NamedTuple):
    """A sort of lists of layers."""

    blocks: bool
    defaults: bool

    @property
    def suffix(self) -> str:
        return "-with-blocks" * self.blocks + "-with-defaults" * self.defaults

    @property
    def item(self) -> str:
        return f"item{self.suffix}"

    def list(self) -> Schema:
        return {"type": "array", "items": reference(self.item)}


SORTS = tuple(Sort(blocks, defaults) for blocks in (False, True) for defaults in (False, True))


def definitions() -> dict[str, Schema]:
    found: dict[str, Schema] = {ONE_KIND: _one_kind(), INSTANCE: _instance(), VALUE: _value()}
    found[registry.SPLIT] = _split()
    for sort in SORTS:
        found[sort.item] = _item(sort)
        found[f"branches{sort.suffix}"] = _branches(sort)
        for kind, layer in registry.KINDS.items():
            if layer.merges and layer.options:
                found[f"{kind}{_MERGE}{sort.suffix}"] = _merge(kind, sort)
        found[f"group{sort.suffix}"] = _group(sort)
    return found


def wiring() -> dict[str, Schema]:
    """The keys beside the kind, in the order of the language."""
    text = {"type": "string", "minLength": 1}
    known: dict[str, Schema] = {
        "name": {
            "description": "the layer's name; without it the kind and a running number",
            "type": ["string", "integer"],
            "pattern": or_expression(r"^[^\s.]{1,100}$"),
            "patternErrorMessage": "a name is one word, without dots and blanks",
        },
        "from": {
            "description": "the earlier layer or input whose output this one takes; without it, "
            "the item before",
            **text,
        },
        "repeat": {
            "description": "how many copies, one after the other; $index counts them from 0",
            "type": ["integer", "string"],
            "minimum": 0,
            "minLength": 1,
        },
        "counter": {
            "description": "what counts the copies of `repeat` from 0, in place of $index",
            "type": "string",
            "pattern": identifier(),
        },
        "first": {
            "description": "options, or arguments of a block, that the first copy of `repeat` has",
            "type": "object",
        },
        "last": {
            "description": "options, or arguments of a block, that the last copy of `repeat` has",
            "type": "object",
        },
        "when": {
            "description": "a condition such as `stride != 1`; where it is false the item is left "
            "out and what comes in goes on unchanged",
            "type": ["boolean", "string", "number"],
            "minLength": 1,
        },
        "share": {"description": "takes its weights from the named earlier layer", **text},
        "trainable": {
            "description": "false moves the parameters of the item to those that are held fixed",
            "type": ["boolean", "string"],
            "pattern": EXPRESSION,
            "default": False,
        },
    }
    return {key: known[key] for key in WIRING}


def _item(sort: Sort) -> Schema:
    alone = [kind for kind in _KINDS if stand_alone(kind, defaults=sort.defaults)]
    names = spelled(alone)
    if sort.blocks:
        others = [kind for kind in _KINDS if kind not in alone]
        taken = f"(?!{spelled(others)}$)" if others else ""
        names = f"(?:{names}|{taken}{identifier()[1:-1]})"
    known = of_kinds({kind: _kind(kind, sort) for kind in _KINDS})
    return {
        "description": "a layer: a kind such as `relu`, or a mapping such as `{dense: 10}`, with "
        "its wiring beside it",
        "type": ["object", "string"],
        "pattern": or_expression(whole(names)),
        "patternErrorMessage": "there is no kind of this name, or it needs options",
        "examples": alone,
        "properties": wiring() | known["properties"],
        "patternProperties": {
            **known["patternProperties"],
            r"\$": {"description": "a kind that an expression names"},
        },
        "additionalProperties": reference(INSTANCE) if sort.blocks else False,
        "dependentRequired": {key: ["repeat"] for key in ("counter", "first", "last")},
        "allOf": [
            {"not": {"type": "object", "propertyNames": {"enum": list(WIRING)}}},
            reference(ONE_KIND),
        ],
    }


def _kind(kind: str, sort: Sort) -> Schema:
    layer = _KINDS[kind]
    if kind == registry.SPLIT:
        return reference(kind)
    if layer is None:
        return reference(f"group{sort.suffix}")
    if layer.merges:
        name = f"{kind}{_MERGE}" if layer.options else "branches"
        return reference(f"{name}{sort.suffix}")
    return reference(partial(kind) if sort.defaults else kind)


def _branches(sort: Sort) -> Schema:
    branch: Schema = {"type": ["array", "string"], "minLength": 1, "items": reference(sort.item)}
    known: dict[str, Schema] = {
        "when": wiring()["when"] | {"description": "the condition on which the branch is there"},
        "branch": {"description": "the branch", **branch},
        "else": {"description": "what is there in its place; without it, nothing", **branch},
    }
    return {
        "description": "a list of branches: each a list of layers, [] for the current volume, or "
        "the name of an earlier layer; {when: …, branch: …} is one with a condition",
        "type": "array",
        "minItems": 1,
        "items": {
            **branch,
            "type": ["array", "string", "object"],
            "properties": {key: known[key] for key in CONDITIONAL},
            "required": ["when", "branch"],
            "additionalProperties": False,
        },
    }


def _merge(kind: str, sort: Sort) -> Schema:
    """The branches of a kind that has options: a list, or a name among the options."""
    branches = _branches(sort)
    options = options_of(kind)
    return {
        **branches,
        "description": f"{branches['description']}; beside options `{BRANCHES}` names it",
        "type": ["array", "object"],
        "properties": {BRANCHES: reference(f"branches{sort.suffix}"), **options.pop("properties")},
        "required": [BRANCHES],
        **options,
    }


def _group(sort: Sort) -> Schema:
    return {
        "description": "layers, one after the other, as one item: to name, to repeat, or to put "
        "under one `when`",
        "type": ["array", "null"],
        "items": reference(sort.item),
    }


def _split() -> Schema:
    return {
        "description": "parts of the channels by their names: a list of equal parts, or a mapping "
        "with the channels of each",
        "type": ["array", "object"],
        "minItems": 1,
        "minProperties": 1,
        "items": wiring()["name"],
        "additionalProperties": with_expressions(forms.integer(1)),
    }


def _one_kind() -> Schema:
    """An item has one kind, which only wiring stands beside."""
    return {
        "dependentSchemas": {
            kind: {
                "propertyNames": {
                    "enum": [*WIRING, kind],
                    "errorMessage": f"beside {kind} stands wiring alone: one kind to an item, and "
                    "options inside it",
                }
            }
            for kind in _KINDS
        }
    }


def _instance() -> Schema:
    return {
        "description": "an instance of a block of this file: its arguments by name, or a bare "
        "value for the first one",
        "type": ["object", "null", "string", "number", "boolean", "array"],
        "items": reference(VALUE),
        "additionalProperties": reference(VALUE),
    }


def _value() -> Schema:
    return {
        "description": "a number, a text, true or false, or a list of them",
        "type": ["string", "number", "boolean", "array", "null"],
        "items": reference(VALUE),
    }
