"""The schema takes what cnncalc takes, and complains on the lines that cnncalc complains of."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import cnncalc
from cnncalc import bundled
from cnncalc.checks.bounds import parse_bound
from cnncalc.checks.rules import rule_page
from cnncalc.cli.app import app
from cnncalc.diagnostics import CATALOGUE, Diagnostic, RuleError
from cnncalc.graph.options import COMPANIONS
from cnncalc.graph.values import evaluate
from cnncalc.language.expressions import Names
from cnncalc.language.items import WIRING
from cnncalc.language.parser import parse
from cnncalc.layers import classes, manual, registry
from cnncalc.layers.base import Option
from cnncalc.schema import language
from cnncalc.schema.kinds import partial
from cnncalc.schema.names import other_spellings
from cnncalc.volume import Volume
from cnncalc.yaml.source import Source
from tests.examples import examples
from tests.language.grammar import grown, torn
from tests.language.test_cases import CASES, findings_of
from tests.networks import written
from tests.references import reference
from tests.schema.editor import complaints, read
from tests.test_docs import of_language
from tests.together import together

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "architectures" / "cnncalc.schema.json"
FIRST_LINE = "# yaml-language-server: $schema=cnncalc.schema.json\n"

SCHEMA = language.schema()
DEFINITIONS: dict[str, Any] = SCHEMA["$defs"]
VALIDATOR = Draft202012Validator(SCHEMA)

fuzzing = settings(
    max_examples=examples(200),
    phases=[Phase.explicit, Phase.generate],  # shrinking whole files takes minutes
)


def validator_of(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator for a part of the schema."""
    return Draft202012Validator({**schema, "$defs": DEFINITIONS})


@lru_cache(maxsize=256)
def lines_of(text: str) -> set[int]:
    """The lines an editor would underline."""
    return {line for line, _ in complaints(VALIDATOR, text)}


class TestShipped:
    def test_is_current(self) -> None:
        assert SHIPPED.read_text("utf-8") == language.text(), (
            "write it anew: cnncalc schema > architectures/cnncalc.schema.json"
        )

    def test_is_what_the_command_prints(self) -> None:
        assert CliRunner().invoke(app, ["schema"]).stdout == language.text()

    def test_is_a_schema(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)

    def test_refers_to_what_is_there(self) -> None:
        for target in set(re.findall(r'"\$ref": "#/([^"]*)"', language.text())):
            place: Any = SCHEMA
            for step in target.split("/"):
                place = place[step]
            assert isinstance(place, dict)

    def test_every_definition_is_used(self) -> None:
        used = set(re.findall(r'"\$ref": "#/\$defs/([^/"]*)', language.text()))
        assert set(DEFINITIONS) == used

    def test_patterns_mean_the_same_in_javascript(self) -> None:
        """No look-behind, no flags, no named groups, no anchors of Python's."""
        for pattern in re.findall(r'"pattern": "(.*)"', language.text()):
            assert not re.search(r"\(\?[<P#a-z]|\\\\[AZ]", pattern)


class TestAccepts:
    @together("name", bundled.names())
    def test_bundled(self, name: str) -> None:
        text = (bundled.folder() / f"{name}.yaml").read_text("utf-8")
        assert text.startswith(FIRST_LINE)
        assert complaints(VALIDATOR, text) == []

    @together("text", [text for _, text in of_language("yaml")])
    def test_documented(self, text: str) -> None:
        if not text.startswith("# wrong"):
            assert complaints(VALIDATOR, text) == []

    @together("code", CATALOGUE)
    def test_put_right(self, code: str) -> None:
        """The good files of `cnncalc explain`."""
        assert complaints(VALIDATOR, rule_page(code).right) == []

    @together("kind", registry.KINDS)
    def test_worked_examples(self, kind: str) -> None:
        for example in manual.page(kind).examples:
            text = f"input: {example.input}\nlayers:\n  - {example.item}\n"
            assert complaints(VALIDATOR, text) == []


