"""The blocks of a file: their names, their arguments, and the layers they stand for."""

from __future__ import annotations

from cnncalc.language.items import WIRING, ItemReader
from cnncalc.language.model import BlockDefinition, Option
from cnncalc.language.sections import Form, is_null
from cnncalc.layers import registry
from cnncalc.yaml.nodes import Mapping, Node, Scalar

BLOCK_SECTIONS = ("args", "layers", "description")


def read_blocks(form: Form, option: Option, reader: ItemReader) -> dict[str, BlockDefinition]:
    """The blocks of a file, which `reader` knows from then on."""
    entries = []
    for key, value in form.entries(option, "names and blocks"):
        if _is_block_name(form, key):
            entries.append((key, value))
            reader.blocks[key.text] = None
        elif registry.find(key.text) is None:
            reader.refused.add(key.text)
    # Arguments first: blocks may use blocks that stand below them.
    headers = []
    for key, value in entries:
        before = len(form.findings)
        arguments, required, body = _read_header(form, key, value)
        broken = len(form.findings) > before
        definition = BlockDefinition(key, arguments, required, (), broken)
        reader.blocks[key.text] = definition
        headers.append((definition, body))
    found = {}
    for definition, body in headers:
        name = definition.key.text
        layers = reader.items(body, f"block {name}") if body is not None else ()
        found[name] = definition._replace(layers=layers)
    return found


def _is_block_name(form: Form, key: Scalar) -> bool:
    name = key.text
    if registry.find(name) is not None or name in WIRING:
        what = "a kind" if registry.find(name) else "a wiring key"
        message = f"a block cannot be called `{name}`, which is {what} of the language"
        form.report("bad-value", message, key.span)
        return False
    return form.is_name(key, "a block")


def _read_header(
    form: Form, key: Scalar, value: Node
) -> tuple[dict[str, Option], frozenset[str], Option | None]:
    option = Option(key, value)
    entries = form.entries(option, "args and layers")
    fields = form.fields(entries, BLOCK_SECTIONS, "a block")
    arguments, required = {}, set()
    if "args" in fields:
        form.check_expressions(fields["args"].value)
        for name, default in form.entries(fields["args"], "arguments and their defaults"):
            if form.is_name(name, "an argument"):
                arguments[name.text] = Option(name, default)
                if is_null(default):
                    required.add(name.text)
    readable = isinstance(value, Mapping) or is_null(value)
    if readable and "layers" not in fields and "layers" not in form.mistaken:
        form.report("missing-option", f"block {key.text} has no `layers:`", key.span)
    return arguments, frozenset(required), fields.get("layers")
