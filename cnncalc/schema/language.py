"""The whole schema: the sections of a file, with the definitions they refer to.

Editors check a file with it as it is written and propose what may come next. It describes form
alone, what can be seen without building the network. Kept to keywords that editors know well, and
to one schema for each place rather than choices between several, so that messages name the fault.
"""

from __future__ import annotations

import json

from cnncalc.checks.bounds import UNITS
from cnncalc.checks.expectations import OF_LAYER
from cnncalc.geometry import Rounding
from cnncalc.language.blocks import BLOCK_SECTIONS, FROM
from cnncalc.language.extending import EXTENDS
from cnncalc.language.items import WIRING
from cnncalc.language.parser import EXPECTED_OF_NETWORK, SECTIONS
from cnncalc.layers import forms, registry
from cnncalc.schema import items, kinds
from cnncalc.schema.items import VALUE, Sort
from cnncalc.schema.kinds import Schema, of_kinds, partial, reference, with_expressions
from cnncalc.schema.names import identifier, spelled

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_VOLUME = "volume"
_BOUND = "bound"
_QUANTITY = "quantity"
_BOUND_IN_WORDS = "a number exactly, or a bound such as <= 62.4M or 1k..2k"


def text() -> str:
    """The schema as it is printed and stored."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def schema() -> Schema:
    sections = _sections()
    return {
        "$schema": DRAFT,
        "title": "cnncalc architecture",
        "description": "a convolutional network, as cnncalc reads it",
        "type": "object",
        "properties": {key: sections[key] for key in SECTIONS},
        "additionalProperties": False,
        **_by_what_there_is(),
        "$defs": {
            _VOLUME: with_expressions(forms.volume()),
            _BOUND: _described(_BOUND_IN_WORDS, _bound()),
            _QUANTITY: _described(f"{_BOUND_IN_WORDS}; ~ for nothing", forms.optional(_bound())),
            **items.definitions(),
            **kinds.definitions(),
        },
    }


def _by_what_there_is() -> Schema:
    """Which sort of layers the file has: see `items`."""
    blocks = {
        "required": ["blocks"],
        "properties": {"blocks": {"type": "object", "minProperties": 1}},
    }
    defaults = {
        "required": ["defaults"],
        "properties": {"defaults": {"type": "object", "minProperties": 1}},
    }
    return {
        "if": {"required": ["extends"]},
        "then": _with_layers(Sort(blocks=True, defaults=True)),
        "else": {
            "required": ["input", "layers"],
            "if": blocks,
            "then": {
                "if": defaults,
                "then": _with_layers(Sort(blocks=True, defaults=True)),
                "else": _with_layers(Sort(blocks=True, defaults=False)),
            },
            "else": {
                "if": defaults,
                "then": _with_layers(Sort(blocks=False, defaults=True)),
                "else": _with_layers(Sort(blocks=False, defaults=False)),
            },
        },
    }


def _with_layers(sort: Sort) -> Schema:
    layers = {"properties": {"layers": {"items": reference(sort.item)}}}
    properties = {**layers["properties"], "blocks": {"additionalProperties": layers}}
    return {"properties": properties if sort.blocks else layers["properties"]}


def _sections() -> dict[str, Schema]:
    return {
        "name": _text("what the network is called; without it, the file's name"),
        "description": _text("one line: what it is"),
        "source": _text("one line: where it comes from"),
        "family": _text("the networks it belongs to; `cnncalc zoo` groups by it"),
        "input": {
            "description": "the input's volume, height x width x channels, such as 227x227x3; or "
            "several volumes by name",
            **_or_by_name(with_expressions(forms.volume()), reference(_VOLUME)),
            "examples": ["224x224x3"],
        },
        "rounding": {
            "description": "what a stride that does not fit means",
            **with_expressions(forms.words(*Rounding)),
            "default": str(Rounding.EXACT),
        },
        "vars": _names_and_values("the file's own knobs, used as $name"),
        "defaults": _defaults(),
        "blocks": _blocks(),
        "layers": {"description": "the network", "type": "array", "minItems": 1},
        "outputs": {
            "description": "the name of a layer, or a list of them; without it, the last layer",
            "type": ["string", "array"],
            "minLength": 1,
            "minItems": 1,
            "items": {"type": "string", "minLength": 1},
        },
        "expect": _expect(),
        "extends": _extends(),
    }


def _other_file(description: str) -> Schema:
    where = "a path relative to this one, or the name of a bundled architecture"
    return {"description": f"{description}: {where}", "type": "string", "minLength": 1}


def _extends() -> Schema:
    """The name of a file, or a mapping with that name and what is taken of its layers."""
    name: Schema = {"type": ["string", "integer"], "minLength": 1}
    known: dict[str, Schema] = {
        "file": _other_file("the other file"),
        "until": {"description": "the last of its layers that is taken", **name},
        "after": {"description": "the layer after which its layers are taken", **name},
        "replace": {
            "description": "layers in the places of some of its own, by their names",
            "type": ["object", "null"],
            "additionalProperties": reference(Sort(blocks=True, defaults=True).item),
        },
        "frozen": {
            "description": "true holds fixed the parameters of its layers",
            "type": "boolean",
            "default": True,
        },
    }
    return {
        **_other_file("another file that this one starts from"),
        "type": ["string", "object"],
        "properties": {key: known[key] for key in EXTENDS},
        "required": [EXTENDS[0]],
        "additionalProperties": False,
    }


def _text(description: str) -> Schema:
    return {"description": description, "type": ["string", "number", "boolean", "null"]}


def _or_by_name(form: Schema, named: Schema) -> Schema:
    """A form, or a mapping from names to what is `named`."""
    return {
        **form,
        "type": [*form["type"], "object"],
        "minProperties": 1,
        "additionalProperties": named,
    }


def _names_and_values(description: str) -> Schema:
    return {
        "description": description,
        "type": ["object", "null"],
        "propertyNames": _name(
            "a name has letters, digits and underscores, and is no reserved word"
        ),
        "additionalProperties": reference(VALUE),
    }


def _name(message: str, *taken: str) -> Schema:
    return {"pattern": identifier(*taken), "patternErrorMessage": message}


def _defaults() -> Schema:
    return {
        "description": "options that every layer of a kind starts from",
        "type": ["object", "null"],
        **of_kinds({kind: reference(partial(kind)) for kind in registry.KINDS}),
    }


def _blocks() -> Schema:
    known: dict[str, Schema] = {
        "args": _names_and_values(
            "arguments with their defaults; ~ marks one that has to be given"
        ),
        "layers": {"description": "the block's layers", "type": ["array", "null"]},
        "description": _text("one line: what it is"),
    }
    taken = spelled([*registry.KINDS, *registry.NO_LAYERS])
    return {
        "description": "kinds of the file's own",
        "type": ["object", "null"],
        "propertyNames": {
            "pattern": f"^{FROM}$|{identifier(*WIRING, taken)}",
            "patternErrorMessage": "a block is not called like a kind or a wiring key",
        },
        "properties": {FROM: _other_file("another file, whose blocks are taken as well")},
        "additionalProperties": {
            "type": "object",
            "properties": {key: known[key] for key in BLOCK_SECTIONS},
            "required": ["layers"],
            "additionalProperties": False,
        },
    }


def _expect() -> Schema:
    volume = reference(_VOLUME)
    known: dict[str, Schema] = {
        "output": {
            "description": "the output's volume; with several outputs, by name",
            **_or_by_name(with_expressions(forms.optional(forms.volume())), volume),
        },
        "layers": {
            "description": "what is expected of layers, by their names",
            "type": ["object", "null"],
            "additionalProperties": _expected_of_layer(),
        },
    }
    return {
        "description": "what `cnncalc check` holds the network to",
        "type": ["object", "null"],
        "properties": {key: known.get(key, reference(_QUANTITY)) for key in EXPECTED_OF_NETWORK},
        "additionalProperties": False,
    }


def _expected_of_layer() -> Schema:
    field = with_expressions(forms.optional(forms.volume()))
    description = "one number for all axes, or HxW; ~ where there is none"
    known = {"output": reference(_VOLUME), "receptive_field": {"description": description, **field}}
    return {
        "type": "object",
        "properties": {key: known.get(key, reference(_BOUND)) for key in OF_LAYER},
        "additionalProperties": False,
    }


def _bound() -> Schema:
    units = "|".join(forms.any_case(unit) for unit in sorted(UNITS, key=len, reverse=True))
    number = rf"[0-9]{{1,25}}(?:\.[0-9]{{1,25}})?\s*(?:{units})"
    form = {
        "type": ["integer", "string"],
        "minimum": 0,
        "pattern": rf"^\s*(?:(?:<=|>=|<|>|==)?\s*{number}|{number}\s*\.\.\s*{number})\s*$",
        "patternErrorMessage": _BOUND_IN_WORDS,
    }
    return with_expressions(form)


def _described(description: str, schema: Schema) -> Schema:
    return {"description": description, **schema}