FORM = {
    "unknown-key",
    "unknown-kind",
    "wrong-type",
    "missing-option",
    "bad-value",
    "duplicate-key",
}
"""Codes that are given for faults of form, and for some that are none."""

EXCEPTIONS = {
    "what an expression comes to": {
        "dense: $text", "filters: $(5 / 2)", "dense: $(-8)", "filters: $w*2",
    },
    "what the network makes of a value that is well formed": {
        "[6]", "connections: [[0]]", "groups: 2", "padding: 2", "output_padding: 2", "padding: 5",
        "output_padding: 1",
        "slice: [3, 7]", "permute: [0, 1]", "crop: 4", "reshape: [-1, -1]", "prelu: 3",
        "subtract: [[], [], []]", "dim: 3", "output: 7", "conv", "add: [[], left]",
        "add",
    },
    "hexadecimal digits, which to YAML 1.2 are a number": {"kernel: 0x3"},
    "numbers out of range, which JSON has not": {"9223372036854775808", "99999999999999999999"},
    "two spellings of one kind in `defaults`": {"Conv2d"},
    "a kind or an argument that a block of the file may have": {
        "reul", "leru", "rleu", "cnov", "conv2dd", "transformer", "botleneck", "$act", "widht",
        "stage", "strides",
    },
    "names that mean something else, of variables and of inputs": {
        "counter: width", "input: {height: 28, width: 28, channels: 1}",
    },
    "where a path leads": {"extends: /etc/hostname", "extends: ../networks.py"},
}  # fmt: skip
"""Findings of these codes that no schema can have, by the text under their carets."""


