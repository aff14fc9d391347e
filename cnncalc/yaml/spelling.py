"""How values are written as YAML: with quotes where they need them."""

from __future__ import annotations

import re
from functools import lru_cache

import yaml

from cnncalc.yaml.nodes import Scalar, Sequence
from cnncalc.yaml.reader import FLOAT, compose
from cnncalc.yaml.source import Source

_WORD = re.compile(r"[A-Za-z0-9]\w*")


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.1 or 1.2 takes for something other than text."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(rf"(?:{FLOAT.pattern})\Z"), [*"+-.0123456789"]
)


def spelled(data: object) -> str:
    """A value as YAML in one line, fit for any place."""
    text = yaml.dump(
        {"k": data},
        Dumper=_Dumper,
        default_flow_style=True,
        width=float("inf"),
        sort_keys=False,
        allow_unicode=True,
    )
    return text.strip().removeprefix("{k: ").removesuffix("}")


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"'
    ),
)


@lru_cache(10_000)
def may_be_plain(text: str, *, in_flow: bool) -> bool:
    """Whether a text is read as it stands without quotes, inside braces or outside."""
    if _WORD.fullmatch(text):
        return True
    root, findings = compose(Source("", f"[{text}]" if in_flow else f"- {text}"))
    if findings or not isinstance(root, Sequence) or root.size != 1 or not text.isprintable():
        return False
    read = root.as_written(0)
    return isinstance(read, Scalar) and read.raw == read.text == text
