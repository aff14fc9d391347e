"""What may stand after a kind: read from the layer classes; a new class needs no change.

Each kind has a definition of its own name for options that are complete, and where an option is
required a second one for those that `defaults:` may complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cnncalc.graph.options import NO_ACTIVATION
from cnncalc.layers import forms, manual, registry
from cnncalc.layers.activation import Activation
from cnncalc.layers.base import Layer, Option
from cnncalc.layers.forms import any_case
from cnncalc.schema.names import (
    EXPRESSION,
    or_expression,
    other_spellings,
    spelled,
    whole,
)

Schema = dict[str, Any]

ACTIVATION = "activation"
"""The option that takes a kind, and the definition of what it takes."""


def reference(definition: str) -> Schema:
    return {"$ref": f"#/$defs/{definition}"}


def partial(kind: str) -> str:
    """The definition of a kind's options where some may be missing."""
    return f"{kind}-options" if needs(kind) else kind


def needs(kind: str) -> list[str]:
    """The options that a kind requires, its main one first."""
    if kind not in registry.KINDS:
        return []
    return [option.name for option in manual.page(kind).options if option.required]


def stand_alone(kind: str, *, defaults: bool) -> bool:
    """Whether a kind's name is an item: nothing else is required, or defaults may give it."""
    layer = registry.KINDS.get(kind)
    return layer is None or not (layer.merges or (needs(kind) and not defaults))


def of_kinds(schemas: dict[str, Schema]) -> Schema:
    """A mapping whose keys are kinds in any spelling, and nothing else."""
    return {
        "properties": schemas,
        "patternProperties": {other_spellings(kind): of for kind, of in schemas.items()},
        "additionalProperties": False,
    }


def definitions() -> dict[str, Schema]:
    """The definitions of all kinds, and of activations."""
    found: dict[str, Schema] = {}
    for page in manual.pages():
        layer = registry.KINDS[page.kind]
        options = _options(layer, page)
        if not needs(page.kind):
            found[page.kind] = {**_described(page), **options}
            continue
        found[page.kind] = {**_described(page), **_complete(layer, options["type"])}
        found[partial(page.kind)] = options
    found[ACTIVATION] = _activation()
    return found


def with_expressions(form: Schema) -> Schema:
    """A form in which an expression may stand for the whole and for each part."""
    types = form["type"]
    if "string" not in types:
        form = {**form, "type": [*types, "string"], "pattern": EXPRESSION}
        form["patternErrorMessage"] = "an expression is written $name or $(…)"
    elif "pattern" in form:
        form = {**form, "pattern": or_expression(form["pattern"])}
    if "items" in form:
        # Editors that find `items` beside the types propose a list, whatever type comes first.
        form = {**form, "allOf": [{"items": with_expressions(form["items"])}]}
        del form["items"]
    return form


def _described(page: manual.Page) -> Schema:
    facts = [f"- {label}: {text}" for label, text in page.rules]
    facts += [f"- Example: `{example.item}` on {example.input} gives {example.output}"
              for example in page.examples]  # fmt: skip
    return {
        "description": page.summary,
        "markdownDescription": "\n".join([page.summary, "", *facts]),
    }


def _options(layer: type[Layer], page: manual.Page) -> Schema:
    """A kind's value: nothing, a bare value for the main option, or a mapping of options."""
    properties = {option.name: _option(layer.options[option.name]) for option in page.options}
    bare = properties.get(layer.default_option or "", {"type": []})
    schema: Schema = {k: v for k, v in bare.items() if k not in _ANNOTATIONS}
    schema["type"] = list(dict.fromkeys([*bare["type"], "object", "null"]))
    schema["properties"] = properties
    others = {option.name: option.spellings for option in page.options if option.spellings}
    if others:
        schema["patternProperties"] = {
            whole(f"(?:{'|'.join(spellings)})"): reference(
                f"{partial(page.kind)}/properties/{name}"
            )
            for name, spellings in others.items()
        }
        # Another spelling beside an option's own name, or two others, say it twice.
        schema["dependentSchemas"] = dict(_once(others))
    schema["additionalProperties"] = False
    return schema


_ANNOTATIONS = ("description", "default", "$ref")


def _option(option: Option[Any]) -> Schema:
    if option.name == ACTIVATION:
        return reference(ACTIVATION)
    form = option.schema() if option.default is not None else forms.optional(option.schema())
    also = f"; also {', '.join(option.aliases)}" if option.aliases else ""
    schema = {"description": f"{option.description}{also}", **with_expressions(form)}
    if not option.required and option.default is not None:
        schema["default"] = option.default
    return schema


def _once(others: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, Schema]]:
    for name, spellings in others.items():
        names = (name, *spellings)
        for number, spelling in enumerate(spellings, 1):
            yield spelling, {"properties": dict.fromkeys(names[:number], False)}


def _complete(layer: type[Layer], types: list[str]) -> Schema:
    """Nothing required is missing: a bare value says the main option alone."""
    required = needs(layer.kind)
    names = {own: [s for s, o in layer.spellings.items() if o == own] for own in required}
    main_alone = required == [layer.default_option]
    types = [name for name in types if name != "null"] if main_alone else ["object"]
    needed = " and ".join(f"`{name}`" for name in required)
    schema: Schema = {
        "type": types,
        "errorMessage": f"{layer.kind} needs {needed}",
        "allOf": [
            reference(partial(layer.kind)),
            *(_any_of(spellings) for spellings in names.values()),
        ],
    }
    if not main_alone:
        body = {name: f"${number}" for number, name in enumerate(required, 1)}
        schema["defaultSnippets"] = [{"label": layer.kind, "body": body}]
    return schema


def _any_of(names: Iterable[str]) -> Schema:
    choices = [{"required": [name]} for name in names]
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _activation() -> Schema:
    kinds = [k for k, layer in registry.KINDS.items() if issubclass(layer, Activation)]
    none = [any_case(word) for word in NO_ACTIVATION if word is not None]
    pattern = whole(f"(?:{'|'.join(none)}|{spelled(kinds)})")
    return {
        "description": "an activation right after it, as if it were the next item of the list",
        "type": ["string", "object", "null"],
        "pattern": or_expression(pattern),
        "patternErrorMessage": "there is no activation of this name",
        "examples": [*kinds, "none"],
        "minProperties": 1,
        "maxProperties": 1,
        "allOf": [of_kinds({kind: reference(partial(kind)) for kind in kinds})],
    }