class TestCases:
    """On every line of the case files where cnncalc finds a fault of form, the schema complains."""

    @pytest.fixture(autouse=True)
    def _among_the_cases(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(CASES)

    @together("path", sorted(CASES.glob("*.yaml")))
    def test_file(self, path: Path) -> None:
        text = path.read_text("utf-8")
        errors = errors_in(path)
        try:
            underlined = lines_of(text)
        except yaml.YAMLError:
            assert errors
            return
        own = [found for found in errors if found.span.file == path.name]
        excepted = set().union(*EXCEPTIONS.values())
        missed = [
            f"{found.span}: {found.code}: {under_caret(found)}"
            for found in own
            if found.code in FORM
            and found.span.line not in underlined
            and under_caret(found) not in excepted
        ]
        assert missed == []
        if any("nothing that is known here" in found.message for found in own):
            return  # of what is no architecture at all cnncalc says so, once
        # What the file misses as a whole is reported on its first line.
        assert underlined <= {found.span.line for found in own} | ({1} if own else set())

    def test_every_exception_is_needed(self) -> None:
        """One that is no longer missed has to go."""
        missed = set()
        for path in CASES.glob("*.yaml"):
            try:
                underlined = lines_of(path.read_text("utf-8"))
            except yaml.YAMLError:
                continue
            for found in errors_in(path):
                own = found.span.file == path.name
                if found.code in FORM and own and found.span.line not in underlined:
                    missed.add(under_caret(found))
        assert {c for carets in EXCEPTIONS.values() for c in carets} - missed == set()


@lru_cache(maxsize=256)
def errors_in(path: Path) -> list[Diagnostic]:
    return [found for found in findings_of(path) if found.is_error]


def under_caret(found: Diagnostic) -> str:
    return found.span.source.text[found.span.start : found.span.end]


VALUES = [
    "0", "1", "3", "-1", "-2", "07", "1.0", "1.5", "-0.5", "0.0", "0.99", "1e3", "1e-3",
    "4611686018427387904", "true", "false", "True", "~", "null", "''", "' '", "x", "3x5", "3 x 5",
    "3X5", "3x", "x3", "0 x1", "00x1", "1x1x1x1", "1x1x1x1x1", "3x-1", "-1x3", "'3'", "'0'",
    "'-1'", "3x5.0", "same", "SAME", "Valid", "vali", "half", "CAUSAL", "floor", "Ceil",
    "exact", "exactly",
    "nearest", "linear", "Trilinear", "bilinear", "cubic", "channels", "ALL", "none", "[]", "[0]",
    "[1]", "[3, 5]", "[3, 0]", "[-1, 3]", "[1.0, 2]", "[1.5]", "[true]", "['3']", "[~]", "[[1]]",
    "[[0, 1]]", "[[0, 1], 2]", "[[0, 1], [2, 3]]", "[[0, 1, 2]]", "[[0, -1]]", "[[0, 0]]",
    "[[0], []]", "[[0], 1]", "[[[0]]]", "[[0, 1.5]]", "[1, 2, 3, 4, 5]", "[3x5]",
]  # fmt: skip
"""Values as they stand in a file."""


def plain(text: str) -> tuple[Any, Any]:
    """A value as cnncalc and as an editor reads it."""
    document, _ = parse(Source("f", f"vars: {{v: {text}}}\n"))
    return evaluate(document.vars["v"].value, Names({})), read(f"v: {text}\n").value["v"]


READ = [(text, *plain(text)) for text in VALUES]


class TestOptions:
    """Each option takes by the schema exactly what its class takes."""

    @together("kind", registry.KINDS)
    def test_values(self, kind: str) -> None:
        layer = registry.KINDS[kind]
        for name, option in layer.options.items():
            if name in COMPANIONS:
                continue
            schema = DEFINITIONS[partial(kind)]["properties"][name]
            validator = validator_of(schema)
            for text, ours, theirs in READ:
                assert validator.is_valid(theirs) == takes(option, ours), (name, text)

    @together("kind", registry.KINDS)
    def test_every_option_has_a_form(self, kind: str) -> None:
        """A new type of options needs a form beside it, or editors would take anything."""
        definition = DEFINITIONS[partial(kind)]
        properties = dict(definition["properties"])
        assert (properties.pop("branches", None) is not None) == registry.KINDS[kind].may_merge
        assert list(properties) == [o.name for o in manual.page(kind).options]
        for name, schema in properties.items():
            assert name in COMPANIONS or schema["type"], name
            assert name in COMPANIONS or schema["description"], name

    @together("kind", registry.KINDS)
    def test_bare_values(self, kind: str) -> None:
        """A value right behind the kind is one for its main option, or a number that says what
        comes in."""
        layer = registry.KINDS[kind]
        lone = validator_of(DEFINITIONS[partial(kind)])
        definition = DEFINITIONS[partial(kind)]["properties"]
        main = (
            validator_of(definition[layer.default_option])
            if layer.default_option is not None
            else None
        )
        for text, _, value in READ:
            taken = value is None or (main is not None and main.is_valid(value))
            taken |= kind in classes.FIRST and is_whole(value)
            taken |= kind in ("layer_norm", "rms_norm") and isinstance(value, list)
            assert lone.is_valid(value) == taken, text

    @together("kind", registry.KINDS)
    def test_spellings(self, kind: str) -> None:
        """Every spelling is one of the option; two of one option are one too many."""
        layer = registry.KINDS[kind]
        validator = validator_of(DEFINITIONS[partial(kind)])
        spellings = layer.spellings
        for spelling, own in spellings.items():
            value = "$x"
            assert validator.is_valid({spelling: value})
            for other, same in spellings.items():
                assert validator.is_valid({spelling: value, other: value}) == (
                    same != own or other == spelling
                )
        assert not validator.is_valid({"nothing": 1})

    @together("kind", registry.KINDS)
    def test_required(self, kind: str) -> None:
        """What a class requires is required, unless defaults may say it."""
        layer = registry.KINDS[kind]
        if layer.merges:
            return
        for names in chain.from_iterable(
            combinations(layer.spellings, count) for count in range(3)
        ):
            own = {layer.spellings[name] for name in names}
            if len(own) < len(names):
                continue
            enough = all(not o.required or n in own for n, o in layer.options.items())
            value = dict.fromkeys(names, "$x")
            assert validator_of(DEFINITIONS[kind]).is_valid(value) == enough, names
            assert validator_of(DEFINITIONS[partial(kind)]).is_valid(value), names

    def test_an_expression_stands_wherever_a_value_can(self) -> None:
        for kind, layer in registry.KINDS.items():
            for name in layer.options:
                validator = validator_of(DEFINITIONS[partial(kind)])
                for value in ("$x", "$(x + 1)", "a$(x)"):
                    assert validator.is_valid({name: value})


def is_whole(value: object) -> bool:
    return type(value) is int or (isinstance(value, float) and value.is_integer())


def takes(option: Option[Any], value: object) -> bool:
    try:
        option.value(value)
    except RuleError:
        return False
    return True


NAMES = [(kind, name) for kind, c in registry.KINDS.items() for name in (kind, *c.aliases)]
"""Every name of every kind."""


class TestClasses:
    """What cnncalc takes of the frameworks' classes, an editor takes too."""

    @together("case", reference("arguments")["cases"])
    def test_arguments(self, case: dict[str, Any]) -> None:
        text = written(case["input"], {case["class"]: case["arguments"]}, rounding="floor")
        # One schema is for all names of a kind, and only this one takes null for its machine's eps.
        takes_null = case["class"] == "RMSNorm" and case["arguments"].get("eps", 0) is None
        if cnncalc.loads(text).complete:
            assert (complaints(VALIDATOR, text) == []) is not takes_null


class TestNames:
    def found(self, name: str) -> str | None:
        """The kind that the schema takes a name for."""
        item = DEFINITIONS["item"]
        own = [key for key in item["properties"] if key == name and key not in WIRING]
        others = [p for p in item["patternProperties"] if p != r"\$" and re.search(p, name)]
        kinds = own + [KIND_OF[pattern] for pattern in others]
        assert len(kinds) <= 1
        return kinds[0] if kinds else None

    @together(("kind", "name"), NAMES)
    def test_spellings(self, kind: str, name: str) -> None:
        words = name.replace("_", "-")
        for other in (name, name.upper(), name.lower(), words, name.replace("_", ""), f"{name}2d"):
            found = registry.find(other)
            assert self.found(other) == (None if found is None else found.kind), other

    @fuzzing
    @given(st.data())
    @pytest.mark.slow
    def test_mutations(self, data: st.DataObject) -> None:
        """Case, separators, a rank, and letters lost, as `registry.find` reads them."""
        _, name = data.draw(st.sampled_from(NAMES))
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(name)))
            piece = data.draw(st.sampled_from(["_", "-", "2d", "3D", "", "x", "6", " "]))
            lost = data.draw(st.sampled_from([0, 0, 0, 1]))
            name = name[:at] + piece + name[at + lost :]
        if data.draw(st.booleans()):
            name = name.swapcase()
        found = registry.find(name)
        # A rank in the middle of a word is one to cnncalc: `co2dnv`.
        ranked = re.search("[123][-_]*[dD][-_]*[a-zA-Z]", name)
        assert self.found(name) == (found.kind if found else None) or (found and ranked)

    @fuzzing
    @given(st.text("aZ_0 -é$", max_size=4) | st.sampled_from(["in", "index", "if", "a__b", "None"]))
    def test_variables(self, name: str) -> None:
        text = f"vars: {{{name!r}: 1}}\ninput: 1\nlayers: [relu]\n"
        _, findings = parse(Source("f", text))
        assert bool(findings) == bool(lines_of(text)), name

    @pytest.mark.parametrize("name", ["conv", "Conv2D", "name", "in", "a b", "own", "OWN_1", "1st"])
    def test_blocks(self, name: str) -> None:
        text = f"blocks: {{{name}: {{layers: [relu]}}}}\ninput: 1\nlayers: [relu]\n"
        _, findings = parse(Source("f", text))
        assert bool(findings) == bool(lines_of(text)), name


