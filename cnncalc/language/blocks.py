"""The blocks of a file: their names, their arguments, and the layers they stand for."""

from __future__ import annotations

from copy import copy

from cnncalc.language.items import WIRING, ItemReader
from cnncalc.language.model import (
    BlockDefinition,
    Branch,
    Defaults,
    Document,
    LayerItem,
    Option,
)
from cnncalc.language.sections import Form, is_null
from cnncalc.layers import registry
from cnncalc.yaml.nodes import Mapping, Node, Scalar

BLOCK_SECTIONS = ("args", "layers", "description")

FROM = "from"
"""The key of a file whose blocks are taken, beside a file's own."""


def borrowed_from(option: Option) -> Option | None:
    """The file whose blocks a file takes, as it names it."""
    if isinstance(option.value, Mapping):
        for key, value in option.value.entries:
            if key.text == FROM:
                return Option(key, value)
    return None


def lent_by(lender: Document) -> Document:
    """What another file gives with its blocks: its defaults stand in their items, and of its
    variables come those that they mention."""
    needed = set(lender.mentioned_in_blocks)
    lent = {}
    for name, option in reversed(lender.vars.items()):
        if name in needed:
            lent[name] = option
            reading = Form(lender.source, [])
            reading.check_expressions(option.value)
            needed |= reading.mentioned
    blocks = {
        name: block._replace(layers=_with_defaults(block.layers, lender.defaults))
        for name, block in lender.blocks.items()
    }
    return lender._replace(blocks=blocks, vars=dict(reversed(lent.items())))


def _with_defaults(items: tuple[LayerItem, ...], defaults: Defaults) -> tuple[LayerItem, ...]:
    """Items, and those inside them, that start from other defaults than the file that uses them
    has. What has some already stands in a block that was taken before."""
    return tuple(_item_with_defaults(item, defaults) for item in items)


def _item_with_defaults(item: LayerItem, defaults: Defaults) -> LayerItem:
    item = copy(item)
    item.defaults = defaults if item.defaults is None else item.defaults
    item.copies = {k: _item_with_defaults(own, defaults) for k, own in item.copies.items()}
    if item.layers is not None:
        item.layers = _with_defaults(item.layers, defaults)
    if item.branches is not None:
        item.branches = tuple(_branch_with_defaults(b, defaults) for b in item.branches)
    return item


def _branch_with_defaults(branch: Branch, defaults: Defaults) -> Branch:
    other = branch.otherwise and _branch_with_defaults(branch.otherwise, defaults)
    return branch._replace(items=_with_defaults(branch.items, defaults), otherwise=other)


def read_blocks(form: Form, option: Option, reader: ItemReader) -> dict[str, BlockDefinition]:
    """The blocks of a file, which `reader` knows from then on."""
    entries = []
    for key, value in form.entries(option, "names and blocks"):
        if key.text == FROM:
            continue
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
