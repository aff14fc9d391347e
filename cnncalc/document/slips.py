"""What is wrong where the YAML parser stops, told from the text alone.

The parser says where it stopped, and where what it was reading begins. Its words differ between
its two implementations and its releases; none of them are shown or looked at.
"""

from __future__ import annotations

import re

NOT_YAML = "this is not YAML"

_HELP = {
    "a tab": "YAML is indented by spaces",
    "a `:` cannot stand here":
        "a second `: ` on a line? write conv: {filters: 8, kernel: 3}; or is a `:` missing above?",
    "an item cannot begin here": "each `- ` begins a line of its own",
    "a value cannot begin with this character": "quotes let a value begin with it",
    "this line does not fit in with those above it":
        "entries of one mapping begin in the same column, and so do the `- ` of one list",
    "the value before this has ended": "a ' within 'single quotes' is written twice",
    "YAML knows no such escape": "within 'single quotes' a backslash is only a backslash",
}  # fmt: skip
"""Help with what is wrong, where there is any to give."""

_MET = {
    ":": "a `:` cannot stand here",
    "-": "an item cannot begin here",
    "@": "a value cannot begin with this character",
    "`": "a value cannot begin with this character",
    "%": "a value cannot begin with this character",
    ",": "a value is missing before the `,`",
    "]": "a value is missing before the `]`, or it closes nothing",
    "}": "a value is missing before the `}`, or it closes nothing",
    "!": "tags are not read here: an architecture is plain data",
    "": "the file ends too early",
}
"""By the character with which something cannot begin."""

_BEGUN = {
    "[": "a `,` or `]` is missing here",
    "{": "a `,` or `}` is missing here",
    "&": "`&` needs a name",
    "*": "`*` needs a name",
    "!": "tags are not read here: an architecture is plain data",
    "%": "this directive is not read here",
    "|": "text after a `|` begins on the next line",
    ">": "text after a `>` begins on the next line",
}
"""By the character with which what does not go on here begins."""

_OPEN_QUOTE = re.compile(r"""'(''|[^'])*|"(\\.|[^"\\])*\\?""", re.DOTALL)


def slip(text: str, at: int, begun: int | None, *, in_token: bool) -> tuple[str, tuple[str, ...]]:
    """Why reading stops at `at`, and help.

    `begun` is where what was being read begins, None if nothing was; `in_token` tells a word or
    text that does not end from a list or mapping that does not go on.
    """
    message = _message(text, at, at if begun is None else begun, in_token)
    return message, ((_HELP[message],) if message in _HELP else ())


def _message(text: str, at: int, begun: int, in_token: bool) -> str:
    met = text[at : at + 1]
    line_is_blank = not text[text.rfind("\n", 0, at) + 1 : at].strip()
    if met == "\t":
        return "a tab"
    if begun >= at:
        if met == "%" and text[at - 1 : at] in ("", "\n"):
            return _BEGUN[met]
        return _MET.get(met, NOT_YAML)
    first = text[begun]
    if first in "'\"" and _OPEN_QUOTE.fullmatch(text, begun, at):
        if not met:
            return f"the {first} of line {text.count(chr(10), 0, begun) + 1} is never closed"
        if line_is_blank and met in "-.":
            return f"a line with {met * 3} cannot stand inside quotes"
        return "YAML knows no such escape"
    if first in "[{" and not met:
        return f"the `{first}` of line {text.count(chr(10), 0, begun) + 1} is never closed"
    if first in _BEGUN:
        return _BEGUN[first]
    if in_token:
        return "a `:` is missing here"
    if line_is_blank:
        return "this line does not fit in with those above it"
    return "the value before this has ended"