KIND_OF = {other_spellings(kind): kind for kind in (*registry.KINDS, registry.SEQUENTIAL)}


class TestTexts:
    """The small languages inside texts, against the code that reads them."""

    @fuzzing
    @given(st.text("0123xX ", max_size=9))
    def test_volumes(self, text: str) -> None:
        try:
            Volume.parse(text)
        except ValueError:
            assert not validator_of(DEFINITIONS["volume"]).is_valid(text)
        else:
            assert validator_of(DEFINITIONS["volume"]).is_valid(text)

    @fuzzing
    @given(
        st.lists(
            st.sampled_from(
                ["<=", ">", "==", "=", "1", "62.4", "0", ".", "..", "k", "MiB", "g", "x", " ", "-"]
            ),
            max_size=6,
        ).map("".join)
    )
    def test_bounds(self, text: str) -> None:
        try:
            parse_bound(text)
        except ValueError as error:
            assume("is empty" not in str(error))
            assert not validator_of(DEFINITIONS["bound"]).is_valid(text)
        else:
            assert validator_of(DEFINITIONS["bound"]).is_valid(text)


OF_EXPRESSIONS = ("bad-expression", "limit-exceeded")
"""What cnncalc finds inside expressions."""


TWO_KINDS = "an item names one kind, and this one names "


