"""What is reported of a text that is not YAML, whichever parser read it: the words are no
library's."""

from __future__ import annotations

import pytest
import yaml

from cnncalc.yaml import reader
from cnncalc.yaml.source import Source

DIRECTIVE = "this directive is not read here"
COLON = "a `:` cannot stand here"
FIRST = "a value cannot begin with this character"
TAG = "tags are not read here: an architecture is plain data"
ESCAPE = "YAML knows no such escape"
LINE = "this line does not fit in with those above it"
ENDED = "the value before this has ended"

SLIPS = {
    "a: b: c": (1, 5, COLON),
    "a\nb: c": (2, 2, COLON),
    "a: b\n  c: d": (2, 4, COLON),
    "? : :": (1, 3, COLON),
    "a: - b": (1, 4, "an item cannot begin here"),
    "a: [ - b ]": (1, 6, "an item cannot begin here"),
    "a: @x": (1, 4, FIRST),
    "a: `x`": (1, 4, FIRST),
    "a: %x": (1, 4, FIRST),
    "\ta: 4": (1, 1, "a tab"),
    "a:\n\tb: 1": (2, 1, "a tab"),
    "a: |\n\tb": (2, 1, "a tab"),
    "a: [4": (1, 5, "the `[` of line 1 is never closed"),
    "a: 1\nb: {c: 3\n  - relu": (3, 8, "the `{` of line 2 is never closed"),
    "a: 1\nb: 'x": (2, 5, "the ' of line 2 is never closed"),
    'a: "x\n\ny': (3, 1, 'the " of line 1 is never closed'),
    "a: 'x\n---\ny'": (2, 1, "a line with --- cannot stand inside quotes"),
    'a: "x\n...\ny"': (2, 1, "a line with ... cannot stand inside quotes"),
    'a: "\\x"': (1, 7, ESCAPE),
    'a: "x \\ux"': (1, 9, ESCAPE),
    "[a, b}": (1, 6, "a `,` or `]` is missing here"),
    "a: [1, 2\nb: 3": (2, 2, "a `,` or `]` is missing here"),
    "a: {b: 1\nc: 2": (2, 2, "a `,` or `}` is missing here"),
    "{a b: c: d}": (1, 8, "a `,` or `}` is missing here"),
    "a: [1,,2]": (1, 7, "a value is missing before the `,`"),
    "a: ,": (1, 4, "a value is missing before the `,`"),
    "]": (1, 1, "a value is missing before the `]`, or it closes nothing"),
    "a: }": (1, 4, "a value is missing before the `}`, or it closes nothing"),
    "? a\n? [": (2, 3, "the file ends too early"),
    "a: & b": (1, 5, "`&` needs a name"),
    "a: *": (1, 4, "`*` needs a name"),
    "a: !<": (1, 5, TAG),
    "a: !x!y 3": (1, 4, TAG),
    "%YAML 1.2\n%YAML 1.2\n---\na": (2, 1, DIRECTIVE),
    "%YAML 3.0\n---\na": (1, 1, DIRECTIVE),
    "a: |x\n b": (1, 5, "text after a `|` begins on the next line"),
    "a: >9x\n": (1, 6, "text after a `>` begins on the next line"),
    "- a\nb: c": (2, 1, LINE),
    "a:\n  b: 1\n c: 2": (3, 2, LINE),
    "- - a: 1\n - b": (2, 2, "this `- ` stands in column 2, and that of line 1 in column 1"),
    "a:\n  - b: 1\n - c": (3, 2, "this `- ` stands in column 2, and that of line 2 in column 3"),
    "a:\n  - b: {c: 1}\n   - d": (
        3,
        4,
        "this `- ` stands in column 4, and that of line 2 in column 3",
    ),
    "a: {b: ${c}}": (1, 9, "`${` is not read here"),
    "a: 'it's'": (1, 8, ENDED),
    "a: {b: 1} c": (1, 11, ENDED),
    "a: &x *x": (1, 7, ENDED),
    "a:\n  - conv: 3\n    relu": (3, 8, "a `:` is missing here"),
    '"a": b\n"c" d': (2, 5, "a `:` is missing here"),
    "a: 1\n...\nb: 2\n": (3, 1, "this is not YAML"),
}
LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", SLIPS)
def test_slips(text: str, loader: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_LOADER", loader)
    _, (finding,) = reader.compose(Source("slip.yaml", text))
    span = finding.span
    assert (span.line, span.column, finding.message) == SLIPS[text]


def test_words_of_the_parser_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_: object, **__: object) -> None:
        mark = yaml.Mark("", 4, 0, 4, None, 0)
        raise yaml.scanner.ScannerError("in new words", None, "and others", mark)

    monkeypatch.setattr(yaml, "parse", parse)
    _, (finding,) = reader.compose(Source("slip.yaml", "a: b: c"))
    assert (finding.message, finding.span.column) == (COLON, 5)
