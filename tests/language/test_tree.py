"""The tree of a file as it is written, and the comments in it."""

from __future__ import annotations

import re

import pytest
import yaml

from cnncalc import bundled
from cnncalc.yaml.comments import Comment, comments
from cnncalc.yaml.nodes import Alias, Collection, Mapping, Node, Scalar, written_nodes
from cnncalc.yaml.reader import compose
from cnncalc.yaml.source import Source
from cnncalc.yaml.spelling import may_be_plain, spelled
from tests.together import together

LINES = [
    "#top",
    'quoted: "a # b"  # real',
    "'it''s # too': 1# no",
    "anchored: &q # behind the anchor",
    "  plain#1 # behind # twice",
    "block: |2 # on the line of the sign",
    "    # text",
    "  text # text",
    "folded: &f >-",
    "  # text",
    "# after",
    "named: *q # of an alias",
    "braces: {a: 1, # inside",
    '  b: [*q, #no, "#"]',
    '  "#"] } # at the end',
    "list:",
    "- - # of nothing",
    "  - &m {}",
    "  # deep",
    "- &k k: *m",
    "#end",
]  # fmt: skip
EXPECTED = [
    "#top", "# real", "# behind the anchor", "# behind # twice", "# on the line of the sign",
    "# after", "# of an alias", "# inside", '#no, "#"]', "# at the end", "# of nothing", "# deep",
    "#end",
]  # fmt: skip


def tree(text: str) -> Node:
    root, findings = compose(Source("tree.yaml", text))
    assert findings == []
    assert root is not None
    return root


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_comments(newline: str) -> None:
    text = newline.join(LINES)
    found = list(comments(tree(text)))
    assert [comment.text for comment in found] == EXPECTED
    assert all(text[c.start : c.end] == c.text for c in found)
    assert [c.text for c in found if c.in_header] == ["# on the line of the sign"]


@together("name", bundled.names())
@pytest.mark.slow
def test_comments_of_bundled_files(name: str) -> None:
    """A bundled file has no # behind a blank in its texts; without comments it says the same."""
    text = (bundled.folder() / f"{name}.yaml").read_text("utf-8")
    found = list(comments(tree(text)))
    assert [c.text for c in found] == [c.rstrip() for c in re.findall(r"(?<!\S)#.*", text)]
    without = text
    for comment in reversed(found):
        without = without[: comment.start] + without[comment.end :]
    assert " #" not in without
    assert yaml.safe_load(without) == yaml.safe_load(text)


def test_a_text_without_comments() -> None:
    assert list(comments(tree("a: 1"))) == []
    assert list(comments(tree("a: 1 #"))) == [Comment("#", 5)]


class TestAsWritten:
    def test_anchors_and_styles(self) -> None:
        root = tree("\n".join(LINES))
        assert isinstance(root, Mapping)
        values = {
            key.text: value for (key, _), value in zip(root.entries, root.written(), strict=True)
        }
        anchors = {name: value.anchor for name, value in values.items() if value.anchor}
        assert anchors == {"anchored": "&q", "folded": "&f"}
        styles = {name: v.style for name, v in values.items() if isinstance(v, Scalar) and v.style}
        assert styles == {"quoted": '"', "block": "|", "folded": ">"}
        flow = {name: v.flow for name, v in values.items() if isinstance(v, Collection)}
        assert flow == {"braces": True, "list": False}
        assert isinstance(values["named"], Alias)
        assert values["named"].node is values["anchored"]
        raw = values["anchored"]
        assert isinstance(raw, Scalar)
        assert raw.raw == "plain#1"

    def test_an_anchor_of_a_first_key_is_not_the_mappings(self) -> None:
        root = tree("- &a k: 1\n- &b {k: 1}\n- &c\n  k: 1\n- *a : 1")
        of_first, of_second, of_third, of_fourth = (
            node for node in written_nodes(root) if isinstance(node, Mapping)
        )
        assert [of_first.anchor, of_second.anchor, of_third.anchor] == ["", "&b", "&c"]
        assert of_first.entries[0][0].anchor == "&a"
        alias = of_fourth.entries[0][0]
        assert (alias.text, alias.span.line, alias.span.column) == ("k", 5, 3)

    @together("name", bundled.names())
    def test_scalars_stand_where_they_are_written(self, name: str) -> None:
        """What stands at a scalar's place is the scalar, and PyYAML's scanner lists the same."""
        text = (bundled.folder() / f"{name}.yaml").read_text("utf-8")
        found = [
            (node.start, node.text)
            for node in written_nodes(tree(text))
            if isinstance(node, Scalar) and node.length
        ]
        tokens = [t for t in yaml.scan(text) if isinstance(t, yaml.ScalarToken)]
        assert found == [(token.start_mark.index, token.value) for token in tokens]

    def test_a_block_ends_where_its_last_alias_does(self) -> None:
        root = tree("a: &a [1]\nb:\n  - c: *a   # c\n")
        assert isinstance(root, Mapping)
        assert root.entries[1][1].span.end_column == len("  - c: *a") + 1


@pytest.mark.parametrize(
    "text",
    [
        "a", "3x3", "a: b", "a:b", "#a", "a #b", "a#b", "$(1, 2)", "1", "1e5", "0x1f", "true",
        "yes", "", "~", " a", "a ", "- a", "-a", "? a", "{a", "a}", "[", "a,b", "&a", "*a", "!a",
        "|", ">", "'", '"', "%a", "@a", "`a", "é", "a\nb", "a\tb", "2001-01-01", "1:30", "=",
        "<<", "a'b", "---", "...", "\x7f",
    ],
)  # fmt: skip
class TestSpelling:
    def test_a_text_is_read_back(self, text: str) -> None:
        written = spelled(text)
        assert "\n" not in written
        for around in ("k: {}", "{{k: {}}}", "[{}, 1]"):
            whole = around.format(written)
            scalars = [n.value for n in written_nodes(tree(whole)) if isinstance(n, Scalar)]
            assert text in scalars
            assert text in str(yaml.safe_load(whole)) or not text.isprintable()

    @pytest.mark.parametrize("in_flow", [True, False])
    def test_what_may_be_plain_is_read_as_it_stands(self, text: str, *, in_flow: bool) -> None:
        if may_be_plain(text, in_flow=in_flow):
            read = yaml.load(f"[{text}]" if in_flow else f"- {text}", yaml.BaseLoader)
            assert read == [text]