def beyond_schemas(found: Diagnostic, text: str) -> bool:
    """Whether no schema can have a finding of form: the exceptions above, in any text."""
    # A file with blocks, or one that extends another, may have kinds that no schema can know.
    open_kinds = "blocks" in text or "extends" in text
    message = found.message
    match found.code:
        case "unknown-kind" | "unknown-key":
            return open_kinds
        case "missing-option":
            return "extends" in text
        case "wrong-type":
            return re.fullmatch(r"block \S+ takes no arguments", message) is not None
        case "duplicate-key":
            return re.fullmatch(r"`.*` sets defaults of \w+ a second time", message) is not None
        case "bad-value" if message.startswith(TWO_KINDS):
            # Neither by its own name: nothing tells the schema that the other is a kind, too.
            kinds = message.removeprefix(TWO_KINDS).split(" and ")
            return not set(kinds) & {*registry.KINDS, registry.SEQUENTIAL}
    return "out of range" in message


class TestGrown:
    """Files by the rules of the language, and files torn: line by line."""

    @settings(fuzzing, max_examples=examples(50))
    @given(grown())
    @pytest.mark.slow
    def test_faults_of_form(self, text: str) -> None:
        """Where the parser finds a fault of form, the schema complains."""
        _, findings = parse(Source("f", text))
        self.check_underlined(text, findings)

    @settings(fuzzing, max_examples=examples(50))
    @given(torn())
    def test_faults_of_form_in_torn_files(self, text: str) -> None:
        _, findings = parse(Source("f", text))
        if any(found.code in ("yaml-syntax", "limit-exceeded") for found in findings):
            return
        # Line ends to PyYAML, which counts them, but to no editor.
        assume(not re.search("[\x85\u2028\u2029]", text))
        self.check_underlined(text, findings)

    def check_underlined(self, text: str, findings: list[Diagnostic]) -> None:
        try:
            underlined, seen = lines_of(text), read(text)
        except yaml.YAMLError:
            return
        for found in findings:
            if found.code in FORM and not beyond_schemas(found, text):
                # What the file as a whole lacks is reported on its first line, be that a comment.
                whole = found.span.start == 0 and bool(underlined)
                # A value that stands below its key is underlined there, and reported at the key.
                line = found.span.line
                below = {seen.lines[path] for path, key in seen.keys.items() if key == line}
                assert whole or underlined & {line, *below}, (found.code, found.message)

    @settings(fuzzing, max_examples=examples(50))
    @given(grown())
    @pytest.mark.slow
    def test_nothing_is_underlined_without_reason(self, text: str) -> None:
        """On a line that the schema complains of, cnncalc finds an error, unless it leaves the
        line out: `when`, `repeat`, blocks and defaults that are not used."""
        report = cnncalc.loads(text)
        # Past a bound, cnncalc looks at nothing more.
        assume(all(found.code != "limit-exceeded" for found in report.diagnostics))
        errors = {found.span.line for found in report.diagnostics if found.is_error}
        lines = text.splitlines()
        for line, message in complaints(VALIDATOR, text):
            written = lines[line - 1]
            if written.startswith("  - ") and "when:" not in written and "repeat:" not in written:
                assert line in errors, (written, message)
