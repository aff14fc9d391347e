"""What may stand after a kind: read from the layer classes; a new class needs no change.

Each kind has a definition of its own name for options that are complete, and where an option is
required a second one for those that `defaults:` may complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cnncalc.graph.options import COMPANIONS, NO_ACTIVATION
from cnncalc.language.items import BRANCHES
from cnncalc.layers import classes, forms, manual, registry
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

ANY_BRANCHES = "branches-with-blocks-with-defaults"
"""The definition of branches in any file."""

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
    if kind == registry.SPLIT:
        return False
    return layer is None or not (layer.merges or (needs(kind) and not defaults))


def of_kinds(schemas: dict[str, Schema]) -> Schema:
    """A mapping whose keys are kinds in any spelling, and nothing else."""
    return {
        "properties": schemas,
        "patternProperties": {other_spellings(kind): of for kind, of in schemas.items()},
        "additionalProperties": False,
    }


def definitions() -> dict[str, Schema]:
    """The definitions of all kinds, and of the options that are layers of their own."""
    found: dict[str, Schema] = {}
    for page in manual.pages():
        layer = registry.KINDS[page.kind]
        options = _options(layer, page)
        if not needs(page.kind):
            found[page.kind] = {**_described(page), **options}
            continue
        found[page.kind] = {**_described(page), **_complete(layer, options["type"])}
        found[partial(page.kind)] = options
    found |= {own: _companion(own) for own in COMPANIONS}
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
    named = options_of(page.kind)
    bare = named["properties"].get(layer.default_option or "", {"type": []})
    schema: Schema = {k: v for k, v in bare.items() if k not in _ANNOTATIONS}
    schema["type"] = list(dict.fromkeys([*bare["type"], "object", "null"]))
    first = classes.FIRST.get(layer.kind)
    if first is not None:
        number = with_expressions({"type": ["integer", *_lists(layer)]})
        schema = {**number, **schema, "type": list(dict.fromkeys(number["type"] + schema["type"]))}
    return {**schema, **named}


def options_of(kind: str) -> Schema:
    """A mapping of a kind's options by any of their names."""
    layer, page = registry.KINDS[kind], manual.page(kind)
    schema: Schema = {}
    schema["properties"] = {o.name: _option(layer.options[o.name]) for o in page.options}
    if layer.may_merge:
        schema["properties"][BRANCHES] = reference(ANY_BRANCHES)
    arguments = dict(_arguments(layer))
    others = {option.name: option.spellings for option in page.options if option.spellings}
    if others or arguments:
        schema["patternProperties"] = arguments | {
            whole(f"(?:{'|'.join(spellings)})"): reference(
                f"{partial(page.kind)}/properties/{name}"
            )
            for name, spellings in others.items()
        }
    if others:
        # Another spelling beside an option's own name, or two others, say it twice.
        schema["dependentSchemas"] = dict(_once(others))
    schema["additionalProperties"] = False
    return schema


def _lists(layer: type[Layer]) -> list[str]:
    """A layer normalisation's first argument may be a list."""
    return ["array"] if layer.default_option is not None else []


def _arguments(layer: type[Layer]) -> Iterator[tuple[str, Schema]]:
    """What the frameworks' classes take beside the options: a pattern for those that may say
    anything an editor can see, and one for each of the others."""
    arguments = classes.of_kind(layer)
    forms_of = {name: argument.schema() for name, argument in arguments.items()}
    free = [name for name, form in forms_of.items() if not form]
    if not arguments:
        return
    yield whole(f"(?:{'|'.join(free)}|{classes.OF_TRAINING.pattern})"), {}
    for name, form in forms_of.items():
        if form:
            yield whole(name), form if "anyOf" in form else with_expressions(form)


_ANNOTATIONS = ("description", "default", "$ref")


def _option(option: Option[Any]) -> Schema:
    if option.name in COMPANIONS:
        return reference(option.name)
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
    for name, argument in classes.of_kind(layer).items():
        if argument.supplies in names:
            names[argument.supplies].append(name)
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


def _companion(own: str) -> Schema:
    what, kinds = COMPANIONS[own]
    none = [any_case(word) for word in NO_ACTIVATION if word is not None]
    pattern = whole(f"(?:{'|'.join(none)}|{spelled(kinds)})")
    return {
        "description": f"{what} with a row of its own, as if it were an item of the list",
        "type": ["string", "object", "null"],
        "pattern": or_expression(pattern),
        "patternErrorMessage": f"this is not {what}",
        "examples": [*kinds, "none"],
        "minProperties": 1,
        "maxProperties": 1,
        "allOf": [of_kinds({kind: reference(partial(kind)) for kind in kinds})],
    }
