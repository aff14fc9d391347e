"""A file as an editor sees it: YAML 1.2's core schema, keys as texts, a line for every value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Path = tuple[str | int, ...]


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema (chapter 10.3.2 of https://yaml.org/spec/1.2.2/)."""

    yaml_implicit_resolvers: dict[Any, Any] = {}


_TAG = "tag:yaml.org,2002:"
_CORE = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        [*"-+.0123456789"],
    ),
)
for _kind, _pattern, _first in _CORE:
    Core.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(f"^(?:{_pattern})$"), _first)


class Seen(NamedTuple):
    """A file's value; the lines of its values and keys, and of keys that stand there twice."""

    value: Any
    lines: dict[Path, int]
    keys: dict[Path, int]
    repeated: list[int]


def read(text: str) -> Seen:
    """Raises `yaml.YAMLError` for what an editor would not read either."""
    root = yaml.compose(text, Core)
    seen = Seen(None, {}, {}, [])
    return seen._replace(value=_value(root, (), seen))


def _value(node: yaml.Node | None, path: Path, seen: Seen) -> Any:
    seen.lines[path] = 1 if node is None else node.start_mark.line + 1
    if node is None:
        return None
    if len(path) > 100:
        raise yaml.YAMLError("an alias of itself")
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), seen) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        found = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError("a key that is no scalar")
            inside = (*path, key.value)
            if key.value in found:
                seen.repeated.append(key.start_mark.line + 1)
                continue
            seen.keys[inside] = key.start_mark.line + 1
            found[key.value] = _value(value, inside, seen)
        return found
    return _scalar(node.tag.removeprefix(_TAG), node.value)


def _scalar(kind: str, text: str) -> Any:
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            base = {"0o": 8, "0x": 16}.get(text[:2], 10)
            return int(text, base)
        case "float":
            word = text.lower().lstrip("+-").lstrip(".")
            return float(word) if word in ("inf", "nan") else float(text)
        case _:
            return text


def complaints(validator: Draft202012Validator, text: str) -> list[tuple[int, str]]:
    """The line and the words of each fault that an editor would underline."""
    seen = read(text)
    found = [
        (line, error.message)
        for error in validator.iter_errors(seen.value)
        for line in _places(error, seen)
    ]
    return found + [(line, "a key that stands here twice") for line in seen.repeated]


def _places(error: ValidationError, seen: Seen) -> Iterator[int]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known: Any = error.schema
        for key in error.instance:
            patterns = known.get("patternProperties", {})
            if key not in known["properties"] and not any(re.search(p, key) for p in patterns):
                yield seen.keys[(*path, key)]
    elif "propertyNames" in error.absolute_schema_path and (*path, error.instance) in seen.keys:
        yield seen.keys[(*path, error.instance)]
    elif error.validator == "required":
        # Told at the key of what lacks something; where it has none, as in a list, at its start.
        yield seen.keys.get(path, seen.lines[path])
    else:
        yield seen.lines[path]
