"""What a file takes over of the layers of the one that it extends: those up to one, those after
one, others in their place; and whether they are held fixed.

Which file that is, and where it lies, is for `inheritance`.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import NamedTuple

from cnncalc.diagnostics import did_you_mean
from cnncalc.language.items import ItemReader
from cnncalc.language.model import Document, LayerItem, Option
from cnncalc.language.sections import Form
from cnncalc.language.templates import has_expression
from cnncalc.yaml.nodes import Mapping, Scalar

EXTENDS = ("file", "until", "after", "replace", "frozen")
"""What `extends:` says, where it says more than a name."""

_MOST_NAMES = 12


class Extension(NamedTuple):
    """What `extends:` says. `file` is None where it says no file, and that is reported."""

    file: Option | None
    until: Option | None = None
    after: Option | None = None
    replace: Option | None = None
    frozen: Option | None = None

    @property
    def changes_layers(self) -> bool:
        """Whether it speaks of the other file's layers: its own then stand beside them, rather
        than in their place."""
        return any((self.until, self.after, self.replace, self.frozen))

    @property
    def cuts(self) -> bool:
        return self.until is not None or self.after is not None


def file_of(option: Option) -> Option | None:
    """The file that `extends:` names."""
    if not isinstance(option.value, Mapping):
        return option
    return next((Option(k, v) for k, v in option.value.entries if k.text == EXTENDS[0]), None)


def read_extension(form: Form, option: Option) -> Extension:
    """`extends:` as a name, or as a mapping."""
    if not isinstance(option.value, Mapping):
        return Extension(option)
    fields = form.fields(iter(option.value.entries), EXTENDS, "`extends`")
    if "file" not in fields and len(fields) == len(option.value.entries):
        message = "`extends` names no `file`"
        help = "write `{file: …}`, and beside it `until`, `after`, `replace` or `frozen`"
        form.report("missing-option", message, option.key.span, help)
    return Extension(*(fields.get(key) for key in EXTENDS))


class Taking:
    """Layers taken from a file that is extended. `ok` is false where something is wrong with what
    is asked for, and reported."""

    def __init__(self, form: Form, reader: ItemReader, said: Extension, base: Document) -> None:
        self.form = form
        self.reader = reader
        self.said = said
        self.base = base
        self.file = (
            said.file.value.text if said.file and isinstance(said.file.value, Scalar) else ""
        )
        self.places = {
            name: place for place, item in enumerate(base.layers) if (name := _name(item))
        }
        self.ok = True

    def layers(self, own: tuple[LayerItem, ...], *, has_input: bool) -> tuple[LayerItem, ...]:
        """What is taken, with this file's `own` layers where others were left out: before the rest
        with `after` alone, after the layers otherwise."""
        said = self.said
        start = stop = None
        if said.after is not None:
            start = self.place(said.after)
        if said.until is not None:
            stop = self.place(said.until)
        if not self.ok:
            return ()
        first = 0 if start is None else start + 1
        last = len(self.base.layers) if stop is None else stop + 1
        if said.until is not None and start is not None and first >= last:
            message = f"`{_text(said.until)}` does not come after `{_text(said.after)}`"
            self.report("bad-value", message, said.until)
            return ()
        kept = list(self.base.layers[first:last])
        if not kept and said.after is not None:
            message = f"nothing of {self.file} comes after `{_text(said.after)}`"
            self.report("bad-value", message, said.after)
            return ()
        front = said.after is not None and said.until is None
        if said.after is not None and not has_input and not (front and own):
            message = f"what comes after `{_text(said.after)}` needs an `input:` of its own"
            help = f"say the volume that `{_text(said.after)}` gives in {self.file}"
            self.report("missing-option", message, said.after, help)
        if self.is_frozen():
            kept = [self.frozen(item) for item in kept]
        self.replace(kept, first)
        taken = (*own, *kept) if front else (*kept, *own)
        self.check_references(taken, (*self.base.layers[:first], *self.base.layers[last:]))
        return taken

    def place(self, option: Option) -> int | None:
        """Where a layer stands among those of the other file, by its name."""
        value = option.value
        if not isinstance(value, Scalar) or isinstance(value.value, bool) or not value.text:
            self.report("wrong-type", f"`{option.key.text}` is the name of a layer", option)
            return None
        return self.place_of(value.text, Option(option.key, value))

    def place_of(self, name: str, option: Option) -> int | None:
        if name in self.places:
            return self.places[name]
        message = f"{self.file} has no item of its `layers:` that is named `{name}`"
        known = [*self.places]
        names = "those with names are " + ", ".join(known[:_MOST_NAMES])
        names += ", …" if len(known) > _MOST_NAMES else ""
        if not known:
            names = "none of its layers has a name of its own"
        near = did_you_mean(name, known) or (names,)
        around = name.partition(".")[0]
        if around in self.places:
            near = (f"it stands inside `{around}`, which can be named",)
        self.report("unknown-layer", message, option, *near)
        return None

    def is_frozen(self) -> bool:
        option = self.said.frozen
        if option is None:
            return False
        value = option.value.value if isinstance(option.value, Scalar) else None
        if not isinstance(value, bool):
            self.report("wrong-type", "`frozen` is true or false", option)
        return value is True

    def frozen(self, item: LayerItem) -> LayerItem:
        assert self.said.frozen is not None
        key = self.said.frozen.key
        item = copy(item)
        item.trainable = Option(key, Scalar(key.source, key.start, key.end, "false", False))
        item.copies = {which: self.frozen(own) for which, own in item.copies.items()}
        return item

    def replace(self, kept: list[LayerItem], first: int) -> None:
        """Put other items in the places of some, under their names, with what they read."""
        if self.said.replace is None:
            return
        what = "names of layers and what stands in their place"
        for key, value in self.form.entries(self.said.replace, what):
            place = self.place_of(key.text, Option(key, key))
            if place is None:
                continue
            if not first <= place < first + len(kept):
                message = f"`{key.text}` is left out, and cannot be replaced"
                self.report("bad-value", message, Option(key, key))
                continue
            before, item = kept[place - first], self.reader.item(value)
            if item.name is not None:
                message = f"what replaces `{key.text}` keeps that name"
                self.report("bad-value", message, item.name)
            item.name = before.name
            item.from_ = item.from_ or before.from_
            kept[place - first] = item

    def check_references(self, taken: tuple[LayerItem, ...], left: tuple[LayerItem, ...]) -> None:
        """Report layers that are left out and are read by what is taken."""
        gone = {name for item in left if (name := _name(item))} - {_name(item) for item in taken}
        about = self.said.after or self.said.until
        waiting = [item for item in taken if item.node.source is not self.form.source]
        while gone and waiting and about is not None:
            item = waiting.pop(0)
            waiting = [*item.children, *waiting]
            for reference in _references(item):
                name = reference.text.partition(".")[0]
                if name in gone:
                    gone.discard(name)
                    self.ok = False
                    self.form.report(
                        "unknown-layer",
                        f"`{name}` of {self.file} is left out, and {reference.span} reads it",
                        about.span,
                        f"replace what reads it, or call a layer of this file `{name}`",
                    )

    def report(self, code: str, message: str, option: Option, *help: str) -> None:
        self.ok = False
        self.form.report(code, message, option.span, *help)


def _text(option: Option | None) -> str:
    return option.value.text if option is not None and isinstance(option.value, Scalar) else ""


def _name(item: LayerItem) -> str:
    """The name that an item gives itself, where no expression decides it."""
    value = None if item.name is None else item.name.value
    return value.text if isinstance(value, Scalar) and not has_expression(value.text) else ""


def _references(item: LayerItem) -> Iterator[Scalar]:
    """The names of other layers that an item says."""
    for option in (item.from_, item.share):
        if option is not None and isinstance(option.value, Scalar):
            yield option.value
    for branch in item.branches or ():
        for one in (branch, branch.otherwise):
            if one is not None and one.reference is not None:
                yield one.reference
